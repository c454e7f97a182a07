"""One of each thing that an address can name, for tests/test_every_route.py."""

import io
from datetime import timedelta

import sqlalchemy as sa
from PIL import Image

from reflect.access import share
from reflect.db.session import session
from reflect.jobs import export_jobs, print_jobs, print_steps
from reflect.jobs.export_jobs import ExportJob
from reflect.jobs.job import Stage
from reflect.jobs.print_jobs import MemberStatus, OutputFormat, PrintJob, PrintMember
from reflect.media.limits import DEFAULT_MEDIA_LIMITS
from reflect.peer_review import reviews
from reflect.reports import evidence, release, revisions, snippets
from reflect.reports.report import Voice, start_report
from reflect.reports.workflow import Action
from reflect.school import sessions, ties
from reflect.school.people import Person
from reflect.school.sessions import Browser, UserSession
from tests.cast import NOW, YEAR_BEGINS_ON, add_row
from tests.conftest import ANSWER, TEXTS, report_in_state, save_texts, take_steps

LAST_NIGHT = NOW - timedelta(hours=9)
FRIDAY = NOW + timedelta(days=3)


def make_one_of_each(cast, state, *, blobs):
    """Make them, with Noor's report in this state, and return their ids by the name in a row."""
    ids = {
        "noor": cast.people["noor"],
        "group": cast.group,
        "course": cast.course,
        "round": cast.round,
    }
    ids |= _report_of_noor(cast, state, blobs=blobs)
    ids |= _planned_answer_to_sam(cast)
    ids |= {"review": _review_by_dewit(cast), "phrase": _phrase_of_bakker(cast)}
    ids |= _print_jobs_of_smit(cast, blobs=blobs)
    ids |= {"export": _export_of_noor(cast, blobs=blobs)}
    ids |= {"session": _session_of_noor(cast)}
    return ids


def _report_of_noor(cast, state, *, blobs):
    """Noor's report has a photo and a conflict, and is shared with her mother and by a link."""
    noor = cast.actor("noor")
    report = start_report(cast.round, course_id=cast.course, by=noor, at=LAST_NIGHT)
    save_texts(report, Action.WRITE, TEXTS, by=noor, at=LAST_NIGHT)
    photo = _add_photo(report, blobs=blobs, by=noor)
    caption = {f"caption.{photo.key}": "Mijn getallenlijn"}
    in_section = {"text": "Kijk naar de foto.", "evidence": photo.key, **caption}
    save_texts(report, Action.WRITE, {"fout": in_section}, by=noor, at=LAST_NIGHT)
    # Two devices that did not know of each other's text, nor of the one before it.
    for device in ("laptop", "phone"):
        save_texts(
            report,
            Action.WRITE,
            {"begrijp": {"text": f"Geschreven op de {device}."}},
            by=noor,
            at=LAST_NIGHT,
            base_version=0,
            save_key=f"{device}.1",
        )
    conflict = revisions.conflicts_of(report, voice=Voice.STUDENT)["begrijp"][0]
    first_revision = revisions.latest_revisions([report.id], voice=Voice.STUDENT)[report.id]["stap"]
    dates = {"begins_at": LAST_NIGHT, "ends_at": None, "by": noor, "at": LAST_NIGHT}
    share.share_with(report, person_id=cast.people["fatima"], **dates)
    token = share.share_by_link(report, label="Oma", **dates)
    take_steps(report, cast, state, student="noor", at=NOW)
    if state == "handed_in":  # the answer is written and can be released
        save_texts(report, Action.WRITE_ANSWER, ANSWER, by=cast.actor("dewit"), at=NOW)
    return {
        "report": report.id,
        "upload": photo.upload_key,
        "evidence": photo.key,
        "conflict": conflict.id,
        "revision": first_revision.id,
        "share": share.shares_of(report, by=noor)[0].id,
        "token": token,
    }


def _add_photo(report, *, blobs, by):
    content = io.BytesIO()
    Image.new("RGB", (64, 48), "#96698a").save(content, "JPEG")
    return evidence.add_evidence(
        report,
        content.getvalue(),
        upload_key="photo",
        limits=DEFAULT_MEDIA_LIMITS,
        quota_mb=500,
        blob_store=blobs,
        by=by,
        at=LAST_NIGHT,
    )


def _planned_answer_to_sam(cast):
    teacher = cast.actor("dewit")
    report = report_in_state(cast, "handed_in", student="sam", course=cast.course, at=NOW)
    save_texts(report, Action.WRITE_ANSWER, ANSWER, by=teacher, at=NOW)
    plan = release.plan([report.id], action=Action.ANSWER, due_at=FRIDAY, by=teacher, at=NOW)
    (planned,) = release.planned(cast.course, by=teacher)
    return {"batch": plan.batch, "release": planned.id}


def _review_by_dewit(cast):
    """De Wit gives Bakker's course too, in which he asks about his answer to Sam."""
    for tie, name in ((ties.Enrolment, "sam"), (ties.Teaching, "dewit")):
        person_id = cast.people[name]
        add_row(tie(person_id=person_id, course_id=cast.other_course, begins_on=YEAR_BEGINS_ON))
    teacher = cast.actor("bakker")
    report = report_in_state(cast, "handed_in", student="sam", course=cast.other_course, at=NOW)
    save_texts(report, Action.WRITE_ANSWER, ANSWER, by=teacher, at=NOW)
    request = reviews.request_review(report, cast.people["dewit"], note="", by=teacher, at=NOW)
    return request.id


def _phrase_of_bakker(cast):
    phrase = snippets.add_snippet("Goed gezien.", subject_id=None, by=cast.actor("bakker"), at=NOW)
    return phrase.id


def _print_jobs_of_smit(cast, *, blobs):
    """One job is ready, with its file; the other still waits."""
    keys = {
        output_format: print_jobs.request_print(
            cast.group,
            round_id=cast.round,
            statuses={cast.people["noor"]: MemberStatus.WAITING},
            output_format=output_format,
            by=cast.actor("smit"),
            at=NOW,
        )
        for output_format in (OutputFormat.ZIP, OutputFormat.SHEETS)
    }
    ready_key, waiting_key = keys.values()
    ready_job = sa.select(PrintJob.id).where(PrintJob.key == ready_key).scalar_subquery()
    member = session().scalars(sa.select(PrintMember).where(PrintMember.job_id == ready_job)).one()
    member.status = MemberStatus.PRINTED
    PrintJob.set_stage(ready_key, Stage.READY, at=NOW)
    blobs.put(print_steps.blob_name(ready_key, OutputFormat.ZIP), b"a zip")
    return {"print": ready_key, "waiting_print": waiting_key}


def _export_of_noor(cast, *, blobs):
    key = export_jobs.request_export(by=cast.actor("noor"), at=NOW)
    ExportJob.set_stage(key, Stage.READY, at=NOW)
    blobs.put(f"take.{key}.zip", b"a zip")
    return key


def _session_of_noor(cast):
    """Noor is signed in on another device too."""
    noor = session().get(Person, cast.people["noor"])
    sessions.begin_session(noor, browser=Browser("Firefox", "Windows"), at=NOW)
    return session().scalars(sa.select(UserSession.id).filter_by(person_id=noor.id)).one()
