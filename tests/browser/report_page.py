"""Opens pages in a headless Chromium and says what is wrong with them.

    report_page.py --version                        the versions of what is used
    report_page.py check RESULT PAGE...             what must hold for every page
    report_page.py use RESULT PAGE                  what a reader does with a page that has trades
    report_page.py compare RESULT PAGE              what a reader does with a page of two results that differ
    report_page.py sweep RESULT PAGE                what a reader does with the page of a sweep
    report_page.py shots FOLDER PAGE [NAME HEIGHT]  screenshots at three widths, light and dark
    report_page.py paint PAGE...                    size, and milliseconds to first paint and to the first chart, three times

RESULT is a file that is written: a list of complaints as JSON, empty when all is well.
"""

import json
import os
import shutil
import sys
from importlib.metadata import version
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import TimeoutError, sync_playwright

CHROMIUM = os.environ.get("TAPELINE_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
WIDTHS = {"laptop": 1280, "tablet": 820, "phone": 390}


class Reader:
    """A page that somebody has open, with everything that went wrong so far."""

    def __init__(self, browser, path, complaints, **how):
        self.name = Path(path).parent.name
        self.complaints = complaints
        self.context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **how})
        self.page = self.context.new_page()
        self.url = Path(path).resolve().as_uri()
        self.page.on("console", lambda message: message.type in ("error", "warning") and self.complain(message.text))
        self.page.on("pageerror", lambda error: self.complain(str(error)))
        self.page.on("request", lambda request: request.url != self.url and self.complain(f"asks for {request.url}"))
        self.page.goto(self.url)
        self.page.wait_for_selector("html[data-state]", state="attached", timeout=120_000)
        self.must(self.get("document.documentElement.dataset.state") == "ready", "the page did not become ready")

    def complain(self, text):
        self.complaints.append(f"{self.name}: {text}")

    def must(self, holds, text):
        if not holds:
            self.complain(text)

    def get(self, script, argument=None):
        return self.page.evaluate(script, argument)

    def read_through(self):
        """Brings every chart into sight and waits until it is drawn."""
        for chart in self.get("[...document.querySelectorAll('.chart')].map((chart) => chart.id)"):
            self.get("(id) => document.getElementById(id).scrollIntoView({ block: 'center' })", chart)
            try:
                self.page.wait_for_selector(f"#{chart} svg.main-svg", state="attached", timeout=30_000)
            except TimeoutError:
                self.complain(f"not drawn: {chart}")
        self.get("scrollTo(0, 0)")
        self.page.wait_for_timeout(300)

    def axe(self):
        self.page.evaluate(AXE.read_text())
        found = self.get("async () => (await axe.run(document, { resultTypes: ['violations'] })).violations")
        for one in found:
            if one["impact"] in ("serious", "critical"):
                where = "; ".join(node["html"][:160] for node in one["nodes"][:3])
                self.complain(f"axe, {one['impact']}: {one['id']} ({one['help']}), {len(one['nodes'])} times: {where}")

    def close(self):
        self.context.close()


def check(browser, path, complaints):
    """What holds for every page, whatever it shows."""
    for look in ("light", "dark"):
        reader = Reader(browser, path, complaints, color_scheme=look)
        reader.read_through()
        figures = 8 if reader.get("Boolean(document.getElementById('equity'))") else 2
        reader.must(reader.get("document.querySelectorAll('.card').length") >= figures, "figures are missing in the headline")
        reader.axe()
        if look == "light":
            printed = reader.page.pdf()
            reader.must(printed[:5] == b"%PDF-" and len(printed) > 20_000, "it does not print")
        reader.close()
    for width in WIDTHS.values():
        reader = Reader(browser, path, complaints, viewport={"width": width, "height": 900})
        reader.read_through()
        wide = reader.get("document.documentElement.scrollWidth")
        reader.must(wide <= width, f"at a width of {width} it is {wide} wide")
        reader.close()


def price(reader):
    """The price chart as drawn: range in milliseconds, candles in sight, the least distance between two."""
    return reader.get("""() => {
      const chart = document.getElementById('price');
      const candles = chart.data.filter((trace) => trace.type === 'candlestick');
      const x = candles.flatMap((trace) => [...trace.x]).sort((a, b) => a - b);
      const steps = x.slice(1).map((value, row) => value - x[row]).filter((step) => step > 0);
      const instant = (end) => typeof end === 'number' ? end : Date.parse(end.includes(' ') ? end.replace(' ', 'T') + 'Z' : end);
      return { range: chart._fullLayout.xaxis.range.map(instant), count: x.length, step: Math.min(...steps) };
    }""")


def hover(reader):
    """The mouse on a candle shows the four prices of that candle."""
    reader.get("document.getElementById('price').scrollIntoView({ block: 'center' })")
    reader.page.wait_for_timeout(400)
    spot = reader.get("""() => {
      const chart = document.getElementById('price');
      const { xaxis, yaxis } = chart._fullLayout;
      const trace = chart.data.find((one) => one.type === 'candlestick');
      const inside = [...trace.x.keys()].filter((row) => {
        const place = xaxis.d2p(trace.x[row]);
        return place > 20 && place < xaxis._length - 20;
      });
      inside.sort((a, b) => Math.abs(trace.open[b] - trace.close[b]) - Math.abs(trace.open[a] - trace.close[a]));
      const row = inside[0];
      const box = chart.getBoundingClientRect();
      return {
        x: box.left + xaxis._offset + xaxis.d2p(trace.x[row]),
        y: box.top + yaxis._offset + yaxis.d2p((trace.open[row] + trace.close[row]) / 2),
        prices: ['open', 'high', 'low', 'close'].map((key) => trace[key][row]),
      };
    }""")
    reader.page.mouse.move(spot["x"] - 3, spot["y"])
    reader.page.mouse.move(spot["x"], spot["y"], steps=4)
    reader.page.wait_for_timeout(400)
    text = reader.get("document.querySelector('#price .hoverlayer').textContent").replace(",", "").replace("\u2212", "-")
    for value in spot["prices"]:
        wanted = f"{value:.8g}"
        reader.must(wanted in text, f"hovering over a candle does not show {wanted}, but: {text}")


def zoom(reader):
    """Zooming in samples finer candles; All brings the first view back."""
    before = price(reader)
    for _ in range(4):
        reader.page.click("button[data-step=in][data-of=price]")
    after = price(reader)
    reader.must(after["range"][1] - after["range"][0] < (before["range"][1] - before["range"][0]) / 8, "no zoom")
    reader.must(after["step"] < before["step"], f"zooming did not sample anew: {before} {after}")
    reader.page.click("button[data-step=later][data-of=price]")
    reader.must(price(reader)["range"][0] > after["range"][0], "Later did not move the chart")
    reader.page.click("button[data-step=all][data-of=price]")
    reader.must(price(reader)["step"] == before["step"], "All did not bring everything back")
    # The same by dragging.
    box = reader.page.locator("#price .nsewdrag").first.bounding_box()
    middle = box["y"] + box["height"] / 2
    reader.page.mouse.move(box["x"] + 0.4 * box["width"], middle)
    reader.page.mouse.down()
    reader.page.mouse.move(box["x"] + 0.5 * box["width"], middle, steps=5)
    reader.page.mouse.up()
    reader.page.wait_for_timeout(600)
    reader.must(price(reader)["step"] < before["step"], "dragging did not sample anew")


def table(reader, plain):
    """Sorting and filtering; what the script writes is what stood there before."""
    rows = "[...document.querySelectorAll('#trades tbody tr')].map((row) => [...row.cells].map((cell) => cell.textContent))"
    first = plain.get(rows)
    reader.page.click("#trades [data-sort=trade]")
    by_number = reader.get(rows)
    expected = sorted(first, key=lambda row: int(row[0]))
    for ours, before in zip(by_number, expected, strict=True):
        reader.must(ours == before, f"the script writes a row in another way: {set(ours) ^ set(before)}")
    heads = reader.get("[...document.querySelectorAll('#trades th button')].map((head) => head.dataset.sort)")
    profit = heads.index("profit")
    number = lambda row: float(row[profit].replace(",", ""))
    reader.page.click("#trades [data-sort=profit]")
    values = [number(row) for row in reader.get(rows)]
    reader.must(values == sorted(values), f"not in order of profit: {values[:5]}")
    reader.must(reader.get("document.querySelector('#trades th[aria-sort]').ariaSort") == "ascending", "no word of the order")
    reader.page.click("#trades [data-sort=profit]")
    values = [number(row) for row in reader.get(rows)]
    reader.must(values == sorted(values, reverse=True), f"not in falling order of profit: {values[:5]}")
    reader.page.fill("#trades input", "profit<0 long")
    kept = reader.get(rows)
    reader.must(kept and all(number(row) < 0 and "long" in row for row in kept), "the filter lets others through")
    reader.page.fill("#trades input", "nothing-is-called-so")
    reader.must(reader.get("document.querySelector('#trades [role=status]').textContent").startswith("0 of"), "no count")
    reader.page.fill("#trades input", "")


def trade(reader):
    """A click on a trade, or Enter on its number, takes the price chart there."""
    times = reader.get("[...document.querySelectorAll('#trades tbody tr')].slice(0, 4).map((row) => [...row.cells].slice(0, 7).map((cell) => cell.textContent))")
    for row, how in ((1, "click"), (2, "keyboard")):
        button = reader.page.locator("#trades tbody .pick").nth(row)
        if how == "click":
            button.click()
        else:
            button.focus()
            reader.page.keyboard.press("Enter")
        reader.page.wait_for_timeout(500)
        seen = price(reader)
        entry = reader.get("(text) => Date.parse(text.replace(' ', 'T') + 'Z')", times[row][5])
        reader.must(seen["range"][0] < entry < seen["range"][1], f"{how}: the chart did not go to {times[row]}: {seen}")
        status = reader.get("document.getElementById('price-status').textContent")
        reader.must(f"#{times[row][0]} " in status, f"{how}: the status says {status}")
    # Around its entry, candles stand one by one.
    place = reader.get("""(entry) => {
      const chart = document.getElementById('price');
      chart.scrollIntoView({ block: 'center' });
      const { xaxis } = chart._fullLayout;
      const box = chart.querySelector('.nsewdrag').getBoundingClientRect();
      return { x: box.left + xaxis.d2p(entry), y: box.top + box.height / 2 };
    }""", entry)
    reader.page.mouse.move(place["x"] - 20, place["y"])
    reader.page.mouse.down()
    reader.page.mouse.move(place["x"] + 20, place["y"], steps=5)
    reader.page.mouse.up()
    reader.page.wait_for_timeout(600)
    for _ in range(2):
        reader.page.click("button[data-step=in][data-of=price]")
    near = price(reader)
    reader.must(near["step"] == 60_000, f"near a trade there are no single candles: {seen} {near}")


def look(reader):
    """The button turns the page light and dark, charts with it."""
    colours = "[getComputedStyle(document.body).backgroundColor, document.getElementById('equity')._fullLayout.font.color]"
    seen = []
    for _ in range(3):
        reader.page.click("#look")
        reader.page.wait_for_timeout(300)
        seen.append(tuple(reader.get(colours)))
    reader.must(len(set(seen)) == 2, f"the look does not change text and charts: {seen}")
    reader.must(all(ground != ink for ground, ink in seen), f"text on its own colour: {seen}")


def use(browser, path, complaints):
    reader = Reader(browser, path, complaints, color_scheme="light")
    plain = Plain(browser, path)
    hover(reader)
    zoom(reader)
    table(reader, plain)
    trade(reader)
    look(reader)
    reader.close()
    plain.close()


def compare(browser, path, complaints):
    """Sorting and filtering matched trades, the overlaid accounts, light and dark."""
    reader = Reader(browser, path, complaints, color_scheme="light")
    rows = "[...document.querySelectorAll('#matched-1 tbody tr')].map((row) => [...row.cells].map((cell) => cell.textContent))"
    heads = reader.get("[...document.querySelectorAll('#matched-1 th button')].map((head) => head.dataset.sort)")
    entry, apart = heads.index("entry_time"), heads.index("apart")
    for falling in (False, True):
        reader.page.click("#matched-1 [data-sort=entry_time]")
        times = [row[entry] for row in reader.get(rows)]
        reader.must(times == sorted(times, reverse=falling), f"not in order of entry: {times[:5]}")
    reader.page.fill("#matched-1 input", "exit-price-that-nobody-has")
    reader.must(reader.get(rows) == [], "the filter lets others through")
    reader.page.fill("#matched-1 input", "price entry_price_difference>0")
    kept = reader.get(rows)
    reader.must(kept and all("price" in row[apart] for row in kept), "the filter keeps no pair that differs, or others")
    reader.page.fill("#matched-1 input", "")
    reader.read_through()
    lines = reader.get("document.getElementById('accounts').data.map((trace) => [trace.name, trace.x.length])")
    reader.must(len(lines) == 4 and all(length > 1 for _, length in lines), f"accounts and drawdowns of two: {lines}")
    apart = reader.get("document.getElementById('distances').data.map((trace) => Math.max(...trace.y.map(Math.abs)))")
    reader.must(len(apart) == 1 and apart[0] > 0, f"no distance between two accounts that differ: {apart}")
    span = "document.getElementById('accounts')._fullLayout.xaxis.range.map((end) => Date.parse(end.replace(' ', 'T') + 'Z'))"
    before = reader.get(span)
    reader.page.click("button[data-step=in][data-of=accounts]")
    after = reader.get("document.getElementById('accounts')._fullLayout.xaxis.range.map((end) => typeof end === 'number' ? end : Date.parse(end.replace(' ', 'T') + 'Z'))")
    reader.must(after[1] - after[0] < 0.6 * (before[1] - before[0]), f"no zoom: {before} {after}")
    reader.close()


HEAT = """() => {
  const trace = document.getElementById('heat').data.find((one) => one.type === 'heatmap');
  const defined = trace.z.flatMap((row, line) => [...row.keys()].filter((column) => !Number.isNaN(row[column]))
    .map((column) => ({ column, line, value: row[column], text: trace.hovertext[line][column] })));
  return { x: trace.x, y: trace.y, defined, key: trace.name };
}"""


def heat(reader):
    """The map changes with its selections, tells its cells to the mouse and the keyboard, and shows a cell's trials."""
    page = reader.page
    reader.get("document.getElementById('heat').scrollIntoView({ block: 'center' })")
    page.wait_for_timeout(400)
    first = reader.get(HEAT)
    down = reader.get("document.getElementById('heat-y').selectedOptions[0].label")
    page.select_option("#heat-metric", "drawdown")
    second = reader.get(HEAT)
    reader.must(second["key"] == "drawdown" and second["defined"] != first["defined"], "the colour does not follow its selection")
    page.select_option("#heat-metric", "sharpe")
    page.select_option("#heat-gather", "worst")
    worst = reader.get(HEAT)["defined"]
    both = list(zip(first["defined"], worst, strict=True))
    reader.must(all(low["value"] <= high["value"] for high, low in both), "the worst of a cell is better than its best")
    reader.must(any(low["value"] < high["value"] for high, low in both), "best and worst do not differ")
    page.select_option("#heat-gather", "best")
    page.select_option("#heat-hold-2", label="equity")
    held = reader.get(HEAT)
    reader.must(all("1 trial" not in cell["text"] and "2 trials" not in cell["text"] for cell in held["defined"]), "holding an axis leaves several trials in a cell")
    reader.must(held["defined"] != first["defined"], "holding an axis changes nothing")
    page.select_option("#heat-hold-2", "")
    page.select_option("#heat-y", label="sizing")
    reader.must(reader.get(HEAT)["y"] == ["fixed", "equity"], "the axis down does not follow its selection")
    reader.must(reader.get("document.getElementById('heat-hold-2-label').hidden"), "an axis that is shown can be held")
    page.select_option("#heat-y", label=down)
    again = reader.get(HEAT)
    reader.must(again == first, "the selections do not lead back to the first view")
    # The mouse on a cell.
    cell = first["defined"][len(first["defined"]) // 2]
    spot = reader.get("""({ column, line }) => {
      const chart = document.getElementById('heat');
      const { xaxis, yaxis } = chart._fullLayout;
      const box = chart.getBoundingClientRect();
      return { x: box.left + xaxis._offset + xaxis.c2p(column), y: box.top + yaxis._offset + yaxis.c2p(line) };
    }""", cell)
    page.mouse.move(spot["x"] - 2, spot["y"])
    page.mouse.move(spot["x"], spot["y"], steps=3)
    page.wait_for_timeout(400)
    text = reader.get("document.querySelector('#heat .hoverlayer').textContent")
    reader.must(cell["text"].replace(" ", "") in text.replace(" ", ""), f"hovering shows {text!r}, not {cell['text']!r}")
    page.mouse.click(spot["x"], spot["y"])
    page.wait_for_timeout(300)
    wanted = f"{down}={first['y'][cell['line']]}"
    search = reader.get("document.querySelector('#trials input').value")
    reader.must(wanted in search.split(), f"a click on a cell asks the table for {search}")
    reader.must(1 <= reader.get("document.querySelectorAll('#trials tbody tr').length") <= 2, "the table does not show the cell's trials")
    # The keyboard.
    page.fill("#trials input", "")
    page.focus("#heat")
    page.keyboard.press("ArrowRight")
    before = reader.get("document.getElementById('heat-status').textContent")
    page.keyboard.press("ArrowUp")
    after = reader.get("document.getElementById('heat-status').textContent")
    reader.must(before != after and "fast " in after, f"the arrow keys do not move: {before!r} {after!r}")
    page.keyboard.press("Enter")
    reader.must("fast=" in reader.get("document.querySelector('#trials input').value"), "Enter does not ask the table")
    page.fill("#trials input", "")


def trials(reader, plain):
    """The table of trials: as it stood before, sorted, filtered, with commands and links."""
    rows = "[...document.querySelectorAll('#trials tbody tr')].map((row) => [...row.cells].map((cell) => cell.textContent))"
    before, after = plain.get(rows), reader.get(rows)
    reader.must(before == after, f"the script writes rows in another way: {[set(a) ^ set(b) for a, b in zip(before, after) if a != b][:3]}")
    heads = reader.get("[...document.querySelectorAll('#trials th button')].map((head) => head.dataset.sort)")
    values = lambda: [float(row[heads.index("trades")].replace(",", "")) for row in reader.get(rows)]
    reader.page.click("#trials [data-sort=trades]")
    reader.must(values() == sorted(values()), "not in order of trades")
    reader.page.click("#trials [data-sort=trades]")
    reader.must(values() == sorted(values(), reverse=True), "not in falling order of trades")
    reader.page.fill("#trials input", "trades>30 sizing=fixed")
    kept = reader.get(rows)
    reader.must(kept and min(values()) > 30 and all("fixed" in row for row in kept), "the filter lets others through")
    reader.page.fill("#trials input", "")
    reader.must(all(f"/{row[0]}" in row[-1] and row[-1].startswith("tapeline run --trial ") for row in reader.get(rows)), "a row without its command")
    links = reader.get("[...document.querySelectorAll('#trials tbody a')].map((link) => link.href)")
    reader.must(links == [] or all(Path(link.removeprefix("file://")).is_file() for link in links), f"links lead nowhere: {links}")
    linked = plain.get("document.querySelectorAll('#trials tbody a').length")
    reader.must(linked == 2, f"{linked} links to reports instead of 2")


def sweep(browser, path, complaints):
    reader = Reader(browser, path, complaints, color_scheme="light")
    plain = Plain(browser, path)
    reader.read_through()
    heat(reader)
    trials(reader, plain)
    names = lambda chart: reader.get(f"document.getElementById('{chart}').data.map((trace) => trace.name)")
    before = names("parallel")
    reader.page.select_option("#parallel-share", "0.25")
    reader.must(names("parallel") != before, "the highlighted share does not follow its selection")
    before = names("spread")
    reader.page.select_option("#spread-metric", "profit")
    reader.must(names("spread") != before, "the distribution does not follow its selection")
    reader.close()
    plain.close()


class Plain:
    """The page before any script has run: its scripts are cut off."""

    def __init__(self, browser, path):
        self.context = browser.new_context()
        self.page = self.context.new_page()
        text = Path(path).read_text()
        self.page.set_content(text[: text.index("<script type=\"text/plain\"")])

    def get(self, script):
        return self.page.evaluate(script)

    def close(self):
        self.context.close()


def shots(browser, folder, path, name="report", height=1140):
    complaints = []
    reader = Reader(browser, path, complaints, viewport={"width": 1280, "height": int(height)}, color_scheme="light")
    reader.read_through()
    reader.page.screenshot(path=str(Path(folder) / f"{name}.png"))
    reader.close()
    for device, width in WIDTHS.items():
        for scheme in ("light", "dark"):
            reader = Reader(browser, path, complaints, viewport={"width": width, "height": 900}, color_scheme=scheme)
            reader.read_through()
            reader.page.screenshot(path=str(Path(folder) / f"{name}-{device}-{scheme}.png"), full_page=True)
            reader.close()
    return complaints


def paint(browser, path):
    times = []
    for _ in range(3):
        reader = Reader(browser, path, [])
        reader.page.wait_for_selector(".chart svg.main-svg", state="attached")
        first = reader.get("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        times.append(f"{first:.0f} and {reader.get('performance.now()'):.0f} ms")
        reader.close()
    return f"{Path(path).stat().st_size} bytes; {', '.join(times)}: {path}"


def main():
    what, *rest = sys.argv[1:]
    with sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        if what == "--version":
            axe = version("axe-playwright-python")
            print(f"Chromium {browser.version}, playwright {version('playwright')}, axe-playwright-python {axe}")
        elif what == "shots":
            print("\n".join(shots(browser, *rest)))
        elif what == "paint":
            print("\n".join(paint(browser, path) for path in rest))
        else:
            complaints = []
            for path in rest[1:]:
                {"check": check, "use": use, "compare": compare, "sweep": sweep}[what](browser, path, complaints)
            Path(rest[0]).write_text(json.dumps(complaints))
        browser.close()


if __name__ == "__main__":
    main()
