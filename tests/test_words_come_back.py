"""Whatever goes wrong, a page without scripts brings back every word that was typed in a form."""

import html
import re
import sqlite3
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from reflect.db.engine import db
from reflect.db.session import commit, session
from reflect.reports.report import Report
from reflect.reports.workflow import State
from reflect.storage import blob_store
from reflect.text.markdown import MAX_TEXT_LENGTH
from tests.cast import PASSWORD
from tests.conftest import DATABASE_KINDS
from tests.page import check_page
from tests.route_ids import make_one_of_each
from tests.typed_forms import all_forms, typed_forms

# Where each form is: who has it, at which address, in which state of the report.
PAGES = {
    "writing":    ("noor", "/verslagen/{report}/schrijven", "draft"),
    "closing":    ("noor", "/verslagen/{report}/afronden", "answered"),
    "reopening":  ("noor", "/verslagen/{report}/heropenen", "closed"),
    "reopening by the teacher": ("dewit", "/verslagen/{report}/heropenen", "closed"),
    "sharing":    ("noor", "/verslagen/{report}/delen", "answered"),
    "answering":  ("dewit", "/verslagen/{report}/beantwoorden", "handed_in"),
    "reviewing":  ("dewit", "/meelezen/{review}", "handed_in"),
    "phrases":    ("bakker", "/zinnen", "draft"),
    "one phrase": ("bakker", "/zinnen/{phrase}", "draft"),
}  # fmt: skip
EVERY_PAGE = pytest.mark.parametrize("page", PAGES)
RETRY_AFTER = re.compile(r"\d+")


class OpenPage:
    """A page with its forms, in the browser of whoever has it."""

    def __init__(self, app, cast, clients, name):
        self.app = app
        self.who, path, state = PAGES[name]
        with app.app_context():
            blobs = blob_store(app.extensions["reflect"].evidence)
            self.ids = make_one_of_each(cast, state, blobs=blobs)
            commit()
            session().close()
        self.browser = clients(self.who)
        self.path = path.format(**self.ids)
        self.load()

    def load(self):
        response = self.browser.client.get(self.path)
        assert response.status_code == 200
        self.forms = typed_forms(response.text, own_address=self.path)
        assert self.forms, "the page has a form for words"

    def send(self, form, data, **options):
        return self.browser.client.post(
            options.pop("to", form.action), data=data, follow_redirects=True, **options
        )


@pytest.fixture
def open_page(app, cast, client_of):
    return lambda name: OpenPage(app, cast, client_of, name)


def missing_words(response, form):
    shown = html.unescape(response.text)
    return [name for name in form.word_fields if form.word(name) not in shown]


def check_words(response, form, *, statuses):
    assert response.status_code in statuses, response.text[:3000]
    assert not missing_words(response, form)
    check_page(response.text)


@EVERY_PAGE
def test_with_the_token_of_an_earlier_page_or_without_one(open_page, page):
    opened = open_page(page)
    for form in opened.forms:
        for token in ("anders", None):
            data = form.filled()
            data["csrf_token"] = [token] if token else []
            check_words(opened.send(form, data), form, statuses=[400])


@EVERY_PAGE
def test_signed_out_and_signed_in_again(open_page, page):
    opened = open_page(page)
    for form in opened.forms:
        opened.browser.client.delete_cookie("reflect")
        response = opened.send(form, form.filled())
        check_words(response, form, statuses=[401])
        opened.browser.sign_in(opened.who)


@EVERY_PAGE
def test_when_the_report_has_moved_on(open_page, page):
    opened = open_page(page)
    with opened.app.app_context():
        session().execute(sa.update(Report).values(state=State.RETURNED))
        commit()
    for form in opened.forms:
        response = opened.send(form, form.filled())
        if response.status_code >= 400:
            check_words(response, form, statuses=[404, 409, 422])


@EVERY_PAGE
def test_when_it_is_not_theirs_any_more(open_page, page, client_of):
    """Such as a course that has another teacher since this morning."""
    opened = open_page(page)
    other = client_of("visser")
    other.get("/")
    for form in opened.forms:
        data = form.filled() | {"csrf_token": [other.page.field("csrf_token")]}
        response = other.client.post(form.action, data=data, follow_redirects=True)
        check_words(response, form, statuses=[404])


@EVERY_PAGE
@pytest.mark.parametrize("mode", ["all", "one"])
def test_a_text_that_is_too_long(open_page, page, mode):
    opened = open_page(page)
    if page == "writing":
        token = {"csrf_token": opened.browser.get("/").field("csrf_token"), "writes": mode}
        opened.browser.client.post("/mijn/schrijfwijze", data=token)
        opened.load()
    for form in opened.forms:
        for name in form.word_fields:
            data = form.filled()
            data[name] = [f"Een {form.word(name)} {'x' * MAX_TEXT_LENGTH}"]
            response = opened.send(form, data)
            if response.status_code >= 400:
                check_words(response, form, statuses=[422])
            elif missing_words(response, form):
                assert not missing_words(opened.browser.client.get(opened.path), form)


@EVERY_PAGE
def test_a_choice_that_is_not_there(open_page, page):
    opened = open_page(page)
    for form in opened.forms:
        for name, _ in form.values:
            if name in form.word_fields or name in ("csrf_token", "save_key"):
                continue
            data = form.filled() | {name: ["bestaat-niet"]}
            response = opened.send(form, data)
            if response.status_code >= 400:
                check_words(response, form, statuses=[404, 422])


@EVERY_PAGE
def test_the_language_is_changed_in_the_middle_of_it(open_page, page):
    opened = open_page(page)
    for form in opened.forms:
        buttons = [button for button in form.buttons if button.get("name") == "language"]
        assert buttons, "the buttons of the languages send what was typed along"
        for button in buttons:
            data = form.filled() | {"language": [button["value"]]}
            response = opened.send(form, data, to=button["formaction"])
            # 422: a remark that still needs its passage says so, in the new language.
            check_words(response, form, statuses=[200, 422])
            assert f'lang="{button["value"]}"' in response.text[:200]
            again = typed_forms(response.text, own_address=opened.path)
            assert any(set(other.word_fields) >= set(form.word_fields) for other in again)


def test_the_way_of_writing_is_changed_in_the_middle_of_it(open_page):
    opened = open_page("writing")
    for mode in ("one", "all"):
        (form,) = opened.forms
        (button,) = [one for one in form.buttons if one.get("name") == "writes"]
        assert button["value"] == mode
        data = form.filled() | {"writes": [mode]}
        opened.send(form, data, to=button["formaction"])
        everything = opened.browser.client.get(f"/verslagen/{opened.ids['report']}")
        assert not missing_words(everything, form)
        opened.load()


@EVERY_PAGE
@pytest.mark.parametrize("path", ["/taal", "/mijn/schrijfwijze"])
def test_a_page_that_was_open_before_an_upgrade_sends_them_to_the_old_address(
    open_page, page, path
):
    opened = open_page(page)
    for form in opened.forms:
        choice = {"language": ["en"], "writes": ["all"], "onward": [opened.path]}
        response = opened.send(form, form.filled() | choice, to=path)
        check_words(response, form, statuses=[200])


@contextmanager
def broken_commit(app):
    def fail(_):
        raise RuntimeError("something that nobody foresaw")

    with app.app_context():
        sa.event.listen(db.engine, "commit", fail)
    # As in production; a test client raises what nobody foresaw.
    app.config["PROPAGATE_EXCEPTIONS"] = False
    try:
        yield
    finally:
        app.config["PROPAGATE_EXCEPTIONS"] = None
        with app.app_context():
            sa.event.remove(db.engine, "commit", fail)


@EVERY_PAGE
def test_when_something_unforeseen_happens(open_page, page):
    opened = open_page(page)
    for form in opened.forms:
        with broken_commit(opened.app):
            response = opened.send(form, form.filled())
        check_words(response, form, statuses=[500])


def impatient(connection, _record, _proxy):
    """Wait for a lock no longer than a test should."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA busy_timeout = 50")
    else:
        connection.execute("SET lock_timeout = '50ms'")
        connection.commit()


@contextmanager
def locked_database(app):
    """Hold the lock of another writer."""
    with app.app_context():
        engine = db.engine
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("SELECT 1")  # the write lock, from its begin
            else:
                connection.exec_driver_sql("LOCK TABLE report, revision, snippet, share")
            sa.event.listen(engine, "checkout", impatient)
            try:
                yield
            finally:
                sa.event.remove(engine, "checkout", impatient)
        engine.dispose()


@EVERY_PAGE
@pytest.mark.parametrize("database_kind", DATABASE_KINDS, indirect=True)
def test_while_another_writer_keeps_the_database_locked(open_page, page):
    opened = open_page(page)
    for form in opened.forms:
        with locked_database(opened.app):
            response = opened.send(form, form.filled())
            check_words(response, form, statuses=[503])
            assert RETRY_AFTER.fullmatch(response.headers["Retry-After"])
            assert "Opnieuw versturen" in response.text
            data = form.filled()
            options = {"headers": {"Accept": "application/json"}}
            answer = opened.send(form, data, **options)
            assert answer.status_code == 503
            assert answer.json["sentence"]
        again = opened.send(form, form.filled())
        assert again.status_code in (200, 422)


def press_language(opened, response):
    """Press the button of the other language on the page that answered, and return the next one."""
    (form,) = [
        each
        for each in all_forms(response.text, own_address=opened.path)
        if any(button.get("name") == "language" for button in each.buttons)
    ]
    (button,) = [each for each in form.buttons if each.get("name") == "language"]
    data = {"language": [button["value"]]}
    for name, value in form.values:
        data.setdefault(name, []).append(value)
    answer = opened.send(form, data, to=button.get("formaction", form.action))
    assert f'lang="{button["value"]}"' in answer.text[:200]
    return answer


def check_in_both_languages(opened, response, form):
    for _ in range(2):
        response = press_language(opened, response)
        check_words(response, form, statuses=[200, 401])
    return response


@EVERY_PAGE
def test_the_language_is_changed_on_the_page_that_asks_to_keep_them(open_page, page):
    opened = open_page(page)
    for form in opened.forms:
        answer = opened.send(form, form.filled() | {"csrf_token": ["anders"]})
        answer = check_in_both_languages(opened, answer, form)
        assert "Bewaar dit en ga verder" in answer.text


@EVERY_PAGE
def test_the_language_is_changed_on_the_page_that_asks_to_sign_in(open_page, page):
    opened = open_page(page)
    for form in opened.forms:
        opened.browser.client.delete_cookie("reflect")
        answer = check_in_both_languages(opened, opened.send(form, form.filled()), form)
        (login,) = [
            each
            for each in all_forms(answer.text, own_address="/inloggen")
            if "name" in each.word_fields
        ]
        data = {"name": ["noor"], "password": [PASSWORD]}
        for name, value in login.values:
            data.setdefault(name, []).append(value)
        check_words(opened.send(login, data | {"name": [opened.who]}), form, statuses=[200])


@EVERY_PAGE
def test_the_language_is_changed_on_the_page_of_an_error(open_page, page, client_of):
    opened = open_page(page)
    for form in opened.forms:
        with locked_database(opened.app):
            answer = opened.send(form, form.filled())
        answer = check_in_both_languages(opened, answer, form)
        assert "Bewaar dit en ga verder" in answer.text
        opened.browser, own = client_of("visser"), opened.browser
        opened.browser.get("/")
        token = {"csrf_token": [opened.browser.page.field("csrf_token")]}
        answer = opened.send(form, form.filled() | token)
        assert answer.status_code == 404
        answer = check_in_both_languages(opened, answer, form)
        assert "Bewaar dit en ga verder" not in answer.text, "it is not theirs to keep"
        opened.browser = own


def test_the_name_to_sign_in_with_stays_when_the_language_changes(client_of):
    nobody = client_of("nobody")
    page = nobody.get("/inloggen?verder=/mijn")
    (button,) = [each for each in page.all("button") if each.get("name") == "language"]
    data = {"name": "noor", "password": "half", "language": "en"}
    page = nobody.post(button["formaction"], data)
    assert page.field("name") == "noor"
    assert "half" not in page.html
    assert page.all("html")[0]["lang"] == "en"
    assert not [each for each in page.all("span") if each.get("class") == "error"]
    after = nobody.post(
        page.all("form")[0].get("action", "/inloggen?verder=/mijn"),
        follow=False,
        fields={"name": "noor", "password": PASSWORD},
        status=303,
    )
    assert after.headers["Location"] == "/mijn"
