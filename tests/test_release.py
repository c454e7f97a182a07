"""A planned answer: released once, at its moment, by its teacher's right; until then revocable."""

import threading
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from reflect.db.session import commit, session
from reflect.errors import NotFound
from reflect.reports import release, revisions
from reflect.reports.release import MIN_RELEASE_DELAY, Release, ReleaseRefusal
from reflect.reports.report import OVERALL, Report, StateChange, Voice
from reflect.reports.revisions import RevisionQuery
from reflect.reports.workflow import Action, State
from reflect.school.ties import Teaching
from tests.cast import NOW, TODAY
from tests.conftest import ANSWER, report_in_state, save_texts

FRIDAY = NOW + timedelta(days=3)
ON_FRIDAY = TODAY + timedelta(days=3)
NO_TEACHERS = ("bakker", "smit", "noor", "brandt", "beheer")


@pytest.fixture
def report_ids(active_app, cast):
    """Noor's and Sam's reports, handed in, with an answer that is written and not released."""
    reports = [
        report_in_state(cast, "handed_in", student=name, course=cast.course, at=NOW)
        for name in ("noor", "sam")
    ]
    for report in reports:
        save_texts(report, Action.WRITE_ANSWER, ANSWER, by=cast.actor("dewit"), at=NOW)
    commit()
    return [report.id for report in reports]


def plan(report_ids, cast, *, action=Action.ANSWER, due_at=FRIDAY, by="dewit"):
    result = release.plan(report_ids, action=action, due_at=due_at, by=cast.actor(by), at=NOW)
    commit()
    return result


def run_due(*, at=FRIDAY):
    return release.run_due(on=ON_FRIDAY, at=at)


def states(report_ids):
    reports = (session().get(Report, key, populate_existing=True) for key in report_ids)
    return [report.state for report in reports]


def answered_ids(report_ids):
    """Return which of these were answered, once for each time."""
    changes = sa.select(StateChange.report_id).where(
        StateChange.report_id.in_(report_ids), StateChange.action == Action.ANSWER
    )
    return sorted(session().scalars(changes))


def failures(cast, *, by="dewit", at=FRIDAY):
    failed = release.failed(cast.course, by=cast.actor(by, ON_FRIDAY), at=at)
    return {item.report_id: item.reason for item in failed}


def test_what_is_planned_is_listed_until_it_is_released(report_ids, cast):
    result = plan(report_ids, cast)
    assert result.report_ids == tuple(report_ids)
    assert not result.refusals
    planned = release.planned(cast.course, by=cast.actor("dewit"))
    assert [item.due_at for item in planned] == [FRIDAY] * 2
    run_due()
    assert not release.planned(cast.course, by=cast.actor("dewit"))
    assert not failures(cast)


def test_everybody_gets_the_answer_at_the_planned_moment_and_nobody_before(report_ids, cast):
    plan(report_ids, cast)
    assert run_due(at=FRIDAY - timedelta(seconds=1)) == 0
    assert states(report_ids) == [State.HANDED_IN] * 2
    assert run_due() == 2
    assert states(report_ids) == [State.ANSWERED] * 2
    assert run_due() == 0
    assert answered_ids(report_ids) == sorted(report_ids)
    changes = sa.select(StateChange).where(StateChange.action == Action.ANSWER)
    change = session().scalars(changes).first()
    assert (change.by_id, change.at) == (cast.people["dewit"], FRIDAY)


def test_a_pause_of_the_worker_only_makes_it_later(report_ids, cast):
    plan(report_ids, cast)
    assert release.run_due(on=date(2026, 12, 1), at=FRIDAY + timedelta(days=4)) == 2


def test_a_question_back_can_be_planned_too(report_ids, cast):
    plan(report_ids[:1], cast, action=Action.RETURN_WITH_QUESTION)
    run_due()
    assert states(report_ids) == [State.RETURNED, State.HANDED_IN]


def test_what_is_changed_after_planning_is_released_as_well(report_ids, cast):
    plan(report_ids, cast)
    report = session().get(Report, report_ids[0])
    better = {OVERALL: {"seen": "Beter gezegd."}}
    save_texts(report, Action.WRITE_ANSWER, better, by=cast.actor("dewit"), at=NOW)
    commit()
    run_due()
    student_sees = RevisionQuery(Voice.TEACHER, Report.student_sees_until_revision_id)
    answers = revisions.latest_by_voice({student_sees: report_ids[:1]})
    assert answers[report_ids[0], Voice.TEACHER][OVERALL].content == better[OVERALL]


@pytest.mark.parametrize(
    ("action", "state", "reason"),
    [
        (Action.ANSWER, "handed_in", ReleaseRefusal.NO_ANSWER),
        (Action.RETURN_WITH_QUESTION, "handed_in", ReleaseRefusal.NO_QUESTION),
        (Action.ANSWER, "draft", ReleaseRefusal.MOVED_ON),
        (Action.ANSWER, "answered", ReleaseRefusal.MOVED_ON),
    ],
)
def test_what_cannot_be_released_now_is_refused_with_a_reason(
    active_app, cast, action, state, reason
):
    report = report_in_state(cast, state, student="noor", course=cast.course, at=NOW)
    result = plan([report.id], cast, action=action)
    assert result.batch is None
    assert result.report_ids == ()
    assert result.refusals == {report.id: reason}


def test_only_a_teacher_of_the_course_plans_sees_and_revokes(report_ids, cast):
    for name in NO_TEACHERS:
        refusals = plan(report_ids, cast, by=name).refusals
        assert refusals == dict.fromkeys(report_ids, ReleaseRefusal.NOT_YOURS)
    batch = plan(report_ids, cast).batch
    for name in NO_TEACHERS:
        assert not release.planned(cast.course, by=cast.actor(name))
        with pytest.raises(NotFound):
            release.revoke_batch(batch, by=cast.actor(name), at=NOW)


def test_a_report_that_is_not_there_is_refused_like_one_of_somebody_else(report_ids, cast):
    assert plan([999_999], cast).refusals == {999_999: ReleaseRefusal.NOT_YOURS}


def test_no_other_action_can_be_planned(report_ids, cast):
    with pytest.raises(NotFound):
        plan(report_ids, cast, action=Action.REOPEN)


def test_a_report_is_planned_once_and_the_rest_of_the_class_as_well(report_ids, cast):
    plan(report_ids[:1], cast)
    again = plan(report_ids, cast)
    assert again.report_ids == (report_ids[1],)
    assert again.refusals == {report_ids[0]: ReleaseRefusal.PLANNED}


def test_what_is_revoked_is_not_released_and_can_be_planned_again(report_ids, cast):
    teacher = cast.actor("dewit")
    batch = plan(report_ids, cast).batch
    first = release.planned(cast.course, by=teacher)[0]
    other_ids = [key for key in report_ids if key != first.report_id]
    assert release.revoke_release(first.id, by=teacher, at=NOW) == [first.report_id]
    assert release.revoke_batch(batch, by=teacher, at=NOW) == other_ids
    assert release.revoke_batch(batch, by=teacher, at=NOW) == []
    commit()
    assert run_due() == 0
    assert states(report_ids) == [State.HANDED_IN] * 2
    assert plan(report_ids, cast).report_ids == tuple(report_ids)


def test_now_means_in_ten_minutes_so_that_it_can_be_revoked(report_ids, cast):
    batch = plan(report_ids, cast, due_at=NOW + MIN_RELEASE_DELAY).batch
    nine_minutes_later = NOW + timedelta(minutes=9)
    assert release.run_due(on=TODAY, at=nine_minutes_later) == 0
    revoked = release.revoke_batch(batch, by=cast.actor("dewit"), at=nine_minutes_later)
    assert revoked == report_ids
    plan(report_ids, cast, due_at=NOW + MIN_RELEASE_DELAY)
    assert release.run_due(on=TODAY, at=NOW + timedelta(minutes=10)) == 2


def test_it_fails_with_a_reason_when_the_report_moved_on(report_ids, cast):
    plan(report_ids, cast)
    session().get(Report, report_ids[0]).answer(by=cast.actor("dewit"), at=NOW)
    commit()
    assert run_due() == 1
    assert failures(cast) == {report_ids[0]: ReleaseRefusal.MOVED_ON}
    assert answered_ids(report_ids) == sorted(report_ids), "each once, by hand or by plan"
    assert not failures(cast, at=FRIDAY + timedelta(days=15)), "no news any more"


def test_it_fails_when_its_teacher_does_not_teach_the_course_any_more(report_ids, cast):
    plan(report_ids, cast)
    is_teaching = Teaching.person_id == cast.people["dewit"]
    session().execute(sa.update(Teaching).where(is_teaching).values(ends_on=ON_FRIDAY))
    session().add(Teaching(person_id=cast.people["bakker"], course_id=cast.course, begins_on=TODAY))
    commit()
    assert run_due() == 0
    assert states(report_ids) == [State.HANDED_IN] * 2
    next_teacher_sees = failures(cast, by="bakker")
    assert next_teacher_sees == dict.fromkeys(report_ids, ReleaseRefusal.NOT_YOURS)


def test_releases_and_revocations_at_the_same_moment_end_each_report_once(app, report_ids, cast):
    """Two workers release and two colleagues revoke at once, twenty times."""
    for _ in range(20):
        batch = plan(report_ids, cast).batch

        def revoke(batch=batch):
            release.revoke_batch(batch, by=cast.actor("dewit"), at=NOW)

        run_at_once(app, [run_due, revoke, run_due, revoke])
        session().rollback()
        rows = session().scalars(sa.select(Release).where(Release.batch == batch)).all()
        for row in rows:
            ends = (row.done_at, row.revoked_at, row.failed_at)
            assert sum(end is not None for end in ends) == 1
            is_answered = states([row.report_id]) == [State.ANSWERED]
            assert is_answered is (row.done_at is not None)
        released_ids = sorted(row.report_id for row in rows if row.done_at)
        assert answered_ids(released_ids) == released_ids
        take_all_answers_back()


def run_at_once(app, functions):
    """Run these functions in threads that begin at the same moment; each commits."""
    barrier = threading.Barrier(len(functions))

    def run(function):
        with app.app_context():
            barrier.wait()
            function()
            commit()

    threads = [threading.Thread(target=run, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def take_all_answers_back():
    """Bring every report back to where it was handed in."""
    session().execute(sa.delete(StateChange).where(StateChange.action == Action.ANSWER))
    session().execute(
        sa.update(Report).values(
            state=State.HANDED_IN,
            home_sees_until_revision_id=None,
            home_sees_student_until_revision_id=None,
            student_sees_until_revision_id=None,
        )
    )
    commit()
