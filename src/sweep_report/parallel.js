// Parallel coordinates, drawn as broken lines: the top share over a thinned rest that keeps the extremes.
(() => {
  const chart = charts.all.get("parallel");
  if (!chart) return;
  const { axes, metrics, top, others } = chart.spec.facts;
  const share = document.getElementById("parallel-share");
  const boxes = [...document.querySelectorAll("[name=parallel-metric]")];

  const { plain } = format;

  const ofAxis = (axis, number) => {
    const places = columns.get(`place.${number}`);
    const last = axis.values.length - 1;
    const names = [axis.values[0], axis.values[last]];
    return { name: axis.name, names, at: (row) => (last ? places[row] / last : 0.5), text: (row) => axis.values[places[row]] };
  };

  // The good end is above.
  const ofMetric = (metric) => {
    const values = columns.get(`trials.${metric.key}`);
    let [low, high] = [Infinity, -Infinity];
    for (const value of values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    const text = (value) => measured(metric, value);
    const at = (row) => (high > low ? (values[row] - low) / (high - low) : 0.5);
    const ends = [text(low), text(high)];
    return {
      name: metric.key, names: metric.least ? ends.toReversed() : ends, at: metric.least ? (row) => 1 - at(row) : at,
      text: (row) => text(values[row]),
    };
  };

  // Every so many of the rows.
  const thinned = (rows, count) => {
    if (rows.length <= count) return rows;
    return Array.from({ length: count }, (_, step) => rows[Math.floor((step * (rows.length - 1)) / (count - 1))]);
  };

  const lines = (name, rows, dims, style) => ({
    type: "scatter", mode: "lines", name, connectgaps: false, hoverinfo: "text", ...style,
    x: rows.flatMap(() => [...dims.keys(), null]),
    y: rows.flatMap((row) => [...dims.map(({ at }) => at(row)), null]),
    text: rows.flatMap((row) => [...dims.map((dim) => plain(`trial ${columns.get("trials.trial")[row]}: ${dim.name} ${dim.text(row)}`)), ""]),
  });

  charts.makers.parallel = (spec) => {
    const wanted = boxes.filter(({ checked }) => checked).map(({ value }) => value);
    const dims = [...axes.map(ofAxis), ...metrics.filter(({ key }) => wanted.includes(key)).map(ofMetric)];
    const first = columns.get(`trials.${metrics[0].key}`);
    const status = columns.get("trials.status");
    // Rows stand best first.
    const whole = [...first.keys()].filter((row) => status[row] === "done" && !Number.isNaN(first[row]) && dims.every(({ at }) => !Number.isNaN(at(row))));
    const cut = Math.ceil(Number(share.value) * whole.length);
    const extremes = new Set();
    for (const { at } of dims) {
      let [low, high] = [whole[0], whole[0]];
      for (const row of whole) {
        if (at(row) < at(low)) low = row;
        if (at(row) > at(high)) high = row;
      }
      if (whole.length) extremes.add(low).add(high);
    }
    const rest = whole.slice(cut);
    const kept = [...new Set([...thinned(rest, others), ...rest.filter((row) => extremes.has(row))])];
    const best = thinned(whole.slice(0, cut), top);
    spec.layout = {
      xaxis: {
        tickvals: [...dims.keys()], ticktext: dims.map(({ name, names }) => `<b>${plain(name)}</b><br>${plain(names[0])}`), range: [-0.3, dims.length - 0.7],
        showgrid: true, zeroline: false, tickangle: dims.length > 6 || chart.place.clientWidth < 90 * dims.length ? -40 : 0,
      },
      yaxis: { visible: false, range: [-0.03, 1.1] },
      annotations: dims.map(({ names }, place) => ({ x: place, y: 1.02, yanchor: "bottom", text: plain(names[1]), showarrow: false, font: { size: 11 } })),
    };
    const traces = [
      lines(`${kept.length} of ${rest.length} others`, kept, dims, { line: { color: look.colour("--soft"), width: 1 }, opacity: 0.22 }),
      lines(`${best.length} of the best ${cut}`, best, dims, { line: { color: look.colour("--accent"), width: 1.4 }, opacity: 0.7 }),
    ];
    if (whole.length) traces.push(lines("the best", whole.slice(0, 1), dims, { line: { color: look.colour("--loss"), width: 3 } }));
    return traces;
  };
  [share, ...boxes].forEach((control) => control.addEventListener("change", () => charts.redraw("parallel")));
})();
