"""The zip of a roster: opened with bounds, its manifest believed, its tables read row by row with every error kept."""

import csv
import io
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reflect.school.roster import Finding, RosterErrors

MAX_BYTES, MAX_ROWS, MAX_RATIO, SHOWN = 50 * 1024 * 1024, 200_000, 200, 200
VERSIONS = ("1.1", "1.2", "1.2.1")
REQUIRED: dict[str, tuple[str, ...]] = {
    "orgs": ("sourcedId", "name", "type"),
    "academicSessions": ("sourcedId", "title", "type", "startDate", "endDate", "schoolYear"),
    "courses": ("sourcedId", "title", "orgSourcedId"),
    "classes": ("sourcedId", "title", "courseSourcedId", "classType", "schoolSourcedId", "termSourcedIds"),
    "users": ("sourcedId", "enabledUser", "username", "givenName", "familyName"),
    "enrollments": ("sourcedId", "classSourcedId", "schoolSourcedId", "userSourcedId", "role"),
}
FOR_1_1 = {"users": ("orgSourcedIds", "role")}
FOR_1_2 = {"roles": ("sourcedId", "userSourcedId", "roleType", "role", "orgSourcedId")}
_BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    OSError,
    EOFError,
    ValueError,
)
NEVER_READ = {
    "demographics",
    "userProfiles",
    "results",
    "lineItems",
    "categories",
    "scoreScales",
    "lineItemScoreScales",
}


@dataclass(frozen=True)
class Row:
    """One line of a table; the header is line 1."""

    file: str
    line: int
    values: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    def list(self, name: str) -> list[str]:
        return [part.strip() for part in self[name].split(",") if part.strip()]


@dataclass
class Tables:
    """What was read, and what was found on the way; a row that is marked inactive or to be deleted is left out."""

    version: str = ""
    rows: dict[str, list[Row]] = field(default_factory=dict)
    errors: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)

    def wrong(self, file: str, line: int | None, sentence: str) -> None:
        self.errors.append(Finding(file, line, sentence))

    def odd(self, file: str, line: int | None, sentence: str) -> None:
        self.warnings.append(Finding(file, line, sentence))

    def stop_if_wrong(self) -> None:
        if self.errors:
            more = len(self.errors) - SHOWN
            rest = [Finding("and", None, f"{more} more of this kind")] if more > 0 else []
            raise RosterErrors(self.errors[:SHOWN] + rest)


def read_tables(content: bytes, *, name: str) -> Tables:
    """Read the tables of a OneRoster zip. Raises RosterErrors."""
    tables = Tables()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_archive(archive, tables, name)
            tables.stop_if_wrong()
            texts = {Path(one).stem: archive.read(one) for one in archive.namelist() if one.endswith(".csv")}
    except _BROKEN as wrong:
        tables.wrong(name, None, f"this is not a zip that can be read ({type(wrong).__name__})")
        tables.stop_if_wrong()
        raise
    _read_manifest(texts, tables)
    tables.stop_if_wrong()
    for table, columns in _wanted(tables.version).items():
        tables.rows[table] = list(_rows(table, texts.get(table), columns, tables))
    for table in sorted(set(texts) - set(_wanted(tables.version)) - {"manifest"}):
        why = (
            "left unread on purpose: Reflect needs nothing of it"
            if table in NEVER_READ
            else "not part of a roster, left unread"
        )
        tables.odd(f"{table}.csv", None, why)
    tables.stop_if_wrong()
    return tables


def _wanted(version: str) -> dict[str, tuple[str, ...]]:
    more = FOR_1_1 if version == "1.1" else FOR_1_2
    return {table: REQUIRED.get(table, ()) + more.get(table, ()) for table in (*REQUIRED, *(set(more) - set(REQUIRED)))}


def _check_archive(archive: zipfile.ZipFile, tables: Tables, name: str) -> None:
    infos = archive.infolist()
    whole = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos) or 1
    if whole > MAX_BYTES or (whole > 1024 * 1024 and whole / packed > MAX_RATIO):
        tables.wrong(name, None, "it is too large when unpacked")
    for info in infos:
        if info.flag_bits & 1:
            tables.wrong(info.filename, None, "it is encrypted; export it without a password")
        if (
            "/" in info.filename
            or "\\" in info.filename
            or ".." in info.filename
            or stat.S_ISLNK(info.external_attr >> 16)
        ):
            tables.wrong(info.filename, None, "the zip must hold plain files, without folders")


def _read_manifest(texts: dict[str, bytes], tables: Tables) -> None:
    if "manifest" not in texts:
        tables.wrong("manifest.csv", None, "it is missing; export a complete OneRoster zip (bulk)")
        return
    told = {
        row["propertyName"]: row["value"]
        for row in _rows("manifest", texts["manifest"], ("propertyName", "value"), tables)
    }
    tables.version = told.get("oneroster.version", "")
    if tables.version not in VERSIONS:
        tables.wrong(
            "manifest.csv", None, f"oneroster.version is {tables.version!r}; Reflect reads {', '.join(VERSIONS)}"
        )
        return
    for table in _wanted(tables.version):
        kind = told.get(f"file.{table}", "absent")
        if kind == "delta":
            tables.wrong("manifest.csv", None, f"file.{table} is a delta (only changes); export it as bulk")
        elif table not in texts:
            tables.wrong(f"{table}.csv", None, "this file is missing")


def _rows(table: str, content: bytes | None, columns: tuple[str, ...], tables: Tables) -> Iterator[Row]:
    file = f"{table}.csv"
    text = _decoded(content or b"", file, tables)
    lines = csv.reader(io.StringIO(text, newline=""))
    try:
        header = [name.strip() for name in next(lines, [])]
        missing = [name for name in columns if name not in header]
        if missing:
            tables.wrong(file, 1, f"the header lacks {', '.join(missing)}")
            return
        for cells in lines:
            if not any(cells):
                continue
            if lines.line_num > MAX_ROWS:
                tables.wrong(file, lines.line_num, f"it has more than {MAX_ROWS} lines")
                return
            row = Row(file, lines.line_num, dict(zip(header, (cell.strip() for cell in cells), strict=False)))
            if len(cells) > len(header):
                tables.wrong(file, row.line, "it has more cells than the header")
            elif row["status"].casefold() not in ("tobedeleted", "inactive"):
                yield row
    except csv.Error as wrong:
        tables.wrong(file, lines.line_num, f"it cannot be read as CSV ({wrong})")


def _decoded(content: bytes, file: str, tables: Tables) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        tables.wrong(file, content[: wrong.start].count(b"\n") + 1, "it is not UTF-8; export it as UTF-8")
        return ""
    if "\0" in text:
        tables.wrong(file, text[: text.index("\0")].count("\n") + 1, "it holds a byte that is no letter")
        return ""
    return text
