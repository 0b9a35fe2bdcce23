// Text and tables are painted first; then the columns are unpacked, then the library, then what is in sight is drawn.
const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));

const begin = async () => {
  await painted();
  try {
    await columns.load();
    tables.start();
    if (charts.all.size) {
      const source = new TextDecoder().decode(await inflate("library"));
      const script = document.createElement("script");
      script.textContent = source;
      document.head.append(script);
      script.remove();
      charts.start(window.Plotly);
    }
    document.documentElement.dataset.state = "ready";
  } catch (error) {
    document.documentElement.dataset.state = "failed";
    charts.fail("The charts need a browser that inflates streams (Chromium 80, Firefox 113, Safari 16.4, or later).");
    throw error;
  }
};
begin();
