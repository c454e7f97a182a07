"""Reading: a report as one viewer may see it, handed out and noted in the same act."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from reflect.refusal import NotFound
from reflect.report import evidence, remark
from reflect.report.evidence import Evidence
from reflect.report.form import Form, parsed
from reflect.report.grammar import FormText, Kind, Section, pieces
from reflect.report.life import State
from reflect.report.report import CLOSING, OVERALL, Report, Revision, Voice
from reflect.report.round import Round
from reflect.report.writing import Asked, latest_of
from reflect.school.people import Course, Group, Me, Person, Subject, Who, persons, who
from reflect.school.ties import ON, Membership, Teaching, holds
from reflect.store import ask, begin_writing, is_writing, session
from reflect.trust import reading
from reflect.trust.reading import Door
from reflect.trust.remarks import remarks
from reflect.trust.seen import Goal, Part, Piece, Said, Seen
from reflect.trust.share import Opening
from reflect.trust.sight import Viewer, facts, here, parts, sees

_IDS = sa.bindparam("ids", expanding=True, type_=sa.Integer)
_STUDENTS = sa.select(Report.student_id).where(Report.id.in_(_IDS)).distinct()
# Asked anew, since a report that was loaded before a commit may have been handed in meanwhile.
_UNOPENED = sa.and_(Report.state == State.HANDED_IN, Report.opened_at.is_(None))
_TEXTS = {Part.TEXT, Part.ANSWERED_TEXT, Part.FEEDBACK, Part.OPENED}


def read(report_id: int, *, by: Viewer, at: datetime, door: Door = Door.SCREEN) -> Seen:
    """Hand out one report and note the reading. Raises NotFound."""
    seen = read_many([report_id], by=by, at=at, door=door)
    if not seen:
        raise NotFound
    return seen[0]


def read_many(report_ids: list[int], *, by: Viewer, at: datetime, door: Door) -> list[Seen]:
    """Hand out these reports in this order, without those that are not for this viewer, and note each reading."""
    return [seen for _, seen in found_many(report_ids, by=by, at=at, door=door)]


def found_many(report_ids: list[int], *, by: Viewer, at: datetime, door: Door) -> list[tuple[Report, Seen]]:
    """Do as `read_many`, and give each report beside what is seen of it, to call a verb on."""
    if not is_writing() and not _all_mine(report_ids, by=by):
        begin_writing()
    rows = _rows(report_ids, by=by, at=at)
    seen = _hand_out(rows, by=by, at=at)
    read_by_others = [one for one in seen if one.parts & _TEXTS and not _is_mine(one.student.id, by=by)]
    person, share = (by.id, None) if isinstance(by, Me) else (None, by.share)
    reading.note([one.id for one in read_by_others], person_id=person, share_id=share, door=door, at=at)
    unopened = {row.report.id for row in rows if row.unopened}
    to_teach = [
        one.id for one in read_by_others if {Part.FEEDBACK_DRAFT, Part.TEXT} <= one.parts and one.id in unopened
    ]
    if to_teach:
        reading.open_for_teacher(to_teach, at=at)
    return [(row.report, one) for row, one in zip(rows, seen, strict=True)]


def piece(report_id: int, key: str, *, by: Viewer, at: datetime, door: Door = Door.SCREEN) -> Evidence:
    """Hand out one piece of evidence to whoever may read the text that it stands with; what is mine, at once.

    Raises NotFound.
    """
    seen = read(report_id, by=by, at=at, door=door)
    found = evidence.of([report_id]).get(key)
    if found is None or not (key in seen.pieces or _is_mine(seen.student.id, by=by)):
        raise NotFound
    return found


def preview(report_id: int, *, by: Me, at: datetime) -> Seen:
    """Hand out my own report as the people at home see it once I share it; nothing is noted. Raises NotFound."""
    rows = [row for row in _rows([report_id], by=by, at=at) if _is_mine(row.report.student_id, by=by)]
    if not rows:
        raise NotFound
    report = rows[0].report
    at_home = {Part.TEXT} if report.handed_in_upto else set()
    if report.answered_upto:
        at_home |= {Part.ANSWERED_TEXT, Part.FEEDBACK, Part.GOALS}
    return _hand_out([replace(rows[0], parts=frozenset(at_home))], by=by, at=at)[0]


def hand_out_unnoted(report_ids: list[int], *, by: Me, at: datetime) -> list[Seen]:
    """Give reports as `by` would be handed them, without noting it: for `unread`, and never for a person."""
    return _hand_out(_rows(report_ids, by=by, at=at), by=by, at=at)


def _is_mine(student_id: int, *, by: Viewer) -> bool:
    return isinstance(by, Me) and by.id == student_id


def _all_mine(report_ids: list[int], *, by: Viewer) -> bool:
    return all(_is_mine(student, by=by) for (student,) in ask(_STUDENTS, {"ids": report_ids}))


@dataclass(frozen=True)
class _Row:
    report: Report
    course: str
    subject: str
    round: str
    group: str
    unopened: bool
    form: FormText
    student: Who
    parts: frozenset[Part]


@lru_cache(maxsize=1)
def _statement() -> sa.Select[Any]:
    told = [fact.label(f"fact_{place}") for place, fact in enumerate(facts())]
    group = (
        sa.select(sa.func.min(Group.code))
        .join(Membership, Membership.group_id == Group.id)
        .where(Membership.person_id == Report.student_id, holds(Membership, on=ON))
    )
    return (
        sa.select(
            Report, Course.name, Subject.name, Round.name, group.scalar_subquery(), _UNOPENED, Form.text, Form.slug,
            Person.given_name, Person.infix, Person.family_name, *told,
        )
        .join(Course, Course.id == Report.course_id)
        .join(Subject, Subject.id == Course.subject_id)
        .join(Round, Round.id == Report.round_id)
        .join(Form, Form.id == Report.form_id)
        .join(Person, Person.id == Report.student_id)
        .where(Report.id.in_(_IDS))
    )  # fmt: skip


def _rows(report_ids: list[int], *, by: Viewer, at: datetime) -> list[_Row]:
    found = {}
    for report, course, subject, round, group, unopened, text, slug, given, infix, family, *told in session().execute(
        _statement(), {**here(by, at=at), "ids": report_ids}
    ):
        if seen := parts(told):
            student = who(report.student_id, given, infix, family)
            form = parsed(text, slug)
            found[report.id] = _Row(
                report, course, subject, round, group or "", bool(unopened), form=form, student=student, parts=seen
            )
    return [found[id] for id in report_ids if id in found]


@lru_cache(maxsize=1)
def _opened_statement() -> sa.Select[int, str]:
    return (
        sa.select(Opening.report_id, Opening.section)
        .join(Report, Report.id == Opening.report_id)
        .where(Report.id.in_(_IDS))
        .where(Opening.ended_at.is_(None), sees(Part.OPENED))
    )


def _hand_out(rows: list[_Row], *, by: Viewer, at: datetime) -> list[Seen]:
    ids = [row.report.id for row in rows]
    opened = {(row[0], row[1]) for row in ask(_opened_statement(), {**here(by, at=at), "ids": ids})} if ids else set()
    students, teachers = _texts(rows)
    courses = _teachers({row.report.course_id for row in rows}, by=by)
    wrote = {id: _writers(answer) for id, answer in teachers.items()}
    names = _named({one for ids in wrote.values() for one in ids}, courses)
    named = [id for id in ids if any(pieces(revision.content) for revision in students[id].values())]
    kept = evidence.of(named)
    return [
        _seen(
            row, teachers=tuple(names[id] for id in wrote[row.report.id]) or courses.get(row.report.course_id, ()),
            own=students[row.report.id], answer=teachers[row.report.id],
            opened={section for report_id, section in opened if report_id == row.report.id}, kept=kept,
        )
        for row in rows
    ]  # fmt: skip


def _writers(answer: Mapping[str, Revision]) -> list[int]:
    """Give who wrote these words of a teacher, in the order in which they came; nobody signs another's words."""
    written = sorted(answer.values(), key=lambda revision: revision.id)
    return list(dict.fromkeys(one.by_id for one in written if remark.says(one.section, one.content)))


Texts = dict[int, dict[str, Revision]]


# Up to which mark a text is read: that of the first of these parts that the viewer sees.
_MARKS: dict[Voice, tuple[tuple[Part, Any], ...]] = {
    Voice.STUDENT: ((Part.DRAFT, None), (Part.TEXT, Report.handed_in_upto), (Part.ANSWERED_TEXT, Report.answered_upto)),
    Voice.TEACHER: (
        (Part.FEEDBACK_DRAFT, None),
        (Part.DRAFT, Report.given_upto),
        (Part.FEEDBACK, Report.answered_upto),
    ),
}


def _texts(rows: list[_Row]) -> tuple[Texts, Texts]:
    """Fetch the student's and the teacher's texts of each report, as far as the viewer sees them."""
    asked: dict[Asked, list[int]] = {}
    for row in rows:
        for voice, marks in _MARKS.items():
            mark = next(((mark,) for part, mark in marks if part in row.parts), None)
            if mark is not None:
                asked.setdefault(Asked(voice, *mark), []).append(row.report.id)
    found = latest_of(asked)
    students, teachers = ({row.report.id: found.get((row.report.id, voice), {}) for row in rows} for voice in _MARKS)
    return students, teachers


_TEACHERS = (
    sa.select(Teaching.course_id, Person.id, Person.given_name, Person.infix, Person.family_name)
    .join(Person, Person.id == Teaching.person_id)
    .where(Teaching.course_id.in_(_IDS), holds(Teaching, on=ON))
    .order_by(Teaching.id)
)


def _teachers(course_ids: set[int], *, by: Viewer) -> dict[int, tuple[Who, ...]]:
    rows = ask(_TEACHERS, {"ids": list(course_ids), "on": by.on})
    pairs = [(course, who(id, given, infix, family)) for course, id, given, infix, family in rows]
    return {id: tuple(one for course, one in pairs if course == id) for id in course_ids}


def _named(ids: set[int], courses: Mapping[int, tuple[Who, ...]]) -> dict[int, Who]:
    """Give the names of these writers; most of them teach the course still, and are known by now."""
    known = {one.id: one for teachers in courses.values() for one in teachers}
    return known | persons(ids - known.keys())


def _seen(
    row: _Row, *, teachers: tuple[Who, ...], own: Mapping[str, Revision], answer: Mapping[str, Revision],
    opened: set[str], kept: Mapping[str, Evidence],
) -> Seen:  # fmt: skip
    report, parts, form = row.report, row.parts, row.form
    said = tuple(_said(form.sections, parts=parts, own=own, answer=answer, opened=opened))
    closing = own[CLOSING].content if CLOSING in own and Part.GOALS in parts else {}
    shows_state = Part.STATE in parts
    return Seen(
        id=report.id, student=row.student, teachers=teachers, course=row.course,
        course_id=report.course_id, subject=row.subject, group=row.group,
        round=row.round, language=form.language, form=form,
        state=report.state if shows_state else None, since=report.state_since if shows_state else None,
        said=said, remarks=remarks(said, answer, parts=parts), pieces=_pieces(report.id, said, kept),
        overall=answer[OVERALL].content if OVERALL in answer else {},
        in_words=tuple((one, answer[one.key].content if one.key in answer else {}) for one in form.in_words),
        closing_word=closing.get("word", ""), goals=tuple(_goals(closing)),
        handed_in_at=report.handed_in_at if report.handed_in_upto else None, answered_at=report.answered_at,
        parts=parts | ({Part.OPENED} if opened else frozenset()),
    )  # fmt: skip


def _said(
    sections: Iterable[Section], *, parts: frozenset[Part], own: Mapping[str, Revision], answer: Mapping[str, Revision],
    opened: set[str],
) -> Iterable[Said]:  # fmt: skip
    for section in sections:
        is_letter = section.kind is Kind.LETTER
        part = Part.PRIVATE if section.private else Part.LETTER if is_letter else None
        if part is not None and part not in parts and section.key not in opened:
            continue
        yield Said(
            section=section,
            student=own[section.key].content if section.key in own else {},
            teacher=answer[section.key].content.get("text", "") if section.key in answer else "",
            only_me=section.private and section.key not in opened,
        )


def _pieces(report_id: int, said: Iterable[Said], kept: Mapping[str, Evidence]) -> dict[str, Piece]:
    keys = (key for one in said for key in pieces(one.student))
    rows = (kept[key] for key in keys if key in kept and kept[key].report_id == report_id)
    return {row.key: Piece(row.key, row.kind, row.mime, *_measure(row.measure)) for row in rows}


def _measure(written: str) -> tuple[int, int]:
    width, _, height = written.partition("x")
    return (int(width), int(height)) if height else (0, 0)


def _goals(closing: Mapping[str, str]) -> Iterable[Goal]:
    for row in ("a", "b", "c"):
        words = closing.get(f"{row}.goal", "").strip()
        if words:
            yield Goal(words=words, notice=closing.get(f"{row}.notice", "").strip())
