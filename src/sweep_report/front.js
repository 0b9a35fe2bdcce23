// The Pareto front: two objectives across and up, the front over a thinned rest.
(() => {
  const chart = charts.all.get("front-chart");
  if (!chart) return;
  const { others } = chart.spec.facts;
  const [across, up] = ["front-x", "front-y"].map((id) => document.getElementById(id));

  charts.makers.front = (spec) => {
    const [x, y] = [across, up].map(({ value }) => columns.get(`trials.${value}`));
    const front = columns.get("trials.front");
    const rows = [...front.keys()].filter((row) => !Number.isNaN(front[row]));
    const [first, rest] = [rows.filter((row) => front[row] === 1), rows.filter((row) => front[row] !== 1)];
    const step = Math.max(1, Math.ceil(rest.length / others));
    const kept = rest.filter((_, place) => place % step === 0);
    const dots = (name, of, marker) => ({
      type: "scatter", mode: "markers", name, x: of.map((row) => x[row]), y: of.map((row) => y[row]), marker,
      text: of.map((row) => `trial ${columns.get("trials.trial")[row]}`),
      hovertemplate: `%{text}<br>${across.value} %{x:.4~g}<br>${up.value} %{y:.4~g}<extra></extra>`,
    });
    spec.layout = { xaxis: { title: { text: across.value } }, yaxis: { title: { text: up.value } } };
    return [
      dots(`${kept.length} of ${rest.length} others`, kept, { color: look.colour("--soft"), size: 5, opacity: 0.5 }),
      dots(`Pareto front, ${first.length}`, first, { color: look.colour("--loss"), size: 9, symbol: "diamond" }),
    ];
  };
  [across, up].forEach((select) => select.addEventListener("change", () => charts.redraw("front-chart")));
})();
