"""The teacher's screens: a course with each student's state in words, and answering one report."""

from itertools import groupby

from flask import Blueprint, g, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from reflect.refusal import AnswerMissing, NotFound, QuestionMissing
from reflect.report import release, writing
from reflect.report.life import State, Verb
from reflect.report.report import OVERALL, Report, Voice
from reflect.tongue import N_
from reflect.trust import history, read, shelf, sight
from reflect.trust.seen import Part, Seen
from reflect.trust.shelf import Line
from reflect.web import phrases, reading_along, remarks
from reflect.web.door import me, say, to
from reflect.web.fields import ReportForm, answering_form, filled, only, sent
from reflect.web.giving import course_of_mine, planned
from reflect.web.keeping import fresh_key, told

teacher = Blueprint("teacher", __name__)
Page = str | tuple[str, int] | AnyResponse
NOT_BEGUN = "none"


@teacher.route("/lesgroepen/<int:id>")
def course(id: int) -> str:
    named, lines = course_of_mine(id), shelf.course(id, by=me(), at=g.now)
    rounds = [(found[0], found) for found in (list(of) for _, of in groupby(lines, key=lambda line: line.round))]
    return render_template(
        "teacher/course.html", course=named, rounds=rounds, states=_states(lines), shown=request.args.get("stand", ""),
        begun=shelf.begun(id, by=me(), at=g.now), **planned(id),
    )  # fmt: skip


def _states(lines: list[Line]) -> list[str]:
    """Give the states that a list can be narrowed to, in the order of a report's life: those that are there."""
    there = {line.state or NOT_BEGUN for line in lines}
    return [state for state in (State.HANDED_IN, State.RETURNED, State.DRAFT, NOT_BEGUN, State.ANSWERED, State.CLOSED)
            if state in there]  # fmt: skip


@teacher.route("/verslagen/<int:id>/beantwoorden", methods=["GET"])
def answer(id: int) -> Page:
    report, seen = _mine(id)
    if not report.may(Verb.WRITE_ANSWER, by=me()):
        return to("reports.show", id=id)
    version = str(writing.version_of(report, voice=Voice.TEACHER))
    form = answering_form(seen.form)(data={**_start(seen), "version": version, "save_key": fresh_key()})
    return _page(seen, form)


def _mine(id: int) -> tuple[Report, Seen]:
    report, seen = sight.find(id, by=me(), at=g.now), read.read(id, by=me(), at=g.now)
    if Part.FEEDBACK_DRAFT not in seen.parts:
        raise NotFound
    return report, seen


@teacher.route("/verslagen/<int:id>/beantwoorden", methods=["POST"])
def save(id: int) -> Page:
    report, seen = _mine(id)
    form, got = answering_form(seen.form), sent(request.form)
    on_passages = remarks.contents(report, seen, got.words)
    words = only(got.words, form) | on_passages
    saved = writing.save(report, words, verb=Verb.WRITE_ANSWER, version=got.version, key=got.key, by=me(), at=g.now)
    if request.accept_mimetypes.best == "application/json":
        return told(saved)
    filled_in = form()
    if not filled_in.validate() or remarks.need_a_look(on_passages, got.words):
        filled_in.version.data = str(saved.version)
        return _page(seen, filled_in), 422
    if saved.aside and report.may(Verb.WRITE_ANSWER, by=me()):
        say(N_("Somebody else answered here meanwhile. Both texts are kept: look below and choose."))
        return to("teacher.answer", id=id)
    return _do(report, filled_in, seen)


@teacher.route("/verslagen/<int:id>/ingeleverd")
def hand_ins(id: int) -> str:
    seen = read.read(id, by=me(), at=g.now)
    return render_template("teacher/hand_ins.html", seen=seen, hand_ins=history.hand_ins(id, by=me(), at=g.now))


def _start(seen: Seen) -> dict[str, object]:
    contents = {said.section.key: {"text": said.teacher} for said in seen.said}
    return filled({**contents, OVERALL: dict(seen.overall)}, answering_form(seen.form))


def _page(seen: Seen, form: ReportForm) -> str:
    report = sight.find(seen.id, by=me(), at=g.now)
    kept = writing.put_aside(report, voice=Voice.TEACHER)
    others = {key: [(row.id, row.content) for row in rows] for key, rows in kept.items()}
    typed = sent(request.form).words
    seen = read.read(seen.id, by=me(), at=g.now) if typed else seen  # what was sent may be kept by now
    return render_template(
        "teacher/answer.html", seen=seen, form=form, others=others, margins=remarks.margins(seen, typed),
        phrases=phrases.on_desk(report, seen), along=reading_along.on_desk(report, seen),
        goes=planned(report.course_id)["goes"], course=report.course_id,
    )  # fmt: skip


def _do(report: Report, form: ReportForm, seen: Seen) -> Page:
    wish = request.form.get("do", "keep")
    if (done := reading_along.act(report, wish)) is not None:
        return done
    if wish == "ask_on":
        try:
            report.ask_on(by=me(), at=g.now)
        except QuestionMissing as no:
            return _missing(no, form, seen, field="overall--question")
        say(N_("Returned with your question. The student can go on writing."))
    elif wish == "answer":
        try:
            report.answer(by=me(), at=g.now)
        except AnswerMissing as no:
            return _missing(no, form, seen, field="overall--seen")
        say(N_("Your answer is given."))
    else:
        say(N_("Kept. The student sees nothing yet: that comes when you give your answer."))
        return to("teacher.answer", id=report.id)
    release.let_go(report.id, by=me(), at=g.now)
    waiting = _next(shelf.course(report.course_id, by=me(), at=g.now), round_id=report.round_id)
    return to("teacher.answer", id=waiting.report) if waiting else to("teacher.course", id=report.course_id)


def _missing(no: AnswerMissing | QuestionMissing, form: ReportForm, seen: Seen, *, field: str) -> Page:
    from_house = form[field]
    from_house.errors = [str(no), no.remedy]
    form.version.data = str(writing.version_of(sight.find(seen.id, by=me(), at=g.now), voice=Voice.TEACHER))
    return _page(seen, form), 422


def _next(lines: list[Line], *, round_id: int) -> Line | None:
    """Give who has waited longest in this round."""
    waiting = [line for line in lines if line.state is State.HANDED_IN and line.round == round_id and line.since]
    return min(waiting, key=lambda line: str(line.since), default=None)
