"""Two at the same moment: what each reader sees is what some order of the two would have given."""

import contextlib
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import permutations

import pytest
import sqlalchemy as sa
from flask import current_app

from reflect.access import report_loading
from reflect.access.access_log import AccessLogEntry
from reflect.db.engine import db
from reflect.db.session import begin_write, commit, read_only, rollback, session
from reflect.errors import UserError
from reflect.jobs import export_jobs, print_jobs
from reflect.jobs.export_jobs import ExportJob
from reflect.jobs.print_jobs import MemberStatus, OutputFormat, PrintJob
from reflect.media.limits import MediaLimits
from reflect.peer_review import request_note, reviews
from reflect.reports import conflict_choice, evidence, release
from reflect.reports.conflict_choice import ConflictChoice
from reflect.reports.conflicts import Outcome
from reflect.reports.evidence import Evidence
from reflect.reports.report import (
    CLOSING,
    OVERALL,
    Report,
    Revision,
    StateChange,
    Voice,
    lock,
    start_report,
)
from reflect.reports.workflow import Action
from reflect.storage import blob_store
from tests.cast import NOW, TODAY
from tests.conftest import ANSWER, DATABASE_KINDS, save_texts
from tests.media.sample_files import encode_image, four_colour_image

ROUNDS, SEEDS, AT_ONCE = 20, 8, 3


@pytest.fixture(params=DATABASE_KINDS)
def database_kind(request):
    return request.param


def run_at_once(app, functions, *, load=lambda: None):
    """Return what these functions return, or the UserError that they raise.

    Each has a thread and a session of its own; `load` has run in all before the first begins.
    """
    barrier = threading.Barrier(len(functions))
    results = [None] * len(functions)

    def run(position, function):
        with app.app_context():
            read_only()  # SQLite would let no second one load while the first may write
            loaded = load()
            barrier.wait()
            begin_write()
            try:
                results[position] = function(loaded)
                commit()
            except UserError as error:
                rollback()
                results[position] = type(error)

    threads = [threading.Thread(target=run, args=task) for task in enumerate(functions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@dataclass
class Model:
    """A report in plain Python, in which one thing happens after the other."""

    state: str = "draft"
    state_before: str = "draft"
    student: dict[str, str] = field(default_factory=dict)
    teacher: str = ""
    has_answer: bool = False  # of the teacher, since the hand-in
    is_planned: bool = False
    has_two_answers: bool = False  # a text came too late, and its writer has to choose
    seen_by_teacher: dict[str, str] = field(default_factory=dict)
    seen_before: dict[str, str] = field(default_factory=dict)
    answer_seen_by_student: str = ""
    seen_by_mentor: dict[str, str] = field(default_factory=dict)
    answer_seen_by_mentor: str = ""

    def save(self, text):
        return self._write("fout", text, allowed=("draft", "returned"))

    def save_closing(self, text):
        return self._write(CLOSING, text, allowed=("answered",))

    def _write(self, section, text, *, allowed):
        if self.state not in allowed:
            return Outcome.CONFLICT
        self.student = {**self.student, section: text}
        return Outcome.WRITTEN

    def save_answer(self, text):
        if self.state != "handed_in":
            self.has_two_answers = True
            return Outcome.CONFLICT
        self.teacher, self.has_answer = text, True
        return Outcome.WRITTEN

    def hand_in(self, _):
        if self.state not in ("draft", "returned"):
            return False
        self.state_before, self.state = self.state, "handed_in"
        self.seen_before, self.seen_by_teacher = self.seen_by_teacher, self.student
        self.has_answer = False
        return True

    def take_back(self, _):
        if self.state != "handed_in":
            return False
        self.state, self.seen_by_teacher = self.state_before, self.seen_before
        return True

    def return_with_question(self, _):
        if self.state != "handed_in" or not self.has_answer:
            return False
        self.state, self.answer_seen_by_student = "returned", self.teacher
        return True

    def answer(self, _):
        if self.state != "handed_in" or not self.has_answer:
            return False
        self.state = "answered"
        self.answer_seen_by_student = self.answer_seen_by_mentor = self.teacher
        self.seen_by_mentor = self.seen_by_teacher
        return True

    def plan(self, _):
        may_answer = replace(self).answer(None) and not self.has_two_answers
        if not may_answer or self.is_planned:
            return False
        self.is_planned = True
        return True

    def run_due(self, _):
        was_planned, self.is_planned = self.is_planned, False
        return was_planned and not self.has_two_answers and self.answer(None)

    def close(self, _):
        if self.state != "answered":
            return False
        self.state = "closed"
        self.seen_by_teacher = self.seen_by_mentor = self.student
        return True

    def reopen(self, _):
        if self.state != "closed":
            return False
        self.state = "returned"
        return True

    def views(self):
        return {
            "state": self.state,
            "noor": (self.student, self.answer_seen_by_student),
            "dewit": (self.seen_by_teacher, self.teacher),
            "smit": (self.seen_by_mentor, self.answer_seen_by_mentor),
        }


STUDENT_VERBS = ("hand_in", "take_back", "close", "reopen")
TEACHER_VERBS = ("return_with_question", "answer")
OPERATIONS = (
    *("save", "save_answer", "save_closing") * 3,
    *("hand_in", "take_back", "return_with_question", "answer", "close", "reopen") * 2,
    "plan",
    "run_due",
)


def operation(name, text, cast) -> Callable[[Report], object]:
    """Return a function that does this to a report as the product does it."""
    noor, dewit = cast.actor("noor"), cast.actor("dewit")
    content = {"seen": text, "question": text}
    saves = {
        "save": (Action.WRITE, {"fout": {"text": text}}, noor),
        "save_closing": (Action.WRITE_CLOSING, {CLOSING: {"word": text}}, noor),
        "save_answer": (Action.WRITE_ANSWER, {OVERALL: content}, dewit),
    }
    if name in saves:
        action, texts, by = saves[name]
        (section,) = texts
        return lambda report: save_texts(report, action, texts, by=by, at=NOW).outcomes[section]

    def act(report):
        if name == "plan":
            plan = release.plan([report.id], action=Action.ANSWER, due_at=NOW, by=dewit, at=NOW)
            return bool(plan.report_ids)
        if name == "run_due":
            return bool(release.run_due(on=TODAY, at=NOW))
        reason = {"reason": "Ik weet nu meer."} if name == "reopen" else {}
        getattr(report, name)(by=dewit if name in TEACHER_VERBS else noor, at=NOW, **reason)
        return True

    return act


def random_operations(model, rng):
    """Return what happens at once: one thing that is possible now, and others that may be not."""

    def is_possible(name):
        return getattr(replace(model), name)("x") not in (False, Outcome.CONFLICT)

    possible = [name for name in OPERATIONS if is_possible(name)]
    return [rng.choice(possible), *rng.choices(OPERATIONS, k=AT_ONCE - 1)]


def run_model(model, names, texts):
    return [getattr(model, name)(text) for name, text in zip(names, texts, strict=True)]


def matching_model(model, names, texts, results, views):
    """Return the model after some order that gives these results and views, None without one."""
    # What is refused has changed nothing.
    results = [False if isinstance(result, type) else result for result in results]
    for order in permutations(range(len(names))):
        after = replace(model)
        answers = run_model(after, [names[i] for i in order], [texts[i] for i in order])
        if answers == [results[i] for i in order] and after.views() == views:
            return after
    return None


def read_views(app, report_id, cast):
    """Return what each reader sees, without the note of the reading."""
    views = {}
    with app.app_context():
        views["state"] = session().get_one(Report, report_id).state.value
        for name in ("noor", "dewit", "smit"):
            view = report_loading.load(report_id, by=cast.actor(name), at=NOW)
            (words,) = [one for one in view.sections if one.section.key == "fout"]
            texts = {"fout": words.student_content.get("text", ""), CLOSING: view.closing_word}
            views[name] = (
                {key: text for key, text in texts.items() if text},
                view.overall.get("seen", ""),
            )
            rollback()
    return views


def new_draft(app, cast):
    """Return the id of a report that Noor begins anew."""
    with app.app_context():
        for table in (release.Release, AccessLogEntry, StateChange, Revision, Report):
            session().execute(sa.delete(table))
        noor = cast.actor("noor")
        report_id = start_report(cast.round, course_id=cast.course, by=noor, at=NOW).id
        commit()
    return report_id


def loader(report_id):
    return lambda: session().get_one(Report, report_id)


@pytest.mark.slow
def test_whatever_comes_at_the_same_moment_each_reader_sees_what_some_order_gives(app, cast):
    for seed in range(SEEDS):
        rng = random.Random(seed)
        report_id = new_draft(app, cast)
        model = Model()
        for number in range(ROUNDS):
            names = random_operations(model, rng)
            texts = [f"s{seed} r{number} t{thread}" for thread in range(AT_ONCE)]
            functions = [operation(*pair, cast) for pair in zip(names, texts, strict=True)]
            results = run_at_once(app, functions, load=loader(report_id))
            views = read_views(app, report_id, cast)
            after = matching_model(model, names, texts, results, views)
            assert after is not None, f"{model}\n{names}\n{results}\n{views}"
            model = after


def test_what_lands_above_the_mark_is_never_read_by_home(app, cast, make_report):
    """As a save that raced the hand-in did, in a release before this one."""
    report_id = make_report("handed_in")
    with app.app_context():
        report, dewit, noor = loader(report_id)(), cast.actor("dewit"), cast.actor("noor")
        raced = Revision(
            report_id=report_id,
            voice=Voice.STUDENT,
            section="fout",
            content={"text": "Dit las niemand."},
            by_id=noor.id,
            written_at=NOW,
        )
        session().add(raced)
        save_texts(report, Action.WRITE_ANSWER, ANSWER, by=dewit, at=NOW)
        report.answer(by=dewit, at=NOW)
        commit()
    views = read_views(app, report_id, cast)
    assert views["smit"][0] == views["dewit"][0], "the mentor reads what the teacher read"
    assert "Dit las niemand." not in views["smit"][0].values()


# Besides the operations above: (the state that each needs, what it does).
MORE_VERBS = {
    "request_review": ("handed_in", lambda report, cast: reviews.request_review(
        report, cast.people["bakker"], note="", by=cast.actor("dewit"), at=NOW)),
    "save_note": ("handed_in", lambda report, cast: request_note.save_note(
        report, {}, save_key=None, by=cast.actor("dewit"), at=NOW)),
    "restore_version": ("draft", lambda report, cast: conflict_choice.restore_version(
        report, 1, by=cast.actor("noor"), at=NOW)),
    "settle_conflict": ("draft", lambda report, cast: conflict_choice.settle_conflict(
        report, 1, choice=ConflictChoice.BOTH, by=cast.actor("noor"), at=NOW)),
    "add_evidence": ("draft", lambda report, cast: upload(report, cast)),
}  # fmt: skip
STATES_OF_VERBS = {
    "save": "draft",
    "hand_in": "draft",
    "take_back": "handed_in",
    "save_answer": "handed_in",
    "return_with_question": "handed_in",
    "answer": "handed_in",
    "plan": "handed_in",
    "save_closing": "answered",
    "close": "answered",
    "reopen": "closed",
    **{name: state for name, (state, _) in MORE_VERBS.items()},
}


@pytest.mark.postgresql
@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
@pytest.mark.parametrize("name", STATES_OF_VERBS)
def test_every_verb_waits_for_whoever_is_busy_with_the_report(app, cast, make_report, name):
    report_id = make_report(STATES_OF_VERBS[name])

    def act():
        with app.app_context():
            report = loader(report_id)()
            # What is refused after the wait, such as an answer without words, is no matter here.
            with contextlib.suppress(UserError):
                if name in MORE_VERBS:
                    MORE_VERBS[name][1](report, cast)
                else:
                    operation(name, "x", cast)(report)
            rollback()

    with app.app_context():
        lock(loader(report_id)())
        thread = threading.Thread(target=act)
        thread.start()
        while thread.is_alive() and not somebody_waits():
            pass
        assert thread.is_alive(), "it did not wait for the lock"
        commit()
        thread.join()


def somebody_waits():
    with db.engine.connect() as connection:
        return connection.exec_driver_sql("SELECT 1 FROM pg_locks WHERE NOT granted").scalar()


def upload(report, cast, upload_key="u"):
    folder = blob_store(current_app.extensions["reflect"].evidence)
    return evidence.add_evidence(
        report,
        encode_image(four_colour_image(), "PNG"),
        upload_key=upload_key,
        limits=MediaLimits(),
        quota_mb=500,
        blob_store=folder,
        by=cast.actor("noor"),
        at=NOW,
    ).id


def test_two_presses_on_begin_give_one_report(app, cast):
    def begin(_):
        noor = cast.actor("noor")
        return start_report(cast.round, course_id=cast.course, by=noor, at=NOW).id

    for _ in range(5):
        ids = run_at_once(app, [begin] * 4)
        assert len(set(ids)) == 1, ids
        with app.app_context():
            assert session().scalars(sa.select(Report.id)).all() == ids[:1]
            session().execute(sa.delete(Report))
            commit()


def test_a_photo_that_is_sent_twice_at_once_is_one_piece_with_one_set_of_files(
    app, cast, make_report
):
    report_id = make_report("draft")
    ids = run_at_once(app, [partial(upload, cast=cast)] * 3, load=loader(report_id))
    assert len(set(ids)) == 1, ids
    with app.app_context():
        (piece,) = session().scalars(sa.select(Evidence)).all()
        folder = blob_store(app.extensions["reflect"].evidence).folder
        assert {path.name for path in folder.iterdir()} == set(piece.blob_names)


def test_photos_that_are_sent_at_once_are_pieces_of_their_own(app, cast, make_report):
    report_id = make_report("draft")
    uploads = [partial(upload, cast=cast, upload_key=key) for key in ("a", "b", "c")]
    ids = run_at_once(app, uploads, load=loader(report_id))
    assert len(set(ids)) == 3, ids
    with app.app_context():
        pieces = session().scalars(sa.select(Evidence)).all()
        folder = blob_store(app.extensions["reflect"].evidence).folder
        names = {name for piece in pieces for name in piece.blob_names}
        assert {path.name for path in folder.iterdir()} == names


def test_two_presses_on_print_or_on_take_along_make_one_job(app, cast, make_report):
    make_report("answered")

    def request_print(_):
        return print_jobs.request_print(
            cast.group,
            round_id=cast.round,
            statuses=dict.fromkeys([cast.people["noor"]], MemberStatus.WAITING),
            output_format=OutputFormat.ZIP,
            by=cast.actor("smit"),
            at=NOW,
        )

    def request_export(_):
        return export_jobs.request_export(by=cast.actor("noor"), at=NOW)

    for press, table in ((request_print, PrintJob), (request_export, ExportJob)):
        keys = run_at_once(app, [press] * 4)
        assert len(set(keys)) == 1, keys
        with app.app_context():
            assert session().scalars(sa.select(table.key)).all() == keys[:1]
