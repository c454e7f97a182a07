"""Read OneRoster 1.1 and 1.2: check the tables and build a roster, with an issue by line."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from reflect.school.names import split_infix
from reflect.school.people import normalize_sign_in_name
from reflect.school.roster.archive import MAX_ZIP_BYTES, too_large
from reflect.school.roster.csv_rows import CsvRow
from reflect.school.roster.model import (
    WHOLE_SCHOOL,
    Roster,
    RosterCourse,
    RosterDuty,
    RosterErrors,
    RosterGroup,
    RosterPerson,
    RosterTie,
    RosterYear,
    TieKind,
)
from reflect.school.roster.roles import GUARDIAN_ROLES, STUDENT, Role
from reflect.school.roster.table_checks import CheckedTables
from reflect.school.roster.tables import read_tables

_ENROLLMENT_ROLES = ("student", "teacher", "administrator", "proctor", "aide")
_TIE_KINDS = {
    # (role, is the class a homeroom)
    ("student", True): TieKind.MEMBERSHIP,
    ("teacher", True): TieKind.MENTORING,
    ("student", False): TieKind.ENROLMENT,
    ("teacher", False): TieKind.TEACHING,
}
# Some write a sign into the cell of a name that somebody does not have.
_NO_NAME = {"-", "--", ".", "–", "?"}
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}
_SLASHED_DATE = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})$")
# How far the days of a session may be from its school year; beyond it a digit was mistyped.
_MAX_YEARS_APART = 2


def read_zip(path: Path) -> Roster:
    """Read a OneRoster zip. Raises RosterErrors with all that is wrong, and OSError."""
    if path.stat().st_size > MAX_ZIP_BYTES:
        raise RosterErrors([too_large(path.name)])
    return read_zip_bytes(path.read_bytes(), file_name=path.name)


def read_zip_bytes(content: bytes, *, file_name: str) -> Roster:
    """Read a OneRoster zip from memory. Raises RosterErrors."""
    return _RosterBuilder(read_tables(content, file_name=file_name)).build()


class _RosterBuilder(CheckedTables):
    """Builds the roster of one archive, and adds what is wrong to the issues of its tables."""

    def build(self) -> Roster:
        """Return the roster. Raises RosterErrors."""
        self.check_references()
        # Every table is read before the errors are raised at the end: whoever mends the export
        # wants the whole list.
        roles = self._roles_by_user()
        years = self._years()
        groups = tuple(self._groups(years))
        courses = tuple(self._courses(years, groups))
        ties = (*self._class_ties(years, groups), *self._guardianships(roles, years))
        # The row of the student and that of the guardian may both name the same pair.
        unique_ties = tuple(dict.fromkeys(ties))
        people = tuple(self._people(roles))
        duties = tuple(dict.fromkeys(self._duties()))
        self._warn_about_gaps(roles, unique_ties)
        self.warn_about_left_out()
        self.check_duplicates()
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
            duties=duties,
        )

    def _role_rows(self) -> list[CsvRow]:
        # OneRoster 1.2 has roles in a table of their own, 1.1 in a column of the users.
        return self.rows["roles"] if "roles" in self.rows else self.rows["users"]

    def _roles_by_user(self) -> dict[str, set[str]]:
        by_user: dict[str, set[str]] = {sourced_id: set() for sourced_id in self.by_id["users"]}
        for row in self._role_rows():
            role = Role(row["role"])
            if not role.is_known:
                self._add_unknown_role(row)
            by_user.setdefault(_user_id(row), set()).add(role.word)
        return by_user

    def _duties(self) -> Iterator[RosterDuty]:
        """Yield what people do for the whole school, as their roles say it."""
        for row in self._role_rows():
            duty = Role(row["role"]).duty
            days = self._days_of(row) if duty else None
            if duty and days:
                yield RosterDuty(duty, _user_id(row), days.begins_on, days.ends_on)

    def _add_unknown_role(self, row: CsvRow) -> None:
        self.tables.add_row_error(row, f"nobody knows the role {row['role']!r}")

    def _days_of(self, row: CsvRow) -> "_Days | None":
        """Return the days of a row, None with an error where it ends before it begins."""
        begins_on = self._parse_date(row, "beginDate")
        last_day = self._parse_date(row, "endDate")
        if begins_on and last_day and last_day < begins_on:
            names = f"{row['sourcedId']}: {_user_id(row)} in {row['classSourcedId']}"
            message = f"it ends ({last_day}) before it begins ({begins_on}): {names}"
            self.tables.add_row_error(row, message)
            return None
        # In the file the last day is included; our `ends_on` is the first day after it.
        return _Days(begins_on, last_day + timedelta(days=1) if last_day else None)

    def _parse_date(self, row: CsvRow, column: str) -> date | None:
        """Return a date as OneRoster writes it, or as some spreadsheets do: day/month/year."""
        text = row[column]
        if not text:
            return None
        slashed = _SLASHED_DATE.match(text)
        try:
            if slashed is None:
                # Without the time, which some systems add to a date.
                day = date.fromisoformat(text[:10])
                # 9999-12-31 is how many systems write that there is no such day yet.
                return None if day.year == date.max.year else day
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
            elif begins_on is None or last_day is None:
                if row["startDate"] and row["endDate"] and not self.has_error(row):
                    self.tables.add_row_error(row, "a school year has a first and a last day")
            elif last_day < begins_on:
                self.tables.add_row_error(row, "it ends before it begins")
            elif max(abs(day.year - int(year)) for day in (begins_on, last_day)) > _MAX_YEARS_APART:
                self.tables.add_row_error(row, f"its days are not of school year {year}")
            else:
                # In the file the last day is included; our `ends_on` is the first day after it.
                spans.setdefault(year, []).append((begins_on, last_day + timedelta(days=1)))
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
                    origin=row.origin,
                )

    def _courses(
        self, years: dict[str, RosterYear], groups: Iterable[RosterGroup]
    ) -> Iterator[RosterCourse]:
        """Yield the courses; one with the code "2b.wi" belongs to the group "2b" of its year."""
        group_ids = {
            (group.code.casefold(), group.year_external_id): group.external_id for group in groups
        }
        for row in self._classes_of_type("scheduled"):
            year = self._year_of(row, years)
            if year is None:  # reported by then
                continue
            code = row["classCode"] or row["title"]
            # The standard has no link between a class and its homeroom, so the code must tell.
            code_prefix = re.split(r"[\s.\-_]", code.casefold())[0]
            yield RosterCourse(
                external_id=row["sourcedId"],
                code=code,
                name=row["title"],
                subject_name=self._subject_of(row),
                year_external_id=year.external_id,
                group_external_id=group_ids.get((code_prefix, year.external_id), ""),
                origin=row.origin,
            )

    def _subject_of(self, row: CsvRow) -> str:
        """Return the subject of a class: its own, that of its course, or what these are called."""
        course_id = row["courseSourcedId"]
        # That a course is to be deleted does not change what its class is about.
        course = self.by_id["courses"].get(course_id) or self.tables.left_out["courses"].get(
            course_id
        )
        subjects = row.get_list("subjects") or (course.get_list("subjects") if course else [])
        return subjects[0] if subjects else (course or row)["title"]

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
            days = self._days_of(row)
            if days is None:
                continue
            if not days.overlap(year):
                message = f"its days are not in the school year {year.name} of {class_id}: left out"
                self.tables.add_row_warning(row, message)
                continue
            yield RosterTie(
                kind=kind,
                person_external_id=row["userSourcedId"],
                target_external_id=class_id,
                begins_on=days.begins_on,
                ends_on=days.ends_on or year.ends_on,
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
                if self.is_left_out("users", agent_id):
                    self.note_named("users", agent_id, by="users")
                    continue
                # Nobody is the guardian of themselves, whatever roles they have.
                own_roles = roles.get(own_id, set()) if agent_id != own_id else set()
                agent_roles = roles.get(agent_id, set())
                # Without an end: a guardian does not stop being one when the school year is over.
                if STUDENT in own_roles and agent_roles & GUARDIAN_ROLES:
                    yield RosterTie(TieKind.GUARDIANSHIP, agent_id, own_id, None, None)
                elif STUDENT in agent_roles and own_roles & GUARDIAN_ROLES:
                    yield RosterTie(TieKind.GUARDIANSHIP, own_id, agent_id, None, None)
                else:
                    problem = "which is no pair of guardian and student"
                    message = f"agentSourcedIds names {agent_id}, {problem}"
                    self.tables.add_row_warning(row, message)

    def _people(self, roles: dict[str, set[str]]) -> Iterator[RosterPerson]:
        without_username = 0
        for row in self.rows["users"]:
            given = _name(row["preferredGivenName"] or row["givenName"])
            full_family = _name(row["preferredFamilyName"] or row["familyName"])
            # Somebody with one name has it in either column.
            if not given and len(full_family.split()) == 1:
                given, full_family = full_family, ""
            if not given:
                self.tables.add_row_error(row, "givenName is empty")
            # Many schools give parents an account later, or none.
            own_roles = roles.get(row["sourcedId"], set())
            is_only_guardian = bool(own_roles) and own_roles <= GUARDIAN_ROLES
            without_username += is_only_guardian and not row["username"]
            if not row["username"] and not is_only_guardian:
                self.tables.add_row_error(row, "username is empty")
            infix, family = split_infix(full_family, middle=row["middleName"])
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
                sign_in_name=normalize_sign_in_name(row["username"]) or None,
                may_sign_in=self._is_enabled(row),
                origin=row.origin,
            )
        if without_username:
            message = f"{without_username} guardians have no username, and cannot sign in"
            self.tables.add_warning("users.csv", None, message)

    def _is_enabled(self, row: CsvRow) -> bool:
        is_enabled = _BOOLEANS.get(row["enabledUser"].casefold())
        if is_enabled is None and row["enabledUser"]:  # that it is empty is an error of its own
            message = f"enabledUser is {row['enabledUser']!r}; it must be true or false"
            self.tables.add_row_error(row, message)
        return bool(is_enabled)

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

    def _check_class_codes(self, years: dict[str, RosterYear]) -> None:
        """Report two homerooms, or two other classes, with one code in one year."""
        seen: dict[tuple[str, str, RosterYear | None], str] = {}
        for row in self.rows["classes"]:
            code = row["classCode"] or row["title"]
            key = (row["classType"].casefold(), code, self._year_of(row, years))
            if key in seen:
                ids = f"{seen[key]} and {row['sourcedId']}"
                message = f"the code {code} stands here twice in one year: {ids}"
                self.tables.add_row_error(row, message)
            seen[key] = row["sourcedId"]


@dataclass(frozen=True)
class _Days:
    """From when to when a row counts; None where it does not say."""

    begins_on: date | None
    ends_on: date | None

    def overlap(self, year: RosterYear) -> bool:
        begins_late = self.begins_on is not None and self.begins_on >= year.ends_on
        ends_early = self.ends_on is not None and self.ends_on <= year.begins_on
        return not begins_late and not ends_early


def _user_id(row: CsvRow) -> str:
    return row["userSourcedId"] or row["sourcedId"]


def _name(cell: str) -> str:
    return "" if cell in _NO_NAME else cell


def _is_primary(row: CsvRow) -> bool:
    return row["primary"].casefold() == "true"


def _build_year(year: str, sessions: list[tuple[date, date]]) -> RosterYear:
    return RosterYear(
        external_id=f"year-{year}",
        name=f"{int(year) - 1}-{year}",
        begins_on=min(begins_on for begins_on, _ in sessions),
        ends_on=max(ends_on for _, ends_on in sessions),
    )
