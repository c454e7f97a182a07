"""Who sees what: the table against the oracle, with seeded mistakes that must be noticed, and as README prints it."""

import re
import shutil
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

from reflect.app import create_app
from reflect.report.report import Report
from reflect.school import ties
from reflect.school.people import Me
from reflect.store import db, keep, session
from reflect.trust import policy, read, sight
from reflect.trust.reading import Door, Reading
from reflect.trust.seen import Part
from reflect.trust.share import Share
from reflect.trust.sight import WHO_SEES, Link, always, here, never, sees
from tests import random_school
from tests.cast import NOW, TODAY
from tests.conftest import house_settings
from tests.oracle import Oracle

PARTS = [part for part in Part if part is not Part.OPENED]


@pytest.fixture(scope="module")
def made(made_once, tmp_path_factory):
    """The random school, made once; what a test does in it is undone."""
    folder, cast = tmp_path_factory.mktemp("random"), made_once[1]
    shutil.copy(made_once[0] / "reflect.sqlite3", folder)
    app = create_app(house_settings(folder))
    with app.app_context():
        school = random_school.make(forms=cast.forms, size=60, seed=2026)
        keep()
        session().close()
    yield app, school
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def school(made):
    with made[0].app_context():
        yield made[1]
        session().rollback()


@pytest.fixture(scope="module")
def truth(made):
    """What the oracle says of every viewer and report."""
    school = made[1]
    oracle = Oracle(school)
    return {
        (person, share): {told.id: oracle.parts(person, share, told) for told in school.reports}
        for person, share, _ in viewers(school)
    }


def viewers(school):
    for person in school.people:
        yield person, 0, Me(id=person, name="", first="", on=TODAY)
    for share, _ in school.links:
        yield 0, share, Link(share=share, on=TODAY)


def differences(school, truth):
    """Compare every fact; give, one by one, (what, is it so in SQL, is it so for the oracle)."""
    ids = [told.id for told in school.reports]
    statements = {part: sa.select(Report.id).where(Report.id.in_(ids), sees(part)) for part in PARTS}
    for person, share, viewer in viewers(school):
        for part, statement in statements.items():
            seen = set(session().scalars(statement, here(viewer, at=NOW)))
            for id in ids:
                yield (part, person, share, id), id in seen, part in truth[person, share][id]


def test_the_table_equals_the_oracle_in_every_fact(school, truth):
    facts, wrong, often = 0, [], Counter()
    for what, is_so, should in differences(school, truth):
        facts += 1
        often[what[0], should] += 1
        if is_so != should:
            wrong.append(what)
    assert facts >= 200_000
    assert not wrong, f"{len(wrong)} of {facts}, such as {wrong[:5]}"
    for part in PARTS:
        assert min(often[part, True], often[part, False]) >= 50, f"{part} must be both true and false often"


def test_every_word_handed_out_is_one_that_the_oracle_allows(school):
    oracle, told = Oracle(school), {one.id: one for one in school.reports}
    checked = 0
    for person, share, viewer in viewers(school):
        handed_out = {seen.id: set(re.findall(r"\[\d+\]", repr((seen.said, seen.remarks, seen.overall, seen.closing_word))))
                      for seen in read.read_many(list(told), by=viewer, at=NOW, door=Door.SCREEN)}  # fmt: skip
        for id, one in told.items():
            checked += 1
            assert handed_out.get(id, set()) == oracle.words(person, share, one), (person, share, id)
    assert checked >= 30_000


def test_every_reading_by_somebody_else_leaves_a_trace(school):
    for person, share, viewer in viewers(school):
        before = session().scalar(sa.select(sa.func.count()).select_from(Reading)) or 0
        handed_out = read.read_many([one.id for one in school.reports], by=viewer, at=NOW, door=Door.SCREEN)
        texts = {Part.TEXT, Part.ANSWERED_TEXT, Part.FEEDBACK, Part.OPENED}
        others = [seen for seen in handed_out if seen.student.id != person and seen.parts & texts]
        noted = session().scalar(sa.select(sa.func.count()).select_from(Reading).where(
            (Reading.person_id == person) if person else (Reading.share_id == share))) or 0  # fmt: skip
        assert noted >= len(others)
        assert session().scalar(sa.select(sa.func.count()).select_from(Reading)) == before + len(others)


def test_what_is_handed_out_is_read_off_the_same_table(school):
    asking = sa.select(Report.id, *(sees(part) for part in PARTS))
    telling, finding = sa.select(Report.id, *sight.facts()), sa.select(Report.id).where(sight.anything())
    for _, _, viewer in viewers(school):
        asked, told, found = (
            list(session().execute(one, here(viewer, at=NOW))) for one in (asking, telling, finding)
        )  # fmt: skip
        seen = {id: {part for part, so in zip(PARTS, flags, strict=True) if so} for id, *flags in asked}
        assert {id: sight.parts(facts) for id, *facts in told} == seen
        assert {id for (id,) in found} == {id for id, some in seen.items() if some}


def read_off(school, viewer):
    """What the table gives this viewer, by report, as it is handed out."""
    rows = session().execute(sa.select(Report.id, *sight.facts()), here(viewer, at=NOW))
    seen = {id: sight.parts(facts) for id, *facts in rows}
    return {one.id: seen[one.id] for one in school.reports}


def cell(part, column, condition):
    """Put another condition into one cell of the table."""
    row = list(WHO_SEES[part])
    row[list(sight.COLUMNS).index(column)] = condition
    return lambda patch: patch.setitem(WHO_SEES, part, tuple(row))


def function(module, name, replacement):
    return lambda patch: patch.setattr(module, name, replacement)


def column(name, tie):
    return lambda patch: patch.setitem(sight.COLUMNS, name, tie)


def _dateless(tie, *, on):
    return sa.true()


def _in_force_without(*left_out):
    def in_force(at):
        rules = {
            "begin": Share.begins_at <= at,
            "end": sa.or_(Share.ends_at.is_(None), Share.ends_at > at),
            "back": Share.taken_back_at.is_(None),
        }
        return sa.and_(sa.true(), *(rule for name, rule in rules.items() if name not in left_out))

    return in_force


def _guards_without_custody(me, student_id, *, on):
    mine = sa.select(ties.Guardianship.student_id).where(ties.Guardianship.person_id == me)
    return student_id.in_(mine.where(ties.holds(ties.Guardianship, on=on)))


MISTAKES = {
    "a mentor reads what is only handed in": cell(Part.ANSWERED_TEXT, "mentor", sight.handed_in),
    "a mentor reads drafts": cell(Part.DRAFT, "mentor", always),
    "a teacher reads drafts": cell(Part.TEXT, "teacher", always),
    "a teacher reads private parts": cell(Part.PRIVATE, "teacher", sight.handed_in),
    "a guardian reads without a share": cell(Part.TEXT, "guardian", sight.handed_in),
    "a guardian sees the state": cell(Part.STATE, "guardian", always),
    "a coordinator reads texts": cell(Part.TEXT, "coordinator", sight.handed_in),
    "a counsellor reads uninvolved": cell(Part.FEEDBACK, "counsellor", sight.answered),
    "a student reads the teacher's draft": cell(Part.FEEDBACK_DRAFT, "student", always),
    "a student cannot see who read it": cell(Part.READINGS, "student", never),
    "a teacher sees who read it": cell(Part.READINGS, "teacher", always),
    "ties have no dates": function(ties, "holds", _dateless),
    "custody does not matter": function(ties, "guards", _guards_without_custody),
    "a share that is still to begin counts": function(sight, "in_force", _in_force_without("begin")),
    "a share that ended counts": function(sight, "in_force", _in_force_without("end")),
    "a share that was taken back counts": function(sight, "in_force", _in_force_without("back")),
    "a policy of conversation only is forgotten": function(policy, "closes_online", lambda student, *, on: sa.false()),
    "a policy releases to everybody": function(policy, "releases", lambda student, *, on: sa.true()),
    "every guardian is everybody's": column("guardian", sa.true),
    "every mentor is everybody's": column("mentor", lambda: sa.exists().where(ties.Mentoring.person_id == sight.ME)),
    "every counsellor's duty is eternal": column(
        "counsellor", lambda: sa.exists().where(ties.Duty.person_id == sight.ME)
    ),
}  # fmt: skip


def test_every_seeded_mistake_is_noticed(school, truth):
    for name, seed in MISTAKES.items():
        with pytest.MonkeyPatch.context() as patch:
            seed(patch)
            noticed = any(is_so != should for _, is_so, should in differences(school, truth))
            assert noticed, f"nobody noticed: {name}"
            misread = any(read_off(school, viewer) != truth[person, share] for person, share, viewer in viewers(school))
            assert misread, f"nobody noticed what would be handed out: {name}"


def test_the_table_in_readme_is_the_table_in_the_code():
    readme = (Path(__file__).parent.parent / "README.md").read_text("utf-8")
    assert sight.as_markdown() in readme, "print it anew: reflect.trust.sight.as_markdown()"
