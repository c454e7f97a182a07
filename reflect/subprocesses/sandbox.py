"""What a child that decodes or prints may reach: nothing but what it reads to do so.

A hole in a decoder or in the renderer must not become a way to what students wrote. Linux has
Landlock for files and seccomp for calls, both without privileges (docs/decisions/0036). Where one
is missing a child works without it.
"""

import ctypes
import os
import platform
import struct
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from reflect import paths

_LIBRARY = ctypes.CDLL(None, use_errno=True)
_NO_NEW_PRIVILEGES, _SET_SECCOMP, _SECCOMP_FILTER = 38, 22, 2  # of prctl
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_PATH_BENEATH = 1
_O_PATH = getattr(os, "O_PATH", 0)  # macOS has none
_EXECUTE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 2, 1 << 3
# Rights over files by the version of Landlock that knows them first, and over TCP.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}
_TCP_VERSION, _SCOPE_VERSION = 4, 6
_BIND_AND_CONNECT = 0b11
_SIGNALS_AND_SOCKETS = 0b11

# Calls that lead to other processes, machines and programs, by the number of each architecture:
# socket, connect, bind, ptrace, process_vm_readv, process_vm_writev, execve, execveat,
# open_by_handle_at, io_uring_setup, pidfd_getfd.
_REFUSED_CALLS = {
    "x86_64": (0xC000003E, (41, 42, 49, 101, 310, 311, 59, 322, 304, 425, 438)),
    "aarch64": (0xC00000B7, (198, 203, 200, 117, 270, 271, 221, 281, 265, 425, 438)),
}
_X32_CALLS = 0x40000000  # the same calls under other numbers
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050001  # the second is "not permitted"
_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06


def close() -> frozenset[str]:
    """Close this process, for good, and return what holds of "files" and "calls".

    Never raises: without a sandbox a child still has limits, and no keys in its environment.
    """
    if sys.platform != "linux":
        return frozenset()
    steps: dict[str, Callable[[], bool]] = {"files": _close_files, "calls": _refuse_calls}
    return frozenset(name for name, step in steps.items() if _succeeds(step))


def _succeeds(step: Callable[[], bool]) -> bool:
    try:
        return step()
    except (OSError, ValueError, AttributeError, RuntimeError):  # the last: a user without a home
        return False


def _readable() -> Iterator[Path]:
    """Yield what a child reads while it works: libraries, fonts, and what every page shares."""
    yield from map(Path, (sys.prefix, sys.base_prefix, *sysconfig.get_paths().values()))
    yield from (Path(__file__).parent.parent, paths.STATIC, paths.TEMPLATES, paths.TRANSLATIONS)
    yield from map(Path, ("/usr", "/lib", "/lib64", "/etc/fonts", "/etc/ld.so.cache"))
    yield from map(Path, ("/etc/localtime", "/etc/mime.types", "/dev/null", "/dev/urandom"))
    yield from map(Path, ("/var/cache/fontconfig", "/opt/homebrew"))
    yield from (
        Path.home() / name for name in (".cache/fontconfig", ".fonts", ".local/share/fonts")
    )
    # Fonts that the renderer has unpacked, before this process was forked from it.
    yield from Path(tempfile.gettempdir()).glob("weasyprint-*")


def _close_files() -> bool:
    """Let this process read those paths and no other, and write nothing at all."""
    version = _LIBRARY.syscall(_CREATE_RULESET, None, 0, 1)
    if version < 1:
        return False
    rights = (1 << max(bits for since, bits in _FILE_RIGHTS.items() if since <= version)) - 1
    tcp = _BIND_AND_CONNECT if version >= _TCP_VERSION else 0
    scope = _SIGNALS_AND_SOCKETS if version >= _SCOPE_VERSION else 0
    attributes = struct.pack("QQQ", rights, tcp, scope)
    size = 24 if version >= _SCOPE_VERSION else 16 if version >= _TCP_VERSION else 8
    ruleset = _LIBRARY.syscall(_CREATE_RULESET, attributes, size, 0)
    if ruleset < 0:
        return False
    try:
        for path in _readable():
            _allow_reading(ruleset, path)
        if _LIBRARY.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
            return False
        return bool(_LIBRARY.syscall(_RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _allow_reading(ruleset: int, path: Path) -> None:
    try:
        descriptor = os.open(path, _O_PATH | os.O_CLOEXEC)
    except OSError:  # not on this machine
        return
    try:
        rights = _READ_FILE | _EXECUTE | (_READ_DIR if path.is_dir() else 0)
        _LIBRARY.syscall(
            _ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, descriptor), 0
        )
    finally:
        os.close(descriptor)


def _refuse_calls() -> bool:
    """Refuse, with an error, the calls that a child needs for no file and no page."""
    if platform.machine() not in _REFUSED_CALLS:
        return False
    architecture, calls = _REFUSED_CALLS[platform.machine()]
    last = len(calls) + 1
    program = [
        (_LOAD, 0, 0, 4),
        (_JUMP_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _REFUSE),
        (_LOAD, 0, 0, 0),
        (_JUMP_AT_LEAST, last, 0, _X32_CALLS),
        *((_JUMP_EQUAL, last - 1 - index, 0, call) for index, call in enumerate(calls)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in program))
    pointer = ctypes.create_string_buffer(
        struct.pack("HxxxxxxP", len(program), ctypes.addressof(code))
    )
    if _LIBRARY.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        return False
    return bool(_LIBRARY.prctl(_SET_SECCOMP, _SECCOMP_FILTER, pointer, 0, 0) == 0)
