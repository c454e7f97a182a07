"""The snippet bank: texts that a teacher uses often, their own or shared within a subject.

On the screens a snippet is called a phrase. It may hold placeholders, such as {name}.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reflect.db.base import Base
from reflect.db.session import session
from reflect.errors import NotFound, SnippetEmpty, SnippetTooLong, TooManySnippets
from reflect.i18n import FORM_LANGUAGES, per_language
from reflect.school import ties
from reflect.school.people import Actor, Course, Person, PersonRef, Subject
from reflect.text.collation import collation_key

MAX_SNIPPET_LENGTH = 1_000  # characters
MAX_PER_OWNER = 300
# A snippet that went to this many students makes an answer that could be anybody's.
MIN_STUDENTS = 3
# Fewer characters than these occur in any answer by chance.
_MIN_CHARACTERS = 10

# A text may hold the placeholders of any language, whatever language the report is in.
NAME_PLACEHOLDERS = per_language(
    "reflect/reports/snippets.py: NAME_PLACEHOLDERS", FORM_LANGUAGES, {"nl": "naam", "en": "name"}
)
_GOAL_PLACEHOLDERS = per_language(
    "reflect/reports/snippets.py: _GOAL_PLACEHOLDERS",
    FORM_LANGUAGES,
    {"nl": "voornemen", "en": "goal"},
)
_GOAL_QUOTES = per_language(
    "reflect/reports/snippets.py: _GOAL_QUOTES", FORM_LANGUAGES, {"nl": "‘{}’", "en": "“{}”"}
)
PLACEHOLDER_NAMES = (*NAME_PLACEHOLDERS.values(), *_GOAL_PLACEHOLDERS.values())
_PLACEHOLDER = re.compile(rf"\{{\s*({'|'.join(PLACEHOLDER_NAMES)})\s*\}}", re.IGNORECASE)


class Snippet(Base):
    """Never changed: to rewrite it is to end it and add one whose `replaces_id` is its id.

    `subject_id`: shared with everybody who teaches that subject; None: its owner's alone.
    """

    __tablename__ = "snippet"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    subject_id: Mapped[int | None] = mapped_column(sa.ForeignKey("subject.id"), index=True)
    text: Mapped[str]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    replaces_id: Mapped[int | None] = mapped_column(sa.ForeignKey("snippet.id"))

    def rewrite(self, text: str, *, subject_id: int | None, by: Actor, at: datetime) -> Snippet:
        """Replace it by another text or sharing, and return the snippet that has these.

        Where another page has replaced it meanwhile, both replacements stay.
        Raises NotFound, SnippetEmpty, SnippetTooLong.
        """
        if self.owner_id != by.id:
            raise NotFound
        text = _validate_text(text, subject_id=subject_id, by=by)
        if self.ended_at is None and (self.text, self.subject_id) == (text, subject_id):
            return self
        # Two pages may rewrite it. The moment of the first one stays.
        self.ended_at = self.ended_at or at
        # Flushed first, so that the ended one does not count for the owner's limit in add_snippet.
        session().flush()
        return add_snippet(text, subject_id=subject_id, replaces_id=self.id, by=by, at=at)

    def archive(self, *, by: Actor, at: datetime) -> None:
        """End it. Raises NotFound when it is somebody else's."""
        if self.owner_id != by.id:
            raise NotFound
        self.ended_at = self.ended_at or at


def add_snippet(
    text: str, *, subject_id: int | None, by: Actor, at: datetime, replaces_id: int | None = None
) -> Snippet:
    """Add a snippet, or return the one of mine with this text and sharing.

    Raises NotFound (not my subject), SnippetEmpty, SnippetTooLong, TooManySnippets.
    """
    text = _validate_text(text, subject_id=subject_id, by=by)
    own_snippets = _active_snippets(by)
    # The same text sent twice, for example from two tabs, makes one snippet.
    for snippet in own_snippets:
        if (snippet.text, snippet.subject_id) == (text, subject_id):
            return snippet
    if len(own_snippets) >= MAX_PER_OWNER:
        raise TooManySnippets
    row = Snippet(
        owner_id=by.id, subject_id=subject_id, text=text, created_at=at, replaces_id=replaces_id
    )
    session().add(row)
    session().flush()
    return row


def _validate_text(text: str, *, subject_id: int | None, by: Actor) -> str:
    # To somebody who does not teach it, a subject does not exist.
    if subject_id is not None:
        own_subject_ids = [own_id for own_id, _ in taught_subjects(by=by)]
        if subject_id not in own_subject_ids:
            raise NotFound
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise SnippetEmpty
    if len(text) > MAX_SNIPPET_LENGTH:
        raise SnippetTooLong
    return text


def get_own_snippet(snippet_id: int, *, by: Actor) -> Snippet:
    """Return a snippet of mine, also one that has ended. Raises NotFound."""
    snippet = session().scalar(
        sa.select(Snippet).where(Snippet.id == snippet_id, Snippet.owner_id == by.id)
    )
    if snippet is None:
        raise NotFound
    return snippet


@dataclass(frozen=True)
class AvailableSnippet:
    """A snippet that I may use; `owner` is None when it is mine, `subject` "" when not shared."""

    id: int
    text: str
    subject_id: int | None
    subject: str
    owner: PersonRef | None


def available_snippets(*, by: Actor, course_id: int | None = None) -> list[AvailableSnippet]:
    """Return my snippets, and then those that colleagues share for a subject that I teach.

    With a course only those for its subject.
    """
    params = {"actor_id": by.id, "today": by.today, "course": course_id}
    # A person's own come first, then each colleague's by surname, as they were made.
    rows = sorted(
        session().execute(_AVAILABLE_SQL, params),
        key=lambda row: (row.Person.id != by.id, row.Person.ref.sort_key),
    )
    return [
        AvailableSnippet(
            id=row.id,
            text=row.text,
            subject_id=row.subject_id,
            subject=subject or "",
            owner=None if owner.id == by.id else owner.ref,
        )
        for row, owner, subject in rows
    ]


# Built once, since every page on which an answer is written asks it.
_COURSE_ID = sa.bindparam("course", type_=sa.Integer)
_SUBJECT_OF_COURSE = Snippet.subject_id.in_(
    sa.select(Course.subject_id).where(Course.id == _COURSE_ID)
)
_SHARED_WITH_ME = sa.and_(
    ties.teaches_subject(ties.ACTOR_ID, Snippet.subject_id, on=ties.TODAY),
    sa.or_(_COURSE_ID.is_(None), _SUBJECT_OF_COURSE),
)
_AVAILABLE_SQL = (
    sa.select(Snippet, Person, Subject.name)
    .join(Person, Person.id == Snippet.owner_id)
    .outerjoin(Subject, Subject.id == Snippet.subject_id)
    .where(Snippet.ended_at.is_(None), sa.or_(Snippet.owner_id == ties.ACTOR_ID, _SHARED_WITH_ME))
    .order_by(Snippet.id)
)


def _active_snippets(by: Actor) -> Sequence[Snippet]:
    active_sql = sa.select(Snippet).where(Snippet.owner_id == by.id, Snippet.ended_at.is_(None))
    return session().scalars(active_sql).all()


def archived_texts(*, by: Actor) -> list[str]:
    """Return the texts that none of my snippets has any more, the last that ended first."""
    archived_sql = (
        sa.select(Snippet.text)
        .where(Snippet.owner_id == by.id, Snippet.ended_at.is_not(None))
        .order_by(Snippet.ended_at.desc(), Snippet.id.desc())
    )
    active_texts = {snippet.text for snippet in _active_snippets(by)}
    archived = dict.fromkeys(session().scalars(archived_sql))
    return [text for text in archived if text not in active_texts]


def taught_subjects(*, by: Actor) -> list[tuple[int, str]]:
    """Return id and name of the subjects that I teach now, by name: I can share within these."""
    subjects_sql = sa.select(Subject.id, Subject.name).where(
        ties.teaches_subject(by.id, Subject.id, on=by.today)
    )
    subjects = [(subject_id, name) for subject_id, name in session().execute(subjects_sql)]
    return sorted(subjects, key=lambda subject: (collation_key(subject[1]), subject[0]))


def fill_placeholders(text: str, *, name: str, goal: str, language: str) -> str:
    """Return a text with the student's first name and their goal, quoted as in `language`.

    Without a goal its placeholder stays.
    """

    def replacement(match: re.Match[str]) -> str:
        if match[1].casefold() in NAME_PLACEHOLDERS.values():
            return name
        return _GOAL_QUOTES[language].format(goal) if goal else match[0]

    return _PLACEHOLDER.sub(replacement, text)


def used_for_many(
    snippets: Iterable[AvailableSnippet], answers: Mapping[PersonRef, Iterable[str]]
) -> dict[int, tuple[PersonRef, ...]]:
    """Return the students whose answers hold a snippet, by its id, where they are MIN_STUDENTS.

    `answers`: the texts of my answers, by student.
    """
    normalized = {
        student: [_normalize(text) for text in texts] for student, texts in answers.items()
    }
    students_by_snippet = {}
    for snippet in snippets:
        parts = _fixed_parts(snippet.text)
        students = tuple(
            student for student, texts in normalized.items() if _any_contains(texts, parts)
        )
        if len(students) >= MIN_STUDENTS:
            students_by_snippet[snippet.id] = students
    return students_by_snippet


def occurs_in(text: str, texts: Iterable[str]) -> bool:
    """Return whether one of `texts` holds this snippet, however its placeholders were filled."""
    return _any_contains(map(_normalize, texts), _fixed_parts(text))


def _normalize(text: str) -> str:
    return " ".join(text.split()).casefold()


def _fixed_parts(text: str) -> list[str]:
    """Return what a snippet says between its placeholders; nothing when that is too little."""
    parts = [part for part in map(_normalize, _PLACEHOLDER.sub("\0", text).split("\0")) if part]
    return parts if sum(map(len, parts)) >= _MIN_CHARACTERS else []


def _any_contains(texts: Iterable[str], parts: Sequence[str]) -> bool:
    return bool(parts) and any(_contains_parts(text, parts) for text in texts)


def _contains_parts(text: str, parts: Iterable[str]) -> bool:
    """Return whether a text holds these parts, in this order."""
    position = 0
    for part in parts:
        index = text.find(part, position)
        if index < 0:
            return False
        position = index + len(part)
    return True
