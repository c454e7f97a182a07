"""Which errors mean that nothing can be kept just now: told by class and code, never by words."""

import errno

import sqlalchemy.exc

from reflect.errors import ServiceBusy, ServiceUnavailable


class DatabaseGone(Exception):
    """The file of the SQLite database is not there any more, or another one is in its place."""


# SQLite's primary result codes (https://sqlite.org/rescode.html); the rest are our own mistakes.
_SQLITE_BUSY = {5, 6, 15}  # BUSY, LOCKED, PROTOCOL
_SQLITE_UNAVAILABLE = {3, 8, 10, 11, 13, 14, 26}
# PERM, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB

# PostgreSQL's SQLSTATE: whole classes by their first two characters, and single states.
# Locks: serialization_failure, deadlock_detected, lock_not_available, and too many clients.
_SQLSTATES_BUSY = ("40001", "40P01", "55P03", "57014", "53300")
# Connections, authorization, no such database, resources (a full disk), the operator, the system,
# a damaged database, a server that only reads.
_SQLSTATES_UNAVAILABLE = ("08", "28", "3D", "53", "57", "58", "F0", "XX", "25006")

_ERRNOS_UNAVAILABLE = {
    errno.EACCES,
    errno.EDQUOT,
    errno.EFBIG,  # a bound on the size of files, as `ulimit -f` sets it
    errno.EIO,
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOMEM,
    errno.ENOSPC,
    errno.EPERM,
    errno.EROFS,
    errno.ESTALE,
}


def outage(error: BaseException) -> ServiceBusy | None:
    """Return what a person reads when nothing could be kept; None for any other error."""
    if isinstance(error, ServiceBusy):
        return error
    if isinstance(error, sqlalchemy.exc.DBAPIError):
        return _database_outage(error)
    if isinstance(error, sqlalchemy.exc.TimeoutError):
        return ServiceBusy()  # all connections of the pool are in use
    if isinstance(error, DatabaseGone):
        return ServiceUnavailable()
    if isinstance(error, OSError) and error.errno in _ERRNOS_UNAVAILABLE:
        return ServiceUnavailable()
    return None


def _database_outage(error: sqlalchemy.exc.DBAPIError) -> ServiceBusy | None:
    sqlite_code = getattr(error.orig, "sqlite_errorcode", None)
    if sqlite_code is not None:
        return _by_sqlite_code(sqlite_code & 0xFF)  # the rest of an extended code says more
    sqlstate = getattr(error.orig, "sqlstate", None)
    if sqlstate is not None:
        return _by_sqlstate(sqlstate)
    # Without a state nothing was answered: the server is not reached, or left in the middle.
    is_connection = isinstance(
        error, sqlalchemy.exc.OperationalError | sqlalchemy.exc.InterfaceError
    )
    return ServiceUnavailable() if is_connection or error.connection_invalidated else None


def _by_sqlite_code(code: int) -> ServiceBusy | None:
    if code in _SQLITE_BUSY:
        return ServiceBusy()
    return ServiceUnavailable() if code in _SQLITE_UNAVAILABLE else None


def _by_sqlstate(sqlstate: str) -> ServiceBusy | None:
    if sqlstate in _SQLSTATES_BUSY:
        return ServiceBusy()
    return ServiceUnavailable() if sqlstate.startswith(_SQLSTATES_UNAVAILABLE) else None
