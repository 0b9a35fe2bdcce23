// How numbers read; the same as wording.rs, so that a row looks alike wherever it was written.
const format = (() => {
  const grouped = (text) => text.replace(/^(-?\+?\d+)/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ","));
  // To so many decimals, half to even, by the digits that are read and not by their binary fraction.
  const rounded = (value, places) => {
    const [digits, power = "0"] = String(value).split("e");
    const scaled = Number(`${digits}e${Number(power) + places}`);
    const whole = Math.floor(scaled);
    const up = scaled - whole > 0.5 || (scaled - whole === 0.5 && whole % 2 !== 0);
    return Number(`${whole + (up ? 1 : 0)}e${-places}`);
  };
  const fixed = (value, places) => rounded(value, places).toFixed(places);
  const digits = (value, count) => {
    if (value === 0) return "0";
    const places = count - 1 - Math.floor(Math.log10(Math.abs(value)));
    const text = rounded(value, places).toFixed(Math.min(Math.max(places, 0), 20));
    return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  };
  const length = (seconds) => {
    const whole = Math.floor(Math.max(0, seconds));
    const parts = [
      [Math.floor(whole / 86400), "d"],
      [Math.floor(whole / 3600) % 24, "h"],
      [Math.floor(whole / 60) % 60, "min"],
      [whole % 60, "s"],
    ];
    const first = parts.findIndex(([number]) => number > 0);
    if (first < 0) return `${seconds.toFixed(3)} s`;
    const shown = parts.slice(first, first + 2).filter(([number]) => number > 0);
    return shown.map(([number, unit]) => `${grouped(String(number))} ${unit}`).join(" ");
  };
  return {
    // The drawing library reads some markup in names: here a name is text.
    plain: (text) => text.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign]),
    number: (value) => String(value),
    count: (value) => grouped(String(value)),
    money: (value) => (Math.abs(value) < 1 ? digits(value, 4) : grouped(fixed(value, 2))),
    price: (value) => grouped(digits(value, 8)),
    percent: (value) => `${value < 0 ? "" : "+"}${grouped(fixed(value, 2))} %`,
    ratio: (value) => fixed(value, 3),
    time: (value) => new Date(value).toISOString().slice(0, 16).replace("T", " "),
    length,
    text: (value) => value,
    link: (value) => (value ? "report" : ""),
  };
})();
