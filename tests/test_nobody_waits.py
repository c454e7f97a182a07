"""Nobody waits for somebody else: no slow work while a transaction that may write is open."""

import io
import logging
import shlex
import sqlite3
from contextlib import closing
from datetime import timedelta
from threading import Thread

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import render_template
from flask import session as cookie

from reflect import subprocesses
from reflect.access import report_loading
from reflect.access.access_log import AccessLogEntry
from reflect.access.view_models import ReportPart
from reflect.cli.root import root
from reflect.db import session as unit_of_work
from reflect.db.engine import db
from reflect.db.session import (
    SlowWorkInTransaction,
    begin_write,
    commit,
    is_writing,
    no_transaction,
    read_only,
    rollback,
    session,
    short_write,
)
from reflect.errors import InvalidTransition, NotFound, NotSignedIn, WrongPassword
from reflect.jobs import direct_print
from reflect.media.limits import DEFAULT_MEDIA_LIMITS
from reflect.media.transcode import to_safe_file
from reflect.printing import booklet_builder, renderer_pool
from reflect.printing.branding import active
from reflect.printing.branding.config import BRANDING_FOLDER
from reflect.reports import evidence
from reflect.reports.report import Report
from reflect.school import accounts, sign_in
from reflect.school.passwords import FIRST_QUEUE, hash_password
from reflect.school.people import Person
from reflect.school.queries import NamedRef
from reflect.school.sessions import (
    UNKNOWN_BROWSER,
    SessionLimits,
    UserSession,
    begin_session,
    find_active,
    sign_out_everywhere,
)
from reflect.school.ties import Mentoring
from reflect.storage import BlobStore
from tests.cast import NOW, PASSWORD, TODAY
from tests.conftest import DATABASE_KINDS, report_in_state
from tests.stories.test_a_student_shows_evidence import photo, send
from tests.stories.test_a_student_writes import WRITE, begin, fields

LIMITS = SessionLimits(idle=timedelta(hours=1), absolute=timedelta(hours=8))


@pytest.fixture(scope="module", params=DATABASE_KINDS)
def database_kind(request):
    return request.param


def answer_at_once(connection):
    subprocesses.answer(connection, lambda request: request)


def other_machine():
    return BlobStore("s3://bucket/prefix")


HASH = hash_password(PASSWORD)
SLOW_WORK = {
    "a hash": lambda: hash_password(PASSWORD),
    "comparing with a hash": lambda: FIRST_QUEUE.matching_form(HASH, PASSWORD),
    "a child": lambda: subprocesses.start_clean(answer_at_once, name="t"),
    "a preloaded child": lambda: subprocesses.start_preloaded(answer_at_once, name="t"),
    "an upload": lambda: to_safe_file(photo()),
    "a print": lambda: renderer_pool.render_each(["<p>x</p>"], seconds=60),
    "the versions of what renders": lambda: renderer_pool.library_versions.__wrapped__(),
    "a file put on another machine": lambda: other_machine().put("x", b"x"),
    "a file removed there": lambda: other_machine().delete("x"),
    "a file read there": lambda: other_machine().get("x"),
}


def begin_to_write():
    session().execute(sa.select(Person.id))


@pytest.mark.parametrize("work", SLOW_WORK.values(), ids=SLOW_WORK)
def test_slow_work_is_refused_in_a_transaction_that_may_write(active_app, work):
    begin_to_write()
    with pytest.raises(SlowWorkInTransaction):
        work()


def test_slow_work_is_free_without_a_transaction_and_in_one_that_only_reads(active_app):
    subprocesses.announce_slow_work("x")
    begin_to_write()
    with no_transaction():
        subprocesses.announce_slow_work("x")
        hash_password(PASSWORD)
    begin_to_write()
    with pytest.raises(SlowWorkInTransaction):
        subprocesses.announce_slow_work("x")
    with pytest.raises(SlowWorkInTransaction), session().begin_nested():
        subprocesses.announce_slow_work("x")
    rollback()
    read_only()
    begin_to_write()
    subprocesses.announce_slow_work("x")
    with short_write():
        begin_to_write()
        with pytest.raises(SlowWorkInTransaction):
            subprocesses.announce_slow_work("x")
    begin_to_write()
    subprocesses.announce_slow_work("x")
    begin_write()  # also for the tests that come after this one
    begin_to_write()
    with pytest.raises(SlowWorkInTransaction):
        subprocesses.announce_slow_work("x")
    rollback()
    subprocesses.announce_slow_work("x")


def test_a_savepoint_that_ends_does_not_hide_the_transaction(active_app):
    begin_to_write()
    with session().begin_nested():
        session().execute(sa.select(Person.id))
    with pytest.raises(SlowWorkInTransaction):
        subprocesses.announce_slow_work("x")


def test_a_school_that_runs_gets_a_line_in_its_log_instead(active_app, monkeypatch, caplog):
    monkeypatch.setattr(unit_of_work, "_raises_on_slow_work", False)
    begin_to_write()
    with caplog.at_level(logging.ERROR):
        assert hash_password(PASSWORD)
    assert "slow work in a transaction that may write: a hash of a password" in caplog.text


def write_beside(app):
    """Write in another connection, as somebody else's save would, and wait for nobody."""
    if db.engine.dialect.name == "postgresql":
        with db.engine.begin() as other:
            other.execute(sa.text("set local lock_timeout = '100ms'"))
            other.execute(sa.update(Person).values(editor_mode="one"))
        return
    path = app.extensions["reflect"].data / "reflect.sqlite3"
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("update person set editor_mode = 'one'")
        other.execute("COMMIT")


def beside(app, function):
    """Call a function in another thread with an own session, and wait for its end."""

    def run():
        with app.app_context():
            function()
            commit()

    thread = Thread(target=run)
    thread.start()
    thread.join()


def group(cast):
    return NamedRef(cast.group, "2b", "Klas 2b")


def load_booklets(cast):
    return booklet_builder.build_for_group(
        group(cast), round_id=cast.round, school="x", by=cast.actor("smit"), at=NOW
    )


def readings():
    return session().scalar(sa.select(sa.func.count()).where(AccessLogEntry.channel == "print"))


def test_others_save_while_a_student_is_printed_and_the_print_is_a_reading_at_its_end(
    active_app, cast
):
    report_in_state(cast, "answered", student="noor", course=cast.course, at=NOW)
    commit()
    readings_during = []

    def render(booklets):
        write_beside(active_app)
        readings_during.append(readings())
        return len(booklets)

    booklets, rendered = direct_print.print_booklets(lambda: load_booklets(cast), render=render)
    assert (len(booklets), rendered) == (1, 1)
    booklet_builder.record_print(booklets, reader_id=cast.people["smit"], at=NOW)
    assert readings_during == [0]
    assert readings() == 1


def test_pages_of_a_student_whom_somebody_mentors_no_more_are_thrown_away(active_app, cast):
    report_in_state(cast, "answered", student="noor", course=cast.course, at=NOW)
    commit()

    def render(_):
        beside(
            active_app,
            lambda: session().execute(sa.update(Mentoring).values(ends_on=TODAY)),
        )

    with pytest.raises(NotFound):
        direct_print.print_booklets(lambda: load_booklets(cast) or not_found(), render=render)
    assert readings() == 0


def not_found():
    raise NotFound


def add_photo(report, cast, blobs):
    return evidence.add_evidence(
        report,
        photo(),
        upload_key="u",
        limits=DEFAULT_MEDIA_LIMITS,
        quota_mb=500,
        blob_store=blobs,
        by=cast.actor("noor"),
        at=NOW,
    )


class BusyStore(BlobStore):
    """A store in which other things happen while it keeps a file."""

    def __init__(self, url, happens):
        super().__init__(url)
        self.happens = happens

    def put(self, name, content):
        super().put(name, content)
        self.happens()


def test_others_save_while_a_photo_is_made_safe(active_app, cast):
    report = report_in_state(cast, "draft", student="noor", course=cast.course, at=NOW)
    commit()
    url = active_app.extensions["reflect"].evidence
    assert add_photo(report, cast, BusyStore(url, lambda: write_beside(active_app))).key


def test_a_photo_of_a_report_that_is_handed_in_meanwhile_is_refused_and_leaves_no_file(
    active_app, cast
):
    report = report_in_state(cast, "draft", student="noor", course=cast.course, at=NOW)
    commit()
    report_id = report.id
    blobs = BusyStore(
        active_app.extensions["reflect"].evidence,
        lambda: beside(active_app, lambda: hand_in(report_id, cast)),
    )
    with pytest.raises(InvalidTransition):
        add_photo(report, cast, blobs)
    assert not any(path.is_file() for path in blobs.folder.rglob("*"))


def hand_in(report_id, cast):
    report = session().get_one(Report, report_id)
    if report.state == "draft":
        report.hand_in(by=cast.actor("noor"), at=NOW)


def test_a_request_whose_session_ends_during_its_slow_work_stops(app, cast, clock):
    with app.test_request_context("/mijn", method="POST"):
        noor = session().get_one(Person, cast.people["noor"])
        cookie["sign_in"] = begin_session(noor, browser=UNKNOWN_BROWSER, at=NOW)
        commit()
        app.config["WTF_CSRF_ENABLED"] = False
        app.preprocess_request()
        app.config["WTF_CSRF_ENABLED"] = True
        with no_transaction():
            pass  # nobody ended it
        with pytest.raises(NotSignedIn), no_transaction():
            beside(app, lambda: sign_out_everywhere(cast.people["noor"], at=NOW))
        assert session().scalar(sa.select(UserSession.ended_at)) is not None
        rollback()


def test_a_password_is_compared_and_changed_while_others_save(active_app, cast):
    """The hash is made without a transaction, and what was compared is compared once more."""
    noor = session().get_one(Person, cast.people["noor"])
    token = begin_session(noor, browser=UNKNOWN_BROWSER, at=NOW)
    active = find_active(token, limits=LIMITS, at=NOW)
    accounts.change_password(
        active, current=PASSWORD, new="drie rode fietsen", school="Lyceum", at=NOW
    )
    commit()
    assert sign_in.sign_in("noor", password="drie rode fietsen", remote_address="x", at=NOW)
    commit()
    with pytest.raises(WrongPassword):
        accounts.change_password(
            active, current=PASSWORD, new="vier rode fietsen", school="Lyceum", at=NOW
        )
    new = accounts.reset_password("noor", at=NOW)
    commit()
    assert sign_in.sign_in("noor", password="drie rode fietsen", remote_address="x", at=NOW) is None
    assert sign_in.sign_in("noor", password=new, remote_address="x", at=NOW)


PRINT = "/mentorgroepen/{group}/ronde/{round}/leerlingen/{noor}/afdrukken"


@pytest.mark.slow
def test_no_print_in_a_request_holds_a_transaction_not_even_with_a_new_design(
    client_of, cast, make_report, app
):
    """The guard raises in every test; here the design is checked in the same request too."""
    make_report("answered")
    folder = app.extensions["reflect"].data / BRANDING_FOLDER
    folder.mkdir()
    (folder / "logo.png").write_bytes(photo(kind="PNG"))
    (folder / "paper.toml").write_text('letterhead = ["Wilgenlaan 12"]')
    mentor = client_of("smit")
    mentor.get(f"/mentorgroepen/{cast.group}")
    address = PRINT.format(group=cast.group, round=cast.round, noor=cast.people["noor"])
    assert mentor.post(address, {"kind": "merged"}).mimetype == "application/pdf"
    with app.app_context():
        assert active.current().letterhead == ("Wilgenlaan 12",)


def test_the_words_that_came_with_a_file_are_kept_when_the_report_was_handed_in(client_of, cast):
    noor, page = begin(client_of, cast)
    noor.post("/verslagen/1/inleveren", on="/verslagen/1/inleveren")
    words = fields(page, **{"begrijp--text": "Deze woorden blijven."})
    words |= {"csrf_token": page.field("csrf_token"), "begrijp--file": (io.BytesIO(photo()), "f")}
    answer = noor.client.post(WRITE.format(1), data=words, follow_redirects=True)
    answer.request.environ["wsgi.input"].close()
    assert answer.status_code == 200
    assert "Deze woorden blijven." in noor.get("/verslagen/1/versies").html


def test_a_photo_over_http_is_kept(client_of, cast):
    noor, page = begin(client_of, cast)
    assert send(noor, page).json["key"]


@pytest.mark.slow
@pytest.mark.parametrize("database_kind", ["sqlite"], scope="module")  # that of its settings
def test_the_command_prints_a_group_and_notes_it(active_app, cast, monkeypatch, tmp_path):
    report_in_state(cast, "answered", student="noor", course=cast.course, at=NOW)
    commit()
    monkeypatch.setenv("REFLECT_DATA", str(tmp_path))
    monkeypatch.setenv("REFLECT_SETTINGS", str(tmp_path / "reflect.env"))
    command = f"print pdf --group 2b --out {tmp_path}/talks"
    result = CliRunner().invoke(root, shlex.split(command), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert len(list((tmp_path / "talks").glob("*.pdf"))) == 2
    assert readings() == 1


READ_BY_OTHERS = {
    "dewit": ["/verslagen/{}", "/verslagen/{}/beantwoorden"],
    "smit": ["/verslagen/{}", "/mentorgroepen/1/ronde/1/leerlingen/1/boekje"],
}


@pytest.mark.parametrize("state", ["handed_in", "answered"])
@pytest.mark.parametrize("name", READ_BY_OTHERS)
def test_a_page_of_somebody_elses_words_is_drawn_after_its_reading_is_committed(
    client_of, make_report, app, cast, name, state
):
    """`jinja_setup` announces each page as slow work, so every test of a page asks this."""
    number = make_report(state)
    reader = client_of(name)
    for path in READ_BY_OTHERS[name]:
        reader.client.get(path.format(number))
    with app.app_context():
        read = sa.select(AccessLogEntry.person_id).distinct()
        # The teacher of an answered report had read it to answer.
        assert set(session().scalars(read)) - {cast.people["dewit"]} <= {cast.people[name]}


def test_a_page_that_is_drawn_in_a_transaction_that_may_write_is_refused(app, client_of, clock):
    with app.test_request_context("/inloggen"):
        app.preprocess_request()
        begin_write()
        begin_to_write()
        with pytest.raises(SlowWorkInTransaction):
            render_template("shared/error.html", message="x", hint="y")
        rollback()


def test_a_session_that_is_extended_lets_go_before_its_page_is_drawn(client_of, clock):
    noor = client_of("noor")
    clock.shift(600)
    noor.get("/")


@pytest.fixture
def reads_only(app):
    """Let the test read as a page does, and what comes after it write again."""
    with app.app_context():
        read_only()
        yield
        rollback()
        begin_write()


def test_a_hand_in_that_is_taken_back_while_a_teacher_opens_it_was_not_read(
    app, cast, clock, make_report, reads_only
):
    number = make_report("handed_in")
    view = load_while(app, cast, number, lambda: take_back(number, cast))
    assert ReportPart.TEXT not in view.visible_parts
    report = session().get_one(Report, number, populate_existing=True)
    assert (report.state, report.opened_at) == ("draft", None)


def load_while(app, cast, number, happens):
    """Return a report as its teacher loads it, while `happens` happens in another request.

    That is at the worst moment: the snapshot is let go of, and the right to write is not yet taken.
    """
    happened = []

    def happen_once(_):
        if not happened:
            happened.append(True)
            beside(app, happens)

    sa.event.listen(db.engine, "commit", happen_once)
    try:
        return report_loading.load(number, by=cast.actor("dewit"), at=NOW)
    finally:
        sa.event.remove(db.engine, "commit", happen_once)
        assert happened


def take_back(number, cast):
    session().get_one(Report, number).take_back(by=cast.actor("noor"), at=NOW)


def test_looking_again_takes_no_lock(app, cast, clock, make_report, reads_only):
    number = make_report("handed_in")
    report_loading.load(number, by=cast.actor("dewit"), at=NOW)
    rollback()
    begun = []

    def note_begin(*_):
        begun.append(is_writing())

    sa.event.listen(db.session, "after_begin", note_begin)
    try:
        report_loading.load(number, by=cast.actor("dewit"), at=NOW)
    finally:
        sa.event.remove(db.session, "after_begin", note_begin)
    assert begun == [False]


def test_two_teachers_who_open_a_hand_in_at_once_are_both_noted(
    app, cast, clock, make_report, reads_only
):
    number = make_report("handed_in")
    view = load_while(app, cast, number, lambda: session().execute(OPEN_FIRST))
    assert ReportPart.TEXT in view.visible_parts
    readers = session().scalars(sa.select(AccessLogEntry.person_id)).all()
    assert readers == [cast.people["dewit"]]


OPEN_FIRST = sa.update(Report).values(opened_at=NOW)
