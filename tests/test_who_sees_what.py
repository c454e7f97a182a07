"""Who sees what: the table against the oracle, mistakes that must be noticed, and the README."""

import re
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

from reflect.access import permissions, policy, report_loading
from reflect.access.access_log import AccessLogEntry, Channel
from reflect.access.permissions import (
    WHO_SEES,
    ShareLinkViewer,
    always,
    can_see,
    never,
    viewer_params,
)
from reflect.access.policy import PolicyKind
from reflect.access.share import Share
from reflect.access.view_models import ReportPart
from reflect.db.session import commit, session
from reflect.reports import report
from reflect.reports.report import Report, Revision, Voice
from reflect.reports.workflow import State
from reflect.school import ties
from reflect.school.people import Actor
from tests import random_school
from tests.cast import NOW, TODAY
from tests.conftest import DATABASE_KINDS
from tests.oracle import Oracle

PARTS = [part for part in ReportPart if part is not ReportPart.OPENED_SECTIONS]
# Where a group has no policy.
DEFAULT_POLICY = PolicyKind.STUDENT_CHOICE
WORD = re.compile(r"\[\d+\]")


@pytest.fixture(scope="module", params=DATABASE_KINDS)
def database_kind(request):
    return request.param


@pytest.fixture(scope="module")
def school_app(shared_apps, database_kind, tmp_path_factory):
    """The random school, made once on each database; what a test does in it is undone."""
    shared_app = shared_apps(database_kind)
    folder = tmp_path_factory.mktemp("random")
    app = shared_app.use_copy_of_cast(folder)
    with app.app_context():
        forms = shared_app.cast.forms
        school = random_school.generate_school(forms=forms, size=60, seed=2026)
        commit()
        session().close()
    yield app, school
    shared_app.forget(folder)


@pytest.fixture
def school(school_app):
    app, school = school_app
    with app.app_context():
        yield school
        session().rollback()


@pytest.fixture(scope="module")
def expected(school_app):
    """What the oracle says of every viewer and report."""
    _, school = school_app
    oracle = Oracle(school)
    return {
        (person, share): {
            facts.id: oracle.visible_parts(person, share, facts) for facts in school.reports
        }
        for person, share, _ in viewers(school)
    }


def viewers(school):
    for person in school.people:
        yield person, 0, Actor(id=person, name="", given_name="", today=TODAY)
    for share, _ in school.links:
        yield 0, share, ShareLinkViewer(share_id=share, today=TODAY)


def compare_facts(school, expected):
    """Compare every fact: (what it is, is it so in SQL, is it so for the oracle)."""
    report_ids = [facts.id for facts in school.reports]
    statements = {
        part: sa.select(Report.id).where(Report.id.in_(report_ids), can_see(part)) for part in PARTS
    }
    for person, share, viewer in viewers(school):
        for part, statement in statements.items():
            seen_ids = set(session().scalars(statement, viewer_params(viewer, at=NOW)))
            for report_id in report_ids:
                fact = (part, person, share, report_id)
                yield fact, report_id in seen_ids, part in expected[person, share][report_id]


def test_the_table_equals_the_oracle_in_every_fact(school, expected):
    fact_count, differing, often = 0, [], Counter()
    for fact, is_so, should_be in compare_facts(school, expected):
        fact_count += 1
        often[fact[0], should_be] += 1
        if is_so != should_be:
            differing.append(fact)
    assert fact_count >= 200_000
    assert not differing, f"{len(differing)} of {fact_count}, such as {differing[:5]}"
    for part in PARTS:
        rarest = min(often[part, True], often[part, False])
        assert rarest >= 50, f"{part} must be both true and false often"


def words_in(view):
    """Return all words of a report that a view holds."""
    return set(WORD.findall(repr((view.sections, view.remarks, view.overall, view.closing_word))))


def test_every_word_in_a_view_is_one_that_the_oracle_allows(school):
    oracle = Oracle(school)
    report_ids = [facts.id for facts in school.reports]
    checked = 0
    for person, share, viewer in viewers(school):
        report_views = report_loading.load_many(
            report_ids, by=viewer, at=NOW, channel=Channel.SCREEN
        )
        words_by_id = {view.id: words_in(view) for view in report_views}
        for facts in school.reports:
            readable = oracle.readable_words(person, share, facts)
            assert words_by_id.get(facts.id, set()) == readable, (person, share, facts.id)
            checked += 1
    assert checked >= 30_000


def count_entries(*conditions):
    entries = sa.select(sa.func.count()).select_from(AccessLogEntry).where(*conditions)
    return session().scalar(entries)


def words_of_student(report_id):
    """Return every word that the student ever wrote in this report."""
    contents = session().scalars(
        sa.select(Revision.content).where(
            Revision.report_id == report_id, Revision.voice == Voice.STUDENT
        )
    )
    return set(WORD.findall(repr(list(contents))))


def words_of_answer(facts):
    """Return every word that a teacher gave to the student, also in a remark."""
    remark_words = {text for _, _, text in facts.remarks_given}
    return set(facts.answer_given.values()) | remark_words


def logged_ids(person, share):
    is_by_viewer = (
        AccessLogEntry.person_id == person if person else AccessLogEntry.share_id == share
    )
    return set(session().scalars(sa.select(AccessLogEntry.report_id).where(is_by_viewer)))


def test_a_reading_is_logged_if_and_only_if_somebody_else_gets_words_to_read(school):
    report_ids = [facts.id for facts in school.reports]
    readable = {
        facts.id: words_of_student(facts.id) | words_of_answer(facts) for facts in school.reports
    }
    outcomes = Counter()
    for person, share, viewer in viewers(school):
        session().execute(sa.delete(AccessLogEntry))
        report_views = report_loading.load_many(
            report_ids, by=viewer, at=NOW, channel=Channel.SCREEN
        )
        expected_ids = {
            view.id
            for view in report_views
            if view.student.id != person and words_in(view) & readable[view.id]
        }
        assert logged_ids(person, share) == expected_ids, (person, share)
        outcomes[True] += len(expected_ids)
        outcomes[False] += len(report_views) - len(expected_ids)
    assert min(outcomes.values()) >= 200, "both must happen often"


def test_a_report_is_opened_only_by_a_teacher_who_gets_words_to_read(school):
    report_ids = [facts.id for facts in school.reports]
    opened_sql = sa.select(Report.id).where(Report.opened_at.is_not(None))
    session().execute(sa.update(Report).values(opened_at=None))
    outcomes = Counter()
    for person, share, viewer in viewers(school):
        before = set(session().scalars(opened_sql))
        views = report_loading.load_many(report_ids, by=viewer, at=NOW, channel=Channel.SCREEN)
        by_teacher = {
            view.id
            for view in views
            if ReportPart.FEEDBACK_DRAFT in view.visible_parts
            and view.student.id != person
            and view.state is State.HANDED_IN
        }
        with_words = {view.id for view in views if words_in(view) & words_of_student(view.id)}
        opened = set(session().scalars(opened_sql)) - before
        assert opened == (by_teacher & with_words) - before, (person, share)
        outcomes[True] += len(opened)
        outcomes[False] += len(by_teacher - with_words)
    assert min(outcomes.values()) >= 1


@pytest.mark.slow
def test_a_view_has_the_parts_that_the_conditions_in_sql_give(school):
    by_part = sa.select(Report.id, *(can_see(part) for part in PARTS))
    anything = sa.select(Report.id).where(permissions.can_see_anything())
    for _, _, viewer in viewers(school):
        params = viewer_params(viewer, at=NOW)
        parts_by_id = {
            report_id: {part for part, is_so in zip(PARTS, flags, strict=True) if is_so}
            for report_id, *flags in session().execute(by_part, params)
        }
        assert visible_parts_by_id(viewer) == parts_by_id
        with_any_part = {report_id for report_id, parts in parts_by_id.items() if parts}
        assert set(session().scalars(anything, params)) == with_any_part


def visible_parts_by_id(viewer):
    """Return what a view of each report would have for this viewer."""
    facts = sa.select(Report.id, *permissions.facts())
    rows = session().execute(facts, viewer_params(viewer, at=NOW))
    return {report_id: permissions.visible_parts(values) for report_id, *values in rows}


def visible_in_school(school, viewer):
    parts_by_id = visible_parts_by_id(viewer)
    return {facts.id: parts_by_id[facts.id] for facts in school.reports}


# Mistakes, each a function that patches it in.


def cell(part, column, condition):
    """Put another condition into one cell of the table."""
    row = list(WHO_SEES[part])
    row[list(permissions.VIEWER_RELATIONS).index(column)] = condition
    return lambda patch: patch.setitem(WHO_SEES, part, tuple(row))


def column(name, relation):
    """Put another relation at the head of a column."""
    return lambda patch: patch.setitem(permissions.VIEWER_RELATIONS, name, relation)


def function(module, name, replacement):
    return lambda patch: patch.setattr(module, name, replacement)


def _always_current(tie, *, on):
    return sa.true()


def _guards_without_custody(person_id, student_id, *, on):
    guarded = sa.select(ties.Guardianship.student_id).where(
        ties.Guardianship.person_id == person_id, ties.is_current(ties.Guardianship, on=on)
    )
    return student_id.in_(guarded)


def _in_force_without(left_out):
    def in_force(at):
        rules = {
            "begin": Share.begins_at <= at,
            "end": sa.or_(
                sa.and_(Share.ends_at.is_(None), Share.person_id.is_not(None)), Share.ends_at > at
            ),
            "revoked": Share.revoked_at.is_(None),
        }
        return sa.and_(sa.true(), *(rule for name, rule in rules.items() if name != left_out))

    return function(permissions, "in_force", in_force)


def _mentors_anybody():
    return sa.exists().where(ties.Mentoring.person_id == permissions.ACTOR_ID)


def _ever_had_a_duty():
    return sa.exists().where(ties.Duty.person_id == permissions.ACTOR_ID)


handed_in, answered = permissions.handed_in, permissions.answered
MISTAKES = {
    "a mentor reads what is only handed in": cell(ReportPart.ANSWERED_TEXT, "mentor", handed_in),
    "a mentor reads drafts": cell(ReportPart.DRAFT, "mentor", always),
    "a teacher reads drafts": cell(ReportPart.TEXT, "teacher", always),
    "a teacher reads private parts": cell(ReportPart.PRIVATE, "teacher", handed_in),
    "a guardian reads without a share": cell(ReportPart.TEXT, "guardian", handed_in),
    "a guardian sees the state": cell(ReportPart.STATE, "guardian", always),
    "a coordinator reads texts": cell(ReportPart.TEXT, "coordinator", handed_in),
    "a counsellor reads uninvolved": cell(ReportPart.FEEDBACK, "counsellor", answered),
    "a student reads the teacher's draft": cell(ReportPart.FEEDBACK_DRAFT, "student", always),
    "a student cannot see who read it": cell(ReportPart.READINGS, "student", never),
    "a teacher sees who read it": cell(ReportPart.READINGS, "teacher", always),
    "every guardian is everybody's": column("guardian", sa.true),
    "every mentor is everybody's": column("mentor", _mentors_anybody),
    "every counsellor's duty is eternal": column("counsellor", _ever_had_a_duty),
    "a mentor reads what was written in another year": cell(
        ReportPart.ANSWERED_TEXT, "mentor", answered
    ),
    "a mentor sees the state in another year": cell(ReportPart.STATE, "mentor", always),
    "a teacher's ties outlast the school year": function(ties, "_end_of_year", lambda tie: None),
    "a teacher finishes for a day too long": function(ties, "DAYS_TO_FINISH", 43),
    "a teacher finishes for a day too short": function(ties, "DAYS_TO_FINISH", 41),
    "a teacher goes on with what was answered": function(
        report, "_was_open_at_end_of_year", sa.true
    ),
    "ties have no dates": function(ties, "is_current", _always_current),
    "custody does not matter": function(ties, "has_custody_of", _guards_without_custody),
    "a share that is still to begin counts": _in_force_without("begin"),
    "a share that ended counts": _in_force_without("end"),
    "a share that was revoked counts": _in_force_without("revoked"),
    "a policy of conversation only is forgotten": function(
        policy, "closes_online", lambda student_id, *, on: sa.false()
    ),
    "a policy of at moment is everybody's": function(
        policy, "shows_at_conversation", lambda student_id, *, on: sa.true()
    ),
}


# One database is enough: this tests the test above.
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True, scope="module")
@pytest.mark.slow
def test_every_seeded_mistake_is_noticed(school, expected):
    for name, make_mistake in MISTAKES.items():
        with pytest.MonkeyPatch.context() as patch:
            make_mistake(patch)
            permissions._visible_parts.cache_clear()  # made from the table as it was
            facts = compare_facts(school, expected)
            is_noticed = any(is_so != should_be for _, is_so, should_be in facts)
            assert is_noticed, f"nobody noticed: {name}"
            is_noticed_in_views = any(
                visible_in_school(school, viewer) != expected[person, share]
                for person, share, viewer in viewers(school)
            )
            assert is_noticed_in_views, f"nobody noticed in views: {name}"
    permissions._visible_parts.cache_clear()


def test_every_column_and_every_policy_has_a_seeded_mistake():
    policies = [kind.replace("_", " ") for kind in PolicyKind if kind is not DEFAULT_POLICY]
    for name in (*permissions.VIEWER_RELATIONS, *policies):
        assert any(name in title for title in MISTAKES), f"no mistake about {name}"


def columns_that_see(part):
    cells = zip(permissions.VIEWER_RELATIONS, WHO_SEES[part], strict=True)
    return [name for name, cell in cells if cell is not never]


def test_only_their_writers_see_drafts():
    """`report_loading` tells the teacher, and the student, by these two parts."""
    assert columns_that_see(ReportPart.FEEDBACK_DRAFT) == ["teacher"]
    assert columns_that_see(ReportPart.DRAFT) == ["student"]


def test_every_policy_has_its_place_among_the_strict_ones():
    assert set(policy._STRICTEST_FIRST) == set(PolicyKind)
    assert policy._STRICTEST_FIRST[-1] is DEFAULT_POLICY


def test_the_table_in_the_readme_is_the_table_in_the_code():
    readme = (Path(__file__).parent.parent / "README.md").read_text("utf-8")
    assert permissions.as_markdown() in readme, (
        "print it again: reflect.access.permissions.as_markdown()"
    )
