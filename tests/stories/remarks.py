"""Remarks on Noor's report, as several stories send them."""

from contextlib import contextmanager

from reflect.report import remark
from reflect.report.report import Report
from reflect.store import keep, session
from reflect.trust import share
from reflect.trust.share import Audience
from tests.cast import NOW
from tests.conftest import TEXTS
from tests.stories.test_a_teacher_answers import fields

KEY = "k" * 21 + "1"
NAME = remark.section_of(KEY)
FAULT = TEXTS["fout"]["text"]


def about(words, text, *, section="fout", name=NAME):
    return {f"{name}--section": section, f"{name}--words": words, f"{name}--text": text}


def send(teacher, path, *, status=200, follow=True, **words):
    return teacher.post(path, fields(teacher.page, **words), status=status, follow=follow)


def autosave(teacher, path, number=1, **words):
    data = {"csrf_token": teacher.page.field("csrf_token"), **fields(teacher.page, **words)}
    return teacher.client.post(
        path, data={**data, "save_key": f"page.{number}"}, headers={"Accept": "application/json"}
    ).json  # fmt: skip


@contextmanager
def opened_to_the_teacher(number, *, app, cast):
    """Within it, Noor lets the teacher read her private section; after it no more."""
    opening = {"section": "gevoel", "audience": Audience.TEACHER, "by": cast.me("noor"), "at": NOW}
    with app.app_context():
        share.open_section(session().get(Report, number), **opening)
        keep()
    yield
    with app.app_context():
        share.close_section(session().get(Report, number), **opening)
        keep()
