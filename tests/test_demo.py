"""The demo school: believable, whole, started twice without losing a word, and printed from the command line."""

import os
import re
import subprocess
import sys
from datetime import UTC, date, datetime, time
from pathlib import Path

import pikepdf
import pytest
import sqlalchemy as sa

from reflect import migrate, passage, places
from reflect.app import create_app
from reflect.demo import school
from reflect.demo.texts import voices
from reflect.report.form_text import parse
from reflect.report.grammar import clean, is_empty
from reflect.report.life import State
from reflect.report.remark import find
from reflect.report.report import Report, Revision
from reflect.report.round import Round
from reflect.school import ties
from reflect.school.people import Course, Group, Person, Subject
from reflect.store import db, session
from tests.conftest import house_settings

TOP = Path(__file__).parent.parent
NAMES = sorted(path.stem for path in places.DEMO_TEXTS.glob("*.toml"))
MARKS = re.compile(
    r"\b(een|a|an)\s+([1-9]|10)([,.]\d)?\s+(gehaald|gekregen|for)\b|\b(onvoldoende|lorem ipsum)\b", re.IGNORECASE
)


def reflect(folder, *arguments):
    env = {"PATH": os.environ["PATH"], "REFLECT_DATA": str(folder)}
    ran = subprocess.run(
        [sys.executable, "-m", "reflect", *map(str, arguments)],
        cwd=TOP,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("demo")
    said = reflect(made, "demo", "--prepare-only")
    assert "noor" in said
    assert "samen-leren" in said
    return made


@pytest.fixture
def house(folder):
    app = create_app(house_settings(folder))
    with app.app_context():
        yield
        session().close()
        db.engine.dispose()


def count(what):
    return session().scalar(sa.select(sa.func.count()).select_from(what))


def test_the_school_is_as_large_as_it_says(house):
    assert (count(Group), count(Subject), count(Round)) == (3, 6, 2)
    assert session().scalar(sa.select(sa.func.count(sa.distinct(ties.Membership.person_id)))) == 90
    assert session().scalar(sa.select(sa.func.count(sa.distinct(ties.Teaching.person_id)))) == 13
    assert session().scalar(sa.select(sa.func.count()).where(ties.Guardianship.custody == ties.Custody.UNKNOWN)) > 0


def test_the_running_round_has_reports_in_every_state(house):
    newest = session().scalar(sa.select(sa.func.max(Round.id)))
    assert set(session().scalars(sa.select(Report.state).where(Report.round_id == newest))) == set(State)


def test_noor_can_begin_her_mathematics_report(house):
    newest = session().scalar(sa.select(sa.func.max(Round.id)))
    begun = (
        sa.select(Subject.code)
        .join(Course, Course.subject_id == Subject.id)
        .join(Report, Report.course_id == Course.id)
    )
    noor = sa.select(Person.id).where(Person.sign_in_name == "noor").scalar_subquery()
    found = set(session().scalars(begun.where(Report.student_id == noor, Report.round_id == newest)))
    assert found == {"nederlands", "engels", "biologie", "geschiedenis", "aardrijkskunde"}


@pytest.mark.parametrize("name", NAMES)
def test_the_voices_fit_their_form_and_hold_no_marks(name):
    for year in (1, 2, 3):
        for voice in voices(name, year=year):
            form = parse((places.FORMS / f"{voice.form}.{voice.language}.md").read_text("utf-8"), source=name)
            sections = {section.key: section for section in form.sections}
            assert set(voice.said) <= set(sections)
            for key, content in voice.said.items():
                assert clean(sections[key], content) == {**dict.fromkeys(clean(sections[key], {}), ""), **content}, (
                    f"{name} {key}"
                )
                assert not is_empty(content)
            told = " ".join(
                text
                for content in (*voice.said.values(), *voice.feedback.values(), voice.overall, voice.closing)
                for text in content.values()
            )
            assert not MARKS.search(told)
            assert {"seen", "aim", "next", "question"} <= set(voice.overall)
            assert not any(
                "{name}" in text for content in voice.answer_for("Noor").values() for text in content.values()
            )


def test_a_second_start_keeps_what_was_written(folder, house):
    before = count(Revision)
    session().close()
    assert "nog" in reflect(folder, "demo", "--prepare-only")
    assert count(Revision) == before


def test_the_groups_are_listed_a_line_each(folder):
    assert reflect(folder, "groups").splitlines() == ["1t\tKlas 1t (tweetalig)", "2b\tKlas 2b", "3a\tKlas 3a"]


def test_a_group_is_printed_on_sheets_from_the_command_line(folder, tmp_path):
    reflect(folder, "pdf", "--group", "2b", "--round", "Herfst", "--sheet", "--out", tmp_path)
    files = sorted(tmp_path.glob("*.pdf"))
    assert len(files) == 31
    for path in files:
        with pikepdf.open(path) as pdf:
            assert len(pdf.pages) == (60 if path.name == "2b-een-vel.pdf" else 2)


def test_the_demo_has_paper_of_its_own(folder):
    assert {path.name for path in (folder / "paper").iterdir()} == {"paper.toml", "logo.svg"}
    said = reflect(folder, "paper", "--out", folder / "samples")
    assert "The logo is printed" in said


def test_a_group_is_printed_from_the_command_line(folder, tmp_path):
    reflect(folder, "pdf", "--group", "2b", "--round", "Herfst", "--out", tmp_path)
    files = sorted(tmp_path.glob("*.pdf"))
    assert len(files) == 31, "one for each of thirty students, and one for the printer"
    for path in files:
        with pikepdf.open(path) as pdf:
            assert pdf.Root.MarkInfo.Marked
            assert len(pdf.pages) >= 3
    fonts = subprocess.run(["pdffonts", str(files[0])], capture_output=True, text=True, check=True).stdout.splitlines()[
        2:
    ]
    assert fonts
    assert all(re.search(r"\byes yes yes\b", line) for line in fonts)


def test_an_unknown_group_is_said_kindly(folder, tmp_path):
    env = {"PATH": os.environ["PATH"], "REFLECT_DATA": str(folder)}
    command = [sys.executable, "-m", "reflect", "pdf", "--group", "9z", "--out", str(tmp_path)]
    ran = subprocess.run(command, cwd=TOP, env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "9z" in ran.stderr


@pytest.mark.parametrize("day", [date(2026, 8, 3), date(2027, 7, 18)])
def test_it_can_be_made_on_any_day_of_the_year(tmp_path, day):
    app = create_app(house_settings(tmp_path))
    with app.app_context():
        migrate.up_to_date()
        school.make(today=day, at=datetime.combine(day, time(10), tzinfo=UTC))
        assert count(Report) > 700
        session().close()
        db.engine.dispose()


@pytest.mark.parametrize("name", NAMES)
def test_every_remark_of_the_demo_has_its_passage(name):
    remarked = [(voice, one) for year in (1, 2, 3) for voice in voices(name, year=year) for one in voice.remarks]
    for voice, one in remarked:
        texts = voice.said[one["section"]].values()
        assert any(find(passage.read(text), one["words"]) for text in texts), one["words"]
    assert remarked or name != "wiskunde-periode.nl"
