"""The demo school: a finished round and a running one, filled as people would fill them."""

import random
import shutil
from datetime import date, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from reflect import paths
from reflect.access import policy, report_loading, share
from reflect.access.access_log import Channel
from reflect.db.session import commit, session
from reflect.demo import colleagues
from reflect.demo.people import DemoSchool, create_people
from reflect.demo.report_simulator import SCENARIOS, ReportSimulator, last_school_day
from reflect.demo.sample_texts import load_samples
from reflect.printing.branding.config import BRANDING_FOLDER
from reflect.reports.forms import Form, save_form_library
from reflect.reports.report import Report
from reflect.reports.rounds import Round, RoundCourse
from reflect.school.people import Course, Person

FINISHED_ROUND = "Herfst"
RUNNING_ROUND = "Winter"

# How long ago everybody's ties began: the finished round then fits in every month of the year.
_TIES_BEGAN_AGO = timedelta(days=110)

# Drawn from at random, so that one which is here twice is twice as frequent.
_RUNNING_SCENARIOS = (
    "not_begun",
    "draft",
    "nearly",
    "handed_in",
    "opened",
    "answering",
    "returned",
    "answered",
    "closed",
    "draft",
    "handed_in",
    "not_begun",
)

# What a visitor of the demo meets first.
_FIXED_SCENARIOS = {
    ("Noor", "wiskunde"):       "not_begun",
    ("Noor", "nederlands"):     "answered",
    ("Noor", "engels"):         "draft",
    ("Noor", "biologie"):       "closed",
    ("Noor", "geschiedenis"):   "returned",
    ("Noor", "aardrijkskunde"): "handed_in",
    ("Sam", "wiskunde"):        "handed_in",
    ("Sam", "nederlands"):      "draft",
}  # fmt: skip


def exists() -> bool:
    """Return whether there is anybody in the database."""
    return session().scalar(sa.select(sa.func.min(Person.id))) is not None


def create_school(*, today: date, at: datetime) -> None:
    """Make the whole school as it would be today, and commit it."""
    # A school year begins in August.
    year = today.year if today.month >= 8 else today.year - 1
    school = create_people(
        year_begins=date(year, 8, 1),
        year_ends=date(year + 1, 8, 1),
        begins_on=today - _TIES_BEGAN_AGO,
    )
    forms = save_form_library(at - _TIES_BEGAN_AGO)
    # In days from today, so that the running round is under way whenever somebody tries the demo.
    finished = _add_round(school, FINISHED_ROUND, today=today, days=(-75, -40, -18))
    running = _add_round(school, RUNNING_ROUND, today=today, days=(-20, 8, 22))
    for subject, group in school.courses:
        for round_ in (finished, running):
            _add_reports(school, forms, round_, subject=subject, group=group, today=today)
    _share_with_guardians(school, at=at)
    _add_policies(school, today=today, at=at)
    colleagues.add_peer_work(school, running.id, at=at)
    commit()


def install_branding(data: Path) -> None:
    """Install the demo's design as the school's own, unless there is one."""
    folder = data / BRANDING_FOLDER
    if not folder.exists():
        shutil.copytree(paths.DEMO_BRANDING, folder)


def _add_round(school: DemoSchool, name: str, *, today: date, days: tuple[int, int, int]) -> Round:
    """Add a round; `days` are those from today to its opening, its hand-in and its talks."""
    opens_on, hand_in_on, conversation_on = (
        last_school_day(today + timedelta(days=offset)) for offset in days
    )
    new_round = Round(
        name=name,
        year_id=school.year.id,
        opens_on=opens_on,
        hand_in_on=hand_in_on,
        conversation_on=conversation_on,
    )
    session().add(new_round)
    session().flush()
    return new_round


def _add_reports(
    school: DemoSchool,
    forms: dict[tuple[str, str], Form],
    round_: Round,
    *,
    subject: str,
    group: str,
    today: date,
) -> None:
    """Add the reports of a course in a round, one for each student who has begun."""
    # The names of a course and a round as the seed: a demo must come out the same each time.
    rng = random.Random(f"{round_.name} {subject} {group}")  # noqa: S311 - no secret depends on it
    text_name = _text_name(school, subject, group, round_)
    samples = list(load_samples(text_name, year=int(group[0])))
    rng.shuffle(samples)
    course = school.courses[subject, group]
    form = _assign_form(course, forms, round_, text_name=text_name, subject=subject)
    for number, student in enumerate(school.students[group]):
        scenario_name = _pick_scenario(round_, subject, student, number, rng)
        if scenario_name == "not_begun":
            continue
        simulator = ReportSimulator(
            samples[number % len(samples)],
            round_=round_,
            student=student,
            teacher=school.teacher_of(subject, group),
            today=today,
            rng=rng,
        )
        simulator.simulate(SCENARIOS[scenario_name], course_id=course.id, form=form)


def _text_name(school: DemoSchool, subject: str, group: str, round_: Round) -> str:
    """Return which file of sample texts fits, such as "wiskunde-toets.nl"."""
    is_english = school.languages[group] == "en" and subject in school.english
    is_test = round_.name == FINISHED_ROUND and group != "2b"
    name = subject
    if subject == "wiskunde":
        name = "wiskunde-toets" if is_test else "wiskunde-periode"
    return f"{name}.en" if is_english else f"{name}.nl"


def _assign_form(
    course: Course,
    forms: dict[tuple[str, str], Form],
    round_: Round,
    *,
    text_name: str,
    subject: str,
) -> Form:
    slug, language = text_name.split(".")
    form = forms[slug if subject == "wiskunde" else "periode", language]
    session().add(RoundCourse(round_id=round_.id, course_id=course.id, form_id=form.id))
    session().flush()
    return form


def _pick_scenario(
    round_: Round, subject: str, student: Person, number: int, rng: random.Random
) -> str:
    if round_.name != FINISHED_ROUND:
        fixed = _FIXED_SCENARIOS.get((student.given_name, subject))
        return fixed or rng.choice(_RUNNING_SCENARIOS)
    # Fixed numbers, so that the demo has each of these states whatever the seed.
    if number == 17 and subject == "nederlands":
        return "reopened"
    return "answered" if number % 9 == 4 else "closed"


def _share_with_guardians(school: DemoSchool, *, at: datetime) -> None:
    """Let some students share two reports, and let some of the parents read them."""
    rng = random.Random("at home")  # noqa: S311 - no secret depends on it
    shared_at = at - timedelta(days=17)
    for number, student in enumerate(school.all_students()):
        if number % 4 and student.given_name != "Noor":
            continue
        guardian = school.parents[student.id][0]
        for report in _answered_reports(student, before=shared_at)[:2]:
            share.share_with(
                report,
                person_id=guardian.id,
                begins_at=shared_at,
                ends_at=None,
                by=student.as_actor(shared_at.date()),
                at=shared_at,
            )
            if rng.random() < 0.6:
                # As the guardian, so that the student finds a real reading in their list.
                evening = shared_at + timedelta(days=rng.randint(1, 9), hours=rng.randint(0, 3))
                reader = guardian.as_actor(evening.date())
                report_loading.load(report.id, by=reader, at=evening, channel=Channel.SCREEN)


def _answered_reports(student: Person, *, before: datetime) -> list[Report]:
    answered = sa.select(Report).where(Report.student_id == student.id, Report.answered_at < before)
    return list(session().scalars(answered))


def _add_policies(school: DemoSchool, *, today: date, at: datetime) -> None:
    policy.set_policy(
        policy.PolicyKind.AT_MOMENT,
        group_id=school.groups["3a"].id,
        begins_on=today - timedelta(days=60),
        ends_on=None,
        by_id=school.staff["coordinator"].id,
        at=at - timedelta(days=61),
    )
