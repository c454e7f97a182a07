"""The school year turns: three years of rosters, and who reads what after each step.

After every step the table of who sees what is compared with the oracle, for every person and every
report, and the sentences of the scenario say what that comes to.
"""

import dataclasses
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from reflect.access import goals, policy, report_lists, report_loading, share
from reflect.access.policy import PolicyKind
from reflect.access.view_models import ReportPart
from reflect.db.session import session
from reflect.errors import NotFound
from reflect.reports.rounds import Round, opened_rounds_of_group, save_round
from reflect.reports.workflow import State
from reflect.school import queries, ties
from reflect.school.people import Course, Group, SchoolYear
from reflect.school.roster import oneroster
from reflect.school.roster.sync import sync_roster
from tests.cast import add_row
from tests.conftest import DATABASE_KINDS
from tests.sample_rosters import build_year_zip
from tests.year_scenario import DAY, SECOND_TURN, TURN, YEAR_2, YEARS, Scenario, at_noon


@pytest.fixture(scope="module", params=DATABASE_KINDS)
def database_kind(request):
    return request.param


@pytest.fixture
def school(active_app, cast):
    """The first year with a round: Noor and Lea are answered, Tim and Sam are not."""
    scenario = Scenario(form_id=cast.forms["wiskunde-periode", "nl"])
    scenario.import_(2027, on=date(2026, 8, 20))
    november = date(2026, 11, 24)
    autumn = scenario.open_round(2027, "w2", opens_on=date(2026, 11, 2))
    scenario.write("noor 1", "noor", autumn, State.CLOSED, teacher="dewit", on=november)
    scenario.write("lea 1", "lea", autumn, State.HANDED_IN, teacher="dewit", on=november)
    scenario.write("sam 1", "sam", autumn, State.HANDED_IN, teacher="dewit", on=november)
    scenario.write("tim 1", "tim", autumn, State.DRAFT, teacher="dewit", on=november)
    return scenario


EARLY, LAST_DAY = date(2027, 6, 20), TURN - DAY


def test_next_years_roster_changes_nothing_before_that_year(school):
    before = {key: school.readers(key, on=LAST_DAY) for key in school.reports}
    assert before["noor 1"] == {"dewit", "bakker", "smit"}
    assert before["sam 1"] == {"dewit", "bakker"}
    result = school.import_(2028, on=EARLY)
    assert "enrolment of ada in w2" in result.lines["new"]
    assert not any("of noor" in line for line in result.lines["gone"])
    for day in (EARLY, LAST_DAY):
        school.check(day)
        assert {key: school.readers(key, on=day) for key in school.reports} == before
        assert queries.group_by_code("2b", on=day).id == school.of_year(Group, "k2", 2027).id
    assert school.person("lea").left_on == TURN
    assert not queries.roles_of(school.actor("ada", LAST_DAY)).groups
    with pytest.raises(NotFound):
        queries.get_taught_course(
            school.of_year(Course, "w3", 2028).id, by=school.actor("dewit", LAST_DAY)
        )


def test_a_class_id_used_again_is_another_class_with_other_readers(school):
    school.import_(2028, on=EARLY)
    old, new = (school.of_year(Course, "w2", year) for year in (2027, 2028))
    assert old.id != new.id
    assert school.of_year(Group, "k2", 2027).id != school.of_year(Group, "k2", 2028).id
    assert school.report("noor 1").course_id == old.id
    # Bakker teaches the class that has the id now, and taught the one that had it.
    autumn = school.open_round(2028, "w2", opens_on=date(2027, 11, 1))
    today = date(2027, 11, 20)
    school.write("ada 2", "ada", autumn, State.ANSWERED, teacher="bakker", on=today)
    assert school.readers("ada 2", on=today) == {"bakker", "smit"}
    for key in ("noor 1", "sam 1", "lea 1", "tim 1"):
        assert school.readers(key, on=today) == set(), key


def test_teachers_read_until_the_year_ends_and_what_was_open_six_weeks_longer(school):
    school.import_(2028, on=EARLY)
    last_day_to_finish = TURN + timedelta(days=41)
    for day in (TURN, last_day_to_finish):
        school.check(day)
        assert school.readers("noor 1", on=day) == set()
        assert school.readers("sam 1", on=day) == {"dewit", "bakker"}
        course_id = school.of_year(Course, "w2", 2027).id
        by = school.actor("dewit", day)
        assert queries.get_taught_course(course_id, by=by).ended_year == "2026-2027"
        listed = report_lists.for_course(course_id, by=by, at=at_noon(day))
        assert {row.student.given_name for row in listed} == {"Sam", "Lea", "Tim"}
    school.check(last_day_to_finish + DAY)
    assert school.readers("sam 1", on=last_day_to_finish + DAY) == set()
    assert queries.roles_of(school.actor("dewit", last_day_to_finish + DAY)).courses == (
        queries.NamedRef(school.of_year(Course, "w3", 2028).id, "3b.wi", "Klas 3b.wi"),
    )


def test_what_was_open_is_answered_after_the_year_and_stays_readable_for_the_six_weeks(school):
    school.import_(2028, on=EARLY)
    day = TURN + timedelta(days=10)
    school.answer("sam 1", teacher="dewit", on=day)
    school.check(day)
    assert school.readers("sam 1", on=day) == {"dewit", "bakker"}
    # Opened again when the year is over, it is not what was still open then.
    report = school.report("noor 1")
    report.reopen(by=school.actor("noor", day), at=at_noon(day), reason="Ik weet meer.")
    report.hand_in(by=school.actor("noor", day), at=at_noon(day))
    school.check(day)
    assert school.readers("noor 1", on=day) == set()


def test_a_co_teacher_who_stopped_during_the_year_has_nothing_to_finish(school):
    march = date(2027, 3, 1)
    course = {"w2": ("2b.wi", ["noor", "sam", "tim", "lea"], ["dewit"])}
    school.import_(2027, on=march, courses=course, extra=["visser", "bakker"])
    for day in (march, TURN):
        school.check(day)
        assert school.readers("sam 1", on=day) == {"dewit"}


def test_the_new_mentor_reads_the_goals_and_no_text_of_the_year_before(school):
    school.import_(2028, on=EARLY)
    day = date(2027, 9, 20)
    school.check(day)
    assert school.parts("visser", "noor 1", on=day) == {ReportPart.GOALS}
    by, at = school.actor("visser", day), at_noon(day)
    view = report_loading.load(school.reports["noor 1"], by=by, at=at)
    assert [goal.description for goal in view.goals] == ["Haakjes schrijven"]
    assert (view.closing_word, view.overall, view.remarks) == ("", {}, ())
    assert not any(section.student_content for section in view.sections)
    assert not any(section.teacher_text for section in view.sections)
    listed = goals.earlier_goals_of(school.person("noor").id, by=by, at=at)
    assert [(each.report_id, each.year_name) for each in listed] == [(view.id, "2026-2027")]
    # Last year's mentor is out, although she mentors others.
    assert school.parts("smit", "noor 1", on=day) == set()
    assert (
        school.parts("smit", "tim 1", on=day) == set()
    )  # the same mentor, a repeater: not answered
    group_id = school.of_year(Group, "k3", 2028).id
    assert not opened_rounds_of_group(group_id, on=day)
    assert not report_lists.for_group(group_id, by=by, at=at)


def test_the_new_teacher_gets_the_goals_that_the_student_takes_along(school):
    """They stand in the student's new report, and nothing else of the old one is to be read."""
    school.import_(2028, on=EARLY)
    november = date(2027, 11, 20)
    autumn = school.open_round(2028, "w3", opens_on=date(2027, 11, 1))
    school.write("noor 2", "noor", autumn, State.HANDED_IN, teacher="dewit", on=november)
    noor, teacher = (school.actor(name, november) for name in ("noor", "dewit"))
    at = at_noon(november)
    taken = goals.previous_goals(school.reports["noor 2"], by=noor, at=at)
    assert [goal.description for goal in taken] == ["Haakjes schrijven"]
    # De Wit taught Noor last year too, and that year is over.
    assert school.parts("dewit", "noor 1", on=november) == set()
    _, _, earlier = goals.load_with_previous(school.reports["noor 2"], by=teacher, at=at)
    assert earlier is None


def test_a_guardian_keeps_what_was_shared_and_no_new_policy_opens_the_year_before(school):
    fatima = school.person("fatima")
    ties.set_custody("r-fatima", student_sign_in_name="r-noor", custody=ties.Custody.YES)
    session().get(Round, school.report("noor 1").round_id).conversation_on = date(2026, 12, 11)
    session().flush()
    school.import_(2028, on=EARLY)
    policy.set_policy(
        PolicyKind.AT_MOMENT,
        group_id=school.of_year(Group, "k3", 2028).id,
        begins_on=TURN,
        ends_on=None,
        by_id=school.person("visser").id,
        at=at_noon(EARLY),
    )
    session().flush()
    school.check(TURN)
    assert not school.reads("fatima", "noor 1", on=TURN)
    add_row(
        share.Share(
            report_id=school.reports["noor 1"],
            by_id=school.person("noor").id,
            person_id=fatima.id,
            begins_at=at_noon(EARLY),
            ends_at=at_noon(TURN + timedelta(days=30)),
            created_at=at_noon(EARLY),
        )
    )
    for day, is_open in ((TURN, True), (TURN + timedelta(days=31), False)):
        school.check(day)
        assert school.reads("fatima", "noor 1", on=day) is is_open


def test_each_roster_touches_its_own_year_in_whatever_order_they_come(school):
    school.import_(2028, on=EARLY)
    assert not school.import_(2028, on=EARLY + DAY)
    # A correction of this year: Tim came to another group, Bakker teaches no longer.
    corrected = {
        "groups": {
            "k2": ("2b", ["noor", "sam", "lea"], ["smit"]),
            "k9": ("2c", ["tim"], ["visser"]),
        },
        "courses": {"w2": ("2b.wi", ["noor", "sam", "tim", "lea"], ["dewit"])},
        "extra": ["bakker"],
    }
    result = school.import_(2027, on=EARLY + DAY, **corrected)
    assert sorted(result.lines["gone"]) == ["membership of tim: ended", "teaching of bakker: ended"]
    # Ada comes next year and Lea leaves then: neither is this year's to say.
    assert school.person("ada").left_on is None
    assert school.person("lea").left_on == TURN
    assert not school.import_(2027, on=EARLY + DAY, **corrected)
    assert not school.import_(2028, on=EARLY + DAY)
    # Last year's file, brought by mistake in the autumn.
    autumn = date(2027, 10, 1)
    assert not school.import_(2027, on=autumn)
    assert school.person("noor").left_on is None
    assert queries.get_taught_course(
        school.of_year(Course, "w2", 2028).id, by=school.actor("bakker", autumn)
    )


def test_a_late_roster_begins_on_the_day_that_it_comes(school):
    late = date(2027, 9, 5)
    school.check(late)
    assert not queries.roles_of(school.actor("dewit", late)).groups
    school.import_(2028, on=late)
    course_id = school.of_year(Course, "w3", 2028).id
    teaching = session().scalars(sa.select(ties.Teaching).filter_by(course_id=course_id)).one()
    assert (teaching.begins_on, teaching.ends_on) == (late, SECOND_TURN)
    assert not school.import_(2028, on=late + DAY)
    assert session().get(ties.Teaching, teaching.id).begins_on == late


def test_dates_in_a_roster_stay_within_its_year(school):
    content = build_year_zip(2028, **YEAR_2)
    roster = oneroster.read_zip_bytes(content, file_name="s.zip")
    old = date(2020, 1, 1)
    stretched = tuple(
        dataclasses.replace(tie, begins_on=old, ends_on=date(2040, 1, 1))
        for tie in roster.ties
        if tie.kind != "guardianship"
    )
    sync_roster(dataclasses.replace(roster, ties=stretched), on=EARLY)
    for table in (ties.Teaching, ties.Enrolment):
        of_year = sa.select(table).join(Course, Course.id == table.course_id)
        for tie in session().scalars(of_year.where(Course.year_id == school.year(2028).id)):
            assert (tie.begins_on, tie.ends_on) == (TURN, SECOND_TURN)


def test_a_class_that_gets_a_new_id_in_its_year_stays_that_class(school):
    before = school.of_year(Course, "w2", 2027).id
    students = ["noor", "sam", "tim", "lea"]
    courses = {"w2-nieuw": ("2b.wi", students, ["dewit", "bakker"])}
    result = school.import_(2027, on=EARLY, courses=courses)
    assert school.of_year(Course, "w2-nieuw", 2027).id == before
    assert not result.lines["gone"]


def test_two_classes_exchange_their_codes_and_two_people_their_usernames(school):
    two = {
        "w2": ("2b.wi", ["noor"], ["dewit"]),
        "w4": ("2c.wi", ["sam"], ["bakker"]),
    }
    school.import_(2028, on=EARLY, courses=two)
    exchanged = {
        "w2": ("2c.wi", ["noor"], ["dewit"]),
        "w4": ("2b.wi", ["sam"], ["bakker"]),
    }
    school.import_(2028, on=EARLY, courses=exchanged)
    assert school.of_year(Course, "w2", 2028).code == "2c.wi"


def test_a_round_is_of_the_year_in_which_it_opens(school):
    school.import_(2028, on=EARLY)
    days = {"opens_on": EARLY, "hand_in_on": EARLY + DAY, "conversation_on": None}
    save_round("Zomer", group_codes=[], form_id=school.form_id, days=days)
    year_id = session().scalars(sa.select(Round.year_id).filter_by(name="Zomer")).one()
    assert session().get(SchoolYear, year_id).ends_on <= TURN


def test_three_years_in_a_row(school):
    school.import_(2028, on=EARLY)
    autumn = school.open_round(2028, "w3", opens_on=date(2027, 11, 1))
    november = date(2027, 11, 20)
    school.write("noor 2", "noor", autumn, State.CLOSED, teacher="dewit", on=november)
    school.write("sam 2", "sam", autumn, State.ANSWERED, teacher="dewit", on=november)
    assert school.readers("noor 2", on=november) == {"dewit", "visser"}
    early, turned = date(2028, 7, 1), date(2028, 9, 1)
    school.import_(2029, on=early)
    school.check(early)
    assert school.readers("noor 2", on=early) == {"dewit", "visser"}
    school.check(turned)
    for key in school.reports:
        assert school.readers(key, on=turned) == set(), key
    # Of both years before, Sam's new mentor gets the goals alone, and of Noor, who left, nothing.
    assert school.parts("smit", "sam 2", on=turned) == {ReportPart.GOALS}
    assert school.parts("smit", "noor 2", on=turned) == set()
    third = school.open_round(2029, "w3", opens_on=turned)
    school.write("sam 3", "sam", third, State.ANSWERED, teacher="bakker", on=turned)
    assert school.readers("sam 3", on=turned) == {"bakker", "smit"}
    assert len({school.of_year(Course, "w2", year).id for year in YEARS}) == 3
    assert {name for name in ("noor", "lea", "sam") if school.person(name).left_on} == {
        "noor", "lea"
    }  # fmt: skip
    mine = report_lists.own_reports(by=school.actor("noor", turned), at=at_noon(turned))
    assert {row.report_id for row in mine} >= {school.reports["noor 1"], school.reports["noor 2"]}
