"""OneRoster 1.1 and 1.2: from checked tables to a roster, with every wrong line named and every odd one mentioned."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

from reflect.school.roster import Roster, RosterCourse, RosterGroup, RosterPerson, RosterTie, RosterYear
from reflect.school.roster_zip import REQUIRED, Row, Tables, read_tables

_GUARDIANS = {"parent", "guardian", "relative"}
_ROLES = {
    "administrator", "aide", "guardian", "parent", "proctor", "relative", "student", "teacher", "counselor",
    "principal", "districtadministrator", "siteadministrator", "systemadministrator",
}  # fmt: skip
_INFIX = re.compile(
    r"^((?:van|de|den|der|het|ter|ten|te|el|al|von|di|da|du|la|le|'t|in|op|aan)\b[\s-]*)+", re.IGNORECASE
)
_SLASHED = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})$")


def read(path: Path) -> Roster:
    """Read a OneRoster zip. Raises RosterErrors with all that is wrong, and OSError."""
    return read_bytes(path.read_bytes(), name=path.name)


def read_bytes(content: bytes, *, name: str) -> Roster:
    """Read a OneRoster zip from memory. Raises RosterErrors."""
    return _Reader(read_tables(content, name=name)).roster()


class _Reader:
    def __init__(self, tables: Tables) -> None:
        self.tables, self.rows = tables, tables.rows
        self.by_id = {table: self._indexed(table) for table in (*REQUIRED, "roles") if table in self.rows}

    def _indexed(self, table: str) -> dict[str, Row]:
        found: dict[str, Row] = {}
        for row in self.rows[table]:
            for column in REQUIRED.get(table, ()):
                if not row[column] and not (table == "classes" and column == "termSourcedIds"):
                    self.tables.wrong(row.file, row.line, f"{column} is empty")
            if row["sourcedId"] in found:
                self.tables.wrong(row.file, row.line, f"sourcedId {row['sourcedId']} stands here twice")
            found[row["sourcedId"]] = row
        return found

    def roster(self) -> Roster:
        self._check_references()
        roles, years = self._roles(), self._years()
        groups = tuple(self._groups(years))
        courses = tuple(self._courses(years, groups))
        ties = tuple(dict.fromkeys((*self._class_ties(years, groups), *self._guardianships(roles, years))))
        people = tuple(self._people())
        self._mention_odd(roles, ties)
        self.tables.stop_if_wrong()
        warnings = tuple(self.tables.warnings)
        return Roster(people, tuple(years.values()), groups, courses, ties, warnings)

    def _check_references(self) -> None:
        points = (
            ("classes", "courseSourcedId", "courses"), ("classes", "schoolSourcedId", "orgs"),
            ("classes", "termSourcedIds", "academicSessions"), ("enrollments", "classSourcedId", "classes"),
            ("enrollments", "userSourcedId", "users"), ("roles", "userSourcedId", "users"),
        )  # fmt: skip
        for table, column, target in points:
            for row in self.rows.get(table, ()):
                for id in row.list(column):
                    if id not in self.by_id[target]:
                        self.tables.wrong(row.file, row.line, f"{column} names {id}, which is not in {target}.csv")

    def _roles(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {id: set() for id in self.by_id["users"]}
        source = self.rows.get("roles") or self.rows["users"]
        for row in source:
            role = row["role"].casefold()
            if role not in _ROLES and not role.startswith("ext:"):
                self.tables.wrong(row.file, row.line, f"nobody knows the role {row['role']!r}")
            found.setdefault(row["userSourcedId"] or row["sourcedId"], set()).add(role)
        return found

    def _date(self, row: Row, column: str) -> date | None:
        text = row[column]
        if not text:
            return None
        slashed = _SLASHED.match(text)
        try:
            if slashed:
                self.tables.odd(row.file, row.line, f"{column} {text} is read as day/month/year")
                return date(int(slashed[3]), int(slashed[2]), int(slashed[1]))
            return date.fromisoformat(text[:10])
        except ValueError:
            self.tables.wrong(row.file, row.line, f"{column} {text!r} is not a date such as 2026-09-01")
            return None

    def _years(self) -> dict[str, RosterYear]:
        """A school year is named by the year in which it ends; it lasts from its first session's day to its last's."""
        spans: dict[str, list[tuple[date, date]]] = {}
        for row in self.rows["academicSessions"]:
            begins, ends = self._date(row, "startDate"), self._date(row, "endDate")
            if not re.fullmatch(r"\d{4}", row["schoolYear"]):
                self.tables.wrong(row.file, row.line, f"schoolYear {row['schoolYear']!r} is not a year such as 2027")
            elif begins and ends:
                spans.setdefault(row["schoolYear"], []).append((begins, ends + timedelta(days=1)))
                if ends < begins:
                    self.tables.wrong(row.file, row.line, "it ends before it begins")
        return {year: _year(year, span) for year, span in spans.items()}

    def _year_of(self, row: Row, years: dict[str, RosterYear]) -> RosterYear | None:
        for term in row.list("termSourcedIds"):
            session = self.by_id["academicSessions"].get(term)
            if session and session["schoolYear"] in years:
                return years[session["schoolYear"]]
        return max(years.values(), key=lambda year: year.ends_on, default=None)

    def _classes(self, kind: str) -> Iterator[Row]:
        for row in self.rows["classes"]:
            told = row["classType"].casefold()
            if told not in ("homeroom", "scheduled"):
                self.tables.wrong(
                    row.file, row.line, f"classType is {row['classType']!r}; it must be homeroom or scheduled"
                )
            elif told == kind:
                yield row

    def _groups(self, years: dict[str, RosterYear]) -> Iterator[RosterGroup]:
        for row in self._classes("homeroom"):
            year = self._year_of(row, years)
            if year:
                yield RosterGroup(row["sourcedId"], row["classCode"] or row["title"], row["title"], year.external_id)

    def _courses(self, years: dict[str, RosterYear], groups: Iterable[RosterGroup]) -> Iterator[RosterCourse]:
        codes = {(group.code.casefold(), group.year): group.external_id for group in groups}
        for row in self._classes("scheduled"):
            course, year = self.by_id["courses"].get(row["courseSourcedId"]), self._year_of(row, years)
            if course is None or year is None:
                continue
            code = row["classCode"] or row["title"]
            begin = re.split(r"[\s.\-_]", code.casefold())[0]
            subject = (row.list("subjects") or course.list("subjects") or [course["title"]])[0]
            yield RosterCourse(
                row["sourcedId"],
                code,
                row["title"],
                subject,
                year.external_id,
                codes.get((begin, year.external_id), ""),
            )

    def _class_ties(self, years: dict[str, RosterYear], groups: Iterable[RosterGroup]) -> Iterator[RosterTie]:
        homerooms = {group.external_id for group in groups}
        with_primary = {
            row["classSourcedId"] for row in self.rows["enrollments"] if row["primary"].casefold() == "true"
        }
        for row in self.rows["enrollments"]:
            taught, role = self.by_id["classes"].get(row["classSourcedId"]), row["role"].casefold()
            year = self._year_of(taught, years) if taught else None
            if taught is None or year is None or role not in ("student", "teacher"):
                if role not in ("student", "teacher", "administrator", "proctor", "aide"):
                    self.tables.wrong(row.file, row.line, f"nobody knows the role {row['role']!r}")
                continue
            home = taught["sourcedId"] in homerooms
            if (
                home
                and role == "teacher"
                and row["classSourcedId"] in with_primary
                and row["primary"].casefold() != "true"
            ):
                continue
            kind = {("student", True): "membership", ("teacher", True): "mentoring", ("student", False): "enrolment",
                    ("teacher", False): "teaching"}[role, home]  # fmt: skip
            begins, ends = self._date(row, "beginDate"), self._date(row, "endDate")
            last = ends + timedelta(days=1) if ends else year.ends_on
            yield RosterTie(kind, row["userSourcedId"], taught["sourcedId"], begins or year.begins_on, last)

    def _guardianships(self, roles: dict[str, set[str]], years: dict[str, RosterYear]) -> Iterator[RosterTie]:
        began = min((year.begins_on for year in years.values()), default=None)
        for row in self.rows["users"]:
            for other in row.list("agentSourcedIds"):
                mine, theirs = roles.get(row["sourcedId"], set()), roles.get(other, set())
                if began and "student" in mine and theirs & _GUARDIANS:
                    yield RosterTie("guardianship", other, row["sourcedId"], began, None)
                elif began and "student" in theirs and mine & _GUARDIANS:
                    yield RosterTie("guardianship", row["sourcedId"], other, began, None)
                else:
                    self.tables.odd(
                        row.file, row.line, f"agentSourcedIds names {other}, which is no pair of guardian and student"
                    )

    def _people(self) -> Iterator[RosterPerson]:
        for row in self.rows["users"]:
            given = row["preferredGivenName"] or row["givenName"]
            family = row["preferredFamilyName"] or row["familyName"]
            infix, rest = _split(family, middle=row["middleName"])
            if "?" in given + family:
                self.tables.odd(
                    row.file, row.line, f"the name {given} {family} holds a question mark: was a letter lost?"
                )
            yield RosterPerson(row["sourcedId"], given, infix, rest, row["email"], row["username"].casefold())

    def _mention_odd(self, roles: dict[str, set[str]], ties: Iterable[RosterTie]) -> None:
        tied = {tie.person for tie in ties} | {tie.to for tie in ties}
        taught = {tie.to for tie in ties if tie.kind in ("teaching", "mentoring")}
        for row in self.rows["users"]:
            if "student" in roles.get(row["sourcedId"], set()) and row["sourcedId"] not in tied:
                self.tables.odd(row.file, row.line, f"{row['givenName']} {row['familyName']} is in no class")
        for row in self.rows["classes"]:
            if row["sourcedId"] not in taught:
                self.tables.odd(row.file, row.line, f"{row['title']} has no teacher")
        self._mention_alike()

    def _mention_alike(self) -> None:
        ids = Counter(row["sourcedId"].lstrip("0") for row in self.rows["users"])
        names = Counter(row["username"].casefold() for row in self.rows["users"])
        for row in self.rows["users"]:
            if ids[row["sourcedId"].lstrip("0")] > 1:
                self.tables.odd(row.file, row.line, f"sourcedId {row['sourcedId']} differs from another only by zeros")
            if names[row["username"].casefold()] > 1:
                self.tables.wrong(row.file, row.line, f"username {row['username']} stands here twice")


def _year(year: str, span: list[tuple[date, date]]) -> RosterYear:
    begins, ends = min(one for one, _ in span), max(one for _, one in span)
    return RosterYear(f"year-{year}", f"{int(year) - 1}-{year}", begins, ends)


def _split(family: str, *, middle: str) -> tuple[str, str]:
    """Split "van den Berg" into infix and name; an infix may also stand in the middle name."""
    begin = _INFIX.match(family)
    if begin and begin.end() < len(family):
        return begin.group(0).strip(), family[begin.end() :]
    return (middle if _INFIX.fullmatch(middle) else ""), family
