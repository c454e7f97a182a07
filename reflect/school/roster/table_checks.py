"""Check what holds between the rows of a OneRoster zip, and leave out what is to be deleted."""

from collections import Counter

from reflect.school.people import normalize_sign_in_name
from reflect.school.roster.csv_rows import MAX_CELL_LENGTH, CsvRow
from reflect.school.roster.tables import REQUIRED_COLUMNS, RosterTables

_REFERENCES = (
    # (table, column, the table that the column refers to)
    ("classes", "courseSourcedId", "courses"),
    ("classes", "schoolSourcedId", "orgs"),
    ("classes", "termSourcedIds", "academicSessions"),
    ("enrollments", "classSourcedId", "classes"),
    ("enrollments", "userSourcedId", "users"),
    ("roles", "userSourcedId", "users"),
)
# A row of these says nothing without what it names; of others only the name is left out.
_LINK_TABLES = {"enrollments", "roles"}
_LIST_COLUMNS = ("agentsourcedids", "termsourcedids", "subjects", "grades", "orgsourcedids")


class CheckedTables:
    """The tables of one archive, whose issues get what is wrong between them."""

    def __init__(self, tables: RosterTables) -> None:
        self.tables = tables
        self.rows = tables.rows
        self.by_id = {
            table: self._index_by_id(table)
            for table in (*REQUIRED_COLUMNS, "roles")
            if table in self.rows
        }
        # By table and id of what is left out, the tables that name it all the same.
        self.named_all_the_same: dict[tuple[str, str], Counter[str]] = {}

    def _index_by_id(self, table: str) -> dict[str, CsvRow]:
        by_id: dict[str, CsvRow] = {}
        for row in self.rows[table]:
            for column in REQUIRED_COLUMNS.get(table, ()):
                if not row[column] and not self._may_be_empty(table, column):
                    self.tables.add_row_error(row, f"{column} is empty")
            self._check_lengths(row)
            if row["sourcedId"] in by_id:
                self.tables.add_row_error(row, f"sourcedId {row['sourcedId']} stands here twice")
            by_id[row["sourcedId"]] = row
        return by_id

    def _may_be_empty(self, table: str, column: str) -> bool:
        is_of_absent = column == "courseSourcedId" and "courses" in self.tables.absent
        # What is missing of a person depends on who they are: `_people` says so.
        of_person = table == "users" and column in ("username", "givenName", "familyName")
        return column == "termSourcedIds" or is_of_absent or of_person

    def _check_lengths(self, row: CsvRow) -> None:
        for column in row.values:
            is_list = column in _LIST_COLUMNS
            words = row.get_list(column) if is_list else [row[column]]
            if column and any(len(word) > MAX_CELL_LENGTH for word in words):
                message = f"{column} is longer than {MAX_CELL_LENGTH} characters"
                self.tables.add_row_error(row, message)

    def check_references(self) -> None:
        """Report what names something that is nowhere, and drop what names a row left out."""
        for table, column, target in _REFERENCES:
            kept = []
            for row in self.rows.get(table, ()):
                missing_ids = [
                    sourced_id
                    for sourced_id in row.get_list(column)
                    if target not in self.tables.absent and sourced_id not in self.by_id[target]
                ]
                left_out_ids = [
                    sourced_id for sourced_id in missing_ids if self.is_left_out(target, sourced_id)
                ]
                for sourced_id in left_out_ids:
                    names = self.named_all_the_same.setdefault((target, sourced_id), Counter())
                    names[table] += 1
                for sourced_id in set(missing_ids) - set(left_out_ids):
                    message = f"{column} names {sourced_id}, which is not in {target}.csv"
                    self.tables.add_row_error(row, message)
                if table not in _LINK_TABLES or not left_out_ids:
                    kept.append(row)
            if table in self.rows:
                self.rows[table] = kept

    def is_left_out(self, table: str, sourced_id: str) -> bool:
        return sourced_id in self.tables.left_out[table]

    def note_named(self, table: str, sourced_id: str, *, by: str) -> None:
        self.named_all_the_same.setdefault((table, sourced_id), Counter())[by] += 1

    def warn_about_left_out(self) -> None:
        """Warn once about each row that is to be deleted, and is named all the same."""
        for (target, sourced_id), tables in self.named_all_the_same.items():
            row = self.tables.left_out[target][sourced_id]
            places = " and ".join(f"{table}.csv ({count}x)" for table, count in tables.items())
            message = f"{sourced_id} is {row['status']}, and {places} still names it: left out"
            self.tables.add_row_warning(row, message)

    def check_duplicates(self) -> None:
        id_counts = Counter(row["sourcedId"].lstrip("0") for row in self.rows["users"])
        ids_by_name: dict[str, list[str]] = {}
        for row in self.rows["users"]:
            name = normalize_sign_in_name(row["username"])
            ids_by_name.setdefault(name, []).append(row["sourcedId"])
        for row in self.rows["users"]:
            sourced_id = row["sourcedId"]
            # A spreadsheet drops leading zeros, and "0123" is then another person than "123".
            if id_counts[sourced_id.lstrip("0")] > 1:
                message = f"sourcedId {sourced_id} differs from another only by zeros"
                self.tables.add_row_warning(row, message)
            name = normalize_sign_in_name(row["username"])
            if name and len(ids_by_name[name]) > 1:
                ids = ", ".join(ids_by_name[name])
                message = f"username {row['username']} stands here twice: {ids}"
                self.tables.add_row_error(row, message)

    def has_error(self, row: CsvRow) -> bool:
        return any((issue.file, issue.line) == (row.file, row.line) for issue in self.tables.errors)
