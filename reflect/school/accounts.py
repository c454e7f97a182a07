"""Accounts: passwords that are given or chosen, and what a school confirms about custody."""

import secrets
from datetime import datetime

import sqlalchemy as sa

from reflect.refusal import NotFound, PasswordRefused
from reflect.school.people import Person
from reflect.school.sign_in import hashed, is_password_of, sign_out_everywhere
from reflect.school.ties import Custody, Guardianship
from reflect.store import session

MIN_LENGTH = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that look alike when read from paper
_COMMON = frozenset(
    [
        "1234567890", "0123456789", "qwertyuiop", "wachtwoord", "password12", "password123", "welkom1234", "welkom2026",
        "welkom2027", "geheim1234", "iloveyou12", "aaaaaaaaaa", "abcdefghij", "voetbal123", "schoolschool",
        "wiskunde123", "qwerty12345", "1q2w3e4r5t", "zomer20262", "hallohallo",
    ]
)  # fmt: skip


def _named(sign_in_name: str) -> Person:
    found = session().scalar(sa.select(Person).where(Person.sign_in_name == sign_in_name.strip().casefold()))
    if found is None:
        raise NotFound
    return found


def give_password(sign_in_name: str, *, at: datetime) -> str:
    """Give this person a new password, end their sessions, and give it back to be handed over. Raises NotFound."""
    person = _named(sign_in_name)
    password = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
    person.password_hash = hashed(password)
    sign_out_everywhere(person.id, at=at)
    return password


def choose_password(person: Person, *, current: str, new: str) -> None:
    """Raises PasswordRefused when the current one is wrong or the new one is easy to guess."""
    if not is_password_of(person, current):
        raise PasswordRefused
    plain = new.casefold()
    names = {part.casefold() for part in (person.given_name, person.family_name) if len(part) > 2}
    easy = plain in _COMMON or len(set(plain)) < 4 or any(name in plain for name in names)
    if len(new) < MIN_LENGTH or easy:
        raise PasswordRefused
    person.password_hash = hashed(new)


def set_custody(guardian: str, *, student: str, custody: Custody) -> None:
    """Say what the school knows of this guardian's right to be told of this student; both by their sign-in name.

    Raises NotFound when the roster ties no such two.
    """
    pair = sa.and_(Guardianship.person_id == _named(guardian).id, Guardianship.student_id == _named(student).id)
    row = session().scalar(sa.select(Guardianship).where(pair).order_by(Guardianship.id.desc()))
    if row is None:
        raise NotFound
    row.custody = custody
