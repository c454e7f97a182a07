"""Passwords of accounts: set to a random one by the school, or changed by the person."""

import secrets
from datetime import datetime

from reflect.db.session import no_transaction
from reflect.errors import PasswordRejected
from reflect.school.passwords import (
    MIN_PASSWORD_LENGTH,
    hash_matches,
    hash_password,
    is_guessable,
)
from reflect.school.people import Person, get_by_sign_in_name
from reflect.school.sessions import sign_out_everywhere

# Without the letters and digits that look alike when they are read from paper.
_UNAMBIGUOUS_CHARACTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def reset_password(sign_in_name: str, *, at: datetime) -> str:
    """Set a random password, end the person's sessions, and return it. Raises NotFound."""
    characters = "".join(secrets.choice(_UNAMBIGUOUS_CHARACTERS) for _ in range(16))
    # In groups of four, which are easier to copy from paper.
    password = "-".join(characters[start : start + 4] for start in range(0, 16, 4))
    # Before anything is asked: nobody's save waits for a hash (decision 33).
    with no_transaction():
        password_hash = hash_password(password)
    person = get_by_sign_in_name(sign_in_name)
    person.password_hash = password_hash
    # Whoever was signed in with the old password, perhaps not its owner, is out at once.
    sign_out_everywhere(person.id, at=at)
    return password


def change_password(person: Person, *, current: str, new: str) -> None:
    """Set a new password.

    Raises PasswordRejected when the current one is wrong, or the new one short or easy to guess.
    """
    if len(new) < MIN_PASSWORD_LENGTH or is_guessable(new, person):
        raise PasswordRejected
    current_hash = person.password_hash
    # Nobody's save waits for a hash (decision 33).
    with no_transaction():
        # Asked although there is a session: a laptop that was left open must not cost its owner
        # the account.
        new_hash = hash_password(new) if _is_current(current_hash, current) else None
    # Changed meanwhile, by the school or on another device: what was checked is not current.
    if new_hash is None or person.password_hash != current_hash:
        raise PasswordRejected
    person.password_hash = new_hash


def _is_current(password_hash: str | None, password: str) -> bool:
    return password_hash is not None and hash_matches(password_hash, password)
