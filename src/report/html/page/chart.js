// Charts: drawn when they come into sight, sampled anew when the reader zooms, redrawn when the page turns dark.
const charts = (() => {
  const all = new Map();
  const makers = {};
  let library = null;

  // "@name" is a packed column, "--name" a colour of the style sheet.
  const resolved = (value) => {
    if (typeof value === "string") {
      if (value.startsWith("@")) return columns.get(value.slice(1));
      return value.startsWith("--") ? look.colour(value) : value;
    }
    if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return value;
    if (Array.isArray(value)) return value.map(resolved);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolved(inner)]));
  };

  // The places to draw of ascending x within a range: of each stretch its lowest and its highest, and both ends.
  const sample = (x, y, range, most) => {
    const from = range ? Math.max(0, below(x, range[0]) - 1) : 0;
    const to = range ? Math.min(x.length, below(x, range[1]) + 1) : x.length;
    const size = Math.max(1, Math.ceil((2 * (to - from)) / most));
    const places = [];
    for (let start = from; start < to; start += size) {
      const end = Math.min(to, start + size);
      let [low, high] = [start, start];
      for (let place = start; place < end; place += 1) {
        if (y[place] < y[low] || Number.isNaN(y[low])) low = place;
        if (y[place] > y[high] || Number.isNaN(y[high])) high = place;
      }
      const ends = [...(start === from ? [start] : []), ...(end === to ? [end - 1] : [])];
      places.push(...new Set([low, high, ...ends].sort((one, other) => one - other)));
    }
    return places;
  };

  const plain = (spec, range, width) =>
    spec.traces.map((trace) => {
      const out = resolved(trace);
      if (!trace.detail) return out;
      const places = sample(out.x, out.y, range, 2 * width);
      return { ...out, x: places.map((place) => out.x[place]), y: places.map((place) => out.y[place]) };
    });

  const layoutOf = (chart) => {
    const ink = look.colour("--ink");
    const line = look.colour("--line");
    const clear = "rgba(0,0,0,0)";
    const own = resolved(chart.spec.layout);
    const axis = { gridcolor: line, linecolor: line, zerolinecolor: line, automargin: true, fixedrange: true };
    const layout = {
      paper_bgcolor: clear,
      plot_bgcolor: clear,
      font: { color: ink, size: 12, family: "system-ui, sans-serif" },
      margin: { l: 56, r: 14, t: 8, b: 36 },
      showlegend: chart.spec.traces.length > 1 || Boolean(chart.spec.maker),
      legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" },
      hovermode: "closest",
      hoverlabel: { bgcolor: look.colour("--paper"), bordercolor: line, font: { color: ink } },
      modebar: { bgcolor: clear, color: look.colour("--soft"), activecolor: ink },
      dragmode: chart.spec.zooms ? "zoom" : false,
      uirevision: "kept",
      ...own,
    };
    for (const name of ["xaxis", "yaxis", ...Object.keys(own).filter((key) => /^[xy]axis\d/.test(key))]) {
      layout[name] = { ...axis, ...(own[name] || {}) };
    }
    if (chart.spec.zooms) {
      layout.xaxis = { ...layout.xaxis, type: "date", fixedrange: false, rangeslider: { visible: false } };
      if (chart.range) layout.xaxis = { ...layout.xaxis, range: [...chart.range], autorange: false };
      else layout.xaxis = { ...layout.xaxis, autorange: true };
    }
    return layout;
  };

  const draw = (chart) => {
    const make = makers[chart.spec.maker] || plain;
    const traces = make(chart.spec, chart.range, Math.max(200, chart.place.clientWidth));
    const config = { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"] };
    library.react(chart.place, traces, layoutOf(chart), config);
    if (chart.drawn) return;
    chart.drawn = true;
    chart.place.on("plotly_relayout", (change) => {
      const [from, to] = [change["xaxis.range[0]"], change["xaxis.range[1]"]];
      if (from !== undefined) zoom(chart.id, [instant(from), instant(to)]);
      else if (change["xaxis.autorange"]) zoom(chart.id, null);
    });
    chart.place.dispatchEvent(new CustomEvent("drawn"));
  };

  // The library tells instants as text of UTC without saying so.
  const instant = (value) => {
    if (typeof value === "number") return value;
    return Date.parse(value.includes(" ") ? `${value.replace(" ", "T")}Z` : value);
  };

  const span = (chart) => chart.place.layout.xaxis.range.map(instant);

  const zoom = (id, range) => {
    const chart = all.get(id);
    chart.range = range;
    if (library) draw(chart);
  };

  const step = (chart, what) => {
    if (!chart.drawn) return;
    const [from, to] = span(chart);
    const width = to - from;
    const moves = {
      in: [from + width / 4, to - width / 4],
      out: [from - width / 2, to + width / 2],
      earlier: [from - width / 2, to - width / 2],
      later: [from + width / 2, to + width / 2],
      all: null,
    };
    zoom(chart.id, moves[what]);
  };

  const start = (plotly) => {
    library = plotly;
    const sight = new IntersectionObserver(
      (seen) => seen.filter(({ isIntersecting }) => isIntersecting).forEach(({ target }) => {
        sight.unobserve(target);
        draw(all.get(target.id));
      }),
      { rootMargin: "800px" },
    );
    for (const chart of all.values()) sight.observe(chart.place);
    look.onChange(() => [...all.values()].filter(({ drawn }) => drawn).forEach(draw));
    // On paper everything is in sight.
    addEventListener("beforeprint", () => all.forEach(draw));
  };

  for (const source of document.querySelectorAll("script[data-chart]")) {
    const id = source.dataset.chart;
    all.set(id, { id, place: document.getElementById(id), spec: JSON.parse(source.textContent), range: null, drawn: false });
  }
  for (const button of document.querySelectorAll("button[data-step]")) {
    button.addEventListener("click", () => step(all.get(button.dataset.of), button.dataset.step));
  }
  const fail = (message) => all.forEach(({ place }) => (place.textContent = message));

  return { all, makers, resolved, sample, zoom, redraw: (id) => library && draw(all.get(id)), start, fail };
})();
