"""Typing one's own password once more while one is signed in, as often as a kind limit allows."""

from datetime import datetime

import sqlalchemy as sa

from reflect.db.session import no_transaction, session
from reflect.errors import TooManyAttempts, TooManyConfirmations, WrongPassword
from reflect.school import throttle
from reflect.school.budgets import budgets_of_session
from reflect.school.passwords import FIRST_QUEUE, hash_password, is_outdated
from reflect.school.people import Person
from reflect.school.sessions import ActiveSession, mark_confirmed


def confirm_password(active: ActiveSession, *, password: str, at: datetime) -> ActiveSession:
    """Store that whoever has this session typed their password, and return the session with that.

    Raises WrongPassword, TooManyAttempts.
    """
    check_current_password(active.person, password, at=at)
    return mark_confirmed(active, at=at)


def check_current_password(person: Person, password: str, *, at: datetime) -> str:
    """Return the hash that the password belongs to. Raises WrongPassword, TooManyConfirmations."""
    budgets = budgets_of_session(person.id)
    verified_hash = person.password_hash or ""
    try:
        throttle.count_try(budgets, at=at)
    except TooManyAttempts as error:
        raise TooManyConfirmations(seconds=error.retry_after) from error
    # The try is stored before the password is looked at, and no transaction waits for a hash.
    with no_transaction(), FIRST_QUEUE.place():
        form = FIRST_QUEUE.matching_form(verified_hash, password)
        is_old = form is not None and is_outdated(verified_hash, matching_form=form)
        new_hash = hash_password(password) if is_old else verified_hash
    if form is None:
        raise WrongPassword
    if is_old and replace_hash(person, verified_hash, new_hash):
        verified_hash = new_hash
    throttle.forget_tries(budgets)
    return verified_hash


def replace_hash(person: Person, old_hash: str, new_hash: str) -> bool:
    """Set another hash, unless somebody did so first, and return whether it is set."""
    replaced = session().execute(
        sa.update(Person)
        .where(Person.id == person.id, Person.password_hash == old_hash)
        .values(password_hash=new_hash)
        .returning(Person.id)
    )
    return replaced.first() is not None
