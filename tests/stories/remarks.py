"""Remarks on Noor's report, as several stories send them."""

from reflect.report import remark
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
