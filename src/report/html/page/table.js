// Tables of many rows: sorted by their heads, filtered by words and comparisons, more rows when asked for.
const tables = (() => {
  const build = (source) => {
    const place = document.getElementById(source.dataset.table);
    const { fields, rows, first, picks } = JSON.parse(source.textContent);
    const body = place.querySelector("tbody");
    const status = place.querySelector("[role=status]");
    const search = place.querySelector("input");
    const more = place.querySelector(".more");
    const column = (key) => columns.get(`${place.id}.${key}`);
    let order = Array.from({ length: rows }, (_, row) => row);
    let shown = Math.min(first, rows);
    let sorted = { key: null, down: false };

    const read = (field, row) => {
      const value = column(field.key)[row];
      return Number.isNaN(value) ? "" : format[field.kind](value);
    };

    const line = (row) => {
      const out = document.createElement("tr");
      out.dataset.row = row;
      fields.forEach((field, at) => {
        const cell = out.insertCell();
        const isNumber = field.kind !== "text" && field.kind !== "link";
        cell.className = isNumber ? (column(field.key)[row] < 0 ? "num neg" : "num") : "";
        if (at === 0 && picks) {
          const button = cell.appendChild(document.createElement("button"));
          button.type = "button";
          button.className = "pick";
          button.textContent = read(field, row);
        } else if (field.kind === "link" && column(field.key)[row]) {
          const link = cell.appendChild(document.createElement("a"));
          link.href = column(field.key)[row];
          link.textContent = read(field, row);
        } else cell.textContent = read(field, row);
      });
      return out;
    };

    const show = () => {
      body.replaceChildren(...order.slice(0, shown).map(line));
      status.textContent = `${format.count(order.length)} of ${format.count(rows)}`;
      more.hidden = shown >= order.length;
    };

    // A word must stand somewhere in the row; a comparison such as profit>0 must hold.
    const condition = (word) => {
      const [, key, sign, bound] = word.match(/^([^<>=\s]+)([<>=])(.+)$/) || [];
      const field = fields.find((one) => one.key === key);
      if (!field) {
        const wanted = word.toLowerCase();
        return (row) => fields.some((one) => read(one, row).toLowerCase().includes(wanted));
      }
      const values = column(key);
      const limit = field.kind === "time" ? Date.parse(bound) : Number(bound);
      if (field.kind === "text") return (row) => values[row].toLowerCase() === bound.toLowerCase();
      if (sign === "<") return (row) => values[row] < limit;
      return sign === ">" ? (row) => values[row] > limit : (row) => values[row] === limit;
    };

    const compare = (values) => (one, other) => {
      const [a, b] = [values[one], values[other]];
      if (typeof a === "string") return a.localeCompare(b) || one - other;
      // What is missing comes last either way.
      if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b) || one - other;
      return (sorted.down ? b - a : a - b) || one - other;
    };

    const arrange = () => {
      const conditions = search.value.trim().split(/\s+/).filter(Boolean).map(condition);
      order = Array.from({ length: rows }, (_, row) => row).filter((row) => conditions.every((holds) => holds(row)));
      if (sorted.key) {
        const values = column(sorted.key);
        order.sort(compare(values));
        if (sorted.down && typeof values[0] === "string") order.reverse();
      }
      shown = Math.min(first, order.length);
      show();
    };

    place.addEventListener("click", ({ target }) => {
      const key = target.closest("[data-sort]")?.dataset.sort;
      if (key) {
        sorted = { key, down: sorted.key === key ? !sorted.down : false };
        place.querySelectorAll("th").forEach((head) => {
          const own = head.querySelector("[data-sort]").dataset.sort === key;
          if (own) head.setAttribute("aria-sort", sorted.down ? "descending" : "ascending");
          else head.removeAttribute("aria-sort");
        });
        arrange();
      } else if (target.closest(".more")) {
        shown = Math.min(order.length, shown + first);
        show();
      } else if (picks) {
        const row = target.closest("tr[data-row]")?.dataset.row;
        if (row !== undefined) place.dispatchEvent(new CustomEvent("pick", { detail: Number(row), bubbles: true }));
      }
    });
    search.addEventListener("input", arrange);
    if (picks) place.classList.add("picks");
  };
  return { start: () => document.querySelectorAll("script[data-table]").forEach(build) };
})();
