"""The school years that a roster is about, and the day of the import among them."""

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from reflect.db.session import session
from reflect.school.people import SchoolYear


@dataclass(frozen=True)
class Period:
    """From the first day of a roster's first year to the end of its last, which is exclusive.

    `next_begins_on`: the first day of the year after it, or its own end where none is known.
    """

    begins_on: date
    ends_on: date
    next_begins_on: date
    today: date

    @property
    def is_over(self) -> bool:
        """Whether its years have ended: then the roster says nothing of today."""
        return self.ends_on <= self.today

    @property
    def takes_effect_on(self) -> date:
        """The day from which the roster counts: one of a year to come changes nothing yet."""
        return max(self.today, self.begins_on)


def make_period(years: list[SchoolYear], *, today: date) -> Period:
    """Return the period of these years, of which there is one at least."""
    begins_on = min(year.begins_on for year in years)
    ends_on = max(year.ends_on for year in years)
    last_begins_on = max(year.begins_on for year in years)
    next_begins_on = session().scalar(
        sa.select(sa.func.min(SchoolYear.begins_on)).where(SchoolYear.begins_on > last_begins_on)
    )
    return Period(
        begins_on=begins_on,
        ends_on=ends_on,
        # Years may overlap by some days, and a new one may be known already.
        next_begins_on=min(ends_on, next_begins_on or ends_on),
        today=today,
    )
