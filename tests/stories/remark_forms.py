"""Remarks on Noor's report, as several stories send them."""

from contextlib import contextmanager

from reflect.access import share
from reflect.access.share import Audience
from reflect.db.session import commit, session
from reflect.reports import annotations
from reflect.reports.report import Report
from tests.cast import NOW
from tests.conftest import TEXTS
from tests.stories.test_a_teacher_answers import fields

REMARK_KEY = "k" * 21 + "1"
REMARK_SECTION = annotations.section_name(REMARK_KEY)
MISTAKE_TEXT = TEXTS["fout"]["text"]


def remark_fields(quoted_words, text, *, section="fout", name=REMARK_SECTION):
    return {f"{name}--section": section, f"{name}--words": quoted_words, f"{name}--text": text}


def post_answer(teacher, path, *, status=200, follow=True, **words):
    return teacher.post(path, fields(teacher.page, **words), status=status, follow=follow)


def autosave_answer(teacher, path, number=1, **words):
    data = {"csrf_token": teacher.page.field("csrf_token"), **fields(teacher.page, **words)}
    return teacher.client.post(
        path, data={**data, "save_key": f"page.{number}"}, headers={"Accept": "application/json"}
    ).json  # fmt: skip


@contextmanager
def opened_to_teacher(report_id, *, app, cast):
    """Within it, Noor lets the teacher read her private section; after it no more."""
    opening = {
        "section": "gevoel",
        "audience": Audience.TEACHER,
        "by": cast.actor("noor"),
        "at": NOW,
    }
    with app.app_context():
        share.open_section(session().get(Report, report_id), **opening)
        commit()
    yield
    with app.app_context():
        share.close_section(session().get(Report, report_id), **opening)
        commit()
