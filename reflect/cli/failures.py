"""Why a command cannot start, in one sentence: the disk, the folder, the database."""

import errno

import sqlalchemy as sa
import sqlalchemy.exc

from reflect.db.outages import DatabaseGone, outage

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_RIGHTS = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST}
_DISK_FULL = "The disk is full, so nothing can be written: make room and start again."
# SQLite's primary result codes, as in reflect.db.outages.
_SQLITE_SENTENCES = {
    5: "The database is in use by another program that keeps it locked: stop that one first.",
    6: "The database is in use by another program that keeps it locked: stop that one first.",
    10: "The database cannot be written: the disk is full, or has a fault.",
    11: "The file of the database is damaged: put back a backup.",
    13: _DISK_FULL,
    26: "The file of the database is no SQLite database: put back a backup.",
}
_SQLITE_CLOSED = (
    "The database cannot be opened for writing: look at the rights on its file and its folder."
)
_SQLSTATE_SENTENCES = {
    "28": "The database does not accept the name or the password in REFLECT_DATABASE.",
    "3D": "The database that REFLECT_DATABASE names is not there: make it first.",
    "53": "The database server has no room left: its disk is full, or it has too many clients.",
    "55": "The database keeps what is needed locked for another program: try again in a minute.",
}
_UNREACHABLE = "The database that REFLECT_DATABASE names cannot be reached: is its server running?"


def sentence_for(error: BaseException) -> str | None:
    """Return why it cannot be done, where the machine and not the program is the cause."""
    if isinstance(error, OSError):
        return _os_sentence(error)
    if isinstance(error, DatabaseGone):
        return "The file of the database is not there any more: put it back, or a backup of it."
    if isinstance(error, sa.exc.ArgumentError):
        return "REFLECT_DATABASE is no address of a database that Reflect knows."
    if isinstance(error, sa.exc.DBAPIError) and outage(error) is not None:
        return _database_sentence(error.orig)
    return None


def _os_sentence(error: OSError) -> str | None:
    # Of what was asked for over the network, such as S3, there is no file and no code.
    if error.errno in _NO_SPACE:
        return _DISK_FULL
    if error.errno in _NO_RIGHTS and error.filename:
        return f"Reflect may not write in {error.filename}: look at the rights on that folder."
    return None


def _database_sentence(original: BaseException | None) -> str:
    sqlite_code = getattr(original, "sqlite_errorcode", None)
    if sqlite_code is not None:
        return _SQLITE_SENTENCES.get(sqlite_code & 0xFF, _SQLITE_CLOSED)
    sqlstate = getattr(original, "sqlstate", None)
    if sqlstate is not None:
        return _SQLSTATE_SENTENCES.get(sqlstate[:2], _UNREACHABLE)
    # A refusal while connecting brings no state along, only whether a password was asked for.
    connection = getattr(original, "pgconn", None)
    if connection is not None and (connection.used_password or connection.needs_password):
        return _SQLSTATE_SENTENCES["28"]
    return _UNREACHABLE
