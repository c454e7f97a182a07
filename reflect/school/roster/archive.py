"""Read the tables of a OneRoster zip, within bounds, and gather everything that is wrong."""

import csv
import io
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reflect.school.roster.model import Issue, RosterErrors

# The sizes are read from the zip's own directory, before anything of it is unpacked.
MAX_UNPACKED_BYTES = 50 * 1024 * 1024
MAX_ROWS = 200_000
MAX_COMPRESSION_RATIO = 200
MAX_SHOWN_ISSUES = 200
# Text of one character over and over packs a small file very well, and that is no zip bomb.
_MIN_BYTES_FOR_RATIO = 1024 * 1024

SUPPORTED_VERSIONS = ("1.1", "1.2", "1.2.1")
REQUIRED_COLUMNS: dict[str, tuple[str, ...]] = {
    "orgs": ("sourcedId", "name", "type"),
    "academicSessions": ("sourcedId", "title", "type", "startDate", "endDate", "schoolYear"),
    "courses": ("sourcedId", "title", "orgSourcedId"),
    "classes": (
        "sourcedId",
        "title",
        "courseSourcedId",
        "classType",
        "schoolSourcedId",
        "termSourcedIds",
    ),
    "users": ("sourcedId", "enabledUser", "username", "givenName", "familyName"),
    "enrollments": ("sourcedId", "classSourcedId", "schoolSourcedId", "userSourcedId", "role"),
}
EXTRA_COLUMNS_1_1 = {"users": ("orgSourcedIds", "role")}
EXTRA_COLUMNS_1_2 = {"roles": ("sourcedId", "userSourcedId", "roleType", "role", "orgSourcedId")}
# Everything that zipfile raises on a broken archive.
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    OSError,
    EOFError,
    ValueError,
)
# Grades and personal details that Reflect has no use for.
IGNORED_TABLES = {
    "demographics",
    "userProfiles",
    "results",
    "lineItems",
    "categories",
    "scoreScales",
    "lineItemScoreScales",
}


@dataclass(frozen=True)
class CsvRow:
    """One line of a table; the header is line 1."""

    file: str
    line: int
    values: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values.get(column, "")

    def get_list(self, column: str) -> list[str]:
        return [part.strip() for part in self[column].split(",") if part.strip()]


@dataclass
class RosterTables:
    """The rows of each table, without the inactive ones and those to be deleted, and the issues."""

    version: str = ""
    rows: dict[str, list[CsvRow]] = field(default_factory=dict)
    errors: list[Issue] = field(default_factory=list)
    warnings: list[Issue] = field(default_factory=list)

    def add_error(self, file: str, line: int | None, message: str) -> None:
        self.errors.append(Issue(file, line, message))

    def add_warning(self, file: str, line: int | None, message: str) -> None:
        self.warnings.append(Issue(file, line, message))

    def add_row_error(self, row: CsvRow, message: str) -> None:
        self.add_error(row.file, row.line, message)

    def add_row_warning(self, row: CsvRow, message: str) -> None:
        self.add_warning(row.file, row.line, message)

    def raise_if_errors(self) -> None:
        """Raise RosterErrors with the first errors and the number of the rest, if there are any."""
        if not self.errors:
            return
        shown = self.errors[:MAX_SHOWN_ISSUES]
        hidden_count = len(self.errors) - len(shown)
        if hidden_count:
            shown.append(Issue("and", None, f"{hidden_count} more of this kind"))
        raise RosterErrors(shown)


def read_tables(content: bytes, *, file_name: str) -> RosterTables:
    """Return the tables of a OneRoster zip. Raises RosterErrors."""
    tables = RosterTables()
    csv_files = _read_csv_files(content, tables, file_name)
    # A wrong version would make each table wrong too: stop before a list of errors that follow
    # from this one.
    _read_manifest(csv_files, tables)
    tables.raise_if_errors()
    expected = _expected_columns(tables.version)
    for table, columns in expected.items():
        tables.rows[table] = list(_parse_rows(table, csv_files.get(table), columns, tables))
    for table in sorted(set(csv_files) - set(expected) - {"manifest"}):
        message = "not part of a roster, left unread"
        if table in IGNORED_TABLES:
            message = "left unread on purpose: Reflect needs nothing of it"
        tables.add_warning(f"{table}.csv", None, message)
    tables.raise_if_errors()
    return tables


def _read_csv_files(content: bytes, tables: RosterTables, file_name: str) -> dict[str, bytes]:
    """Return the CSV files of a zip, by table. Raises RosterErrors."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_archive(archive, tables, file_name)
            tables.raise_if_errors()
            members = [name for name in archive.namelist() if name.endswith(".csv")]
            return {Path(member).stem: archive.read(member) for member in members}
    except _ZIP_ERRORS as error:
        message = f"this is not a zip that can be read ({type(error).__name__})"
        tables.add_error(file_name, None, message)
        tables.raise_if_errors()
        # Never reached, since there is an error by now; the type checker cannot know that.
        raise


def _expected_columns(version: str) -> dict[str, tuple[str, ...]]:
    """Return the tables of this version of OneRoster, and the columns that each must have."""
    extra = EXTRA_COLUMNS_1_1 if version == "1.1" else EXTRA_COLUMNS_1_2
    columns = {table: names + extra.get(table, ()) for table, names in REQUIRED_COLUMNS.items()}
    added = {table: names for table, names in extra.items() if table not in columns}
    return {**columns, **added}


def _check_archive(archive: zipfile.ZipFile, tables: RosterTables, file_name: str) -> None:
    """Add an error when unpacking would take too much room, or a file is not a plain one."""
    members = archive.infolist()
    unpacked_bytes = sum(member.file_size for member in members)
    packed_bytes = sum(member.compress_size for member in members) or 1
    is_bomb = (
        unpacked_bytes > _MIN_BYTES_FOR_RATIO
        and unpacked_bytes / packed_bytes > MAX_COMPRESSION_RATIO
    )
    if unpacked_bytes > MAX_UNPACKED_BYTES or is_bomb:
        tables.add_error(file_name, None, "it is too large when unpacked")
    for member in members:
        name = member.filename
        # Bit 0 says that the member is encrypted.
        if member.flag_bits & 1:
            tables.add_error(name, None, "it is encrypted; export it without a password")
        # A zip made on Unix keeps the mode of a file in the upper half of its attributes.
        is_link = stat.S_ISLNK(member.external_attr >> 16)
        # Two folders could each have a users.csv, and one would silently replace the other.
        if is_link or any(part in name for part in ("/", "\\", "..")):
            tables.add_error(name, None, "the zip must hold plain files, without folders")


def _read_manifest(csv_files: dict[str, bytes], tables: RosterTables) -> None:
    """Read the version from the manifest, and add an error for a table that is not complete."""
    file = "manifest.csv"
    if "manifest" not in csv_files:
        tables.add_error(file, None, "it is missing; export a complete OneRoster zip (bulk)")
        return
    columns = ("propertyName", "value")
    rows = _parse_rows("manifest", csv_files["manifest"], columns, tables)
    properties = {row["propertyName"]: row["value"] for row in rows}
    tables.version = properties.get("oneroster.version", "")
    if tables.version not in SUPPORTED_VERSIONS:
        supported = ", ".join(SUPPORTED_VERSIONS)
        message = f"oneroster.version is {tables.version!r}; Reflect reads {supported}"
        tables.add_error(file, None, message)
        return
    for table in _expected_columns(tables.version):
        # In a delta, what is missing has not changed. Read as complete, it would end everybody's
        # ties.
        if properties.get(f"file.{table}") == "delta":
            message = f"file.{table} is a delta (only changes); export it as bulk"
            tables.add_error(file, None, message)
        elif table not in csv_files:
            tables.add_error(f"{table}.csv", None, "this file is missing")


def _parse_rows(
    table: str, content: bytes | None, columns: tuple[str, ...], tables: RosterTables
) -> Iterator[CsvRow]:
    file = f"{table}.csv"
    text = _decode_utf8(content or b"", file, tables)
    # With newline="" the reader finds the line ends itself, also those within a quoted cell.
    lines = csv.reader(io.StringIO(text, newline=""))
    try:
        header = [name.strip() for name in next(lines, [])]
        missing = [name for name in columns if name not in header]
        if missing:
            tables.add_error(file, 1, f"the header lacks {', '.join(missing)}")
            return
        for cells in lines:
            if not any(cells):
                continue
            # Counted while reading: the size in bytes says little about the number of rows.
            if lines.line_num > MAX_ROWS:
                tables.add_error(file, lines.line_num, f"it has more than {MAX_ROWS} lines")
                return
            # Not strict: a spreadsheet may leave out the empty cells at the end of a row.
            values = dict(zip(header, (cell.strip() for cell in cells), strict=False))
            row = CsvRow(file, lines.line_num, values)
            if len(cells) > len(header):
                tables.add_row_error(row, "it has more cells than the header")
            elif row["status"].casefold() not in ("tobedeleted", "inactive"):
                yield row
    except csv.Error as error:
        tables.add_error(file, lines.line_num, f"it cannot be read as CSV ({error})")


def _decode_utf8(content: bytes, file: str, tables: RosterTables) -> str:
    try:
        # Excel begins a UTF-8 file with a byte order mark.
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        tables.add_error(file, line, "it is not UTF-8; export it as UTF-8")
        return ""
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        tables.add_error(file, line, "it holds a byte that is no letter")
        return ""
    return text
