"""A student who writes, as several files of tests meet them."""

import re

from playwright.sync_api import expect

from reflect.demo.people import PASSWORD
from tests.browser.conftest import DESKTOP, click_and_wait

TIMEOUT_MS = 60_000
SAVE = re.compile("/schrijven$")  # the address that a page saves to


class WritingPage:
    """A student's writing page, with the one field that these tests write in."""

    def __init__(self, visitor, name, *, size=DESKTOP, index=0):
        self.visitor = visitor(size).sign_in(name)
        self.context, self.page = self.visitor.context, self.visitor.page
        self.address = self.page.locator("a[href$='/schrijven']").nth(index).get_attribute("href")
        self.open()

    def open(self, page=None):
        self.page = page or self.page
        self.page.goto(self.address)
        self.page.wait_for_function("() => document.querySelector('.toolbar')")
        self.field = self.page.locator(
            "textarea[name='geleerd--text'], textarea[name='begrijp--text']"
        ).first
        self.status = self.page.locator("#save-status")
        return self

    def freeze_clock(self):
        """Stop the time of the page; `page.clock` moves it on."""
        self.page.clock.install()
        self.page.clock.pause_at(self.page.evaluate("Date.now() + 1000"))

    def type(self, words):
        self.field.press("Control+End")
        self.field.press_sequentially(words)

    def expect_saved(self):
        expect(self.status).to_have_text(re.compile(r"Bewaard om \d\d:\d\d"), timeout=TIMEOUT_MS)

    def expect_stored_locally(self):
        expect(self.status).to_have_text(re.compile("wacht op dit apparaat"), timeout=TIMEOUT_MS)

    def local_storage(self):
        return self.page.evaluate("JSON.stringify(Object.entries(localStorage))")

    def close_abruptly(self):
        """Close the page as a computer that loses its power.

        A page that Chromium itself closes is online for another moment.
        """
        self.page.evaluate("() => { fetch = () => Promise.reject(); }")
        self.page.close()

    def expect_text(self, words):
        expect(self.field).to_have_value(re.compile(re.escape(words)), timeout=TIMEOUT_MS)


def age_sessions(server, name, *, seconds_left):
    """Make the sessions of this person as old as if they had so many seconds left."""
    server.run_sql(
        "update user_session set used_at = datetime('now', ?)"
        " where person_id = (select id from person where sign_in_name = ?)",
        f"-{3600 - seconds_left} seconds", name,
    )  # fmt: skip


def sign_in(page, name):
    page.get_by_label("Naam om mee in te loggen").fill(name)
    page.get_by_label("Wachtwoord").fill(PASSWORD)
    click_and_wait(page.get_by_role("button", name="Inloggen"))
