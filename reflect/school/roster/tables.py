"""Read the tables of a OneRoster zip, and gather everything that is wrong."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from reflect.school.roster.archive import read_csv_files
from reflect.school.roster.csv_rows import CsvRow, parse_rows
from reflect.school.roster.model import Issue, RosterErrors

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
# A manifest may declare these absent: a class says most of what its course does.
MAY_BE_ABSENT = {"orgs", "courses"}
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


@dataclass
class RosterTables:
    """The rows of each table, and the issues.

    `left_out`: those that are inactive or to be deleted, by table and sourcedId; `absent`: the
    tables that the manifest declares absent.
    """

    version: str = ""
    rows: dict[str, list[CsvRow]] = field(default_factory=dict)
    left_out: dict[str, dict[str, CsvRow]] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    errors: list[Issue] = field(default_factory=list)
    warnings: list[Issue] = field(default_factory=list)

    def add_error(self, file: str, line: int | None, message: str) -> None:
        self.errors.append(Issue(file, line, message))

    def add_warning(self, file: str, line: int | None, message: str) -> None:
        self.warnings.append(Issue(file, line, message))

    def add_row_error(self, row: CsvRow, message: str) -> None:
        self.errors.append(row.issue(message))

    def add_row_warning(self, row: CsvRow, message: str) -> None:
        self.warnings.append(row.issue(message))

    def raise_if_errors(self) -> None:
        """Raise RosterErrors with the errors, if there are any."""
        if self.errors:
            raise RosterErrors(self.errors)


def read_tables(content: bytes, *, file_name: str) -> RosterTables:
    """Return the tables of a OneRoster zip. Raises RosterErrors."""
    tables = RosterTables()
    csv_files = read_csv_files(content, file_name=file_name)
    # A wrong version would make each table wrong too: stop before a list of errors that follow
    # from this one.
    _read_manifest(csv_files, tables)
    tables.raise_if_errors()
    expected = expected_columns(tables.version)
    for table, columns in expected.items():
        _read_table(table, csv_files, columns, tables)
    known = {name.casefold() for name in (*expected, "manifest")}
    ignored = {name.casefold() for name in IGNORED_TABLES}
    for name in sorted(set(csv_files) - known):
        message = "not part of a roster, left unread"
        if name in ignored:
            message = "left unread on purpose: Reflect needs nothing of it"
        tables.add_warning(csv_files[name][0], None, message)
    tables.raise_if_errors()
    return tables


def expected_columns(version: str) -> dict[str, tuple[str, ...]]:
    """Return the tables of this version of OneRoster, and the columns that each must have."""
    extra = EXTRA_COLUMNS_1_1 if version == "1.1" else EXTRA_COLUMNS_1_2
    columns = {table: names + extra.get(table, ()) for table, names in REQUIRED_COLUMNS.items()}
    added = {table: names for table, names in extra.items() if table not in columns}
    return {**columns, **added}


def _read_manifest(csv_files: dict[str, tuple[str, bytes]], tables: RosterTables) -> None:
    """Read the version from the manifest, and add an error for a table that is not complete."""
    file = "manifest.csv"
    if "manifest" not in csv_files:
        tables.add_error(file, None, "it is missing; export a complete OneRoster zip (bulk)")
        return
    rows = list(_parse("manifest", csv_files, ("propertyName", "value"), tables))
    if tables.errors:
        return
    properties = {row["propertyName"].casefold(): row["value"].casefold() for row in rows}
    tables.version = properties.get("oneroster.version", "")
    if tables.version not in SUPPORTED_VERSIONS:
        supported = ", ".join(SUPPORTED_VERSIONS)
        message = f"oneroster.version is {tables.version!r}; Reflect reads {supported}"
        tables.add_error(file, None, message)
        return
    for table in expected_columns(tables.version):
        _check_declaration(table, properties.get(f"file.{table}".casefold()), csv_files, tables)


def _check_declaration(
    table: str,
    declared: str | None,
    csv_files: dict[str, tuple[str, bytes]],
    tables: RosterTables,
) -> None:
    """Add what is wrong with a table as the manifest declares it, or note that it is absent."""
    is_there = table.casefold() in csv_files
    # In a delta, what is missing has not changed. Read as complete, it would end everybody's ties.
    if declared == "delta":
        message = f"file.{table} is a delta (only changes); export it as bulk"
        tables.add_error("manifest.csv", None, message)
    elif declared == "absent" and table in MAY_BE_ABSENT:
        tables.absent.add(table)
        if is_there:
            message = "left unread: the manifest declares it absent"
            tables.add_warning(f"{table}.csv", None, message)
    elif declared == "absent" and not is_there:
        message = "the manifest declares it absent, and Reflect cannot do without it"
        tables.add_error(f"{table}.csv", None, message)
    elif not is_there:
        tables.add_error(f"{table}.csv", None, "this file is missing")


def _parse(
    table: str,
    csv_files: dict[str, tuple[str, bytes]],
    columns: tuple[str, ...],
    tables: RosterTables,
) -> Iterable[CsvRow]:
    file = f"{table}.csv"
    _, content = csv_files[table.casefold()]

    def add_error(line: int | None, message: str) -> None:
        tables.add_error(file, line, message)

    return parse_rows(content, file=file, columns=columns, add_error=add_error)


def _read_table(
    table: str,
    csv_files: dict[str, tuple[str, bytes]],
    columns: tuple[str, ...],
    tables: RosterTables,
) -> None:
    """Put the rows of one table where they belong: in use, or left out."""
    tables.rows[table] = []
    tables.left_out[table] = {}
    if table in tables.absent:
        return
    for row in _parse(table, csv_files, columns, tables):
        if row["status"].casefold() in ("tobedeleted", "inactive"):
            tables.left_out[table][row["sourcedId"]] = row
        else:
            tables.rows[table].append(row)
