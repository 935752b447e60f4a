"""The studio: what reaches the browser, and how soon it paints."""

import gzip
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from importlib import resources
from pathlib import Path

PORT = 8479
RUNS = 5
PAINT = """
() => new Promise((resolve) => new PerformanceObserver((list) => {
  const paint = list.getEntriesByName("first-contentful-paint")[0];
  if (paint) resolve(paint.startTime);
}).observe({ type: "paint", buffered: true }))
"""


def sizes() -> tuple[float, float]:
    """Gzipped kB of the scripts that every page loads, and of the largest of all scripts."""
    static = Path(str(resources.files("visavis.server") / "static"))
    page = (static / "index.html").read_text()
    packed = {
        path.name: len(gzip.compress(path.read_bytes())) / 1000
        for path in (static / "assets").glob("*.js")
    }
    return sum(size for name, size in packed.items() if name in page), max(packed.values())


def first_paint() -> float:
    """Median milliseconds from asking for the page to its first contentful paint, without cache."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(
            [sys.executable, "-m", "visavis.cli", "serve", "--port", str(PORT)],
            env=os.environ | {"VISAVIS_DATA_DIR": folder, "VISAVIS_WORKERS": "0"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
                return statistics.median(_paint(browser) for _ in range(RUNS))
        finally:
            server.terminate()
            server.wait()


def _paint(browser: object) -> float:
    from playwright.sync_api import Browser, Error

    assert isinstance(browser, Browser)
    context = browser.new_context()
    page = context.new_page()
    for _ in range(120):
        try:
            page.goto(f"http://127.0.0.1:{PORT}/create")
            break
        except Error:
            time.sleep(0.5)
    milliseconds = float(page.evaluate(PAINT))
    context.close()
    return milliseconds


def rows() -> list[tuple[str, str, str]]:
    """What, measured, target."""
    main, room = sizes()
    found = [
        ("studio: main bundle, gzip", f"{main:.0f} kB", "< 200 kB"),
        ("studio: live page on top, gzip", f"{room:.0f} kB", "loaded there only"),
    ]
    if shutil.which("chromium"):
        found.append(("studio: first paint on loopback", f"{first_paint():.0f} ms", "< 1000 ms"))
    return found


if __name__ == "__main__":
    for row in rows():
        print(*row, sep=" | ")
