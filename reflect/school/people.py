"""The people of a school, and what ties join them to: school years, groups, subjects, courses."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reflect.db.base import Base
from reflect.db.session import execute, session
from reflect.errors import NotFound
from reflect.school.names import PersonSortKey, person_sort_key


class Person(Base):
    """Anyone with an account; what they may do follows from their ties (reflect.school.ties)."""

    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    external_id: Mapped[str | None] = mapped_column(unique=True)
    given_name: Mapped[str]
    # A column of its own: where family names are sorted, "van den Berg" comes under the B.
    infix: Mapped[str] = mapped_column(default="")
    family_name: Mapped[str]
    # As `normalize_sign_in_name` returns it, and as it is compared when somebody signs in.
    sign_in_name: Mapped[str | None] = mapped_column(unique=True)
    email: Mapped[str] = mapped_column(default="")
    # None until the school sets a password: until then nobody can sign in with this account.
    password_hash: Mapped[str | None]
    # None: never chosen; `reflect.web.i18n_setup` says which language is used then.
    language: Mapped[str | None]
    font: Mapped[str] = mapped_column(default="normal")
    text_size: Mapped[str] = mapped_column(default="normal")
    editor_mode: Mapped[str] = mapped_column(default="all", server_default="all")
    # From this day on they have left, and it may be a day to come: next year's roster is often
    # imported before the summer. The row stays: what this person wrote and read refers to it.
    left_on: Mapped[date | None]
    # Up to this day, the end of a school year, a roster has listed them; None: made by hand.
    listed_until: Mapped[date | None]
    # False while a roster says so; it has no say about whoever was made by hand.
    may_sign_in: Mapped[bool] = mapped_column(default=True, server_default=sa.true())

    @property
    def name(self) -> str:
        return full_name(self.given_name, self.infix, self.family_name)

    @property
    def ref(self) -> "PersonRef":
        return make_person_ref(self.id, self.given_name, self.infix, self.family_name)

    def as_actor(self, today: date) -> "Actor":
        return self.ref.as_actor(today)

    def has_left(self, *, on: date) -> bool:
        """Return whether they are not at the school any more on this day."""
        return self.left_on is not None and self.left_on <= on


def full_name(given: str, infix: str, family: str) -> str:
    return " ".join(part for part in (given, infix, family) if part)


def make_person_ref(person_id: int, given: str, infix: str, family: str) -> "PersonRef":
    """Return a person as others see them, from the columns of a row."""
    return PersonRef(
        id=person_id,
        name=full_name(given, infix, family),
        given_name=given,
        infix=infix,
        family_name=family,
    )


@dataclass(frozen=True)
class PersonRef:
    """A person as others may see them: the full name, and its parts, by which it is sorted."""

    id: int
    name: str
    given_name: str
    # Not compared: the full name is.
    infix: str = field(default="", compare=False, kw_only=True)
    family_name: str = field(default="", compare=False, kw_only=True)

    @property
    def sort_key(self) -> tuple[PersonSortKey, int]:
        """The place of this person in any list: by surname, and two of one name by their id."""
        return person_sort_key(self.given_name, self.infix, self.family_name), self.id

    def as_actor(self, today: date) -> "Actor":
        return Actor(
            id=self.id,
            name=self.name,
            given_name=self.given_name,
            infix=self.infix,
            family_name=self.family_name,
            today=today,
        )


@dataclass(frozen=True)
class Actor(PersonRef):
    """The person who acts, on a day of the school; functions that act take one as `by`."""

    today: date


def by_surname(people: Iterable[PersonRef]) -> list[PersonRef]:
    """Return these people in the order of every list: page, menu, print and archive."""
    return sorted(people, key=lambda person: person.sort_key)


class SchoolYear(Base):
    """A school year; the next one may stand beside it before it begins. `ends_on` is exclusive."""

    __tablename__ = "school_year"
    id: Mapped[int] = mapped_column(primary_key=True)
    external_id: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str]
    begins_on: Mapped[date]
    ends_on: Mapped[date]


class Group(Base):
    """A mentor group in one school year; the same `external_id` in another year is another."""

    __tablename__ = "mentor_group"
    __table_args__ = (
        sa.UniqueConstraint("year_id", "code"),
        sa.UniqueConstraint("year_id", "external_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    external_id: Mapped[str | None]
    code: Mapped[str]
    name: Mapped[str]
    year_id: Mapped[int] = mapped_column(sa.ForeignKey("school_year.id"))


class Subject(Base):
    __tablename__ = "subject"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]


class Course(Base):
    """A subject taught to some students in one school year; often to all of one mentor group.

    The same `external_id` in another year is another course (docs/decisions/0037).
    """

    __tablename__ = "course"
    __table_args__ = (
        sa.UniqueConstraint("year_id", "code"),
        sa.UniqueConstraint("year_id", "external_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    external_id: Mapped[str | None]
    code: Mapped[str]
    name: Mapped[str]
    subject_id: Mapped[int] = mapped_column(sa.ForeignKey("subject.id"))
    group_id: Mapped[int | None] = mapped_column(sa.ForeignKey("mentor_group.id"))
    year_id: Mapped[int] = mapped_column(sa.ForeignKey("school_year.id"))


def get_person(person_id: int) -> Person | None:
    """Return the person with this id, for themselves; what others may see is PersonRef."""
    return session().get(Person, person_id)


def normalize_sign_in_name(sign_in_name: str) -> str:
    """Return a sign-in name as it is stored: in lowercase, and in the form NFC of Unicode."""
    # A Mac may send "zoë" as four characters, and Windows sends three.
    # Twice: putting letters in lowercase takes some of them apart again.
    composed = unicodedata.normalize("NFC", sign_in_name.strip())
    return unicodedata.normalize("NFC", composed.casefold())


def sign_in_name_forms(sign_in_name: str) -> list[str]:
    """Return how this name may be stored, NFC first.

    The step of the database that put all names into NFC left one of two names alone that would
    have become the same.
    """
    name = normalize_sign_in_name(sign_in_name)
    return list(dict.fromkeys([name, unicodedata.normalize("NFD", name)]))


def lock_person(person_id: int) -> None:
    """Let nobody else pass here with this person until the commit: two presses come in turn."""
    person_sql = sa.select(Person.id).where(Person.id == person_id)
    session().execute(person_sql.with_for_update(key_share=True))


def get_by_sign_in_name(sign_in_name: str) -> Person:
    """Return the person with this sign-in name, in any case. Raises NotFound."""
    person = session().scalar(
        sa.select(Person)
        .where(Person.sign_in_name.in_(sign_in_name_forms(sign_in_name)))
        # Where both are somebody's, the one in NFC: it has fewer characters.
        .order_by(sa.func.length(Person.sign_in_name))
        .limit(1)
    )
    if person is None:
        raise NotFound
    return person


def get_by_sign_in_name_or_id(text: str) -> Person:
    """Return the person with this sign-in name, else with this id in the roster. Raises NotFound.

    Parents may have no sign-in name.
    """
    try:
        return get_by_sign_in_name(text)
    except NotFound:
        person = session().scalar(sa.select(Person).where(Person.external_id == text))
        if person is None:
            raise
        return person


_SELECT_NAMES = sa.select(Person.id, Person.given_name, Person.infix, Person.family_name).where(
    Person.id.in_(sa.bindparam("ids", expanding=True, type_=sa.Integer))
)


def person_refs(person_ids: set[int]) -> dict[int, PersonRef]:
    """Return these persons as others see them, by id."""
    # Saves a query: many lists have nobody to name.
    if not person_ids:
        return {}
    rows = execute(_SELECT_NAMES, {"ids": list(person_ids)})
    return {row.id: make_person_ref(*row) for row in rows}
