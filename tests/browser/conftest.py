"""A real server with the demo school, and a real Chromium in front of it; every page it meets is checked with axe."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Error, sync_playwright

from reflect.demo.people import PASSWORD

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
CHROMIUM = os.environ.get("REFLECT_CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-component-update",
         "--disable-sync", "--disable-quic"]  # fmt: skip
# axe does not check the same page on the same screen twice. To compare pages, what differs between
# two visits is removed.
CHECKED_PAGES, VOLATILE = (
    set(),
    re.compile(r'((?:name="(?:csrf_token|save_key)"[^>]*?value|data-seconds)=")[^"]*'),
)
# To save time, media are preloaded only where there are any, and what passes is not reported.
RUN_AXE = """axe.run(document, {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations'],
  preload: document.querySelector('audio, video') ? { assets: ['media'] } : false,
})"""
# With a time limit, since Playwright has none for this: a browser may draw nothing for a while.
WAIT_FOR_PAINT = """() => Promise.race([
  document.fonts.ready.then(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))),
  new Promise(done => setTimeout(done, 5000)),
])"""
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 900}


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Server:
    """The demo school behind `reflect demo`, as a visitor would start it; it can be killed and started again."""

    def __init__(self, folder):
        port = free_port()
        self.folder, self.address = folder, f"http://127.0.0.1:{port}"
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("REFLECT_")},
            "REFLECT_DATA": str(folder), "REFLECT_PORT": str(port), "REFLECT_BASE_URL": self.address,
        }  # fmt: skip

    def start(self):
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "reflect", "demo"],
                env=self.env,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_for(f"{self.address}/healthz", self.process)
        return self

    def stop(self):
        self.process.terminate()
        assert self.process.wait(timeout=60) == 0, "the server stops gracefully"

    def kill(self):
        """End every process of the server at once, without a word."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=10)

    def run_sql(self, statement, *values):
        """Look into, or change, the database from beside."""
        with sqlite3.connect(self.folder / "reflect.sqlite3", timeout=20) as connection:
            return connection.execute(statement, values).fetchall()


@pytest.fixture(scope="session")
def demo_server(tmp_path_factory):
    running_server = Server(tmp_path_factory.mktemp("demo")).start()
    yield running_server
    running_server.stop()


@pytest.fixture(scope="session")
def server(demo_server):
    return demo_server.address


def wait_for(address, process):
    for _ in range(600):
        assert process.poll() is None, "the server stopped"
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - our own server
                return answer.status
        except OSError:
            time.sleep(0.2)  # the server is starting; there is nothing else to wait for
    raise AssertionError("the server did not start")


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def click_and_wait(locator):
    """Press what leads to another page, and wait until that page is there: also where a script leads the way."""
    with locator.page.expect_navigation():
        locator.click()


def close_context(context):
    """Close it once none of its pages is loading: Chromium may hang on a page that reloads itself."""
    for page in context.pages:
        for timeout_ms in (3000, 30_000, 30_000):
            with suppress(Error):  # another load may interrupt it, or it may hang
                page.goto("about:blank", timeout=timeout_ms)
    context.close()


class Visitor:
    """One person at a screen; `look` is to be called on every page they meet."""

    def __init__(self, chromium, server, *, size, scheme="light"):
        self.context = chromium.new_context(
            viewport=size, locale="nl-NL", color_scheme=scheme, base_url=server, accept_downloads=True
        )  # fmt: skip
        self.page, self.scheme = self.context.new_page(), scheme
        self.console_errors = []
        self.page.on(
            "console",
            lambda line: self.console_errors.append(line.text) if line.type == "error" else None,
        )
        self.page.on("pageerror", lambda error: self.console_errors.append(str(error)))

    def sign_in(self, name):
        self.page.goto("/inloggen")
        self.page.get_by_label("Naam om mee in te loggen").fill(name)
        self.page.get_by_label("Wachtwoord").fill(PASSWORD)
        click_and_wait(self.page.get_by_role("button", name="Inloggen"))
        self.check_page()
        return self

    def choose_font(self, name):
        self.page.goto("/mijn")
        self.page.get_by_label(name).check()
        click_and_wait(self.page.get_by_role("button", name="Bewaren"))

    def check_page(self, screenshot_name=None):
        """Check the page with axe, that nothing sticks out, and that nothing complained; perhaps take its picture."""
        self.wait_for_paint()
        fingerprint = (
            VOLATILE.sub(r"\1", self.page.content()),
            *self.page.viewport_size.values(),
            self.scheme,
        )
        if fingerprint not in CHECKED_PAGES:
            self._axe()
            CHECKED_PAGES.add(fingerprint)
        too_wide = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert too_wide <= 0, f"{self.page.url} is {too_wide} px wider than the screen"
        assert not self.console_errors, self.console_errors
        if screenshot_name and os.environ.get("SCREENSHOTS"):
            folder = Path(os.environ["SCREENSHOTS"])
            folder.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=folder / f"{screenshot_name}.png", full_page=False)

    def wait_for_paint(self):
        """Wait until the page is loaded and drawn, without waiting until the network is idle."""
        self.page.wait_for_load_state("load")
        self.page.evaluate(WAIT_FOR_PAINT)

    def _axe(self):
        self.page.evaluate(AXE)
        result = self.page.evaluate(RUN_AXE)
        violations = [
            (
                violation["id"],
                violation["help"],
                [node["html"][:160] for node in violation["nodes"][:3]],
            )
            for violation in result["violations"]
        ]
        assert not violations, (
            f"{self.page.url}\n{json.dumps(violations, indent=1, ensure_ascii=False)}"
        )


@pytest.fixture
def visitor(chromium, server):
    visitors = []

    def visit(size=DESKTOP, scheme="light"):
        visitors.append(Visitor(chromium, server, size=size, scheme=scheme))
        return visitors[-1]

    yield visit
    for opened in visitors:
        close_context(opened.context)
