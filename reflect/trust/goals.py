"""Goals over the rounds: what a student took on before; for the student also how it went, and the growth path."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from reflect.refusal import NotFound
from reflect.report.grammar import EARLIER
from reflect.report.report import CLOSING, Report, Voice
from reflect.report.round import Round
from reflect.report.writing import latest
from reflect.school.people import Course, Me, Subject
from reflect.store import ask, begin_writing, session
from reflect.trust import read
from reflect.trust.reading import Door
from reflect.trust.seen import Goal, Part, Seen
from reflect.trust.sight import here, sees

ROWS = "abc"


@dataclass(frozen=True)
class Tried:
    """A goal with what I wrote later about how it went; empty while I did not."""

    words: str
    notice: str
    how: str


@dataclass(frozen=True)
class Stop:
    """What one report left on my path."""

    report: int
    subject: str
    language: str
    goals: tuple[Tried, ...]
    last_word: str


@dataclass(frozen=True)
class Stretch:
    """One round of my path."""

    name: str
    stops: tuple[Stop, ...]


def _of(student: int | sa.ScalarSelect[int]) -> sa.Select[int, int, str]:
    return (
        sa.select(Report.id, Course.subject_id, Round.name)
        .join(Course, Course.id == Report.course_id)
        .join(Subject, Subject.id == Course.subject_id)
        .join(Round, Round.id == Report.round_id)
        .where(Report.student_id == student)
        .order_by(Round.opens_on, Round.id, Subject.name)
    )


@lru_cache(maxsize=1)
def _readable() -> sa.Select[int, int, str]:
    """The reports in one subject, of one report's student, whose goals this viewer may read; and that report itself."""
    asked = sa.bindparam("report", type_=sa.Integer)
    this, its_course = aliased(Report), aliased(Course)
    student = sa.select(this.student_id).where(this.id == asked).scalar_subquery()
    subject = sa.select(its_course.subject_id).join(this, this.course_id == its_course.id).where(this.id == asked)
    return _of(student).where(
        Course.subject_id == subject.scalar_subquery(), sa.or_(Report.id == asked, sees(Part.GOALS))
    )


def earlier(report_id: int, *, by: Me, at: datetime) -> tuple[Goal, ...]:
    """Give the goals of the student's last report before this one in the same subject that has any.

    To a teacher only as far as their own courses go; like every reading by somebody else it is noted.
    """
    ids = _before(report_id, by=by, at=at)
    closings = latest(ids, voice=Voice.STUDENT)
    with_goals = [id for id in ids if CLOSING in closings[id] and _has_goals(closings[id][CLOSING].content)]
    return read.read(with_goals[-1], by=by, at=at).goals if with_goals else ()


def with_before(report_id: int, *, by: Me, at: datetime) -> tuple[Report, Seen, Seen | None]:
    """Hand out a report with what I may read of it, and the last one before it in the same subject.

    Both are noted as readings. Raises NotFound.
    """
    begin_writing()  # for the notes; reading would begin anew after it had looked whose the reports are
    before = _before(report_id, by=by, at=at)[-1:]
    found = {
        one.id: (report, one) for report, one in read.found_many([report_id, *before], by=by, at=at, door=Door.SCREEN)
    }
    if report_id not in found:
        raise NotFound
    return *found[report_id], found[before[0]][1] if before and before[0] in found else None


def _before(report_id: int, *, by: Me, at: datetime) -> list[int]:
    """Give the student's reports before this one in the same subject whose goals I may see, the first round first."""
    found = [id for id, _, _ in ask(_readable(), {**here(by, at=at), "report": report_id})]
    return found[: found.index(report_id)] if report_id in found else []


def _has_goals(content: Mapping[str, str]) -> bool:
    return any(content.get(f"{row}.goal", "").strip() for row in ROWS)


def path(*, by: Me, at: datetime) -> list[Stretch]:
    """Give my growth path, the first round first: the reports with goals or a last word."""
    mine = list(session().execute(_of(by.id)))
    subjects = {id: subject for id, subject, _ in mine}
    seen = read.read_many([id for id, _, _ in mine], by=by, at=at, door=Door.SCREEN)
    hows = _hows(seen, subjects)
    stops = ((one.round, _stop(one, hows.get(one.id, {}))) for one in seen if one.goals or one.closing_word.strip())
    return [Stretch(name, tuple(stop for _, stop in found)) for name, found in groupby(stops, key=lambda pair: pair[0])]


def _hows(seen: Iterable[Seen], subjects: Mapping[int, int]) -> dict[int, dict[str, str]]:
    """Give what I wrote later about the goals of each report, the first round first: how it went, by the goal's words.

    The same goal may be taken on twice; what I say is about the last time that I did.
    """
    told: dict[int, dict[str, str]] = {}
    last: dict[int, int] = {}
    for one in seen:
        subject = subjects[one.id]
        if subject in last:
            told[last[subject]] = _said_of_earlier(one) | told.get(last[subject], {})
        if one.goals:
            last[subject] = one.id
    return told


def _said_of_earlier(one: Seen) -> dict[str, str]:
    content = next((said.student for said in one.said if said.section.key == EARLIER), {})
    hows = ((content.get(f"{row}.goal", ""), content.get(f"{row}.how", "")) for row in ROWS)
    return {goal: how for goal, how in hows if how.strip()}


def _stop(one: Seen, hows: Mapping[str, str]) -> Stop:
    goals = tuple(Tried(goal.words, goal.notice, hows.get(goal.words, "")) for goal in one.goals)
    return Stop(one.id, one.subject, one.language, goals, one.closing_word)
