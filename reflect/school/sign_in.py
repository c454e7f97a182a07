"""Signing in with a password: the try is counted, the password is looked at, a session begins.

In three steps, since Argon2 takes some 25 ms on purpose: the middle one holds no transaction, so
nobody's saving waits for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from reflect.db.session import begin_write, commit, session
from reflect.school import known_devices, throttle, ties
from reflect.school.budgets import Budget, budgets_of_known_device, budgets_of_stranger
from reflect.school.passwords import (
    DUMMY_HASH,
    FIRST_QUEUE,
    STRANGERS_QUEUE,
    HashQueue,
    hash_password,
    is_outdated,
)
from reflect.school.people import Person, normalize_sign_in_name, sign_in_name_forms
from reflect.school.sessions import UNKNOWN_BROWSER, Browser, begin_session
from reflect.school.ties import LEAVER_PERIOD, TODAY, may_sign_in


def sign_in(
    sign_in_name: str,
    *,
    password: str,
    remote_address: str,
    at: datetime,
    device_token: str = "",
    browser: Browser = UNKNOWN_BROWSER,
    leaver: timedelta = LEAVER_PERIOD,
) -> str | None:
    """Return the token of a new session, or None when name and password do not match.

    `leaver`: for how long a student who has left still can. The device of `device_token` is
    known from then on. Raises TooManyAttempts, and ServiceBusy when too many others sign in at
    this moment.
    """
    name = normalize_sign_in_name(sign_in_name)
    begin_write()
    account_params = _account_params(name, at=at, leaver=leaver)
    account = _find_account(account_params, device_token=device_token, at=at)
    budgets = _budgets(account, name, remote_address=remote_address)
    with account.queue.place():
        throttle.count_try(budgets, at=at)
        # Stored before the password is looked at: a hundred tries at once are counted too.
        commit()
        form = account.queue.matching_form(account.password_hash or DUMMY_HASH, password)
        if form is None or not account.password_hash:
            return None
        new_hash = account.password_hash
        # Only at this moment is the password itself known.
        if is_outdated(new_hash, matching_form=form):
            new_hash = hash_password(password)
    person = _lock_unchanged(account, account_params)
    if person is None:
        return None
    person.password_hash = new_hash
    throttle.forget_tries(budgets)
    if device_token:
        known_devices.remember(device_token, person_id=person.id, at=at)
    return begin_session(person, browser=browser, at=at)


def _account_params(name: str, *, at: datetime, leaver: timedelta) -> dict[str, object]:
    return {
        "names": sign_in_name_forms(name),
        "today": at.date(),
        "left_since": (at - leaver).date(),
    }


@dataclass(frozen=True)
class _Account:
    """What is known of a name before its password is looked at; of a made-up name, nothing."""

    person_id: int = 0
    password_hash: str | None = None
    device_id: int | None = None
    queue: HashQueue = STRANGERS_QUEUE


def _budgets(account: _Account, name: str, *, remote_address: str) -> tuple[Budget, ...]:
    if account.device_id is None:
        return budgets_of_stranger(name, remote_address=remote_address)
    return budgets_of_known_device(account.person_id, account.device_id)


def _find_account(
    account_params: Mapping[str, object], *, device_token: str, at: datetime
) -> _Account:
    row = session().execute(_SELECT_ACCOUNT, account_params).first()
    if row is None:
        return _Account()
    device_id = known_devices.find_device(device_token, person_id=row.id, at=at)
    comes_first = device_id is not None or row.is_staff
    queue = FIRST_QUEUE if comes_first else STRANGERS_QUEUE
    return _Account(row.id, row.password_hash, device_id, queue)


_IS_STAFF = sa.or_(
    *(
        sa.exists().where(tie.person_id == Person.id)
        for tie in (ties.Teaching, ties.Mentoring, ties.Duty)
    )
)
_IS_OPEN = may_sign_in(today=TODAY, left_since=sa.bindparam("left_since", type_=sa.Date))
_SELECT_ACCOUNT = (
    sa.select(Person.id, Person.password_hash, _IS_STAFF.label("is_staff"))
    .where(Person.sign_in_name.in_(sa.bindparam("names", expanding=True)), _IS_OPEN)
    # Where both forms are somebody's, the one in NFC: it has fewer characters.
    .order_by(sa.func.length(Person.sign_in_name))
)


def _lock_unchanged(account: _Account, account_params: Mapping[str, object]) -> Person | None:
    """Return the person, None if their password was changed since it was looked at.

    The row is locked: whoever sets another password ends this session too, or comes first.
    """
    return session().scalar(
        sa.select(Person)
        .where(
            Person.id == account.person_id,
            Person.password_hash == account.password_hash,
            _IS_OPEN,
        )
        .with_for_update()
        .execution_options(populate_existing=True),
        account_params,
    )
