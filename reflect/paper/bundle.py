"""Stand-in."""

from dataclasses import dataclass
from datetime import date

from reflect.trust.seen import Seen, Who


@dataclass(frozen=True)
class Booklet:
    student: Who
    group: str
    round: str
    school: str
    talk_on: date | None
    at_table: tuple[str, ...]
    language: str
    reports: tuple[Seen, ...]
    waiting: tuple[str, ...] = ()


def one(booklet: Booklet, *, seconds: int) -> bytes:
    return b""


def each(booklets: list[Booklet], *, seconds: int) -> list[bytes]:
    return [b"" for _ in booklets]


def merged(booklets: list[Booklet], *, seconds: int) -> bytes:
    return b""


def zipped(files: dict[str, bytes]) -> bytes:
    return b""


def file_name(booklet: Booklet) -> str:
    return "x.pdf"


def safe(name: str) -> str:
    return name
