"""Along: who was asked to read a draft answer along and what they suggest; for the two of them, and nobody else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

import sqlalchemy as sa

from reflect.refusal import NotFound
from reflect.report import along_note, reading_along
from reflect.report.along_note import Note
from reflect.report.difference import Piece, difference
from reflect.report.reading_along import NOTE, Decision, ReadingAlong, Suggestion
from reflect.report.report import Report, Revision, Voice
from reflect.school.people import Course, Me, Person, Who, persons
from reflect.school.ties import ME
from reflect.store import session
from reflect.trust import read
from reflect.trust.seen import Part, Seen
from reflect.trust.sight import here, sees

Place = tuple[str, str]  # a section, and a field in it


@dataclass(frozen=True)
class Asking:
    """One asking; `holds`: the colleague can still suggest something, `word`: what they wrote to the teacher."""

    id: int
    report: int
    student: Who
    course: str
    teacher: Who
    colleague: Who
    note: str
    at: datetime
    holds: bool
    word: str = ""


@dataclass(frozen=True)
class Suggested:
    """Other words for one field: what would come and go, and what the teacher decided."""

    id: int
    who: Who
    text: str
    at: datetime
    decision: Decision | None
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Desk:
    """What stands of it at the desk: who was asked, who can be, suggestions by section and field, and my own note."""

    askings: tuple[Asking, ...]
    colleagues: tuple[Who, ...]
    suggested: Mapping[Place, tuple[Suggested, ...]]
    note: Note


@dataclass(frozen=True)
class Own:
    """What a colleague suggested so far: as it stands, what was put aside, and what each section was written upon."""

    stands: Mapping[Place, str]
    aside: Mapping[Place, tuple[str, ...]]
    upon: Mapping[str, int]
    version: int


_ID = sa.bindparam("id", type_=sa.Integer)
_MINE, _OF_ME = ReadingAlong.asked_by_id == ME, ReadingAlong.colleague_id == ME
_THIS, _ON_REPORT, _HOLDS = ReadingAlong.id == _ID, ReadingAlong.report_id == _ID, reading_along.holds()


@lru_cache(maxsize=8)
def _found(*conditions: sa.ColumnElement[bool]) -> sa.Select[ReadingAlong, Person, str, bool]:
    return (
        sa.select(ReadingAlong, Person, Course.name, reading_along.holds())
        .join(Report, Report.id == ReadingAlong.report_id)
        .join(Person, Person.id == Report.student_id)
        .join(Course, Course.id == Report.course_id)
        .where(sa.or_(_MINE, _OF_ME), sees(Part.FEEDBACK_DRAFT), *conditions)
        .order_by(ReadingAlong.id)
    )


def _rows(
    *conditions: sa.ColumnElement[bool], by: Me, at: datetime, id: int = 0
) -> list[tuple[ReadingAlong, Person, str, bool]]:
    """Give askings of mine or to me, as long as I see draft answers of this course."""
    places = {**here(by, at=at), "id": id}
    rows = session().execute(_found(*conditions), places)
    return [(row, student, course, holds) for row, student, course, holds in rows]


def _askings(*conditions: sa.ColumnElement[bool], by: Me, at: datetime, id: int = 0) -> list[Asking]:
    rows = _rows(*conditions, by=by, at=at, id=id)
    names = persons({id for row, *_ in rows for id in (row.asked_by_id, row.colleague_id)}) if rows else {}
    return [
        Asking(id=row.id, report=row.report_id, student=student.who, course=course, teacher=names[row.asked_by_id],
               colleague=names[row.colleague_id], note=row.note, at=row.asked_at, holds=bool(holds))
        for row, student, course, holds in rows
    ]  # fmt: skip


def asked_of_me(*, by: Me, at: datetime) -> list[Asking]:
    """Give what colleagues ask me to read along now, who asked first on top."""
    return _askings(_OF_ME, _HOLDS, by=by, at=at)


def asking(id: int, *, by: Me, at: datetime) -> Asking:
    """Give one asking of me. Raises NotFound."""
    found = _askings(_THIS, _OF_ME, by=by, at=at, id=id)
    if not found:
        raise NotFound
    return found[0]


def draft(asking: Asking, *, by: Me, at: datetime) -> Seen:
    """Hand out the report of an asking, without what nobody reads along."""
    seen = read.read(asking.report, by=by, at=at)
    along = {section.key for section in reading_along.sections(seen.form)}
    return replace(
        seen,
        said=tuple(one for one in seen.said if one.section.key in along),
        remarks=tuple(one for one in seen.remarks if one.section in along),
    )


def find(id: int, *, by: Me, at: datetime) -> ReadingAlong:
    """Give an asking of mine or of me, to call a verb on. Raises NotFound."""
    rows = _rows(_THIS, by=by, at=at, id=id)
    if not rows:
        raise NotFound
    return rows[0][0]


def find_suggestion(id: int, *, by: Me, at: datetime) -> Suggestion:
    """Give a suggestion to me, to decide on. Raises NotFound."""
    found = session().get(Suggestion, id)
    if found is None or find(found.reading_along_id, by=by, at=at).asked_by_id != by.id:
        raise NotFound
    return found


def on_desk(report: Report, now: Mapping[Place, str], colleagues: Iterable[Who], *, by: Me, at: datetime) -> Desk:
    """Give what stands beside my answer to this report; `now`: the answer as it stands, by section and field."""
    asked = _askings(_ON_REPORT, _MINE, by=by, at=at, id=report.id)
    rows = reading_along.suggestions(one.id for one in asked)
    who = {one.id: one.colleague for one in asked}
    busy = {one.colleague for one in asked if one.holds}
    words = {row.reading_along_id: row.text for row in rows if (row.section, row.field) == NOTE and not row.kept_aside}
    return Desk(
        askings=tuple(_with_word(one, words.get(one.id, "")) for one in asked),
        colleagues=tuple(one for one in colleagues if one not in busy),
        suggested=_by_place(rows, who, now),
        note=along_note.of(report, by=by),
    )


def _with_word(asking: Asking, word: str) -> Asking:
    return Asking(**{**vars(asking), "word": word})


def _by_place(
    rows: Iterable[Suggestion], who: Mapping[int, Who], now: Mapping[Place, str]
) -> dict[Place, tuple[Suggested, ...]]:
    """Sort by place what waits for the teacher, and after it what was declined."""
    shown: dict[Place, list[Suggested]] = {}
    for row in _to_show(rows):
        place = (row.section, row.field)
        stands = now.get(place, "")
        if row.decision is Decision.DECLINED or row.text.strip() != stands.strip():
            pieces = difference(stands, row.text)
            told = Suggested(row.id, who[row.reading_along_id], row.text, row.written_at, row.decision, pieces)
            shown.setdefault(place, []).append(told)
    return {place: tuple(sorted(found, key=lambda one: one.decision is not None)) for place, found in shown.items()}


def _to_show(rows: Iterable[Suggestion]) -> list[Suggestion]:
    """Leave out what a newer suggestion replaced, what was put aside, and what is in the answer already."""
    newest: dict[tuple[int, Place], Suggestion] = {}
    declined = []
    for row in rows:
        place = (row.section, row.field)
        if row.kept_aside or place == NOTE:
            continue
        newest[row.reading_along_id, place] = row
        if row.decision is Decision.DECLINED:
            declined.append(row)
    return [*(row for row in newest.values() if row.decision is None), *declined]


def own(along: ReadingAlong) -> Own:
    """Give what I suggested so far in an asking that I found."""
    rows = reading_along.suggestions([along.id])
    stands, aside = dict[Place, str](), dict[Place, list[str]]()
    for row in rows:
        place = (row.section, row.field)
        if row.kept_aside:
            aside.setdefault(place, []).append(row.text)
        elif row.decision is None:
            stands[place] = row.text
        else:
            stands.pop(place, None)
    beside = {place: tuple(text for text in dict.fromkeys(texts) if text.strip() and text != stands.get(place))
              for place, texts in aside.items()}  # fmt: skip
    return Own(stands, {place: texts for place, texts in beside.items() if texts}, _upon(along), _newest(rows))


def _newest(rows: list[Suggestion]) -> int:
    return rows[-1].id if rows else 0


def _upon(along: ReadingAlong) -> dict[str, int]:
    newest = (
        sa.select(Revision.section, sa.func.max(Revision.id))
        .where(Revision.report_id == along.report_id, Revision.voice == Voice.TEACHER, ~Revision.kept_aside)
        .group_by(Revision.section)
    )
    return {section: int(id) for section, id in session().execute(newest)}
