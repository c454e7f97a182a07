"""The unit of work: one session and one commit per request, and whether it may write."""

import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar, TypeVarTuple

import sqlalchemy as sa
from flask import Flask, Response, current_app, has_app_context, has_request_context, request
from sqlalchemy.engine import Connection, CursorResult
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.sql.selectable import TypedReturnsRows

from reflect.db.engine import configure_postgresql, configure_sqlite, db, engine_options
from reflect.db.outages import outage
from reflect.subprocesses import add_slow_work_guard

log = logging.getLogger(__name__)

# Nobody sees the page behind one of these: what its view writes, such as a reading, is undone.
_BODILESS_METHODS = ("HEAD", "OPTIONS")
_SAFE_METHODS = ("GET", *_BODILESS_METHODS)
# Not in `g`: commands and the worker have no request. They may write from the start.
_write_allowed: ContextVar[bool] = ContextVar("write_allowed", default=True)
# Set in a request without a body: nothing of it is kept, wherever in it a transaction ends.
_keeps_nothing: ContextVar[bool] = ContextVar("keeps_nothing", default=False)
# In `Session.info`, while a transaction has begun: whether it may write.
_MAY_WRITE = "may_write"
_raises_on_slow_work = False


class SlowWorkInTransaction(Exception):
    """Slow work was to begin while a transaction that may write was open: others wait for it."""


def session() -> Session:
    """Return the session of this request or command."""
    return db.session()


_Columns = TypeVarTuple("_Columns")
_Row = TypeVar("_Row")


def execute(
    statement: TypedReturnsRows[*_Columns], parameters: Mapping[str, object]
) -> CursorResult[*_Columns]:
    """Return the rows of a SELECT of columns, read past the ORM in half of its time.

    `statement` is built once, at import, with a `bindparam` for each of the `parameters`. What the
    session has not written yet is flushed first, so that the result takes it in. For columns only:
    a statement that selects a mapped class goes through `session()`.
    """
    current = session()
    # The connection itself knows nothing of the session's objects, and would miss them.
    if current.new or current.dirty or current.deleted:
        current.flush()
    return current.connection().execute(statement, parameters)


def add_or_find(row: _Row, same_row_sql: sa.Select[_Row]) -> _Row:
    """Add a row and return it; where another request added the same one, return that.

    `same_row_sql` selects it by the columns that are unique. To be asked before, as well: this is
    for two that find nothing at the same moment.
    """
    try:
        # In a savepoint: the refusal of a row ends a whole transaction on PostgreSQL.
        with session().begin_nested():
            session().add(row)
            session().flush()
    except IntegrityError:
        existing = session().scalar(same_row_sql)
        if existing is None:
            raise  # it was another rule that refused the row
        return existing
    return row


def read_only() -> None:
    """Begin the next transactions of this context as a reader, until `begin_write`.

    For a process that mostly looks whether there is work: it must not hold SQLite's write lock.
    """
    _write_allowed.set(False)


def is_writing() -> bool:
    """Return whether this request may write already: all but GET, HEAD and OPTIONS may."""
    return _write_allowed.get()


def begin_write() -> None:
    """Begin a transaction that may write, in a request that only read so far.

    To be called before reading what the write is decided upon: the snapshot read so far ends here.
    """
    if not _write_allowed.get():
        commit()
        _write_allowed.set(True)


@contextmanager
def short_write() -> Iterator[None]:
    """Write in a transaction of its own, which is committed before the block is left.

    For the little that a page writes which only reads: nobody may wait until it is drawn. In a
    request or command that may write already, it is a part of the transaction that is open.
    """
    if is_writing():
        yield
        return
    begin_write()
    try:
        yield
        commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        _write_allowed.set(False)


@contextmanager
def no_transaction() -> Iterator[None]:
    """Commit, hold no transaction while the block does its slow work, and then begin to write.

    What was read before may have changed since: every object is read again when it is used next,
    and in a request it is asked again who is signed in. Whoever decides upon more than that asks
    it again too.
    """
    commit()
    try:
        yield
    finally:
        # The block may have read, and never writes.
        db.session.rollback()
        db.session.expire_all()
        _write_allowed.set(True)
        if has_request_context():
            _check_request_again()


def _check_request_again() -> None:
    checks: list[Callable[[], None]] = current_app.extensions[_CHECKS]
    for check in checks:
        check()


def refuse_slow_work_in_transactions() -> None:
    """Raise SlowWorkInTransaction instead of logging it; for the tests."""
    global _raises_on_slow_work
    _raises_on_slow_work = True


def require_no_write_transaction(work: str) -> None:
    """Log an error, or raise SlowWorkInTransaction, where a transaction that may write has begun.

    On SQLite everybody else's save waits for its end, on PostgreSQL whoever wants the same rows.
    """
    # A thread of a pool has no session: whoever waits for it was asked.
    if not has_app_context() or not db.session().info.get(_MAY_WRITE):
        return
    if _raises_on_slow_work:
        raise SlowWorkInTransaction(work)
    log.error("slow work in a transaction that may write: %s", work, stack_info=True)


def _note_begin(session: Session, _: SessionTransaction, __: Connection) -> None:
    session.info[_MAY_WRITE] = _write_allowed.get()


def _note_end(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:  # the end of a savepoint ends nothing
        session.info[_MAY_WRITE] = False


def commit() -> None:
    """Commit now. A request commits by itself before it responds; this is for one in steps."""
    if _keeps_nothing.get():
        db.session.rollback()
    else:
        db.session.commit()


def rollback() -> None:
    """Undo everything since the last commit; for commands and workers. A failed request does so."""
    db.session.rollback()


# The page of an error is a response like any other, and a commit follows it in
# `_end_unit_of_work`. So nothing of the failed view may be left by the time its handler runs.
class App(Flask):
    """A Flask in which a request is one unit of work.

    The response is sent after the commit, and an exception rolls back all that the request did.
    """

    def handle_user_exception(self, e: Exception) -> Any:
        return super().handle_user_exception(_undo(e))

    def handle_exception(self, e: Exception) -> Any:
        error = _undo(e)
        if error is e:
            return super().handle_exception(e)
        # From the commit, which comes after the view: answered like one from the view itself.
        response = super().handle_user_exception(error)
        return self.finalize_request(response, from_error_handler=True)


def _undo(error: Exception) -> Exception:
    """Undo what the request did, and return the error that its sender is told of."""
    told = outage(error)
    # The page of the error is drawn as the request began: one that only reads holds nobody up.
    _write_allowed.set(request.method not in _SAFE_METHODS)
    if told is None:
        db.session.rollback()
        return error
    # The page of the error still names who is signed in, and cannot ask the database for it.
    db.session.expunge_all()
    with contextlib.suppress(Exception):
        # Where the database has gone this fails as well, and there is nothing to undo.
        db.session.rollback()
    log.warning("nothing could be kept", extra={"reference": type(told).__name__}, exc_info=error)
    return told


_CHECKS = "reflect.checks_after_slow_work"


def check_after_slow_work(app: Flask, check: Callable[[], None]) -> None:
    """Let `no_transaction` call `check` in each request of `app` that did slow work."""
    app.extensions[_CHECKS].append(check)


def init_app(app: App, *, database_url: str) -> None:
    """Connect `app` to its database, with one unit of work per request.

    A safe request (GET, HEAD, OPTIONS) reads in a snapshot; any other may write from its start.
    """
    app.config["SQLALCHEMY_DATABASE_URI"] = database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(database_url)
    app.extensions[_CHECKS] = []
    db.init_app(app)
    add_slow_work_guard(require_no_write_transaction)
    app.before_request(_begin_request)
    # In after_request and not in teardown: that runs after the response was sent, too late for an
    # error in the commit to reach the person.
    app.after_request(_end_unit_of_work)
    app.teardown_request(_end_request)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            configure_sqlite(db.engine, may_write=is_writing)
        else:
            # It has many writers, which wait for each other's rows only.
            configure_postgresql(db.engine)


def _begin_request() -> None:
    _write_allowed.set(request.method not in _SAFE_METHODS)
    _keeps_nothing.set(request.method in _BODILESS_METHODS)


def _end_unit_of_work(response: Response) -> Response:
    commit()
    return response


def _end_request(_: BaseException | None) -> None:
    # What runs next in this thread may be no request, such as a command.
    _write_allowed.set(True)
    _keeps_nothing.set(False)


sa.event.listen(db.session, "after_begin", _note_begin)
sa.event.listen(db.session, "after_transaction_end", _note_end)
