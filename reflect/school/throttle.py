"""How long somebody waits between two tries of a password; counted before a try is looked at.

Each counted try doubles the wait under its key. The first few waits are shorter than anybody
notices and are not held, so that a slip of the finger costs nothing.
"""

import math
from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reflect.db.base import Base, Instant
from reflect.db.session import begin_write, session
from reflect.errors import TooManyAttempts
from reflect.school.budgets import Budget

FIRST_WAIT = timedelta(seconds=1)
# Waits up to this one are not held: four tries, and after those 8, 16, 32 seconds and so on.
LONGEST_WAIT_NOT_HELD = timedelta(seconds=4)
# After this time without a try, it is as if there had been none.
FORGOTTEN_AFTER = timedelta(hours=1)
# Made-up names get rows too. Above this number the oldest go.
MAX_ROWS = 20_000


class SignInAttempt(Base):
    """The last counted try under a key, and until when the next one has to wait."""

    __tablename__ = "sign_in_attempt"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    at: Mapped[datetime] = mapped_column(index=True)
    wait_until: Mapped[datetime]

    def time_left(self, at: datetime) -> timedelta:
        """Return how long the next try has to wait; zero or less when it may come now."""
        is_held = self.wait_until - self.at > LONGEST_WAIT_NOT_HELD
        return self.wait_until - at if is_held else timedelta()

    def count(self, *, longest_wait: timedelta, at: datetime) -> None:
        """Count a try at this moment: the wait after it is twice the one before."""
        wait = 2 * (self.wait_until - self.at)
        if at > self.wait_until + FORGOTTEN_AFTER:
            wait = FIRST_WAIT
        # Requests of the same moment are counted in any order.
        self.at = max(at, self.at)
        self.wait_until = self.at + min(max(wait, FIRST_WAIT), longest_wait)


def count_try(budgets: Iterable[Budget], *, at: datetime) -> None:
    """Count a try in each of these budgets; the caller commits before it looks at the password.

    Raises TooManyAttempts while one of them has to wait. A try that is refused is not counted, so
    that no wait grows by being impatient.
    """
    longest_wait_by_key = {budget.key: budget.longest_wait for budget in budgets}
    begin_write()
    attempts = _lock(sorted(longest_wait_by_key), at=at)
    time_left = max(attempt.time_left(at) for attempt in attempts)
    if time_left > timedelta():
        # The sentence speaks of "seconds", and so of two at least.
        raise TooManyAttempts(seconds=max(2, math.ceil(time_left.total_seconds())))
    for attempt in attempts:
        attempt.count(longest_wait=longest_wait_by_key[attempt.key], at=at)
    session().flush()
    _remove_old(at=at)


# A new row has a wait of no time at all.
_INSERT_MISSING = sa.text(
    "INSERT INTO sign_in_attempt (key, at, wait_until) VALUES (:key, :at, :at)"
    " ON CONFLICT (key) DO NOTHING"
).bindparams(sa.bindparam("at", type_=Instant))


def _lock(keys: list[str], *, at: datetime) -> list[SignInAttempt]:
    """Return the rows of these keys, made where they are missing, with nobody else at them.

    Always in the order of the keys, so that no two requests wait for each other.
    """
    for key in keys:
        session().execute(_INSERT_MISSING, {"key": key, "at": at})
    locked = (
        sa.select(SignInAttempt)
        .where(SignInAttempt.key.in_(keys))
        .order_by(SignInAttempt.key)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(session().scalars(locked))


def _remove_old(*, at: datetime) -> None:
    """Delete what is forgotten, and the oldest rows where there are too many."""
    oldest_kept = (
        sa.select(SignInAttempt.at)
        .order_by(SignInAttempt.at.desc())
        .offset(MAX_ROWS - 1)
        .limit(1)
        .scalar_subquery()
    )
    is_old = sa.or_(SignInAttempt.at < at - FORGOTTEN_AFTER * 2, SignInAttempt.at < oldest_kept)
    # A row that another request counts in is skipped: two that wait for each other's rows would
    # both fail.
    old = sa.select(SignInAttempt.id).where(is_old).with_for_update(skip_locked=True)
    session().execute(
        sa.delete(SignInAttempt).where(SignInAttempt.id.in_(old)),
        execution_options={"synchronize_session": False},
    )


def forget_tries(budgets: Iterable[Budget]) -> None:
    """Forget the tries in these budgets: the password was right."""
    _delete_where(SignInAttempt.key.in_([budget.key for budget in budgets]))


def forget_all_tries(key_prefixes: Iterable[str]) -> None:
    """Forget the tries in every budget whose key begins with one of these."""
    _delete_where(sa.or_(*(SignInAttempt.key.startswith(prefix) for prefix in key_prefixes)))


def _delete_where(condition: sa.ColumnElement[bool]) -> None:
    session().execute(
        sa.delete(SignInAttempt).where(condition),
        execution_options={"synchronize_session": False},
    )
