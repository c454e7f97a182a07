"""Keep a filled database of this release, which later ones must be able to upgrade.

`python -m tests.make_release_database` writes two files into tests/data/releases. <version>.sql.gz
has the tables as SQLite keeps them and a row of every kind, written by the verbs that people use.
<version>.json.gz has what its people read in it. tests/test_migrations.py upgrades the one and
compares what it reads then with the other.
"""

import gzip
import io
import json
import sqlite3
import tempfile
from contextlib import closing
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

import sqlalchemy as sa
import time_machine
from PIL import Image

from reflect.access import policy, report_loading, share
from reflect.access.access_log import Channel
from reflect.access.permissions import ShareLinkViewer
from reflect.access.policy import PolicyKind
from reflect.access.share import Audience
from reflect.app import create_app
from reflect.db import migrate
from reflect.db.base import Base
from reflect.db.engine import db
from reflect.db.session import commit, session
from reflect.errors import NotFound
from reflect.jobs import export_jobs, heartbeat, print_jobs
from reflect.jobs.job import Stage
from reflect.jobs.print_jobs import MemberStatus, OutputFormat, PrintJob, PrintMember
from reflect.media.limits import DEFAULT_MEDIA_LIMITS
from reflect.peer_review import request_note, review_loading, reviews
from reflect.printing import export
from reflect.reports import annotations, conflict_choice, evidence, release, revisions, snippets
from reflect.reports.conflict_choice import ConflictChoice
from reflect.reports.report import OVERALL, Report, Voice
from reflect.reports.workflow import Action
from reflect.school import sessions, sign_in, ties
from reflect.school.people import Person, Subject
from reflect.storage import blob_store
from tests.cast import NAMES, NOW, PASSWORD, TODAY, YEAR_BEGINS_ON, add_row, create_cast
from tests.conftest import ANSWER, CLOSING_TEXTS, isolated_settings, report_in_state

RELEASES = Path(__file__).parent / "data" / "releases"
# Signs that a dump or a migration could spoil, in a text that must come through untouched.
AWKWARD_TEXT = "Zij zei: 'ja' -- \"100%\" \\ :zo;\nen ging verder 😀"
YESTERDAY = NOW - timedelta(days=1)


def fill_school(cast, *, blobs):
    """Put rows into every table, and every enum that matters, through the verbs that people use."""
    add_row(ties.Teaching(person_id=cast.people["bakker"], course_id=cast.course, begins_on=TODAY))
    add_row(
        ties.Enrolment(
            person_id=cast.people["noor"], course_id=cast.other_course, begins_on=YEAR_BEGINS_ON
        )
    )
    policy.set_policy(
        PolicyKind.AT_MOMENT,
        group_id=cast.group,
        begins_on=TODAY,
        ends_on=None,
        by_id=cast.people["smit"],
        at=YESTERDAY,
    )
    _write_and_share(cast, blobs=blobs)
    _review_a_draft(cast)
    _plan_releases(cast)
    _keep_snippets(cast)
    _ask_for_files(cast)
    _sign_in(cast)
    session().get(Person, cast.people["noor"]).editor_mode = "one"
    heartbeat.beat("worker", at=NOW)
    commit()


def _save(report, content, *, action, by, save_key=None, base_version=2**62, at=NOW):
    return revisions.save(
        report, content, action=action, base_version=base_version, save_key=save_key, by=by, at=at
    )


def _write_and_share(cast, *, blobs):
    """Noor's report goes twice through its whole life, with a photo, conflicts and a remark."""
    noor, teacher = cast.actor("noor"), cast.actor("dewit")
    report = report_in_state(cast, "reopened", student="noor", course=cast.course, at=YESTERDAY)
    photo = io.BytesIO()
    Image.new("RGB", (64, 48), "#96698a").save(photo, "JPEG")
    piece = evidence.add_evidence(
        report,
        photo.getvalue(),
        upload_key="upload",
        limits=DEFAULT_MEDIA_LIMITS,
        quota_mb=500,
        blob_store=blobs,
        by=noor,
        at=NOW,
    )
    texts = {"text": AWKWARD_TEXT, "evidence": piece.key, f"caption.{piece.key}": "Getallenlijn"}
    _save(report, {"fout": texts}, action=Action.WRITE, by=noor, save_key="laptop.1")
    # Two devices that knew nothing of this: one conflict is settled, the other stays open.
    for page in ("phone", "tablet"):
        conflict = {"begrijp": {"text": f"Geschreven op de {page}."}}
        _save(report, conflict, action=Action.WRITE, by=noor, save_key=f"{page}.1", base_version=0)
    (settled, _) = revisions.conflicts_of(report, voice=Voice.STUDENT)["begrijp"]
    conflict_choice.settle_conflict(report, settled.id, choice=ConflictChoice.BOTH, by=noor, at=NOW)
    share.open_section(report, section="gevoel", audience=Audience.MENTOR, by=noor, at=NOW)
    share.open_section(report, section="brief", audience=Audience.HOME, by=noor, at=NOW)
    share.close_section(report, section="brief", audience=Audience.HOME, by=noor, at=NOW)
    report.hand_in(by=noor, at=NOW)
    report.take_back(by=noor, at=NOW)
    report.hand_in(by=noor, at=NOW)
    report_loading.load(report.id, by=teacher, at=NOW)
    remark = {"section": "fout", "field": "text", "quote": "ging verder", "text": "Hoe dan?"}
    _save(
        report,
        {annotations.section_name("r" * 22): remark, **ANSWER},
        action=Action.WRITE_ANSWER,
        by=teacher,
    )
    release.plan([report.id], action=Action.ANSWER, due_at=NOW, by=teacher, at=NOW)
    release.run_due(on=TODAY, at=NOW)
    _save(report, CLOSING_TEXTS, action=Action.WRITE_CLOSING, by=noor)
    report.close(by=noor, at=NOW)
    _share(report, cast)


def _share(report, cast):
    noor = cast.actor("noor")
    dates = {"begins_at": NOW - timedelta(hours=1), "ends_at": NOW + timedelta(days=7)}
    dates |= {"by": noor, "at": YESTERDAY}
    share.share_with(report, person_id=cast.people["winter"], **dates)
    share.share_with(report, person_id=cast.people["fatima"], **{**dates, "ends_at": None})
    for label in ("Oma", "Opa"):
        share.share_by_link(report, label=label, **dates)
    revoked, by_link, *_ = share.shares_of(report, by=noor)
    share.revoke(report, share_id=revoked.id, by=noor, at=NOW)
    report_loading.load(report.id, by=cast.actor("fatima"), at=NOW)
    report_loading.load(
        report.id, by=ShareLinkViewer(by_link.id, TODAY), at=NOW, channel=Channel.LINK
    )
    report_loading.load(report.id, by=cast.actor("smit"), at=NOW, channel=Channel.PRINT)


def _review_a_draft(cast):
    """De Wit asks Bakker about her answer to Sam, who suggests one thing of every kind."""
    teacher, reviewer = cast.actor("dewit"), cast.actor("bakker")
    report = report_in_state(cast, "handed_in", student="sam", course=cast.course, at=NOW)
    _save(report, ANSWER, action=Action.WRITE_ANSWER, by=teacher)
    for note in ("Kijk je mee?", AWKWARD_TEXT):
        request_note.save_note(report, {"note": note}, save_key=None, by=teacher, at=NOW)
        review = reviews.request_review(report, reviewer.id, note=note, by=teacher, at=NOW)
        _suggest(review, {"begrijp": {"text": f"Beter: {note}"}}, by=reviewer)
        _suggest(review, {OVERALL: {"seen": "Ik zag het.", "note": "Klaar!"}}, by=reviewer)
        if note != AWKWARD_TEXT:
            better, seen, _ = reviews.suggestions_of([review.id])
            better.accept(by=teacher, at=NOW)
            seen.decline(by=teacher, at=NOW)
            review.end(by=reviewer, at=NOW)
            _suggest(review, {"fout": {"text": "Te laat."}}, by=reviewer)
    request_note.save_note(report, {"note": "Nog iets"}, save_key=None, by=teacher, at=NOW)


def _suggest(review, content, *, by):
    based_on = review_loading.own_suggestions(review).base_revision_ids
    submitted = {
        section: {**fields, reviews.BASED_ON_FIELD: str(based_on.get(section, ""))}
        for section, fields in content.items()
    }
    reviews.save_suggestions(review, submitted, base_version=2**62, save_key=None, by=by, at=NOW)


def _plan_releases(cast):
    """One release that waits, one that was revoked and one that failed; done is Noor's."""
    teacher, colleague = cast.actor("dewit"), cast.actor("bakker")
    sam = session().scalars(sa.select(Report).filter_by(student_id=cast.people["sam"])).one()
    friday = NOW + timedelta(days=3)
    batch = release.plan([sam.id], action=Action.ANSWER, due_at=friday, by=teacher, at=NOW).batch
    release.revoke_batch(batch, by=teacher, at=NOW)
    release.plan([sam.id], action=Action.RETURN_WITH_QUESTION, due_at=friday, by=teacher, at=NOW)
    other = report_in_state(cast, "handed_in", student="noor", course=cast.other_course, at=NOW)
    _save(other, ANSWER, action=Action.WRITE_ANSWER, by=colleague)
    release.plan([other.id], action=Action.ANSWER, due_at=NOW, by=colleague, at=NOW)
    other.return_with_question(by=colleague, at=NOW)
    commit()
    release.run_due(on=TODAY, at=NOW)


def _keep_snippets(cast):
    teacher = cast.actor("dewit")
    subject_id = session().scalars(sa.select(Subject.id)).one()
    first = snippets.add_snippet("Mooi, {naam}!", subject_id=None, by=teacher, at=NOW)
    first.rewrite("Heel mooi, {naam}!", subject_id=subject_id, by=teacher, at=NOW)
    snippets.add_snippet(AWKWARD_TEXT, subject_id=None, by=teacher, at=NOW).archive(
        by=teacher, at=NOW
    )


def _ask_for_files(cast):
    mentor, students = cast.actor("smit"), [cast.people[name] for name in ("noor", "sam")]
    for output_format, stage in (
        (OutputFormat.MERGED, Stage.READY),
        (OutputFormat.SHEETS_ZIP, Stage.STOPPED),
    ):
        key = print_jobs.request_print(
            cast.group,
            round_id=cast.round,
            statuses=dict.fromkeys(students, MemberStatus.WAITING),
            output_format=output_format,
            by=mentor,
            at=NOW,
        )
        PrintJob.set_stage(key, stage, at=NOW)
    for row, status in zip(
        session().scalars(sa.select(PrintMember).order_by(PrintMember.id)),
        (MemberStatus.PRINTED, MemberStatus.NOTHING, MemberStatus.WAITING, MemberStatus.WAITING),
        strict=True,
    ):
        row.status, row.read_at = status, NOW if status is MemberStatus.PRINTED else None
    export_jobs.request_export(by=cast.actor("noor"), at=NOW)


def _sign_in(cast):
    for name, password in (("noor", PASSWORD), ("sam", PASSWORD), ("sam", "geraden")):
        token = sign_in.sign_in(
            name,
            password=password,
            remote_address="203.0.113.7",
            device_token="laptop",
            at=NOW,
        )
        if token and name == "sam":
            sessions.sign_out(token, at=NOW)


def read_everything(cast):
    """Return what every person reads in every report, and the whole record of each student.

    Nothing of it is logged: the readings are rolled back.
    """
    report_ids = list(session().scalars(sa.select(Report.id).order_by(Report.id)))
    records = {
        name: export.to_json(
            export.load_records(by=cast.actor(name), at=NOW), school="", by=cast.actor(name), at=NOW
        )
        for name in ("noor", "sam")
    }
    seen = {
        f"{name} reads {report_id}": _read(report_id, by=cast.actor(name))
        for name in NAMES
        for report_id in report_ids
    }
    session().rollback()
    return json.loads(json.dumps({"records": records, "seen": seen}))


def _read(report_id, *, by):
    try:
        view = report_loading.load(report_id, by=by, at=NOW)
    except NotFound:
        return None
    return {
        "state": view.state,
        "student": {one.section.key: dict(one.student_content) for one in view.sections},
        "teacher": {one.section.key: one.teacher_text for one in view.sections},
        "overall": dict(view.overall),
        "remarks": [[one.quote, one.text] for one in view.remarks],
        "goals": [[one.description, one.success_criterion] for one in view.goals],
        "closing_word": view.closing_word,
    }


def dump(database, tables):
    """Return an SQLite database as SQL: its tables as they are, and its rows for any database.

    `tables` are names, in an order in which each row comes after those that it refers to.
    """
    lines = []
    with closing(sqlite3.connect(database)) as connection:
        schema = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%'"
        lines += [f"{sql};" for (sql,) in connection.execute(f"{schema} ORDER BY rowid")]
        for table in tables:
            columns = connection.execute(f'PRAGMA table_info("{table}")').fetchall()
            names = ", ".join(f'"{name}"' for _, name, *_ in columns)
            # PostgreSQL takes no number for a boolean; both know these words.
            values = " || ', ' || ".join(
                f"""CASE "{name}" WHEN 1 THEN 'true' WHEN 0 THEN 'false' END"""
                if kind == "BOOLEAN"
                else f'quote("{name}")'
                for _, name, kind, *_ in columns
            )
            rows = connection.execute(f'SELECT {values} FROM "{table}" ORDER BY rowid')
            lines += [f'INSERT INTO "{table}" ({names}) VALUES ({row});' for (row,) in rows]
    return "\n".join(lines) + "\n"


def make(folder):
    """Fill a database in this folder; return it as SQL, and what its people read in it."""
    app = create_app(isolated_settings(folder))
    with app.app_context():
        migrate.upgrade()
        cast = create_cast()
        fill_school(cast, blobs=blob_store(app.extensions["reflect"].evidence))
        contents = read_everything(cast)
        session().close()
        db.engine.dispose()
    tables = ["alembic_version", *(table.name for table in Base.metadata.sorted_tables)]
    return dump(folder / "reflect.sqlite3", tables), contents


def main():
    release_name = version("reflect-school")
    if (RELEASES / f"{release_name}.sql.gz").exists():
        raise SystemExit(f"{release_name} is kept already: the version in setup.cfg comes first")
    with tempfile.TemporaryDirectory() as folder, time_machine.travel(NOW, tick=False):
        sql, contents = make(Path(folder))
    for suffix, text in (("sql", sql), ("json", json.dumps(contents, ensure_ascii=False))):
        path = RELEASES / f"{release_name}.{suffix}.gz"
        path.write_bytes(gzip.compress(text.encode(), mtime=0))
        print(f"{path}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
