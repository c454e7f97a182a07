"""A page speaks one language to one reader: before the sign-in, after it, and on each device."""

import pytest

from tests.cast import PASSWORD
from tests.conftest import CheckedClient

ENGLISH = {"Accept-Language": "en-GB,en;q=0.9,nl;q=0.8"}
FRENCH = {"Accept-Language": "fr-FR,fr;q=0.9"}


def signed_in(app, headers):
    """Return the language of the page before signing in, and of the next one, and the browser."""
    browser = CheckedClient(app)
    page = browser.get("/inloggen", headers=headers)
    data = {"csrf_token": page.field("csrf_token"), "name": "noor", "password": PASSWORD}
    browser.client.post("/inloggen", data=data, headers=headers)
    home = browser.get("/", headers=headers)
    return [one.all("html")[0]["lang"] for one in (page, home)], browser


@pytest.mark.parametrize(
    ("headers", "language"), [(ENGLISH, "en"), (FRENCH, "nl"), ({}, "nl")], ids=["en", "fr", "none"]
)
def test_the_language_does_not_change_by_signing_in(app, clock, headers, language):
    languages, _ = signed_in(app, headers)
    assert languages == [language, language]


def test_what_is_chosen_once_holds_on_each_device(app, clock):
    _, browser = signed_in(app, ENGLISH)
    token = browser.page.field("csrf_token")
    browser.client.post("/taal", data={"csrf_token": token, "language": "nl"}, headers=ENGLISH)
    languages, _ = signed_in(app, ENGLISH)
    assert languages == ["en", "nl"], "only who signs in is known"
