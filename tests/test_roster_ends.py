"""A roster that would end too much is refused, unless it is asked for by its number."""

import dataclasses
from datetime import date

import pytest

from reflect.school.roster import oneroster
from reflect.school.roster.result import TooManyEnd, WrongNumber, ensure_meant
from reflect.school.roster.sync import sync_roster
from tests.sample_rosters import build_year_zip


def many(count):
    return [f"p{number}" for number in range(count)]


@pytest.fixture
def large(active_app):
    """A school of 157 people in one year."""
    students = many(150)
    courses = {"w2": ("2b.wi", students, ["t1", "t2"])}
    groups = {"k2": ("2b", students, ["t3"])}
    extra = ["t4", "t5", "t6", "t7"]

    def read(keep=150, enrolled=None):
        kept = students[:keep]
        tied = kept if enrolled is None else kept[:enrolled]
        content = build_year_zip(
            2027,
            groups={"k2": ("2b", tied, groups["k2"][2])},
            courses={"w2": ("2b.wi", tied, courses["w2"][2])},
            extra=[*kept, *extra],
        )
        return oneroster.read_zip_bytes(content, file_name="s.zip")

    sync_roster(read(), on=date(2026, 8, 20))
    return read


def test_a_roster_that_was_cut_off_is_refused_unless_asked_for_by_its_number(large):
    on = date(2026, 11, 24)
    result = sync_roster(large(keep=32), on=on)
    assert (result.people.ended, result.people.running) == (118, 157)
    with pytest.raises(TooManyEnd, match=r"118 of 157 people.* --ends 118"):
        ensure_meant(result, number=None)
    for wrong in (0, 117, 119, 157):
        with pytest.raises(WrongNumber, match="--ends 118 and not"):
            ensure_meant(result, number=wrong)
    ensure_meant(result, number=118)


@pytest.mark.parametrize(("leave", "is_refused"), [(15, False), (16, True)])
def test_a_tenth_may_leave_and_not_one_more(large, leave, is_refused):
    result = sync_roster(large(keep=150 - leave), on=date(2026, 11, 24))
    assert result.ends_too_many is is_refused


def test_a_roster_with_everybody_and_half_of_the_ties_is_refused_too(large):
    result = sync_roster(large(enrolled=75), on=date(2026, 11, 24))
    assert not result.people.is_too_many
    assert (result.ties.ended, result.number_to_confirm) == (150, 150)
    with pytest.raises(TooManyEnd):
        ensure_meant(result, number=None)


def test_a_year_whose_end_is_mistyped_would_end_every_tie(large):
    roster = large()
    (year,) = roster.years
    mistyped = dataclasses.replace(year, ends_on=date(2026, 11, 1))
    cut = tuple(dataclasses.replace(tie, begins_on=None, ends_on=None) for tie in roster.ties)
    changed = dataclasses.replace(roster, years=(mistyped,), ties=cut)
    result = sync_roster(changed, on=date(2026, 11, 24))
    assert result.ties.ended == result.ties.running > 300
    assert result.ends_too_many
