// The heat map: two axes across and down, the others held at a value or gathered, one number as colour.
(() => {
  const id = "heat";
  const chart = charts.all.get(id);
  if (!chart) return;
  const { axes, metrics, most } = chart.spec.facts;
  const field = (name) => document.getElementById(`${id}-${name}`);
  const status = field("status");
  let view = null;
  let cursor = null;

  const { plain } = format;

  const gather = {
    best: (values, metric) => (metric.least ? Math.min(...values) : Math.max(...values)),
    worst: (values, metric) => (metric.least ? Math.max(...values) : Math.min(...values)),
    mean: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
    median: (values) => {
      const sorted = values.toSorted((one, other) => one - other);
      const half = sorted.length >> 1;
      return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    },
  };

  // Of an axis with many values, neighbours share a cell.
  const sides = (axis) => {
    const size = Math.max(1, Math.ceil(axis.values.length / most));
    const count = Math.ceil(axis.values.length / size);
    const names = Array.from({ length: count }, (_, place) => {
      const [first, last] = [axis.values[place * size], axis.values[Math.min(axis.values.length, (place + 1) * size) - 1]];
      return first === last ? first : `${first} to ${last}`;
    });
    return { axis, size, count, names };
  };

  const chosen = () => {
    const metric = metrics.find(({ key }) => key === field("metric").value);
    if (axes.length === 1) return { metric, x: 0, y: null };
    return { metric, x: Number(field("x").value), y: Number(field("y").value) };
  };

  // The rows of each cell, of those trials that have the held values.
  const cells = ({ metric, x, y }) => {
    const [across, down] = [sides(axes[x]), y === null ? { names: [""], count: 1, size: 1 } : sides(axes[y])];
    const places = axes.map((_, number) => columns.get(`place.${number}`));
    const held = axes.map((_, number) => (number === x || number === y ? "" : field(`hold-${number}`)?.value || ""));
    // What a trial had when it was stopped or failed is no result to colour or to star.
    const ends = columns.get("trials.status");
    const values = Array.from(columns.get(`trials.${metric.key}`), (value, row) => (ends[row] === "done" ? value : NaN));
    const rows = Array.from({ length: across.count * down.count }, () => []);
    let best = null;
    for (let row = 0; row < values.length; row += 1) {
      if (held.some((place, number) => place !== "" && places[number][row] !== Number(place))) continue;
      const [column, line] = [Math.floor(places[x][row] / across.size), y === null ? 0 : Math.floor(places[y][row] / down.size)];
      rows[line * across.count + column].push(row);
      const isBetter = best === null || (metric.least ? values[row] < values[best.row] : values[row] > values[best.row]);
      if (!Number.isNaN(values[row]) && isBetter) best = { row, column, line };
    }
    return { across, down, rows, values, held, best, metric, x, y };
  };

  const numberOf = (found, place) => {
    const defined = found.rows[place].map((row) => found.values[row]).filter((value) => !Number.isNaN(value));
    return defined.length ? gather[field("gather").value](defined, found.metric) : NaN;
  };

  const about = (found, column, line) => {
    const place = line * found.across.count + column;
    const rows = found.rows[place];
    const where = [`${found.across.axis.name} ${found.across.names[column]}`];
    if (found.y !== null) where.push(`${found.down.axis.name} ${found.down.names[line]}`);
    if (!rows.length) return `${where.join(", ")}: not tried`;
    const defined = rows.filter((row) => !Number.isNaN(found.values[row]));
    const trials = rows.length === 1 ? `trial ${columns.get("trials.trial")[rows[0]]}` : `${rows.length} trials`;
    if (!defined.length) {
      const ends = [...new Set(rows.map((row) => columns.get("trials.status")[row]))].join(", ");
      return `${where.join(", ")}: ${found.metric.key} undefined, ${trials} (${ends})`;
    }
    const value = measured(found.metric, numberOf(found, place));
    if (rows.length === 1) return `${where.join(", ")}: ${found.metric.key} ${value}, ${trials}`;
    const [from, to] = [gather.worst, gather.best].map((of) => measured(found.metric, of(defined.map((row) => found.values[row]), found.metric)));
    return `${where.join(", ")}: ${field("gather").value} ${found.metric.key} ${value} of ${trials}, ${from} to ${to}`;
  };

  // Around a middle where the number has one, else from bad to good, light being good.
  const scale = (metric) => {
    if (metric.middle === null) return { colorscale: "Cividis", reversescale: metric.least };
    const [bad, middle, good] = ["--loss", "--middle", "--gain"].map(look.colour);
    const ends = metric.least ? [good, middle, bad] : [bad, middle, good];
    return { colorscale: ends.map((colour, place) => [place / 2, colour]), zmid: metric.middle };
  };

  const ticks = (metric) => (metric.fraction ? ".1%" : metric.whole ? ",d" : ",.3~f");

  const axisOf = (side, more) => ({
    title: { text: plain(side.axis.name) }, type: "category", categoryorder: "array", categoryarray: side.names.map(plain),
    showgrid: false, ...more,
  });

  const line = (spec, found) => {
    const x = found.across.names.map(plain);
    const y = x.map((_, column) => numberOf(found, column));
    spec.layout = {
      xaxis: axisOf(found.across), showlegend: false,
      yaxis: { title: { text: found.metric.key }, tickformat: ticks(found.metric) },
    };
    const best = found.best && [{
      type: "scatter", mode: "markers", x: [x[found.best.column]], y: [y[found.best.column]], hoverinfo: "skip",
      marker: { symbol: "star", size: 16, color: look.colour("--gain") },
    }];
    return [
      {
        type: "scatter", mode: "lines+markers", x, y, hoverinfo: "text", text: x.map((_, column) => plain(about(found, column, 0))),
        line: { color: look.colour("--accent"), width: 1.5 }, marker: { color: look.colour("--accent"), size: 7 },
      },
      ...(best || []),
    ];
  };

  charts.makers.heat = (spec) => {
    const found = cells(chosen());
    view = found;
    if (found.y === null) return line(spec, found);
    const [x, y] = [found.across.names.map(plain), found.down.names.map(plain)];
    const z = y.map((_, row) => x.map((_, column) => numberOf(found, row * x.length + column)));
    const text = y.map((_, row) => x.map((_, column) => plain(about(found, column, row))));
    const missing = [];
    z.forEach((values, row) => values.forEach((value, column) => {
      if (Number.isNaN(value) && found.rows[row * x.length + column].length) missing.push([column, row]);
    }));
    const marks = (name, where, marker) => ({
      type: "scatter", mode: "markers", name, hoverinfo: "skip", cliponaxis: false, x: where.map(([column]) => x[column]),
      y: where.map(([, row]) => y[row]), marker,
    });
    spec.layout = {
      xaxis: axisOf(found.across, { range: [-0.5, x.length - 0.5] }), yaxis: axisOf(found.down, { range: [-0.5, y.length - 0.5] }), showlegend: true,
      shapes: cursor === null ? [] : [{
        type: "rect", x0: cursor[0] - 0.5, x1: cursor[0] + 0.5, y0: cursor[1] - 0.5, y1: cursor[1] + 0.5,
        line: { color: look.colour("--ink"), width: 3 },
      }],
    };
    const few = x.length <= 16 && y.length <= 20 && chart.place.clientWidth / x.length > 52;
    const label = (value) => (Number.isNaN(value) ? "" : measured(found.metric, value));
    return [
      {
        type: "heatmap", name: found.metric.key, showlegend: false, x, y, z, hoverinfo: "text", hovertext: text, ...scale(found.metric),
        ...(few ? { text: z.map((row) => row.map(label)), texttemplate: "%{text}" } : {}),
        hoverongaps: true, xgap: x.length > 30 ? 0 : 1, ygap: y.length > 30 ? 0 : 1,
        colorbar: { title: { text: found.metric.key, side: "right" }, thickness: 12, outlinewidth: 0, tickformat: ticks(found.metric) },
      },
      ...(missing.length ? [marks("tried, undefined", missing, { symbol: "x-thin-open", size: 8, color: look.colour("--soft") })] : []),
      ...(found.best ? [marks("best", [[found.best.column, found.best.line]], {
        symbol: "star", size: 15, color: look.colour("--paper"), line: { color: look.colour("--ink"), width: 1.5 },
      })] : []),
    ];
  };

  // The trials of a cell in the table: by their values where a cell is one value of each axis, else the best of them.
  const list = (column, row) => {
    const rows = view.rows[row * view.across.count + column];
    const search = document.querySelector("#trials input");
    if (!rows.length || !search) return;
    const set = axes.map((axis, number) => {
      if (number === view.x) return view.across.size === 1 ? axis.values[column] : null;
      if (number === view.y) return view.down.size === 1 ? axis.values[row] : null;
      return view.held[number] === "" ? "" : axis.values[Number(view.held[number])];
    });
    const named = set.every((value) => value !== null && !/\s/.test(value));
    const conditions = axes.map(({ name }, number) => set[number] && `${name}=${set[number]}`).filter(Boolean);
    search.value = named ? conditions.join(" ") : `trial=${columns.get("trials.trial")[rows[0]]}`;
    search.dispatchEvent(new Event("input"));
  };

  const point = (column, row) => {
    cursor = [column, row];
    status.textContent = about(view, column, row);
  };

  chart.place.tabIndex = 0;
  chart.place.addEventListener("keydown", (event) => {
    if (!view || view.y === null && /Up|Down/.test(event.key)) return;
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    const [column, row] = cursor || [view.best?.column || 0, view.best?.line || 0];
    if (event.key === "Enter" && cursor) list(column, row);
    if (!steps) return;
    event.preventDefault();
    const within = (place, count) => Math.min(count - 1, Math.max(0, place));
    point(within(column + (cursor ? steps[0] : 0), view.across.count), within(row + (cursor ? steps[1] : 0), view.down.count));
    charts.redraw(id);
  });
  chart.place.addEventListener("drawn", () => chart.place.on("plotly_click", ({ points }) => {
    const [column, row] = [view.across.names.map(plain).indexOf(points[0].x), view.y === null ? 0 : view.down.names.map(plain).indexOf(points[0].y)];
    if (column < 0 || row < 0) return;
    point(column, row);
    list(column, row);
    charts.redraw(id);
  }));

  // The two axes are different ones, and what stands across or down is not held.
  const fit = (changed) => {
    if (axes.length === 1) return;
    const [x, y] = [field("x"), field("y")];
    if (x.value === y.value) {
      const other = changed === "x" ? y : x;
      other.value = String(axes.findIndex((_, number) => String(number) !== x.value));
    }
    axes.forEach((_, number) => {
      field(`hold-${number}-label`).hidden = [x.value, y.value].includes(String(number));
    });
  };
  const names = ["metric", "gather", "x", "y", ...axes.map((_, number) => `hold-${number}`)];
  for (const name of names) {
    field(name)?.addEventListener("change", () => {
      fit(name);
      cursor = null;
      charts.redraw(id);
    });
  }
  fit("x");
})();
