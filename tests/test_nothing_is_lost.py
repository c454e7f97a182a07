"""Random ways to write a draft, against a model: no acknowledged word is lost or hidden."""

import random
from collections import Counter

import pytest
import sqlalchemy as sa

from reflect.db.session import commit, session
from reflect.reports import conflicts, revisions
from reflect.reports.conflict_choice import ConflictChoice, settle_conflict
from reflect.reports.conflicts import STORED_OUTCOMES, Outcome
from reflect.reports.report import Report, Revision, Voice, start_report
from reflect.reports.workflow import Action
from tests.cast import NOW
from tests.conftest import DATABASE_KINDS, NEWEST, save_texts
from tests.save_simulation import SECTIONS, SaveSimulation

SIMULATIONS, STEPS = 400, 30


@pytest.fixture
def own_draft(active_app, cast):
    """Noor's report, begun and empty."""
    return start_report(cast.round, course_id=cast.course, by=cast.actor("noor"), at=NOW)


def run_simulations(report_id, cast, *, seeds):
    """Return everything that was lost, hidden or doubled, as (seed, what)."""
    problems = []
    commit()  # a crash rolls back, and the report itself has to stay
    for seed in seeds:
        student, rng = cast.actor("noor"), random.Random(seed)
        simulation = SaveSimulation(report_id, student=student, at=NOW, rng=rng)
        for _ in range(STEPS):
            simulation.step()
        simulation.finish()
        problems += [(seed, problem) for problem in problems_of(simulation)]
        delete_revisions()
    return problems


def delete_revisions():
    """Let the next simulation begin with an empty draft."""
    session().execute(sa.update(Revision).values(settled_conflict_id=None))
    session().execute(sa.delete(Revision))
    commit()
    session().expunge_all()


def problems_of(simulation):
    rows_of_report = sa.select(Revision).where(Revision.report_id == simulation.report_id)
    all_rows = session().scalars(rows_of_report.order_by(Revision.id)).all()
    open_conflicts = revisions.conflicts_of(simulation.report, voice=Voice.STUDENT)
    for section in SECTIONS:
        rows = [row for row in all_rows if row.section == section]
        saves = [save.texts[section] for save in simulation.acknowledged if section in save.texts]
        sent_texts = [content["text"] for content in saves]
        stored_texts = {row.content["text"] for row in rows}
        yield from (f"lost: {text}" for text in sent_texts if text and text not in stored_texts)
        offered_texts = [row.content["text"] for row in open_conflicts.get(section, [])]
        seen_words = " ".join([current_text(rows), *offered_texts]).split()
        sent_words = " ".join(sent_texts).split()
        yield from (f"hidden: {word}" for word in sent_words if word not in seen_words)
        keys = Counter(row.save_key for row in rows if row.save_key)
        yield from (f"doubled: {key}" for key, times in keys.items() if times > 1)


def current_text(rows):
    current = (row.content["text"] for row in reversed(rows) if not row.is_conflict)
    return next(current, "")


@pytest.mark.slow
def test_no_word_is_lost_in_any_order_of_typing_saving_losing_repeating_and_crashing(
    own_draft, cast
):
    assert not run_simulations(own_draft.id, cast, seeds=range(SIMULATIONS))


@pytest.mark.parametrize(
    ("outcome", "problem"), [(Outcome.WRITTEN, "hidden"), (Outcome.SAME, "lost")]
)
def test_the_model_notices_when_a_word_is_lost(own_draft, cast, monkeypatch, outcome, problem):
    # Our own code is patched here with a mistake: the last text wins, or nothing is stored.
    monkeypatch.setattr(conflicts, "resolve", lambda *_, **__: outcome)
    problems = run_simulations(own_draft.id, cast, seeds=range(40))
    assert any(what.startswith(problem) for _, what in problems)


PAGES = ("page", "pa.ge", "pag")
SAVE_KEYS = [f"{page}.{number}" for page in PAGES for number in (1, 2, 9, 10, 11, 100)]
ALL_KEYS = [None, "anders", *SAVE_KEYS]


def add_random_versions(report_id, student, rng):
    """Add some versions of one section, with and without keys; return them in their order."""
    keys = rng.sample(ALL_KEYS[1:], rng.randint(0, 12)) + [None] * rng.randint(0, 3)
    rows = [
        Revision(
            report_id=report_id,
            voice=Voice.STUDENT,
            section="fout",
            content={"text": rng.choice("abcd")},
            by_id=student.id,
            written_at=NOW,
            save_key=key,
            is_conflict=rng.random() < 0.3,
        )
        for key in keys
    ]
    session().add_all(rows)
    session().flush()
    return sorted(rows, key=lambda row: row.id)


@pytest.mark.parametrize("database_kind", DATABASE_KINDS, indirect=True)
def test_a_save_decides_by_a_few_versions_as_it_would_by_all(active_app, cast):
    """An evening of writing makes hundreds of versions; a save reads five at most."""
    rng, met_outcomes = random.Random(7), set()
    student = cast.actor("noor")
    report_id = start_report(cast.round, course_id=cast.course, by=student, at=NOW).id
    for _ in range(600):
        rows = add_random_versions(report_id, student, rng)
        version = rng.choice([0, NEWEST, *(row.id for row in rows)])
        content, key = {"text": rng.choice("abcde")}, rng.choice(ALL_KEYS)
        expected = conflicts.resolve(rows, content, base_version=version, save_key=key)
        saved = save_texts(
            session().get(Report, report_id),
            Action.WRITE,
            {"fout": content},
            by=student,
            at=NOW,
            base_version=version,
            save_key=key,
        )
        assert saved.outcomes["fout"] is expected
        last_id = max((row.id for row in rows), default=0)
        added = session().scalars(sa.select(Revision).where(Revision.id > last_id)).all()
        is_repeated = bool(rows) and rows[-1].content == content
        assert len(added) == (expected in STORED_OUTCOMES and not is_repeated)
        met_outcomes.add(expected)
        session().execute(sa.delete(Revision))
        session().expunge_all()
    assert met_outcomes == set(Outcome) - {Outcome.TOO_LONG}


def test_a_page_whose_response_got_lost_is_no_second_page(own_draft, cast):
    def save_from_page(text, number):
        saved = save_texts(
            own_draft,
            Action.WRITE,
            {"begrijp": {"text": text}},
            by=cast.actor("noor"),
            at=NOW,
            base_version=0,
            save_key=f"page.{number}",
        )
        return saved.outcomes["begrijp"]

    assert save_from_page("een", 1) is Outcome.WRITTEN
    assert save_from_page("een twee", 3) is Outcome.WRITTEN
    assert save_from_page("een anders", 2) is Outcome.STALE, "a newer save arrived before it"
    latest = revisions.latest_revisions([own_draft.id], voice=Voice.STUDENT)[own_draft.id]
    assert latest["begrijp"].content["text"] == "een twee"
    assert not revisions.conflicts_of(own_draft, voice=Voice.STUDENT), "the page wrote on itself"
    assert save_from_page("", 4) is Outcome.WRITTEN, "to remove everything is a change too"


@pytest.mark.parametrize(
    ("choice", "text"),
    [
        (ConflictChoice.CURRENT, "hier"),
        (ConflictChoice.OTHER, "elders"),
        (ConflictChoice.BOTH, "hier\n\nelders"),
    ],
)
def test_whatever_is_chosen_no_text_is_lost(own_draft, cast, choice, text):
    student = cast.actor("noor")
    for page, page_text in (("a", "hier"), ("b", "elders")):
        texts = {"fout": {"text": page_text}}
        save_texts(
            own_draft,
            Action.WRITE,
            texts,
            by=student,
            at=NOW,
            base_version=0,
            save_key=f"{page}.1",
        )
    (conflict,) = revisions.conflicts_of(own_draft, voice=Voice.STUDENT)["fout"]
    settle_conflict(own_draft, conflict.id, choice=choice, by=student, at=NOW)
    latest = revisions.latest_revisions([own_draft.id], voice=Voice.STUDENT)[own_draft.id]
    assert latest["fout"].content["text"] == text
    assert not revisions.conflicts_of(own_draft, voice=Voice.STUDENT)
    rows = session().scalars(sa.select(Revision).where(Revision.report_id == own_draft.id))
    assert {row.content["text"] for row in rows} == {"hier", "elders", text}
