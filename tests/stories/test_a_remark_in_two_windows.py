"""A remark that is written in two windows, or sent twice: both texts are kept."""

import re

import sqlalchemy as sa

from reflect.db.session import session
from reflect.reports.report import Revision, Voice
from tests.stories.remark_forms import (
    REMARK_KEY,
    REMARK_SECTION,
    opened_to_teacher,
    post_answer,
    remark_fields,
)
from tests.stories.test_a_teacher_answers import fields


def test_the_same_save_twice_keeps_one_remark(answer_desk, app):
    number, teacher, path = answer_desk()
    data = {
        "csrf_token": teacher.page.field("csrf_token"),
        **fields(teacher.page, **remark_fields("gelijk", "Een keer.")),
    }
    for _ in range(2):
        teacher.client.post(
            path, data={**data, "save_key": "page.1"}, headers={"Accept": "application/json"}
        )
    with app.app_context():
        kept = (
            session()
            .scalars(
                sa.select(Revision).where(
                    Revision.report_id == number, Revision.section == REMARK_SECTION
                )
            )
            .all()
        )
        assert len(kept) == 1
        assert kept[0].voice is Voice.TEACHER


def test_two_windows_keep_both_texts_of_a_remark_and_the_teacher_chooses(answer_desk):
    _, teacher, path = answer_desk()
    post_answer(teacher, path, **remark_fields("gelijk is aan", "Het begin."))
    first = teacher.get(path)
    teacher.post(path, fields(first, **{f"{REMARK_SECTION}--text": "Van het ene scherm."}))
    teacher.post(
        path,
        {
            **fields(first, **{f"{REMARK_SECTION}--text": "Van het andere scherm."}),
            "save_key": "anders",
        },
    )
    assert "Van het ene scherm." in teacher.page.html
    assert "Van het andere scherm." in teacher.page.html
    assert 'name="choice"' in teacher.page.html


def test_what_another_window_wrote_in_a_remark_that_was_taken_away_can_be_chosen(answer_desk):
    _, teacher, path = answer_desk()
    post_answer(teacher, path, **remark_fields("gelijk is aan", "Het begin."))
    first = teacher.get(path)
    teacher.post(
        path,
        fields(first, **{f"{REMARK_SECTION}--text": "Het begin.", f"{REMARK_SECTION}--away": "1"}),
    )
    page = teacher.post(
        path,
        {**fields(first, **{f"{REMARK_SECTION}--text": "Nog een gedachte."}), "save_key": "anders"},
    )
    assert "Nog een gedachte." in page.words
    assert "gelijk is aan" in page.words
    other = re.search(r'form="choose-(\d+)"', page.html)[1]
    teacher.post(path.replace("beantwoorden", "kiezen"), {"choice": "other", "other": other})
    assert f'<mark id="passage-{REMARK_KEY}">gelijk is aan</mark>' in teacher.get(path).html


def test_what_another_window_wrote_in_a_remark_without_a_place_can_be_chosen(answer_desk):
    _, teacher, path = answer_desk()
    post_answer(teacher, path, status=422, **remark_fields("staat er niet", "Het begin."))
    first = teacher.get(path)
    post_answer(teacher, path, status=422, **remark_fields("staat er niet", "Van het ene scherm."))
    submitted = {
        **remark_fields("staat er niet", "Van het andere scherm."),
        "version": first.field("version"),
        "save_key": "anders",
    }
    page = post_answer(teacher, path, status=422, **submitted)
    page = teacher.get(path)
    assert 'name="choice"' in page.html
    assert "Van het ene scherm." in page.html
    assert "Van het andere scherm." in page.html


def test_no_other_window_shows_a_remark_on_what_was_closed_meanwhile(answer_desk, app, cast):
    number, teacher, path = answer_desk()
    with opened_to_teacher(number, app=app, cast=cast):
        post_answer(
            teacher, path, **remark_fields("ik was zenuwachtig", "Eerst dit.", section="gevoel")
        )
        first = teacher.get(path)
        teacher.post(path, fields(first, **{f"{REMARK_SECTION}--text": "Van het ene scherm."}))
        teacher.post(
            path,
            {
                **fields(first, **{f"{REMARK_SECTION}--text": "Van het andere scherm."}),
                "save_key": "anders",
            },
        )
    html = teacher.get(path).html
    assert "zenuwachtig" not in html
    assert "Van het andere scherm." not in html
