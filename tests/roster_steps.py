"""What tests of rosters do and look at: an import of the sample, changed, and its rows."""

import pytest
import sqlalchemy as sa

from reflect.db.session import session
from reflect.school import ties
from reflect.school.people import Course, Group, Person
from reflect.school.roster import oneroster
from reflect.school.roster.model import RosterErrors
from reflect.school.roster.sync import sync_roster
from tests.cast import TODAY
from tests.sample_rosters import build_roster_zip, sample_tables


def read(content):
    return oneroster.read_zip_bytes(content, file_name="school.zip")


def tables(**changes):
    """Return the tables of the sample; a change is a function of the copied rows of one table."""
    return sample_tables(**changes)


def import_(rows=None, *, on=TODAY, **options):
    return sync_roster(read(build_roster_zip(rows, **options)), on=on)


def issues_of(rows=None, *, on=TODAY, **options):
    before = everything()
    with pytest.raises(RosterErrors) as caught, session().begin_nested():
        import_(rows, on=on, **options)
    assert everything() == before, "nothing is half imported"
    return [str(issue) for issue in caught.value.issues]


def everything():
    """Return every row that a roster may change."""
    session().flush()
    session().expire_all()
    kept = [Person, Group, Course, *ties.Tie.__subclasses__()]
    return {
        table.__name__: [
            tuple(row)
            for row in session().execute(sa.select(table.__table__).order_by(table.__table__.c.id))
        ]
        for table in kept
        if table.__module__.startswith("reflect.")
    }


def person(external_id):
    return session().scalar(sa.select(Person).where(Person.external_id == external_id))


def enrolments(external_id, table=ties.Enrolment):
    found = session().scalars(
        sa.select(table).where(table.person_id == person(external_id).id).order_by(table.begins_on)
    )
    return [(tie.begins_on.isoformat(), tie.ends_on and tie.ends_on.isoformat()) for tie in found]


def duties(external_id):
    running = sa.or_(ties.Duty.ends_on.is_(None), ties.Duty.ends_on > TODAY)
    found = session().scalars(
        sa.select(ties.Duty.duty).where(ties.Duty.person_id == person(external_id).id, running)
    )
    return set(found)


def setting(table, place, **columns):
    def change(rows):
        rows[place].update(columns)

    return {table: change}
