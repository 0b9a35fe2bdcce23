// Light, dark, or as the system says; on paper always light. Colours are known by their names in the style sheet.
const look = (() => {
  const root = document.documentElement;
  const button = document.getElementById("look");
  const probe = document.body.appendChild(document.createElement("span"));
  probe.hidden = true;
  const listeners = [];
  const names = { auto: "as the system", light: "light", dark: "dark" };
  let chosen = "auto";
  try {
    chosen = localStorage.getItem("tapeline-look") || "auto";
  } catch {
    // A page opened from disk may have no store: then nothing is remembered.
  }

  const colour = (name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const tell = () => listeners.forEach((listener) => listener());
  const show = (wanted) => {
    root.dataset.look = wanted;
    tell();
  };
  const choose = (wanted) => {
    chosen = wanted in names ? wanted : "auto";
    button.textContent = `Look: ${names[chosen]}`;
    try {
      localStorage.setItem("tapeline-look", chosen);
    } catch {
      // As above.
    }
    show(chosen);
  };

  button.addEventListener("click", () => {
    const order = Object.keys(names);
    choose(order[(order.indexOf(chosen) + 1) % order.length]);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tell);
  addEventListener("beforeprint", () => show("light"));
  addEventListener("afterprint", () => show(chosen));
  choose(chosen);

  return { colour, onChange: (listener) => listeners.push(listener) };
})();
