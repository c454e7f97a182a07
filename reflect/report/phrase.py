"""A phrase: words that a teacher writes often, their own or shared with the section, with places to fill."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reflect.refusal import NotFound, PhraseEmpty, PhraseTooLong, TooManyPhrases
from reflect.school import ties
from reflect.school.people import Course, Me, Person, Subject, Who
from reflect.store import Base, session

LONGEST, MOST = 1_000, 300  # characters in a phrase, phrases of one person
SEVERAL = 3  # so many other students make a phrase a canned answer
_TELLING = 10  # fewer letters than this stand in anybody's text by chance
_PLACE = re.compile(r"\{\s*(naam|name|voornemen|goal)\s*\}", re.IGNORECASE)
_QUOTED = {"nl": "‘{}’", "en": "“{}”"}


class Phrase(Base):
    """Never changed: rewriting ends it and adds the one that `follows` it.

    `subject_id`: shared with whoever teaches that subject; None: its owner's alone.
    """

    __tablename__ = "phrase"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    subject_id: Mapped[int | None] = mapped_column(sa.ForeignKey("subject.id"), index=True)
    text: Mapped[str]
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    follows: Mapped[int | None] = mapped_column(sa.ForeignKey("phrase.id"))

    def rewrite(self, text: str, *, subject_id: int | None, by: Me, at: datetime) -> Phrase:
        """Put another text or sharing in its place; what another page put there meanwhile stays beside it.

        Raises NotFound, PhraseEmpty, PhraseTooLong.
        """
        if self.owner_id != by.id:
            raise NotFound
        text = _checked(text, subject_id=subject_id, by=by)
        if self.ended_at is None and (self.text, self.subject_id) == (text, subject_id):
            return self
        self.ended_at = self.ended_at or at
        session().flush()
        return write(text, subject_id=subject_id, follows=self.id, by=by, at=at)

    def take_away(self, *, by: Me, at: datetime) -> None:
        """Raises NotFound."""
        if self.owner_id != by.id:
            raise NotFound
        self.ended_at = self.ended_at or at


def write(text: str, *, subject_id: int | None, by: Me, at: datetime, follows: int | None = None) -> Phrase:
    """Keep a phrase, or give the one of mine that says the same already.

    Raises NotFound (not my subject), PhraseEmpty, PhraseTooLong, TooManyPhrases.
    """
    text = _checked(text, subject_id=subject_id, by=by)
    own = [one for one in _standing(by) if one.owner_id == by.id]
    same = next((one for one in own if (one.text, one.subject_id) == (text, subject_id)), None)
    if same is not None:
        return same
    if len(own) >= MOST:
        raise TooManyPhrases
    row = Phrase(owner_id=by.id, subject_id=subject_id, text=text, made_at=at, follows=follows)
    session().add(row)
    session().flush()
    return row


def _checked(text: str, *, subject_id: int | None, by: Me) -> str:
    if subject_id is not None and subject_id not in {id for id, _ in subjects(by=by)}:
        raise NotFound
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise PhraseEmpty
    if len(text) > LONGEST:
        raise PhraseTooLong
    return text


def mine(id: int, *, by: Me) -> Phrase:
    """Give a phrase of my own, to call a verb on; also one that has ended. Raises NotFound."""
    found = session().scalar(sa.select(Phrase).where(Phrase.id == id, Phrase.owner_id == by.id))
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class Offered:
    """A phrase that I may use; `owner` is None when it is mine, `subject` is empty when it is mine alone."""

    id: int
    text: str
    subject_id: int | None
    subject: str
    owner: Who | None


def phrases(*, by: Me, course_id: int | None = None) -> list[Offered]:
    """Give my phrases, and then those that colleagues share for a subject I teach (with a course: for its subject)."""
    found = session().execute(_OFFERED, {"me": by.id, "on": by.on, "course": course_id})
    return [Offered(row.id, row.text, row.subject_id, subject or "", None if owner.id == by.id else owner.who)
            for row, owner, subject in found]  # fmt: skip


# Prepared once: every page of the desk asks it.
_COURSE = sa.bindparam("course", type_=sa.Integer)
_OF_COURSE = Phrase.subject_id.in_(sa.select(Course.subject_id).where(Course.id == _COURSE))
_SHARED = sa.and_(ties.teaches_subject(ties.ME, Phrase.subject_id, on=ties.ON), sa.or_(_COURSE.is_(None), _OF_COURSE))
_OFFERED = (
    sa.select(Phrase, Person, Subject.name)
    .join(Person, Person.id == Phrase.owner_id)
    .outerjoin(Subject, Subject.id == Phrase.subject_id)
    .where(Phrase.ended_at.is_(None), sa.or_(Phrase.owner_id == ties.ME, _SHARED))
    .order_by(Phrase.owner_id != ties.ME, Person.family_name, Phrase.id)
)


def _standing(by: Me) -> Sequence[Phrase]:
    return session().scalars(sa.select(Phrase).where(Phrase.owner_id == by.id, Phrase.ended_at.is_(None))).all()


def taken_away(*, by: Me) -> list[str]:
    """Give the texts of mine that stand nowhere any more, the last one that went first."""
    ended = sa.select(Phrase.text).where(Phrase.owner_id == by.id, Phrase.ended_at.is_not(None))
    gone = session().scalars(ended.order_by(Phrase.ended_at.desc(), Phrase.id.desc()))
    standing = {one.text for one in _standing(by)}
    return [text for text in dict.fromkeys(gone) if text not in standing]


def subjects(*, by: Me) -> list[tuple[int, str]]:
    """Give the subjects that I teach now, by name: with their teachers I can share."""
    taught = sa.select(Subject.id, Subject.name).where(ties.teaches_subject(by.id, Subject.id, on=by.on))
    return [(id, name) for id, name in session().execute(taught.order_by(Subject.name))]


def fill(text: str, *, name: str, goal: str, language: str) -> str:
    """Fill the places: the student's first name, and their goal as they wrote it; without a goal that place stays."""

    def filling(found: re.Match[str]) -> str:
        if found[1].casefold() in ("naam", "name"):
            return name
        return _QUOTED[language].format(goal) if goal else found[0]

    return _PLACE.sub(filling, text)


def to_many(phrases: Iterable[Offered], written: Mapping[Who, Iterable[str]]) -> dict[int, tuple[Who, ...]]:
    """Tell, by phrase, to whom these answers of mine say it too; only where that are several students."""
    plain = {student: [_plain(text) for text in texts] for student, texts in written.items()}
    found = {}
    for phrase in phrases:
        words = _words(phrase.text)
        students = tuple(one for one, texts in plain.items() if words and any(_says(text, words) for text in texts))
        if len(students) >= SEVERAL:
            found[phrase.id] = students
    return found


def stands_in(text: str, texts: Iterable[str]) -> bool:
    """Say whether one of these texts says this phrase, whatever its places were filled with."""
    words = _words(text)
    return bool(words) and any(_says(_plain(one), words) for one in texts)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _words(phrase: str) -> list[str]:
    """Give what a phrase says between its places; nothing when that is too little to tell it by."""
    between = [words for words in map(_plain, _PLACE.sub("\0", phrase).split("\0")) if words]
    return between if sum(map(len, between)) >= _TELLING else []


def _says(text: str, words: Iterable[str]) -> bool:
    place = 0
    for part in words:
        found = text.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return True
