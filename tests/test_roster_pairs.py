"""Any roster after any other: it is imported or refused with sentences, and never breaks it."""

import itertools
import random
from datetime import timedelta

import pytest
import sqlalchemy as sa

from reflect.db.session import session
from reflect.school import ties
from reflect.school.people import Course, Group, Person
from reflect.school.roster import oneroster
from reflect.school.roster.model import RosterErrors
from reflect.school.roster.sync import sync_roster
from tests.cast import TODAY
from tests.conftest import DATABASE_KINDS
from tests.sample_rosters import SCHOOL, build_roster_zip

PAIRS = 60
DAYS = ("", "", "2026-09-01", "2026-11-20", "2026-12-15", "2027-06-30", "9999-12-31", "2025-01-01")
USERNAMES = ("a", "b", "c", "d", "e", "A", "Ä", "ä")
CODES = ("2b", "2c", "3b", "2b.wi")
ROLES = ("student", "student", "teacher", "parent", "administrator", "counselor", "relative")


@pytest.fixture(scope="module", params=DATABASE_KINDS)
def database_kind(request):
    return request.param


@pytest.fixture
def school(active_app):
    session().execute(sa.update(Person).values(sign_in_name=None))
    return active_app


def random_tables(draw):
    """Return small tables in which ids, codes, usernames and days are used again and again."""
    years = draw.choice([(2027,), (2027,), (2028,), (2027, 2028)])
    sessions = [
        {
            "sourcedId": f"t{year}",
            "title": "Jaar",
            "type": "schoolYear",
            "startDate": f"{year - 1}-08-01",
            "endDate": f"{year}-07-31",
            "schoolYear": str(year),
        }
        for year in years
    ]
    classes = [
        {
            "sourcedId": identifier,
            "status": draw.choice(["", "", "", "", "tobedeleted"]),
            "title": f"Klas {identifier}",
            "classCode": draw.choice(CODES),
            "courseSourcedId": draw.choice(["wi", "ne"]),
            "classType": draw.choice(["homeroom", "scheduled"]),
            "schoolSourcedId": SCHOOL,
            "termSourcedIds": f"t{draw.choice(years)}",
        }
        for identifier in draw.sample(["k1", "k2", "k3", "k4"], draw.randint(1, 3))
    ]
    people = draw.sample(["p1", "p2", "p3", "p4", "p5"], draw.randint(2, 5))
    usernames = draw.sample(USERNAMES, len(people))
    users = [
        {
            "sourcedId": identifier,
            "status": draw.choice(["", "", "", "", "tobedeleted"]),
            "enabledUser": draw.choice(["true", "true", "false"]),
            "orgSourcedIds": SCHOOL,
            "role": draw.choice(ROLES),
            "username": username,
            "givenName": draw.choice(["Noor", "Zoë", "Bo"]),
            "familyName": draw.choice(["van den Berg", "El-Amrani", ""]),
            "agentSourcedIds": draw.choice(["", *people]),
        }
        for identifier, username in zip(people, usernames, strict=True)
    ]
    enrollments = [
        {
            "sourcedId": f"e{number}",
            "classSourcedId": draw.choice(classes)["sourcedId"],
            "schoolSourcedId": SCHOOL,
            "userSourcedId": draw.choice(people),
            "role": draw.choice(["student", "student", "teacher"]),
            "beginDate": draw.choice(DAYS),
            "endDate": draw.choice(DAYS),
        }
        for number in range(draw.randint(0, 6))
    ]
    return {
        "orgs": [{"sourcedId": SCHOOL, "name": "Lyceum", "type": "school"}],
        "academicSessions": sessions,
        "courses": [
            {"sourcedId": "wi", "title": "Wiskunde", "orgSourcedId": SCHOOL},
            {"sourcedId": "ne", "title": "wiskunde", "orgSourcedId": SCHOOL},
        ],
        "classes": classes,
        "users": users,
        "enrollments": enrollments
        or [
            {
                "sourcedId": "e",
                "classSourcedId": classes[0]["sourcedId"],
                "schoolSourcedId": SCHOOL,
                "userSourcedId": people[0],
                "role": "student",
            }
        ],
    }


def all_rows():
    session().expire_all()
    tables = [Person, Group, Course]
    tables += [table for table in ties.Tie.__subclasses__() if table.__module__ == ties.__name__]
    return {
        table.__name__: list(
            map(tuple, session().execute(sa.select(table.__table__).order_by(table.__table__.c.id)))
        )
        for table in tables
    }


def import_(tables, *, on):
    """Return whether a roster was imported; one that is refused changes nothing."""
    before = all_rows()
    savepoint = session().begin_nested()
    try:
        roster = oneroster.read_zip_bytes(build_roster_zip(tables), file_name="school.zip")
        sync_roster(roster, on=on)
        savepoint.commit()
    except RosterErrors as error:
        savepoint.rollback()
        refusal = error
    else:
        return True
    assert refusal.issues
    assert all(issue.file and issue.message for issue in refusal.issues)
    assert all_rows() == before, "nothing is half imported"
    return False


def confirmed():
    return set(
        session().scalars(
            sa.select(ties.Guardianship.id).where(ties.Guardianship.custody == ties.Custody.YES)
        )
    )


def check_rows():
    """Assert what holds of a school whatever rosters say."""
    for table in ties.Tie.__subclasses__():
        if table.__module__ == ties.__name__:
            ends_first = sa.and_(table.ends_on.is_not(None), table.ends_on < table.begins_on)
            assert session().scalars(sa.select(table.id).where(ends_first)).all() == []


@pytest.mark.parametrize("part", range(4))
def test_any_roster_after_any_other(school, part):
    imported = 0
    for seed in range(part * PAIRS // 4, (part + 1) * PAIRS // 4):
        draw = random.Random(seed)
        outer = session().begin_nested()
        day = TODAY
        for tables in (random_tables(draw), random_tables(draw), random_tables(draw)):
            kept = confirmed()
            was_imported = import_(tables, on=day)
            imported += was_imported
            assert confirmed() >= kept, f"custody was lost with seed {seed}"
            check_rows()
            if was_imported:
                before = all_rows()
                for later in (0, 1, 30):
                    assert import_(tables, on=day + timedelta(days=later)), f"seed {seed}"
                    assert all_rows() == before, f"the second import changes rows: seed {seed}"
            session().execute(sa.update(ties.Guardianship).values(custody=ties.Custody.YES))
            day += timedelta(days=draw.choice([0, 1, 40]))
        outer.rollback()
    assert imported > PAIRS // 8, "most of the rosters are fine"


def test_the_random_rosters_have_what_they_are_about():
    tables = [random_tables(random.Random(seed)) for seed in range(PAIRS)]
    codes = [[row["classCode"] for row in each["classes"]] for each in tables]
    assert any(len(set(each)) < len(each) for each in codes)
    pairs = [
        (row["classSourcedId"], row["userSourcedId"], place)
        for place, each in enumerate(tables)
        for row in each["enrollments"]
    ]
    assert len(set(pairs)) < len(pairs)
    names = [{row["username"]: row["sourcedId"] for row in each["users"]} for each in tables]
    assert any(
        first.get(name, holder) != holder
        for first, second in itertools.pairwise(names)
        for name, holder in second.items()
    )
