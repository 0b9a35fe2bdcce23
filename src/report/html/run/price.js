// The price chart: candles as fine as the page has them, what the strategy read, and the trades.
(() => {
  const id = "price";
  const chart = charts.all.get(id);
  if (!chart) return;
  const select = document.getElementById("price-symbol");
  let chosen = null;

  const { plain } = format;

  const trade = (key) => columns.get(`trades.${key}`);

  // The rows from `from` to before `to` as bars: rows of one bucket are merged.
  const gathered = (name, from, to, bucket) => {
    const [time, open, high, low, close] = ["time", "open", "high", "low", "close"].map((key) =>
      columns.get(`${name}.${key}`),
    );
    const out = { x: [], open: [], high: [], low: [], close: [] };
    let current = null;
    for (let row = from; row < to; row += 1) {
      const last = out.x.length - 1;
      if (bucket(row) !== current) {
        current = bucket(row);
        out.x.push(time[row]);
        out.open.push(open[row]);
        out.high.push(high[row]);
        out.low.push(low[row]);
        out.close.push(close[row]);
      } else {
        out.high[last] = Math.max(out.high[last], high[row]);
        out.low[last] = Math.min(out.low[last], low[row]);
        out.close[last] = close[row];
      }
    }
    return out;
  };

  const within = (time, range) => (range ? [Math.max(0, below(time, range[0]) - 1), below(time, range[1])] : [0, time.length]);

  // What was merged already, merged further until it fits. Buckets are counted from the first row of all, so that bars do
  // not change while the reader moves along.
  const coarse = (symbol, range, most) => {
    const [from, to] = within(columns.get(`${symbol.bars}.time`), range);
    const size = Math.max(1, Math.ceil((to - from) / most));
    const bars = gathered(symbol.bars, from - (from % size), to, (row) => Math.floor(row / size));
    return { bars, candles: size * symbol.merged };
  };

  // Single candles where the page has them, merged until they fit; where it has not, what was merged already.
  const bars = (symbol, range, most) => {
    const rough = coarse(symbol, range, most);
    if (!symbol.single || !range) return [rough.bars];
    const size = Math.max(1, Math.ceil((range[1] - range[0]) / symbol.milliseconds / most));
    const time = columns.get(`${symbol.single}.time`);
    const [from, to] = within(time, range);
    if (to <= from || 2 * size > rough.candles) return [rough.bars];
    const fine = gathered(symbol.single, from, to, (row) => Math.floor(time[row] / symbol.milliseconds / size));
    // A merged bar goes only when all of its candles are there.
    const x = rough.bars.x;
    const covered = (row) => {
      const end = x[row] + rough.candles * symbol.milliseconds;
      return below(time, end) - below(time, x[row]) >= rough.candles;
    };
    const left = x.map((_, row) => row).filter((row) => !covered(row));
    const rest = Object.fromEntries(Object.entries(rough.bars).map(([key, values]) => [key, left.map((row) => values[row])]));
    return left.length ? [fine, rest] : [fine];
  };

  const shownTrades = (symbol, range, most) => {
    const [of, entry, exit, percent] = ["symbol", "entry_time", "exit_time", "profit_percent"].map(trade);
    const rows = [];
    for (let row = 0; row < of.length; row += 1) {
      if (of[row] === symbol.name && (!range || (entry[row] <= range[1] && exit[row] >= range[0]))) rows.push(row);
    }
    if (rows.length <= most) return rows;
    return rows.sort((one, other) => Math.abs(percent[other]) - Math.abs(percent[one])).slice(0, most);
  };

  const about = (row) =>
    `#${trade("trade")[row]} ${trade("direction")[row]} ${format.percent(trade("profit_percent")[row])} ${trade("exit_reason")[row]}`;

  const marks = (name, what, rows, marker) => ({
    type: "scatter",
    mode: "markers",
    name,
    x: rows.map((row) => trade(`${what}_time`)[row]),
    y: rows.map((row) => trade(`${what}_price`)[row]),
    text: rows.map((row) => plain(about(row))),
    customdata: rows,
    marker: { size: 10, line: { width: 1, color: look.colour("--paper") }, ...marker },
    hovertemplate: `${what} %{y}<br>%{x}<br>%{text}<extra></extra>`,
  });

  // Levels that stood from entry to exit, as one broken line.
  const levels = (name, key, rows, colour) => {
    const own = columns.has(`trades.${key}`) ? rows.filter((row) => !Number.isNaN(trade(key)[row])) : [];
    if (!own.length) return [];
    return [{
      type: "scatter", mode: "lines", name, hoverinfo: "name+y", connectgaps: false,
      x: own.flatMap((row) => [trade("entry_time")[row], trade("exit_time")[row], null]),
      y: own.flatMap((row) => [trade(key)[row], trade(key)[row], null]),
      line: { color: look.colour(colour), width: 1.5, dash: "dot" },
    }];
  };

  const paths = (rows) => ({
    type: "scatter", mode: "lines", name: "trades", hoverinfo: "skip", connectgaps: false,
    x: rows.flatMap((row) => [trade("entry_time")[row], trade("exit_time")[row], null]),
    y: rows.flatMap((row) => [trade("entry_price")[row], trade("exit_price")[row], null]),
    line: { color: look.colour("--soft"), width: 1 },
  });

  const lines = (symbol, facts, range, most) =>
    facts.indicators.filter((one) => one.symbol === symbol.name).map((one, number) => {
      const [x, y] = [columns.get(`${one.column}.time`), columns.get(`${one.column}.value`)];
      const places = charts.sample(x, y, range, most);
      const colours = ["--fifth", "--benchmark", "--accent", "--fourth"];
      return {
        type: "scatter", mode: "lines", name: plain(one.name), yaxis: one.panel ? "y2" : "y", connectgaps: false,
        x: places.map((place) => x[place]),
        y: places.map((place) => y[place]),
        line: { color: look.colour(colours[number % colours.length]), width: 1.3 },
      };
    });

  charts.makers.price = (spec, range, width) => {
    const facts = spec.facts;
    const symbol = facts.symbols[select ? Number(select.value) : 0];
    const most = Math.min(900, Math.max(150, Math.floor(width / 2)));
    const found = bars(symbol, range, most);
    const rising = { line: { color: look.colour("--gain"), width: 1 }, fillcolor: look.colour("--gain") };
    const falling = { line: { color: look.colour("--loss"), width: 1 }, fillcolor: look.colour("--paper") };
    const candles = found.map((prices, part) => ({
      type: "candlestick", name: plain(part ? `${symbol.name}, merged` : symbol.name), ...prices,
      increasing: rising, decreasing: falling, showlegend: part === 0,
    }));
    const drawn = lines(symbol, facts, range, 2 * width);
    const rows = shownTrades(symbol, range, facts.most);
    const side = (wanted) => rows.filter((row) => trade("direction")[row] === wanted);
    const won = rows.map((row) => look.colour(trade("profit")[row] > 0 ? "--gain" : "--loss"));
    const entries = [
      ["long entries", "long", { symbol: "triangle-up", color: look.colour("--long") }],
      ["short entries", "short", { symbol: "triangle-down", color: look.colour("--short") }],
    ].filter(([, wanted]) => side(wanted).length).map(([name, wanted, marker]) => marks(name, "entry", side(wanted), marker));
    const exits = rows.length ? [paths(rows), marks("exits", "exit", rows, { symbol: "x", size: 8, color: won })] : [];
    const levelled = range ? [...levels("stop", "stop_price", rows, "--loss"), ...levels("target", "target_price", rows, "--gain")] : [];
    const hasPanel = drawn.some((one) => one.yaxis === "y2");
    spec.layout.yaxis = { ...spec.layout.yaxis, domain: hasPanel ? [0.3, 1] : [0, 1] };
    spec.layout.yaxis2 = hasPanel ? { domain: [0, 0.24], anchor: "x", hoverformat: ",.6~r" } : { visible: false, overlaying: "y" };
    spec.layout.shapes = chosen === null || trade("symbol")[chosen] !== symbol.name ? [] : [{
      type: "rect", xref: "x", yref: "paper", x0: trade("entry_time")[chosen], x1: trade("exit_time")[chosen],
      y0: 0, y1: 1, fillcolor: look.colour("--faint"), line: { width: 0 }, layer: "below",
    }];
    return [...candles, ...drawn, ...levelled, ...exits, ...entries];
  };

  select?.addEventListener("change", () => charts.redraw(id));

  document.getElementById("trades")?.addEventListener("pick", ({ detail: row }) => {
    const symbols = chart.spec.facts.symbols;
    const number = symbols.findIndex(({ name }) => name === trade("symbol")[row]);
    if (number < 0) return;
    chosen = row;
    if (select) select.value = number;
    const [from, to] = [trade("entry_time")[row], trade("exit_time")[row]];
    const beside = Math.max((to - from) / 2, 40 * symbols[number].milliseconds);
    charts.zoom(id, [from - beside, to + beside]);
    chart.place.closest("figure").scrollIntoView({ block: "center" });
    document.getElementById("price-status").textContent = `Shown: trade ${about(row)}`;
  });
})();
