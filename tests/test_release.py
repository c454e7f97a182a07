"""A planned answer: given once, at its moment, by its teacher's own right; taken back until then; never half."""

import threading
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from reflect.refusal import NotFound
from reflect.report import release, writing
from reflect.report.life import State, Verb
from reflect.report.release import UNDO, Release, Why
from reflect.report.report import OVERALL, Report, StepTaken, Voice
from reflect.report.writing import Asked
from reflect.school.ties import Teaching
from reflect.store import keep, session
from tests.cast import NOW, TODAY
from tests.conftest import ANSWER, live

FRIDAY = NOW + timedelta(days=3)
ON_FRIDAY = TODAY + timedelta(days=3)


@pytest.fixture
def house(app):
    with app.app_context():
        yield
        session().rollback()


@pytest.fixture
def written(house, cast):
    """Noor's and Sam's reports, handed in, with an answer that is written and not given."""
    ids = []
    for name in ("noor", "sam"):
        report = live(cast, "handed_in", student=name, course=cast.course, at=NOW)
        answer(report, ANSWER, cast)
        ids.append(report.id)
    keep()
    return ids


def answer(report, words, cast, *, at=NOW):
    writing.save(report, words, verb=Verb.WRITE_ANSWER, version=2**62, key=None, by=cast.me("dewit"), at=at)


def plan(ids, cast, *, verb=Verb.ANSWER, due_at=FRIDAY, by="dewit", at=NOW):
    made = release.plan(ids, verb=verb, due_at=due_at, by=cast.me(by), at=at)
    keep()
    return made


def states(ids):
    return [session().get(Report, id, populate_existing=True).state for id in ids]


def steps(ids):
    found = sa.select(StepTaken.report_id).where(StepTaken.report_id.in_(ids), StepTaken.verb == Verb.ANSWER)
    return sorted(session().scalars(found))


def test_everybody_gets_the_answer_at_the_planned_moment_and_nobody_before(written, cast):
    made = plan(written, cast)
    assert made.reports == tuple(written)
    assert not made.refused
    assert release.take_due(on=ON_FRIDAY, at=FRIDAY - timedelta(seconds=1)) == 0
    assert states(written) == [State.HANDED_IN] * 2
    assert [one.due_at for one in release.planned(cast.course, by=cast.me("dewit"), at=NOW)] == [FRIDAY] * 2
    assert release.take_due(on=ON_FRIDAY, at=FRIDAY) == 2
    assert states(written) == [State.ANSWERED] * 2
    assert release.take_due(on=ON_FRIDAY, at=FRIDAY) == 0, "once"
    assert steps(written) == sorted(written)
    assert not release.planned(cast.course, by=cast.me("dewit"), at=FRIDAY)
    assert not release.lapsed(cast.course, by=cast.me("dewit"), at=FRIDAY)
    taken = session().scalars(sa.select(StepTaken).where(StepTaken.verb == Verb.ANSWER)).first()
    assert (taken.by_id, taken.at) == (cast.people["dewit"], FRIDAY)


def test_a_pause_of_the_worker_only_makes_it_later(written, cast):
    plan(written, cast)
    assert release.take_due(on=date(2026, 12, 1), at=FRIDAY + timedelta(days=4)) == 2


def test_a_question_back_can_be_planned_too(written, cast):
    plan(written[:1], cast, verb=Verb.ASK_ON)
    release.take_due(on=ON_FRIDAY, at=FRIDAY)
    assert states(written) == [State.RETURNED, State.HANDED_IN]


def test_what_is_changed_meanwhile_goes_along(written, cast):
    plan(written, cast)
    report = session().get(Report, written[0])
    answer(report, {OVERALL: {"seen": "Beter gezegd."}}, cast)
    keep()
    release.take_due(on=ON_FRIDAY, at=FRIDAY)
    given = writing.latest_of({Asked(Voice.TEACHER, Report.given_upto): written[:1]})[written[0], Voice.TEACHER]
    assert given[OVERALL].content == {"seen": "Beter gezegd."}


@pytest.mark.parametrize(
    ("verb", "state", "why"),
    [(Verb.ANSWER, "handed_in", Why.NO_ANSWER), (Verb.ASK_ON, "handed_in", Why.NO_QUESTION),
     (Verb.ANSWER, "draft", Why.MOVED_ON), (Verb.ANSWER, "answered", Why.MOVED_ON)],
)  # fmt: skip
def test_what_could_not_be_given_now_is_not_planned_and_says_why(house, cast, verb, state, why):
    report = live(cast, state, student="noor", course=cast.course, at=NOW)
    made = plan([report.id], cast, verb=verb)
    assert (made.batch, made.reports, made.refused) == (None, (), {report.id: why})


def test_only_a_teacher_of_the_course_plans_sees_and_takes_back(written, cast):
    for name in ("bakker", "smit", "noor", "brandt", "beheer"):
        assert plan(written, cast, by=name).refused == dict.fromkeys(written, Why.NOT_YOURS)
    assert plan([999_999], cast).refused == {999_999: Why.NOT_YOURS}
    batch = plan(written, cast).batch
    for name in ("bakker", "smit", "noor", "brandt", "beheer"):
        assert not release.planned(cast.course, by=cast.me(name), at=NOW)
        with pytest.raises(NotFound):
            release.revoke(batch, by=cast.me(name), at=NOW)
    with pytest.raises(NotFound):
        release.plan(written, verb=Verb.REOPEN, due_at=FRIDAY, by=cast.me("dewit"), at=NOW)


def test_a_report_is_planned_once_and_the_rest_of_the_class_goes_on(written, cast):
    plan(written[:1], cast)
    again = plan(written, cast)
    assert (again.reports, again.refused) == ((written[1],), {written[0]: Why.PLANNED})


def test_taken_back_it_is_not_given_and_can_be_planned_anew(written, cast):
    me, batch = cast.me("dewit"), plan(written, cast).batch
    one = release.planned(cast.course, by=me, at=NOW)[0]
    assert release.revoke_one(one.id, by=me, at=NOW) == [one.report]
    assert release.revoke(batch, by=me, at=NOW) == [id for id in written if id != one.report]
    assert release.revoke(batch, by=me, at=NOW) == [], "twice is once"
    keep()
    assert release.take_due(on=ON_FRIDAY, at=FRIDAY) == 0
    assert states(written) == [State.HANDED_IN] * 2
    assert plan(written, cast).reports == tuple(written)


def test_now_means_in_ten_minutes_so_that_it_can_be_undone(written, cast):
    batch = plan(written, cast, due_at=NOW + UNDO).batch
    assert release.take_due(on=TODAY, at=NOW + timedelta(minutes=9)) == 0
    assert release.revoke(batch, by=cast.me("dewit"), at=NOW + timedelta(minutes=9)) == written
    plan(written, cast, due_at=NOW + UNDO)
    assert release.take_due(on=TODAY, at=NOW + timedelta(minutes=10)) == 2


def lapsed(cast, *, by="dewit", at=FRIDAY):
    return {one.report: one.why for one in release.lapsed(cast.course, by=cast.me(by, ON_FRIDAY), at=at)}


def test_it_lapses_with_a_reason_when_the_report_moved_on(written, cast):
    plan(written, cast)
    session().get(Report, written[0]).answer(by=cast.me("dewit"), at=NOW)
    keep()
    assert release.take_due(on=ON_FRIDAY, at=FRIDAY) == 1
    assert lapsed(cast) == {written[0]: Why.MOVED_ON}
    assert steps(written) == sorted(written), "given once, by hand or by plan"
    assert not lapsed(cast, at=FRIDAY + timedelta(days=15)), "an old reason is no news"


def test_it_lapses_when_its_teacher_teaches_the_course_no_more(written, cast):
    plan(written, cast)
    session().execute(sa.update(Teaching).where(Teaching.person_id == cast.people["dewit"]).values(ends_on=ON_FRIDAY))
    session().add(Teaching(person_id=cast.people["bakker"], course_id=cast.course, begins_on=TODAY))
    keep()
    assert release.take_due(on=ON_FRIDAY, at=FRIDAY) == 0
    assert states(written) == [State.HANDED_IN] * 2
    assert lapsed(cast, by="bakker") == dict.fromkeys(written, Why.NOT_YOURS), "the next teacher sees it"


def test_every_reason_has_its_sentence():
    assert set(release.SENTENCES) == set(Why)


def test_two_at_once_have_one_effect(app, written, cast):
    """Two workers and two colleagues who take back, all in the same moment, twenty times: each report ends once."""
    for number in range(20):
        batch = plan(written, cast).batch
        began = threading.Barrier(4)

        def act(what, began=began):
            with app.app_context():
                began.wait()
                what()
                keep()

        def take():
            release.take_due(on=ON_FRIDAY, at=FRIDAY)

        def back(batch=batch):
            release.revoke(batch, by=cast.me("dewit"), at=NOW)

        threads = [threading.Thread(target=act, args=(what,)) for what in (take, back, take, back)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        session().rollback()
        rows = session().scalars(sa.select(Release).where(Release.batch == batch)).all()
        for row in rows:
            ends = (row.done_at, row.revoked_at, row.lapsed_at)
            assert sum(end is not None for end in ends) == 1
            assert (states([row.report_id]) == [State.ANSWERED]) is (row.done_at is not None)
        given = [row.report_id for row in rows if row.done_at]
        assert [id for id in steps(written) if id in given] == sorted(given)
        session().execute(sa.delete(StepTaken).where(StepTaken.verb == Verb.ANSWER))
        session().execute(sa.update(Report).values(state=State.HANDED_IN, answered_upto=None, given_upto=None))
        keep()
        assert number < 20
