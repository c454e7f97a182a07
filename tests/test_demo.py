"""The demo school: believable, whole, started twice without losing a word, and printed."""

import os
import re
import subprocess
import sys
from datetime import UTC, date, datetime, time
from pathlib import Path

import pikepdf
import pytest
import sqlalchemy as sa

from reflect import paths
from reflect.app import create_app
from reflect.cli import demo
from reflect.db import migrate
from reflect.db.engine import db
from reflect.db.session import session
from reflect.demo import generate
from reflect.demo.sample_texts import load_samples
from reflect.reports.annotations import find_quote
from reflect.reports.form_parser import parse
from reflect.reports.form_schema import clean_content, is_empty
from reflect.reports.report import Report, Revision
from reflect.reports.rounds import Round
from reflect.reports.workflow import State
from reflect.school import ties
from reflect.school.people import Course, Group, Person, Subject
from reflect.text import highlights
from tests.conftest import isolated_settings

pytestmark = pytest.mark.slow

TOP = Path(__file__).parent.parent
SAMPLE_NAMES = sorted(path.stem for path in paths.DEMO_TEXTS.glob("*.toml"))
GRADES = re.compile(
    r"\b(een|a|an)\s+([1-9]|10)([,.]\d)?\s+(gehaald|gekregen|for)\b|\b(onvoldoende|lorem ipsum)\b",
    re.IGNORECASE,
)


def run_reflect(folder, *arguments):
    """Return what the command printed, run as somebody would type it."""
    env = {"PATH": os.environ["PATH"], "REFLECT_DATA": str(folder)}
    command = [sys.executable, "-m", "reflect", *map(str, arguments)]
    result = subprocess.run(command, cwd=TOP, env=env, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    data = tmp_path_factory.mktemp("demo")
    printed = run_reflect(data, "demo", "--prepare-only")
    assert "noor" in printed
    assert "samen-leren" in printed
    return data


@pytest.fixture
def active_app(folder):
    app = create_app(isolated_settings(folder))
    with app.app_context():
        yield
        session().close()
        db.engine.dispose()


def count(counted):
    return session().scalar(sa.select(sa.func.count()).select_from(counted))


def newest_round_id():
    return session().scalar(sa.select(sa.func.max(Round.id)))


def all_samples(name):
    return [sample for year in (1, 2, 3) for sample in load_samples(name, year=year)]


def test_the_school_is_as_large_as_it_says(active_app):
    assert (count(Group), count(Subject), count(Round)) == (3, 6, 2)
    assert session().scalar(sa.select(sa.func.count(sa.distinct(ties.Membership.person_id)))) == 90
    assert session().scalar(sa.select(sa.func.count(sa.distinct(ties.Teaching.person_id)))) == 13
    unconfirmed = sa.select(sa.func.count()).where(
        ties.Guardianship.custody == ties.Custody.UNKNOWN
    )
    assert session().scalar(unconfirmed) > 0


def test_the_running_round_has_reports_in_every_state(active_app):
    states = sa.select(Report.state).where(Report.round_id == newest_round_id())
    assert set(session().scalars(states)) == set(State)


# Nobody in the demo has this duty: it has no screen yet.
NOT_IN_THE_DEMO = {ties.DutyKind.ADMINISTRATOR}


def test_somebody_of_every_role_can_sign_in(active_app):
    """A role that the demo lacks is one that nobody tries."""
    named = sa.select(Person.id).where(Person.sign_in_name.in_(demo._ACCOUNTS))
    for tie in (ties.Membership, ties.Teaching, ties.Mentoring, ties.Guardianship, ties.Duty):
        assert session().scalars(sa.select(tie.person_id).where(tie.person_id.in_(named))).all()
    duties = sa.select(ties.Duty.duty).where(ties.Duty.person_id.in_(named))
    assert set(session().scalars(duties)) == set(ties.DutyKind) - NOT_IN_THE_DEMO


def test_noor_can_begin_her_mathematics_report(active_app):
    noor = sa.select(Person.id).where(Person.sign_in_name == "noor").scalar_subquery()
    begun_subjects = (
        sa.select(Subject.code)
        .join(Course, Course.subject_id == Subject.id)
        .join(Report, Report.course_id == Course.id)
        .where(Report.student_id == noor, Report.round_id == newest_round_id())
    )
    assert set(session().scalars(begun_subjects)) == {
        "nederlands",
        "engels",
        "biologie",
        "geschiedenis",
        "aardrijkskunde",
    }


@pytest.mark.parametrize("name", SAMPLE_NAMES)
def test_the_samples_fit_their_form(name):
    for sample in all_samples(name):
        path = paths.FORMS / f"{sample.form}.{sample.language}.md"
        form = parse(path.read_text("utf-8"), source=name)
        sections = {section.key: section for section in form.sections}
        assert set(sample.sections) <= set(sections)
        for key, content in sample.sections.items():
            empty = dict.fromkeys(clean_content(sections[key], {}), "")
            assert clean_content(sections[key], content) == {**empty, **content}, f"{name} {key}"
            assert not is_empty(content)
        assert {"seen", "aim", "next", "question"} <= set(sample.overall)


@pytest.mark.parametrize("name", SAMPLE_NAMES)
def test_the_samples_hold_no_grades_and_every_name_is_filled_in(name):
    for sample in all_samples(name):
        contents = [
            *sample.sections.values(),
            *sample.feedback.values(),
            sample.overall,
            sample.closing,
        ]
        assert not GRADES.search(
            " ".join(text for content in contents for text in content.values())
        )
        answer = sample.answer_for("Noor")
        assert not [
            text for content in answer.values() for text in content.values() if "{name}" in text
        ]


def test_a_second_start_keeps_what_was_written(folder, active_app):
    before = count(Revision)
    session().close()
    assert "nog" in run_reflect(folder, "demo", "--prepare-only")
    assert count(Revision) == before


def test_the_groups_are_listed_a_line_each(folder):
    assert run_reflect(folder, "school", "groups").splitlines() == [
        "1t\tKlas 1t (tweetalig)",
        "2b\tKlas 2b",
        "3a\tKlas 3a",
    ]


def print_group(folder, out, *options):
    """Print the finished round of 2b; return the files, of which one is for the printer."""
    choice = ("--group", "2b", "--round", "Herfst", "--out", out)
    run_reflect(folder, "print", "pdf", *choice, *options)
    files = sorted(out.glob("*.pdf"))
    assert len(files) == 31, "one for each of thirty students, and one for the printer"
    return files


def test_a_group_is_printed_on_sheets_from_the_command_line(folder, tmp_path):
    for path in print_group(folder, tmp_path, "--sheet"):
        with pikepdf.open(path) as pdf:
            assert len(pdf.pages) == (60 if path.name == "herfst-2b-een-vel.pdf" else 2)


def test_the_demo_has_a_design_of_its_own(folder):
    assert {path.name for path in (folder / "paper").iterdir()} == {"paper.toml", "logo.svg"}
    printed = run_reflect(folder, "print", "samples", "--out", folder / "samples")
    assert "The logo is printed" in printed


def test_a_group_is_printed_from_the_command_line(folder, tmp_path):
    files = print_group(folder, tmp_path)
    for path in files:
        with pikepdf.open(path) as pdf:
            assert pdf.Root.MarkInfo.Marked
            assert len(pdf.pages) >= 3
    command = ["pdffonts", str(files[0])]
    table = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    fonts = table.splitlines()[2:]
    assert fonts
    # The unseen text of formulas has a Type 3 font, which is whole by its kind.
    whole = [line for line in fonts if "Type 3" in line]
    assert all(re.search(r"\byes yes yes\b", line) for line in fonts if line not in whole)
    assert all(re.search(r"\byes no +yes\b", line) for line in whole)


@pytest.mark.parametrize("day", [date(2026, 8, 3), date(2027, 7, 18)])
def test_it_can_be_made_on_any_day_of_the_year(tmp_path, day):
    app = create_app(isolated_settings(tmp_path))
    with app.app_context():
        migrate.upgrade()
        generate.create_school(today=day, at=datetime.combine(day, time(10), tzinfo=UTC))
        assert count(Report) > 700
        session().close()
        db.engine.dispose()


@pytest.mark.parametrize("name", SAMPLE_NAMES)
def test_every_remark_of_the_demo_has_its_passage(name):
    remarked = [(sample, remark) for sample in all_samples(name) for remark in sample.remarks]
    for sample, remark in remarked:
        texts = map(highlights.visible_text, sample.sections[remark["section"]].values())
        assert any(find_quote(text, remark["words"]) for text in texts), remark["words"]
    assert remarked or name != "wiskunde-periode.nl"
