"""Who is at the school and what there is to be tied to: persons, school years, groups, subjects, courses."""

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reflect.store import Base, ask, session


class Person(Base):
    """Anyone with an account; what they may do follows from their ties."""

    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    external_id: Mapped[str | None] = mapped_column(unique=True)
    given_name: Mapped[str]
    infix: Mapped[str] = mapped_column(default="")
    family_name: Mapped[str]
    sign_in_name: Mapped[str | None] = mapped_column(unique=True)
    email: Mapped[str] = mapped_column(default="")
    password_hash: Mapped[str | None]
    language: Mapped[str | None]
    font: Mapped[str] = mapped_column(default="normal")
    text_size: Mapped[str] = mapped_column(default="normal")
    writes: Mapped[str] = mapped_column(default="all", server_default="all")
    left_on: Mapped[date | None]

    @property
    def name(self) -> str:
        return full_name(self.given_name, self.infix, self.family_name)

    @property
    def who(self) -> "Who":
        return who(self.id, self.given_name, self.infix, self.family_name)


def full_name(given: str, infix: str, family: str) -> str:
    return " ".join(part for part in (given, infix, family) if part)


def who(id: int, given: str, infix: str, family: str) -> "Who":
    """Give a person as others see them, from the columns of a row."""
    return Who(id=id, name=full_name(given, infix, family), first=given)


@dataclass(frozen=True)
class Who:
    """A person as others may see them: the whole name and the first name."""

    id: int
    name: str
    first: str


@dataclass(frozen=True)
class Me(Who):
    """The person who acts, on a day of the school; every verb takes one as `by`."""

    on: date


class SchoolYear(Base):
    __tablename__ = "school_year"
    id: Mapped[int] = mapped_column(primary_key=True)
    external_id: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str]
    begins_on: Mapped[date]
    ends_on: Mapped[date]


class Group(Base):
    """A mentor group in one school year."""

    __tablename__ = "mentor_group"
    __table_args__ = (sa.UniqueConstraint("year_id", "code"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    external_id: Mapped[str | None] = mapped_column(unique=True)
    code: Mapped[str]
    name: Mapped[str]
    year_id: Mapped[int] = mapped_column(sa.ForeignKey("school_year.id"))


class Subject(Base):
    __tablename__ = "subject"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]


class Course(Base):
    """A subject given to some students in one school year; often, not always, to one mentor group."""

    __tablename__ = "course"
    __table_args__ = (sa.UniqueConstraint("year_id", "code"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    external_id: Mapped[str | None] = mapped_column(unique=True)
    code: Mapped[str]
    name: Mapped[str]
    subject_id: Mapped[int] = mapped_column(sa.ForeignKey("subject.id"))
    group_id: Mapped[int | None] = mapped_column(sa.ForeignKey("mentor_group.id"))
    year_id: Mapped[int] = mapped_column(sa.ForeignKey("school_year.id"))


def person(id: int) -> Person | None:
    """Give the person with this id, for themselves or for the house; what others see of them is `Who`."""
    return session().get(Person, id)


_NAMES = sa.select(Person.id, Person.given_name, Person.infix, Person.family_name).where(
    Person.id.in_(sa.bindparam("ids", expanding=True, type_=sa.Integer))
)


def persons(ids: set[int]) -> dict[int, Who]:
    """Give the names of these persons, by id."""
    return {row.id: who(*row) for row in ask(_NAMES, {"ids": list(ids)})} if ids else {}
