"""A real server with the demo school, and a Chromium that checks each page it meets with axe."""

import hashlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import axe_playwright_python
import pytest
import time_machine
from playwright.sync_api import Error, sync_playwright

from reflect.demo.people import PASSWORD
from tests.cast import NOW
from tests.conftest import environment_without_settings
from tests.page import ParsedPage
from tests.route_table import ROWS
from tests.test_every_route import SchoolInState

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
CHROMIUM = os.environ.get("REFLECT_CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]
# To save time, media are preloaded only where there are any, and what passes is not reported.
RUN_AXE = """axe.run(document, {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'],
  resultTypes: ['violations'],
  preload: document.querySelector('audio, video') ? { assets: ['media'] } : false,
})"""
# What axe looks at: elements with their attributes, and where there is text, but not which. Of
# equal elements in a row, such as those of a list, there is one.
OUTLINE = """() => {
  const named = new Set(['class', 'id', 'for', 'role', 'type', 'name', 'lang', 'dir', 'hidden']);
  const outline = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return node.data.trim() ? 't' : '';
    if (node.nodeType !== Node.ELEMENT_NODE) return '';
    const attributes = [...node.attributes].map(({ name, value }) =>
      named.has(name) ? `${name}=${value.replace(/\\d+/g, '0')}` : `${name}=${value && 'v'}`);
    const inside = [];
    for (const child of node.childNodes) {
      const text = outline(child);
      if (text && text !== inside.at(-1)) inside.push(text);
    }
    return `<${node.localName} ${attributes.sort().join(' ')}>${inside.join('')}</>`;
  };
  return outline(document.documentElement);
}"""
# With a time limit, since Playwright has none for this: a browser may draw nothing for a while.
WAIT_FOR_PAINT = """() => Promise.race([
  document.fonts.ready.then(() =>
    new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))),
  new Promise(done => setTimeout(done, 5000)),
])"""
# Files, and answers to scripts.
NO_PAGES = {
    "static",
    "health.check",
    "editor_api.session_status",
    "evidence_files.show",
    "evidence_files.show_by_link",
    "answering.live_hints",
    "print_progress.download",
    "export.download",
}
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 900}


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Server:
    """The demo school behind `reflect demo`, which can be killed and started again."""

    def __init__(self, folder):
        port = free_port()
        self.folder = folder
        self.address = f"http://127.0.0.1:{port}"
        self.environment = {
            **environment_without_settings(),
            "REFLECT_DATA": str(folder),
            "REFLECT_PORT": str(port),
            "REFLECT_BASE_URL": self.address,
        }

    def start(self):
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "reflect", "demo"],
                env=self.environment,
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
        """End every process of the server at once, without a warning."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=10)

    def run_sql(self, statement, *values):
        """Read or change the database past the server."""
        with sqlite3.connect(self.folder / "reflect.sqlite3", timeout=20) as connection:
            return connection.execute(statement, values).fetchall()


# A school for each file of tests: which files run before it in this worker is chance.
@pytest.fixture(scope="module")
def demo_server(demo_school, tmp_path_factory):
    folder = tmp_path_factory.mktemp("server")
    shutil.copytree(demo_school, folder, dirs_exist_ok=True)
    running_server = Server(folder).start()
    yield running_server
    running_server.stop()


@pytest.fixture(scope="session")
def checked_pages(shared_folder):
    """Return a folder with an empty file for each page that axe has checked in this session."""
    folder = shared_folder / "checked-pages"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def server(demo_server):
    return demo_server.address


def wait_for(address, process):
    for _ in range(600):
        assert process.poll() is None, "the server stopped"
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - ours
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
    """Press what leads to another page, by a script or not, and wait until that page is there."""
    with locator.page.expect_navigation():
        locator.click()


def close_context(context):
    """Close a context once no page of it is loading.

    Chromium waits forever when a context is closed while a page of it reloads.
    """
    for page in context.pages:
        for timeout_ms in (3000, 30_000, 30_000):
            with suppress(Error):  # another navigation may come in between
                page.goto("about:blank", timeout=timeout_ms)
    context.close()


class Visitor:
    """One person at a screen; `check_page` is to be called on every page they meet."""

    def __init__(self, chromium, server, checked_pages, *, size, scheme="light"):
        self.checked_pages = checked_pages
        self.scheme = scheme
        self.context = chromium.new_context(
            viewport=size,
            locale="nl-NL",
            color_scheme=scheme,
            base_url=server,
            accept_downloads=True,
        )
        self.page = self.context.new_page()
        self.console_errors = []
        self.page.on("console", self._note_console_error)
        self.page.on("pageerror", lambda error: self.console_errors.append(str(error)))

    def _note_console_error(self, message):
        if message.type == "error":
            self.console_errors.append(message.text)

    def sign_in(self, name):
        """Sign in past the page, whose own test is in test_accessibility.py, and go home."""
        login_page = ParsedPage(self.context.request.get("/inloggen").text())
        fields = {"name": name, "password": PASSWORD, "csrf_token": login_page.field("csrf_token")}
        response = self.context.request.post("/inloggen", form=fields, max_redirects=0)
        assert response.status == 303, f"{name} cannot sign in"
        self.page.goto("/")
        self.check_page()
        return self

    def choose_font(self, name):
        self.page.goto("/mijn")
        self.page.get_by_label(name).check()
        click_and_wait(self.page.get_by_role("button", name="Bewaren"))

    def check_page(self, screenshot_name=None):
        """Check the page with axe, its width and its console; perhaps take a picture of it."""
        self.wait_for_paint()
        self._check_with_axe()
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

    def _check_with_axe(self):
        """Run axe, unless a page of this outline has passed it on such a screen."""
        screen = f"{self.page.viewport_size} {self.scheme}"
        key = hashlib.sha256(f"{screen} {self.page.evaluate(OUTLINE)}".encode()).hexdigest()
        if (self.checked_pages / key).exists():
            return
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
        details = json.dumps(violations, indent=1, ensure_ascii=False)
        assert not violations, f"{self.page.url}\n{details}"
        (self.checked_pages / key).touch()


@pytest.fixture
def visitor(chromium, server, checked_pages):
    visitors = []

    def visit(size=DESKTOP, scheme="light"):
        visitors.append(Visitor(chromium, server, checked_pages, size=size, scheme=scheme))
        return visitors[-1]

    yield visit
    for opened in visitors:
        close_context(opened.context)


@pytest.fixture(scope="module")
def school_in_state(shared_apps, tmp_path_factory):
    """Return a function that gives the school of the route table in one state."""
    made = {}

    def make(state):
        if state not in made:
            with time_machine.travel(NOW, tick=False):
                folder = tmp_path_factory.mktemp(f"axe-{state}")
                made[state] = SchoolInState(shared_apps("sqlite"), folder, state)
        return made[state]

    yield make
    for school in made.values():
        school.shared_app.forget(school.folder)
        school.shared_app.forget(school.pristine)


@pytest.fixture
def reader_in_school(chromium, checked_pages):
    """Return a function that opens a screen whose every request a school answers in this process.

    The school lives on a day of its own, which the browser need not know of.
    """
    visitors = []

    def read(school, name, size=DESKTOP):
        visitor = Visitor(chromium, "http://localhost", checked_pages, size=size)
        visitors.append(visitor)

        def answer(route):
            parts = urlsplit(route.request.url)
            path = f"{parts.path}?{parts.query}" if parts.query else parts.path
            with time_machine.travel(NOW, tick=False):
                response = school.request(name, "GET", ROWS["reports.home", "GET"], path)
            headers = dict(response.headers)
            route.fulfill(status=response.status_code, headers=headers, body=response.data)

        visitor.context.route("**/*", answer)
        return visitor

    yield read
    for visitor in visitors:
        close_context(visitor.context)
