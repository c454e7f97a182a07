"""Signing in with a password, and the limit on attempts."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reflect.db.base import Base
from reflect.db.session import session
from reflect.errors import TooManyAttempts
from reflect.school.passwords import DUMMY_HASH, hash_matches, hash_password, needs_rehash
from reflect.school.people import Person
from reflect.school.sessions import begin_session, digest
from reflect.school.ties import LEAVER_PERIOD, may_sign_in

# Failed attempts within ATTEMPT_WINDOW. A class of thirty behind the one address of a school must
# still get in, so an address may fail more often than a name.
MAX_ATTEMPTS_PER_NAME = 10
MAX_ATTEMPTS_PER_ADDRESS = 200
ATTEMPT_WINDOW = timedelta(minutes=15)


class SignInAttempt(Base):
    """A failed attempt; two rows, with the hash of the name and that of the address as `key`."""

    __tablename__ = "sign_in_attempt"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime]


def sign_in(
    sign_in_name: str,
    *,
    password: str,
    remote_address: str,
    at: datetime,
    leaver: timedelta = LEAVER_PERIOD,
) -> str | None:
    """Return the token of a new session, or None when name and password do not match.

    `leaver`: for how long a student who has left still can. Raises TooManyAttempts.
    """
    # As it is stored: capital letters count in the password alone.
    sign_in_name = sign_in_name.strip().casefold()
    keys = (digest(f"name:{sign_in_name}"), digest(f"address:{remote_address}"))
    # Before the password is looked at, so that a right guess after too many wrong ones fails too.
    _check_attempt_limits(keys, at=at)
    person = session().scalar(
        sa.select(Person).where(
            Person.sign_in_name == sign_in_name,
            may_sign_in(today=at.date(), left_since=(at - leaver).date()),
        )
    )
    own_hash = person.password_hash if person else None
    password_hash = own_hash or DUMMY_HASH
    is_match = hash_matches(password_hash, password)
    if not is_match or person is None or not own_hash:
        # Returned and not raised: an exception would roll back the very row that counts this
        # attempt.
        session().add_all(SignInAttempt(key=key, at=at) for key in keys)
        return None
    # Only at this moment is the password itself known.
    if needs_rehash(password_hash):
        person.password_hash = hash_password(password)
    # The attempts of the address stay: somebody who knows one password may guess at others.
    is_expired = SignInAttempt.at < at - ATTEMPT_WINDOW
    session().execute(sa.delete(SignInAttempt).where((SignInAttempt.key == keys[0]) | is_expired))
    return begin_session(person, at=at)


def _check_attempt_limits(keys: tuple[str, str], *, at: datetime) -> None:
    for key, limit in zip(keys, (MAX_ATTEMPTS_PER_NAME, MAX_ATTEMPTS_PER_ADDRESS), strict=True):
        attempts = sa.select(sa.func.count()).where(
            SignInAttempt.key == key, SignInAttempt.at > at - ATTEMPT_WINDOW
        )
        if (session().scalar(attempts) or 0) >= limit:
            raise TooManyAttempts
