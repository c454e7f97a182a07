"""The life of a report: every step, in every state, by everybody, from the product page's sentences."""

import sqlite3
from datetime import timedelta

import pytest
import sqlalchemy as sa

from reflect.refusal import AlreadyOpened, AnswerMissing, NotFound, NotNow, QuestionMissing, ReasonMissing, Refusal
from reflect.report import choosing, writing
from reflect.report import report as reports
from reflect.report.arrival import Outcome
from reflect.report.choosing import Choice
from reflect.report.life import State, Verb
from reflect.report.report import CLOSING, Report, Voice
from reflect.school.people import Me
from reflect.store import keep, only_read, session
from reflect.trust import history, read, sight
from tests.cast import NOW, TODAY
from tests.conftest import STORIES, live

STATES = {"draft": State.DRAFT, "handed_in": State.HANDED_IN, "returned": State.RETURNED, "answered": State.ANSWERED,
          "closed": State.CLOSED}  # fmt: skip
# Written from the product page's sentences, not from the code's table.
ALLOWED = {
    ("write", "draft"): "noor", ("write", "returned"): "noor",
    ("hand_in", "draft"): "noor", ("hand_in", "returned"): "noor",
    ("take_back", "handed_in"): "noor",
    ("write_answer", "handed_in"): "dewit", ("ask_on", "handed_in"): "dewit", ("answer", "handed_in"): "dewit",
    ("write_closing", "answered"): "noor", ("close", "answered"): "noor",
    ("reopen", "closed"): "noor dewit",
}  # fmt: skip
EVERYBODY = ("noor", "sam", "dewit", "bakker", "smit", "fatima", "winter", "brandt", "beheer")


@pytest.fixture
def house(app):
    with app.app_context():
        yield app
        session().rollback()


def take(report, verb, by):
    if verb in ("write", "write_closing", "write_answer"):
        section = CLOSING if verb == "write_closing" else "begrijp"
        words = {section: {"word" if section == CLOSING else "text": f"nieuw van {by.id}"}}
        saved = writing.save(report, words, verb=Verb(verb), version=2**62, key=None, by=by, at=NOW)
        return saved.outcomes[section] is Outcome.WRITTEN
    if verb in ("ask_on", "answer") and report.state is State.HANDED_IN:
        take(report, "write_answer", by)
        words = {"overall": {"question": "Hoe dan?"}}
        writing.save(report, words, verb=Verb.WRITE_ANSWER, version=2**62, key=None, by=by, at=NOW)
    getattr(report, verb)(by=by, at=NOW, **({"reason": "omdat"} if verb == "reopen" else {}))
    return True


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("verb", [verb.value for verb in Verb])
def test_every_step_in_every_state_by_everybody(house, cast, verb, state):
    for name in EVERYBODY:
        report = live(cast, state, student="noor", course=cast.course, at=NOW)
        assert report.state is STATES[state]
        allowed = name in ALLOWED.get((verb, state), "").split()
        assert report.may(Verb(verb), by=cast.me(name)) is allowed, f"{name} may {verb} when {state}"
        try:
            done = take(report, verb, cast.me(name))
        except Refusal as no:
            done = not isinstance(no, NotFound | NotNow)
        assert done is allowed, f"{name} could {verb} when {state}"
        session().rollback()


@pytest.mark.parametrize("state", list(STORIES))
def test_every_state_can_be_reached_and_its_steps_are_told(house, cast, state):
    report = live(cast, state, student="noor", course=cast.course, at=NOW)
    told = [step.verb.value for step in history.steps(report.id, by=cast.me("noor"), at=NOW)]
    assert told == list(STORIES[state])


def test_a_draft_is_never_refused_for_its_content(house, cast):
    report = reports.begin(cast.round, course_id=cast.course, by=cast.me("noor"), at=NOW)
    report.hand_in(by=cast.me("noor"), at=NOW)
    assert report.state is State.HANDED_IN


def test_handing_in_can_be_taken_back_until_the_teacher_has_opened_it(house, cast):
    report = live(cast, "handed_in", student="noor", course=cast.course, at=NOW)
    report.take_back(by=cast.me("noor"), at=NOW)
    assert report.state is State.DRAFT
    assert report.handed_in_upto is None
    report.hand_in(by=cast.me("noor"), at=NOW)
    read.read(report.id, by=cast.me("dewit"), at=NOW)
    session().refresh(report)
    with pytest.raises(AlreadyOpened):
        report.take_back(by=cast.me("noor"), at=NOW)


def test_what_was_handed_in_while_the_teachers_page_was_fetched_is_opened_too(house, cast, tmp_path):
    report = live(cast, "returned", student="noor", course=cast.course, at=NOW)
    keep()
    only_read()
    sight.find(report.id, by=cast.me("dewit"), at=NOW)
    with sqlite3.connect(tmp_path / "reflect.sqlite3") as beside:
        beside.execute("update report set state = 'handed_in', opened_at = null, handed_in_upto = "
                       "(select max(id) from revision where voice = 'student')")  # fmt: skip
    read.read(report.id, by=cast.me("dewit"), at=NOW)
    assert session().scalar(sa.select(Report.opened_at)) is not None


def test_taking_back_a_second_hand_in_leaves_the_first_one_with_the_teacher(house, cast):
    report = live(cast, "returned", student="noor", course=cast.course, at=NOW)
    first = report.handed_in_upto
    take(report, "write", cast.me("noor"))
    report.hand_in(by=cast.me("noor"), at=NOW)
    assert report.handed_in_upto > first
    report.take_back(by=cast.me("noor"), at=NOW)
    assert (report.state, report.handed_in_upto) == (State.RETURNED, first)


def test_a_teacher_cannot_give_an_empty_answer_or_ask_on_without_a_question(house, cast):
    report = live(cast, "handed_in", student="noor", course=cast.course, at=NOW)
    with pytest.raises(AnswerMissing):
        report.answer(by=cast.me("dewit"), at=NOW)
    with pytest.raises(QuestionMissing):
        report.ask_on(by=cast.me("dewit"), at=NOW)
    assert report.state is State.HANDED_IN


def test_reopening_needs_a_reason_that_the_student_can_read(house, cast):
    report = live(cast, "closed", student="noor", course=cast.course, at=NOW)
    with pytest.raises(ReasonMissing):
        report.reopen(by=cast.me("dewit"), at=NOW, reason="  ")
    report.reopen(by=cast.me("dewit"), at=NOW, reason="Er is een nieuwe opdracht.")
    steps = history.steps(report.id, by=cast.me("noor"), at=NOW)
    assert steps[-1].reason == "Er is een nieuwe opdracht."


def test_reopening_leaves_what_mentor_and_home_already_read(house, cast):
    report = live(cast, "reopened", student="noor", course=cast.course, at=NOW)
    words = {"fout": {"text": "Dit is nog niet af."}}
    writing.save(report, words, verb=Verb.WRITE, version=2**62, key=None, by=cast.me("noor"), at=NOW)
    at_mentor = read.read(report.id, by=cast.me("smit"), at=NOW)
    assert "Dit is nog niet af." not in repr(at_mentor)
    assert "Ik dacht dat" in repr(at_mentor)


def test_two_tabs_on_one_draft_keep_both_texts(house, cast):
    me = cast.me("noor")
    report = reports.begin(cast.round, course_id=cast.course, by=me, at=NOW)

    def tab(text, version):
        return writing.save(
            report, {"begrijp": {"text": text}}, verb=Verb.WRITE, version=version, key=None, by=me, at=NOW
        )

    first = tab("een", 0)
    second = tab("twee, uit het andere venster", 0)
    assert (first.outcomes["begrijp"], second.outcomes["begrijp"]) == (Outcome.WRITTEN, Outcome.ASIDE)
    texts = [version.content["text"] for version in history.versions(report.id, by=me, at=NOW)]
    assert sorted(texts) == ["een", "twee, uit het andere venster"]
    assert list(writing.put_aside(report, voice=Voice.STUDENT)) == ["begrijp"]
    assert tab("een en twee", second.version).outcomes["begrijp"] is Outcome.WRITTEN
    (waiting,) = writing.put_aside(report, voice=Voice.STUDENT)["begrijp"]
    choosing.settle(report, waiting.id, choice=Choice.BOTH, by=me, at=NOW)
    assert not writing.put_aside(report, voice=Voice.STUDENT), "only a choice settles it"
    newest = writing.latest([report.id], voice=Voice.STUDENT)[report.id]["begrijp"]
    assert newest.content["text"] == "een en twee\n\ntwee, uit het andere venster"


def test_a_tab_that_changed_nothing_never_undoes_another(house, cast):
    me = cast.me("noor")
    report = reports.begin(cast.round, course_id=cast.course, by=me, at=NOW)
    write = lambda text, version: writing.save(  # noqa: E731 - shorter than a nested function, and read once
        report, {"begrijp": {"text": text}}, verb=Verb.WRITE, version=version, key=None, by=me, at=NOW
    )
    known = write("een", 0).version
    write("een en meer", known)
    assert write("een", known).outcomes["begrijp"] is Outcome.SAME
    newest = writing.latest([report.id], voice=Voice.STUDENT)[report.id]["begrijp"]
    assert newest.content["text"] == "een en meer"


def test_the_same_save_sent_twice_is_kept_once(house, cast):
    me = cast.me("noor")
    report = reports.begin(cast.round, course_id=cast.course, by=me, at=NOW)
    for text in ("een", "een"):
        writing.save(report, {"begrijp": {"text": text}}, verb=Verb.WRITE, version=0, key="k", by=me, at=NOW)
    assert len(history.versions(report.id, by=me, at=NOW)) == 1


def test_words_that_arrive_after_the_hand_in_are_put_aside_not_lost(house, cast):
    report = live(cast, "handed_in", student="noor", course=cast.course, at=NOW)
    assert take(report, "write", cast.me("noor")) is False
    assert any(version.aside for version in history.versions(report.id, by=cast.me("noor"), at=NOW))
    assert "nieuw van" not in repr(read.read(report.id, by=cast.me("dewit"), at=NOW))


def test_a_text_that_is_too_long_is_not_cut_off_and_the_others_are_kept(house, cast):
    me = cast.me("noor")
    report = reports.begin(cast.round, course_id=cast.course, by=me, at=NOW)
    words = {"begrijp": {"text": "a" * 20_001}, "fout": {"text": "kort"}}
    saved = writing.save(report, words, verb=Verb.WRITE, version=0, key=None, by=me, at=NOW)
    assert saved.too_long == ["begrijp"]
    assert saved.outcomes["fout"] is Outcome.WRITTEN


def test_beginning_twice_gives_the_same_report_and_not_mine_is_not_there(house, cast):
    begin = lambda name: reports.begin(cast.round, course_id=cast.course, by=cast.me(name), at=NOW)  # noqa: E731 - as above
    assert begin("noor").id == begin("noor").id
    with pytest.raises(NotFound):
        begin("fatima")


def test_a_teacher_who_left_the_course_finds_nothing_any_more(house, cast):
    report = live(cast, "handed_in", student="noor", course=cast.course, at=NOW)
    before_the_tie = Me(id=cast.people["dewit"], name="", first="", on=TODAY - timedelta(days=400))
    with pytest.raises(NotFound):
        sight.find(report.id, by=before_the_tie, at=NOW)
    assert isinstance(sight.find(report.id, by=cast.me("dewit"), at=NOW), Report)
