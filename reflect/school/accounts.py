"""Passwords of accounts: set to a random one by the school, or changed by the person."""

import secrets
from datetime import datetime

from reflect.db.session import no_transaction, session
from reflect.errors import PasswordChangedMeanwhile
from reflect.school import throttle
from reflect.school.budgets import name_key, person_key
from reflect.school.password_confirmation import check_current_password, replace_hash
from reflect.school.password_rules import check_new_password
from reflect.school.passwords import hash_password
from reflect.school.people import get_by_sign_in_name, normalize_sign_in_name
from reflect.school.sessions import ActiveSession, sign_out_elsewhere, sign_out_everywhere

# Without the letters and digits that look alike when they are read from paper.
_UNAMBIGUOUS_CHARACTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def reset_password(sign_in_name: str, *, at: datetime) -> str:
    """Set a random password and return it; end the person's sessions, and every wait to sign in.

    Raises NotFound.
    """
    characters = "".join(secrets.choice(_UNAMBIGUOUS_CHARACTERS) for _ in range(16))
    # In groups of four, which are easier to copy from paper.
    password = "-".join(characters[start : start + 4] for start in range(0, 16, 4))
    # Before anything is read: no transaction waits for a hash.
    password_hash = hash_password(password)
    person = get_by_sign_in_name(sign_in_name)
    person.password_hash = password_hash
    session().flush()
    # Whoever was signed in with the old password, perhaps not its owner, is out at once.
    sign_out_everywhere(person.id, at=at)
    name = normalize_sign_in_name(sign_in_name)
    throttle.forget_all_tries((name_key(name), person_key(person.id)))
    return password


def change_password(
    active: ActiveSession, *, current: str, new: str, school: str, at: datetime
) -> None:
    """Set a new password, and end the person's other sessions.

    Raises WrongPassword, TooManyAttempts, PasswordRejected when the new one is easy to guess, or
    PasswordChangedMeanwhile.
    """
    person = active.person
    # Before the current one is asked, so that a new one that is refused costs no try.
    check_new_password(new, person=person, school=school)
    # Asked although there is a session: a laptop that was left open must not cost its owner the
    # account.
    verified_hash = check_current_password(person, current, at=at)
    # Nobody's save waits for a hash (decision 33), and a session that was ended meanwhile stops.
    with no_transaction():
        new_hash = hash_password(new)
    if not replace_hash(person, verified_hash, new_hash):
        raise PasswordChangedMeanwhile
    sign_out_elsewhere(active, at=at)
