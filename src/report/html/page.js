(() => {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const look = () => {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    return { ink: colour("--ink"), soft: colour("--soft"), line: colour("--line"), paper: colour("--paper") };
  };
  const dressed = (layout) => {
    const { ink, soft, line, paper } = look();
    const clear = "rgba(0,0,0,0)";
    const out = { ...layout, paper_bgcolor: clear, plot_bgcolor: clear, font: { color: ink, size: 12 } };
    for (const axis of ["xaxis", "yaxis", "yaxis2"]) {
      if (layout[axis] || axis === "xaxis") {
        out[axis] = { ...layout[axis], gridcolor: line, linecolor: line, zerolinecolor: line };
      }
    }
    out.modebar = { bgcolor: clear, color: soft, activecolor: ink };
    out.hoverlabel = { bgcolor: paper, bordercolor: line, font: { color: ink } };
    return out;
  };
  const charts = [...document.querySelectorAll("script[data-chart]")].map((source) => {
    const chart = JSON.parse(source.textContent);
    return { place: document.getElementById(source.dataset.chart), data: chart.data, layout: chart.layout };
  });
  const config = { responsive: true, displaylogo: false, showSendToCloud: false, plotlyServerURL: "" };
  const draw = () => charts.forEach(({ place, data, layout }) => Plotly.react(place, data, dressed(layout), config));
  draw();
  dark.addEventListener("change", draw);
})();
