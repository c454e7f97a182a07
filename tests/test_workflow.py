"""The workflow of a report: every action, in every state, by everybody, from the product page."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from reflect.access import history, permissions, report_loading
from reflect.db.engine import db
from reflect.db.session import commit, read_only, session
from reflect.errors import (
    AlreadyOpened,
    AnswerMissing,
    InvalidTransition,
    NotFound,
    QuestionMissing,
    ReasonMissing,
    UserError,
)
from reflect.reports import conflict_choice, revisions
from reflect.reports.conflict_choice import ConflictChoice
from reflect.reports.conflicts import Outcome
from reflect.reports.report import CLOSING, Report, Voice, start_report
from reflect.reports.workflow import Action, State
from tests.cast import NOW, TODAY
from tests.conftest import DATABASE_KINDS, NEWEST, STEPS_TO_STATE, report_in_state, save_texts

# Written from the product page's sentences, not from the code's table.
ALLOWED = {
    ("write",         "draft"):     "noor",
    ("write",         "returned"):  "noor",
    ("hand_in",       "draft"):     "noor",
    ("hand_in",       "returned"):  "noor",
    ("take_back",     "handed_in"): "noor",
    ("write_answer",  "handed_in"): "dewit",
    ("ask_on",        "handed_in"): "dewit",
    ("answer",        "handed_in"): "dewit",
    ("write_closing", "answered"):  "noor",
    ("close",         "answered"):  "noor",
    ("reopen",        "closed"):    "noor dewit",
}  # fmt: skip
# The one action whose stored word is not the name of its method.
METHODS = {"ask_on": "return_with_question"}
EVERYBODY = ("noor", "sam", "dewit", "bakker", "smit", "fatima", "winter", "brandt", "beheer")


@pytest.fixture(params=DATABASE_KINDS)
def database_kind(request):
    return request.param


@pytest.fixture
def own_draft(active_app, cast):
    """Noor's report, begun and empty."""
    return start_report(cast.round, course_id=cast.course, by=cast.actor("noor"), at=NOW)


def report_of_noor(cast, state):
    return report_in_state(cast, state, student="noor", course=cast.course, at=NOW)


def take(report, action, by):
    """Take an action, with whatever it needs; return whether it took effect."""
    if action in ("write", "write_closing", "write_answer"):
        section, field = (CLOSING, "word") if action == "write_closing" else ("begrijp", "text")
        texts = {section: {field: f"nieuw van {by.id}"}}
        saved = save_texts(report, Action(action), texts, by=by, at=NOW)
        return saved.outcomes[section] is Outcome.WRITTEN
    if action in ("ask_on", "answer") and report.state is State.HANDED_IN:
        take(report, "write_answer", by)
        question = {"overall": {"question": "Hoe dan?"}}
        save_texts(report, Action.WRITE_ANSWER, question, by=by, at=NOW)
    reason = {"reason": "omdat"} if action == "reopen" else {}
    getattr(report, METHODS.get(action, action))(by=by, at=NOW, **reason)
    return True


def write(report, text, by, *, base_version=NEWEST, save_key=None):
    """Save the student's text of one section; return the result."""
    texts = {"begrijp": {"text": text}}
    return save_texts(
        report, Action.WRITE, texts, by=by, at=NOW, base_version=base_version, save_key=save_key
    )


def current_text(report):
    latest = revisions.latest_revisions([report.id], voice=Voice.STUDENT)[report.id]
    return latest["begrijp"].content["text"]


@pytest.mark.parametrize("state", [state.value for state in State])
@pytest.mark.parametrize("action", [action.value for action in Action])
def test_every_action_in_every_state_by_everybody(active_app, cast, action, state):
    for name in EVERYBODY:
        report = report_of_noor(cast, state)
        assert report.state == state
        is_allowed = name in ALLOWED.get((action, state), "").split()
        can = report.can(Action(action), by=cast.actor(name))
        assert can is is_allowed, f"{name} may {action} when {state}"
        try:
            is_done = take(report, action, cast.actor(name))
        except UserError as error:
            is_done = not isinstance(error, NotFound | InvalidTransition)
        assert is_done is is_allowed, f"{name} could {action} when {state}"
        session().rollback()


@pytest.mark.parametrize("state", list(STEPS_TO_STATE))
def test_every_state_can_be_reached_and_its_steps_are_listed(active_app, cast, state):
    report = report_of_noor(cast, state)
    changes = history.state_changes(report.id, by=cast.actor("noor"), at=NOW)
    methods = [METHODS.get(change.action, change.action) for change in changes]
    assert methods == list(STEPS_TO_STATE[state])


def test_a_draft_is_never_refused_for_its_content(own_draft, cast):
    own_draft.hand_in(by=cast.actor("noor"), at=NOW)
    assert own_draft.state is State.HANDED_IN


def test_handing_in_can_be_taken_back_until_the_teacher_has_opened_it(active_app, cast):
    report = report_of_noor(cast, "handed_in")
    report.take_back(by=cast.actor("noor"), at=NOW)
    assert report.state is State.DRAFT
    assert report.teacher_sees_until_revision_id is None
    report.hand_in(by=cast.actor("noor"), at=NOW)
    report_loading.load(report.id, by=cast.actor("dewit"), at=NOW)
    session().refresh(report)
    with pytest.raises(AlreadyOpened):
        report.take_back(by=cast.actor("noor"), at=NOW)


def test_what_was_handed_in_while_the_teachers_page_was_fetched_is_opened_too(active_app, cast):
    report = report_of_noor(cast, "returned")
    commit()
    read_only()
    permissions.get_or_404(report.id, by=cast.actor("dewit"), at=NOW)
    with db.engine.begin() as other_connection:
        other_connection.exec_driver_sql(
            "update report set state = 'handed_in', opened_at = null,"
            " teacher_sees_until_revision_id ="
            " (select max(id) from revision where voice = 'student')"
        )
    report_loading.load(report.id, by=cast.actor("dewit"), at=NOW)
    assert session().scalar(sa.select(Report.opened_at)) is not None


def test_taking_back_a_second_hand_in_leaves_the_first_one_with_the_teacher(active_app, cast):
    report = report_of_noor(cast, "returned")
    first_id = report.teacher_sees_until_revision_id
    take(report, "write", cast.actor("noor"))
    report.hand_in(by=cast.actor("noor"), at=NOW)
    assert report.teacher_sees_until_revision_id > first_id
    report.take_back(by=cast.actor("noor"), at=NOW)
    assert report.state is State.RETURNED
    assert report.teacher_sees_until_revision_id == first_id


def test_a_teacher_cannot_release_an_empty_answer_or_return_without_a_question(active_app, cast):
    report = report_of_noor(cast, "handed_in")
    with pytest.raises(AnswerMissing):
        report.answer(by=cast.actor("dewit"), at=NOW)
    with pytest.raises(QuestionMissing):
        report.return_with_question(by=cast.actor("dewit"), at=NOW)
    assert report.state is State.HANDED_IN


def test_reopening_needs_a_reason_that_the_student_can_read(active_app, cast):
    report = report_of_noor(cast, "closed")
    with pytest.raises(ReasonMissing):
        report.reopen(by=cast.actor("dewit"), at=NOW, reason="  ")
    report.reopen(by=cast.actor("dewit"), at=NOW, reason="Er is een nieuwe opdracht.")
    changes = history.state_changes(report.id, by=cast.actor("noor"), at=NOW)
    assert changes[-1].reason == "Er is een nieuwe opdracht."


def test_reopening_leaves_what_mentor_and_home_already_read(active_app, cast):
    report = report_of_noor(cast, "reopened")
    texts = {"fout": {"text": "Dit is nog niet af."}}
    save_texts(report, Action.WRITE, texts, by=cast.actor("noor"), at=NOW)
    mentor_view = repr(report_loading.load(report.id, by=cast.actor("smit"), at=NOW))
    assert "Dit is nog niet af." not in mentor_view
    assert "Ik dacht dat" in mentor_view


def test_two_tabs_on_one_draft_keep_both_texts(own_draft, cast):
    student = cast.actor("noor")
    first = write(own_draft, "een", student, base_version=0)
    second = write(own_draft, "twee, uit het andere venster", student, base_version=0)
    assert first.outcomes["begrijp"] is Outcome.WRITTEN
    assert second.outcomes["begrijp"] is Outcome.CONFLICT
    versions = history.versions(own_draft.id, by=student, at=NOW)
    texts = [version.content["text"] for version in versions]
    assert sorted(texts) == ["een", "twee, uit het andere venster"]
    assert list(revisions.conflicts_of(own_draft, voice=Voice.STUDENT)) == ["begrijp"]


def test_a_conflict_stays_until_its_writer_chooses(own_draft, cast):
    student = cast.actor("noor")
    write(own_draft, "een", student, base_version=0)
    second = write(own_draft, "twee", student, base_version=0)
    third = write(own_draft, "een en meer", student, base_version=second.version)
    assert third.outcomes["begrijp"] is Outcome.WRITTEN
    (conflict,) = revisions.conflicts_of(own_draft, voice=Voice.STUDENT)["begrijp"]
    conflict_choice.settle_conflict(
        own_draft, conflict.id, choice=ConflictChoice.BOTH, by=student, at=NOW
    )
    assert not revisions.conflicts_of(own_draft, voice=Voice.STUDENT)
    assert current_text(own_draft) == "een en meer\n\ntwee"


def test_a_tab_that_changed_nothing_never_undoes_another(own_draft, cast):
    student = cast.actor("noor")
    known = write(own_draft, "een", student, base_version=0).version
    write(own_draft, "een en meer", student, base_version=known)
    unchanged = write(own_draft, "een", student, base_version=known)
    assert unchanged.outcomes["begrijp"] is Outcome.SAME
    assert current_text(own_draft) == "een en meer"


def test_the_same_save_sent_twice_is_kept_once(own_draft, cast):
    student = cast.actor("noor")
    for _ in range(2):
        write(own_draft, "een", student, base_version=0, save_key="k")
    assert len(history.versions(own_draft.id, by=student, at=NOW)) == 1


def test_texts_that_arrive_after_the_hand_in_are_kept_and_not_shown_to_the_teacher(
    active_app, cast
):
    report = report_of_noor(cast, "handed_in")
    assert take(report, "write", cast.actor("noor")) is False
    versions = history.versions(report.id, by=cast.actor("noor"), at=NOW)
    assert any(version.is_conflict for version in versions)
    assert "nieuw van" not in repr(report_loading.load(report.id, by=cast.actor("dewit"), at=NOW))


def test_a_text_that_is_too_long_is_not_cut_off_and_the_others_are_kept(own_draft, cast):
    texts = {"begrijp": {"text": "a" * 20_001}, "fout": {"text": "kort"}}
    saved = save_texts(own_draft, Action.WRITE, texts, by=cast.actor("noor"), at=NOW)
    assert saved.too_long == ["begrijp"]
    assert saved.outcomes["fout"] is Outcome.WRITTEN


def test_starting_twice_gives_the_same_report(own_draft, cast):
    again = start_report(cast.round, course_id=cast.course, by=cast.actor("noor"), at=NOW)
    assert again.id == own_draft.id


def test_a_report_is_only_started_in_a_course_of_ones_own(active_app, cast):
    with pytest.raises(NotFound):
        start_report(cast.round, course_id=cast.course, by=cast.actor("fatima"), at=NOW)


def test_a_teacher_finds_a_report_only_as_long_as_they_teach_the_course(active_app, cast):
    report = report_of_noor(cast, "handed_in")
    before_teaching = cast.actor("dewit", TODAY - timedelta(days=400))
    with pytest.raises(NotFound):
        permissions.get_or_404(report.id, by=before_teaching, at=NOW)
    found = permissions.get_or_404(report.id, by=cast.actor("dewit"), at=NOW)
    assert found.id == report.id
