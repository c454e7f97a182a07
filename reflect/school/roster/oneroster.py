"""Read OneRoster 1.1 and 1.2: check the tables and build a roster, with an issue by line."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

from reflect.school.people import normalize_sign_in_name
from reflect.school.roster.archive import REQUIRED_COLUMNS, CsvRow, RosterTables, read_tables
from reflect.school.roster.model import (
    WHOLE_SCHOOL,
    Roster,
    RosterCourse,
    RosterGroup,
    RosterPerson,
    RosterTie,
    RosterYear,
    TieKind,
)

_GUARDIAN_ROLES = {"parent", "guardian", "relative"}
_KNOWN_ROLES = {
    *_GUARDIAN_ROLES,
    "administrator",
    "aide",
    "counselor",
    "districtadministrator",
    "principal",
    "proctor",
    "siteadministrator",
    "student",
    "systemadministrator",
    "teacher",
}
_ENROLLMENT_ROLES = ("student", "teacher", "administrator", "proctor", "aide")
_TIE_KINDS = {
    # (role, is the class a homeroom)
    ("student", True): TieKind.MEMBERSHIP,
    ("teacher", True): TieKind.MENTORING,
    ("student", False): TieKind.ENROLMENT,
    ("teacher", False): TieKind.TEACHING,
}
_REFERENCES = (
    # (table, column, the table that the column refers to)
    ("classes", "courseSourcedId", "courses"),
    ("classes", "schoolSourcedId", "orgs"),
    ("classes", "termSourcedIds", "academicSessions"),
    ("enrollments", "classSourcedId", "classes"),
    ("enrollments", "userSourcedId", "users"),
    ("roles", "userSourcedId", "users"),
)
# Kept apart, since Dutch names are sorted without it: "van den Berg" under the B.
_INFIX = re.compile(
    r"^((?:van|de|den|der|het|ter|ten|te|el|al|von|di|da|du|la|le|'t|in|op|aan)\b[\s-]*)+",
    re.IGNORECASE,
)
_SLASHED_DATE = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})$")


def read_zip(path: Path) -> Roster:
    """Read a OneRoster zip. Raises RosterErrors with all that is wrong, and OSError."""
    return read_zip_bytes(path.read_bytes(), file_name=path.name)


def read_zip_bytes(content: bytes, *, file_name: str) -> Roster:
    """Read a OneRoster zip from memory. Raises RosterErrors."""
    return _RosterBuilder(read_tables(content, file_name=file_name)).build()


class _RosterBuilder:
    """Builds the roster of one archive, and adds what is wrong to the issues of its tables."""

    def __init__(self, tables: RosterTables) -> None:
        self.tables = tables
        self.rows = tables.rows
        self.by_id = {
            table: self._index_by_id(table)
            for table in (*REQUIRED_COLUMNS, "roles")
            if table in self.rows
        }

    def _index_by_id(self, table: str) -> dict[str, CsvRow]:
        by_id: dict[str, CsvRow] = {}
        for row in self.rows[table]:
            for column in REQUIRED_COLUMNS.get(table, ()):
                may_be_empty = table == "classes" and column == "termSourcedIds"
                if not row[column] and not may_be_empty:
                    self.tables.add_row_error(row, f"{column} is empty")
            if row["sourcedId"] in by_id:
                self.tables.add_row_error(row, f"sourcedId {row['sourcedId']} stands here twice")
            by_id[row["sourcedId"]] = row
        return by_id

    def build(self) -> Roster:
        """Return the roster. Raises RosterErrors."""
        self._check_references()
        # Every table is read before the errors are raised at the end: whoever mends the export
        # wants the whole list.
        roles = self._roles_by_user()
        years = self._years()
        groups = tuple(self._groups(years))
        courses = tuple(self._courses(years, groups))
        ties = (*self._class_ties(years, groups), *self._guardianships(roles, years))
        # The row of the student and that of the guardian may both name the same pair.
        unique_ties = tuple(dict.fromkeys(ties))
        people = tuple(self._people())
        self._warn_about_gaps(roles, unique_ties)
        self._check_duplicates()
        self._check_class_codes(years)
        self.tables.raise_if_errors()
        return Roster(
            source="users.csv",
            scope=WHOLE_SCHOOL,  # read_tables refuses a file of changes only
            people=people,
            years=tuple(years.values()),
            groups=groups,
            courses=courses,
            ties=unique_ties,
            warnings=tuple(self.tables.warnings),
        )

    def _check_references(self) -> None:
        for table, column, target in _REFERENCES:
            for row in self.rows.get(table, ()):
                missing_ids = [
                    sourced_id
                    for sourced_id in row.get_list(column)
                    if sourced_id not in self.by_id[target]
                ]
                for sourced_id in missing_ids:
                    message = f"{column} names {sourced_id}, which is not in {target}.csv"
                    self.tables.add_row_error(row, message)

    def _roles_by_user(self) -> dict[str, set[str]]:
        by_user: dict[str, set[str]] = {sourced_id: set() for sourced_id in self.by_id["users"]}
        # OneRoster 1.2 has roles in a table of their own, 1.1 in a column of the users.
        role_rows = self.rows.get("roles") or self.rows["users"]
        for row in role_rows:
            role = row["role"].casefold()
            # The standard lets a supplier add roles that begin with "ext:".
            if role not in _KNOWN_ROLES and not role.startswith("ext:"):
                self._add_unknown_role(row)
            user_id = row["userSourcedId"] or row["sourcedId"]
            by_user.setdefault(user_id, set()).add(role)
        return by_user

    def _add_unknown_role(self, row: CsvRow) -> None:
        self.tables.add_row_error(row, f"nobody knows the role {row['role']!r}")

    def _parse_date(self, row: CsvRow, column: str) -> date | None:
        """Return a date as OneRoster writes it, or as some spreadsheets do: day/month/year."""
        text = row[column]
        if not text:
            return None
        slashed = _SLASHED_DATE.match(text)
        try:
            if slashed is None:
                # Without the time, which some systems add to a date.
                return date.fromisoformat(text[:10])
            # A warning and no error: 3/4 could also be meant as the 4th of March.
            self.tables.add_row_warning(row, f"{column} {text} is read as day/month/year")
            return date(int(slashed[3]), int(slashed[2]), int(slashed[1]))
        except ValueError:
            message = f"{column} {text!r} is not a date such as 2026-09-01"
            self.tables.add_row_error(row, message)
            return None

    def _years(self) -> dict[str, RosterYear]:
        """Return the school years by the year in which they end.

        A school year lasts from the first day of its first session to the last of its last.
        """
        spans: dict[str, list[tuple[date, date]]] = {}
        for row in self.rows["academicSessions"]:
            begins_on = self._parse_date(row, "startDate")
            last_day = self._parse_date(row, "endDate")
            year = row["schoolYear"]
            if not re.fullmatch(r"\d{4}", year):
                message = f"schoolYear {year!r} is not a year such as 2027"
                self.tables.add_row_error(row, message)
            # In the file the last day is included; our `ends_on` is the first day after it.
            elif begins_on and last_day:
                spans.setdefault(year, []).append((begins_on, last_day + timedelta(days=1)))
                if last_day < begins_on:
                    self.tables.add_row_error(row, "it ends before it begins")
        return {year: _build_year(year, sessions) for year, sessions in spans.items()}

    def _year_of(self, row: CsvRow, years: dict[str, RosterYear]) -> RosterYear | None:
        """Return the year of the first term of a class that has one, else the latest year."""
        for term in row.get_list("termSourcedIds"):
            academic_session = self.by_id["academicSessions"].get(term)
            if academic_session and academic_session["schoolYear"] in years:
                return years[academic_session["schoolYear"]]
        return max(years.values(), key=lambda year: year.ends_on, default=None)

    def _classes_of_type(self, class_type: str) -> Iterator[CsvRow]:
        for row in self.rows["classes"]:
            row_type = row["classType"].casefold()
            if row_type not in ("homeroom", "scheduled"):
                message = f"classType is {row['classType']!r}; it must be homeroom or scheduled"
                self.tables.add_row_error(row, message)
            elif row_type == class_type:
                yield row

    def _groups(self, years: dict[str, RosterYear]) -> Iterator[RosterGroup]:
        for row in self._classes_of_type("homeroom"):
            year = self._year_of(row, years)
            if year:
                yield RosterGroup(
                    external_id=row["sourcedId"],
                    code=row["classCode"] or row["title"],
                    name=row["title"],
                    year_external_id=year.external_id,
                )

    def _courses(
        self, years: dict[str, RosterYear], groups: Iterable[RosterGroup]
    ) -> Iterator[RosterCourse]:
        """Yield the courses; one with the code "2b.wi" belongs to the group "2b" of its year."""
        group_ids = {
            (group.code.casefold(), group.year_external_id): group.external_id for group in groups
        }
        for row in self._classes_of_type("scheduled"):
            course = self.by_id["courses"].get(row["courseSourcedId"])
            year = self._year_of(row, years)
            # Reported by then, as a reference or a year that is missing.
            if course is None or year is None:
                continue
            code = row["classCode"] or row["title"]
            # The standard has no link between a class and its homeroom, so the code must tell.
            code_prefix = re.split(r"[\s.\-_]", code.casefold())[0]
            subjects = row.get_list("subjects") or course.get_list("subjects")
            yield RosterCourse(
                external_id=row["sourcedId"],
                code=code,
                name=row["title"],
                subject_name=subjects[0] if subjects else course["title"],
                year_external_id=year.external_id,
                group_external_id=group_ids.get((code_prefix, year.external_id), ""),
            )

    def _class_ties(
        self, years: dict[str, RosterYear], groups: Iterable[RosterGroup]
    ) -> Iterator[RosterTie]:
        homerooms = {group.external_id for group in groups}
        enrollments = self.rows["enrollments"]
        primary_rows = [row for row in enrollments if _is_primary(row)]
        with_primary = {row["classSourcedId"] for row in primary_rows}
        for row in enrollments:
            role = row["role"].casefold()
            if role not in _ENROLLMENT_ROLES:
                self._add_unknown_role(row)
            class_row = self.by_id["classes"].get(row["classSourcedId"])
            year = self._year_of(class_row, years) if class_row else None
            if class_row is None or year is None or role not in ("student", "teacher"):
                continue
            class_id = class_row["sourcedId"]
            kind = _TIE_KINDS[role, class_id in homerooms]
            # Where a homeroom has a primary teacher, only that one is its mentor.
            if kind is TieKind.MENTORING and class_id in with_primary and not _is_primary(row):
                continue
            begins_on = self._parse_date(row, "beginDate")
            last_day = self._parse_date(row, "endDate")
            yield RosterTie(
                kind=kind,
                person_external_id=row["userSourcedId"],
                target_external_id=class_id,
                begins_on=begins_on,
                ends_on=last_day + timedelta(days=1) if last_day else year.ends_on,
            )

    def _guardianships(
        self, roles: dict[str, set[str]], years: dict[str, RosterYear]
    ) -> Iterator[RosterTie]:
        """Yield a tie for each pair of guardian and student; either row may name the other."""
        if not years:  # reported by then
            return
        for row in self.rows["users"]:
            own_id = row["sourcedId"]
            for agent_id in row.get_list("agentSourcedIds"):
                own_roles = roles.get(own_id, set())
                agent_roles = roles.get(agent_id, set())
                # Without an end: a guardian does not stop being one when the school year is over.
                if "student" in own_roles and agent_roles & _GUARDIAN_ROLES:
                    yield RosterTie(TieKind.GUARDIANSHIP, agent_id, own_id, None, None)
                elif "student" in agent_roles and own_roles & _GUARDIAN_ROLES:
                    yield RosterTie(TieKind.GUARDIANSHIP, own_id, agent_id, None, None)
                else:
                    problem = "which is no pair of guardian and student"
                    message = f"agentSourcedIds names {agent_id}, {problem}"
                    self.tables.add_row_warning(row, message)

    def _people(self) -> Iterator[RosterPerson]:
        for row in self.rows["users"]:
            given = row["preferredGivenName"] or row["givenName"]
            full_family = row["preferredFamilyName"] or row["familyName"]
            infix, family = _split_infix(full_family, middle=row["middleName"])
            # What an export in the wrong encoding makes of an ë.
            if "?" in given + full_family:
                name = f"{given} {full_family}"
                message = f"the name {name} holds a question mark: was a letter lost?"
                self.tables.add_row_warning(row, message)
            yield RosterPerson(
                external_id=row["sourcedId"],
                given_name=given,
                infix=infix,
                family_name=family,
                email=row["email"] or None,  # an empty cell says nothing
                sign_in_name=normalize_sign_in_name(row["username"]),
            )

    def _warn_about_gaps(self, roles: dict[str, set[str]], ties: Iterable[RosterTie]) -> None:
        """Warn about students without a class, and classes without a teacher."""
        tied_ids = set[str]()
        taught_ids = set[str]()
        for tie in ties:
            tied_ids |= {tie.person_external_id, tie.target_external_id}
            if tie.kind in (TieKind.TEACHING, TieKind.MENTORING):
                taught_ids.add(tie.target_external_id)
        for row in self.rows["users"]:
            is_student = "student" in roles.get(row["sourcedId"], set())
            if is_student and row["sourcedId"] not in tied_ids:
                name = f"{row['givenName']} {row['familyName']}"
                self.tables.add_row_warning(row, f"{name} is in no class")
        for row in self.rows["classes"]:
            if row["sourcedId"] not in taught_ids:
                self.tables.add_row_warning(row, f"{row['title']} has no teacher")

    def _check_duplicates(self) -> None:
        id_counts = Counter(row["sourcedId"].lstrip("0") for row in self.rows["users"])
        names = (normalize_sign_in_name(row["username"]) for row in self.rows["users"])
        name_counts = Counter(filter(None, names))  # that one is empty is an error of its own
        for row in self.rows["users"]:
            sourced_id = row["sourcedId"]
            # A spreadsheet drops leading zeros, and "0123" is then another person than "123".
            if id_counts[sourced_id.lstrip("0")] > 1:
                message = f"sourcedId {sourced_id} differs from another only by zeros"
                self.tables.add_row_warning(row, message)
            if name_counts[normalize_sign_in_name(row["username"])] > 1:
                self.tables.add_row_error(row, f"username {row['username']} stands here twice")

    def _check_class_codes(self, years: dict[str, RosterYear]) -> None:
        """Report two homerooms, or two other classes, with one code in one year."""
        seen = set[tuple[str, str, RosterYear | None]]()
        for row in self.rows["classes"]:
            code = row["classCode"] or row["title"]
            key = (row["classType"].casefold(), code, self._year_of(row, years))
            if key in seen:
                self.tables.add_row_error(row, f"the code {code} stands here twice in one year")
            seen.add(key)


def _is_primary(row: CsvRow) -> bool:
    return row["primary"].casefold() == "true"


def _build_year(year: str, sessions: list[tuple[date, date]]) -> RosterYear:
    return RosterYear(
        external_id=f"year-{year}",
        name=f"{int(year) - 1}-{year}",
        begins_on=min(begins_on for begins_on, _ in sessions),
        ends_on=max(ends_on for _, ends_on in sessions),
    )


def _split_infix(family: str, *, middle: str) -> tuple[str, str]:
    """Split "van den Berg" into infix and name; the middle name may hold the infix instead."""
    infix = _INFIX.match(family)
    if infix and infix.end() < len(family):
        return infix.group(0).strip(), family[infix.end() :]
    return (middle if _INFIX.fullmatch(middle) else ""), family
