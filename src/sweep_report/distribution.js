// How a number spreads over all trials, with the median, the best, and the best of as many lucky trials.
(() => {
  const chart = charts.all.get("spread");
  if (!chart) return;
  const { metrics, luckiest } = chart.spec.facts;
  const select = document.getElementById("spread-metric");
  const bars = 40;

  charts.makers.distribution = (spec) => {
    const metric = metrics.find(({ key }) => key === select.value);
    const status = columns.get("trials.status");
    const values = columns.get(`trials.${metric.key}`).filter((value, row) => !Number.isNaN(value) && status[row] === "done");
    const sorted = [...values].sort((one, other) => one - other);
    if (!sorted.length) return [];
    const at = (share) => sorted[Math.round(share * (sorted.length - 1))];
    // What lies far out would leave a single bar: the outermost bars hold it.
    // Where half of all are equal, nothing tells what is far.
    const reach = at(0.75) > at(0.25) ? (at(0.75) - at(0.25)) * 6 : Infinity;
    const [low, high] = [Math.max(at(0), at(0.25) - reach), Math.min(at(1), at(0.75) + reach)];
    const width = high > low ? (high - low) / bars : Math.max(Math.abs(low), 1) / bars;
    const counts = new Array(high > low ? bars : 1).fill(0);
    for (const value of sorted) counts[Math.min(counts.length - 1, Math.max(0, Math.floor((value - low) / width)))] += 1;
    const text = (value) => measured(metric, value);
    const centres = counts.map((_, place) => low + (place + 0.5) * width);
    const names = counts.map((count, place) => {
      const [from, to] = [place ? low + place * width : at(0), place < counts.length - 1 ? low + (place + 1) * width : at(1)];
      return `${text(from)} to ${text(to)}: ${count} trials`;
    });
    const most = Math.max(...counts);
    const mark = (name, value, colour, dash) => ({
      type: "scatter", mode: "lines", name: `${name} ${text(value)}`, x: [value, value], y: [0, most], hoverinfo: "name",
      line: { color: look.colour(colour), width: 3, dash },
    });
    const best = metric.least ? at(0) : at(1);
    const lucky = metric.key === "sharpe" && luckiest !== null ? [mark("luckiest of as many without skill", luckiest, "--loss", "dash")] : [];
    spec.layout = {
      bargap: 0.05, xaxis: { title: { text: metric.key }, tickformat: metric.fraction ? ".1%" : "" }, yaxis: { title: { text: "trials" } },
    };
    return [
      {
        type: "bar", name: "trials", x: centres, y: counts, width, text: names, textposition: "none",
        marker: { color: look.colour("--long") }, hovertemplate: "%{text}<extra></extra>",
      },
      mark("median", at(0.5), "--soft", "dot"),
      ...lucky,
      mark("best", best, "--gain", "solid"),
    ];
  };
  select.addEventListener("change", () => charts.redraw("spread"));
})();
