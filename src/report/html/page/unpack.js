// The packed columns of the page: a length, a list of columns, their bytes (columns.rs writes them).
const inflate = async (id) => {
  const text = document.getElementById(id).textContent;
  const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
};

const columns = (() => {
  let list = new Map();
  let bytes = new Uint8Array();
  const known = new Map();

  const load = async () => {
    const block = await inflate("columns");
    const length = new DataView(block).getUint32(0, true);
    const text = new TextDecoder().decode(new Uint8Array(block, 4, length));
    list = new Map(JSON.parse(text).map((entry) => [entry.name, entry]));
    bytes = new Uint8Array(block, 4 + length);
  };

  // Seven bits a byte, zigzag, shifted up by one: zero is a missing number.
  const distances = ({ at, count }) => {
    const out = new Float64Array(count);
    let place = at;
    for (let row = 0; row < count; row += 1) {
      let code = 0;
      let weight = 1;
      let byte = bytes[place++];
      while (byte >= 128) {
        code += (byte - 128) * weight;
        weight *= 128;
        byte = bytes[place++];
      }
      code += byte * weight - 1;
      out[row] = code < 0 ? NaN : code % 2 ? -(code + 1) / 2 : code / 2;
    }
    return out;
  };

  // Bars are written as distances from what is near: see `bars` in columns.rs.
  const near = {
    opens: (open, [close], row) => open + (row ? close[row - 1] : 0),
    highs: (high, [close, open], row) => high + Math.max(open[row], close[row]),
    lows: (low, [close, open], row) => Math.min(open[row], close[row]) - low,
  };

  const units = (entry) => {
    const out = distances(entry);
    if (entry.kind === "steps") {
      let before = 0;
      for (let row = 0; row < out.length; row += 1) {
        if (!Number.isNaN(out[row])) {
          before += out[row];
          out[row] = before;
        }
      }
      return out;
    }
    const sibling = (name) => units(list.get(entry.name.replace(/[^.]*$/, name)));
    const others = entry.kind === "opens" ? [sibling("close")] : [sibling("close"), sibling("open")];
    return out.map((distance, row) => near[entry.kind](distance, others, row));
  };

  const get = (name) => {
    if (!known.has(name)) {
      const entry = list.get(name);
      if (!entry) throw new Error(`there is no column ${name}`);
      // Divided, not multiplied by a fraction: 12345 hundredths are 123.45.
      const factor = 10 ** Math.abs(entry.decimals);
      const shown = entry.decimals < 0 ? (unit) => unit * factor : (unit) => unit / factor;
      const out = units(entry);
      known.set(name, entry.words ? Array.from(out, (code) => entry.words[code]) : out.map(shown));
    }
    return known.get(name);
  };

  return { load, get, has: (name) => list.has(name) };
})();

// How many of the ascending values lie below the bound.
const below = (values, bound) => {
  let [from, to] = [0, values.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (values[middle] < bound) from = middle + 1;
    else to = middle;
  }
  return from;
};
