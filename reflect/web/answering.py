"""The answering desk: one report at a time, section by section; ask on, give the answer, go to the next."""

from flask import Blueprint, Response, g, jsonify, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from reflect.refusal import AnswerMissing, NotFound, QuestionMissing
from reflect.report import release, writing
from reflect.report.life import State, Verb
from reflect.report.report import OVERALL, Report, Voice
from reflect.tongue import N_
from reflect.trust import goals, read, shelf, sight
from reflect.trust.seen import Part, Seen
from reflect.trust.shelf import Line
from reflect.web import hints, phrases, reading_along, remarks
from reflect.web.door import house, me, say, to
from reflect.web.fields import ReportForm, answering_form, filled, only, sent
from reflect.web.giving import planned
from reflect.web.keeping import fresh_key, told

answering = Blueprint("answering", __name__)
Page = str | tuple[str, int] | AnyResponse
ANYWAY = "_anyway"  # behind a wish: given although a kind hint was shown, where a school asks before sending


@answering.route("/verslagen/<int:id>/beantwoorden", methods=["GET"])
def page(id: int) -> Page:
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


@answering.route("/verslagen/<int:id>/beantwoorden", methods=["POST"])
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
        return reading_along.again(id, desk=page)
    return _do(report, filled_in, seen)


@answering.route("/verslagen/<int:id>/let-op")
def notice(id: int) -> Response:
    """Give the kind hints about the answer as it stands, for a page that just kept it."""
    _, seen = _mine(id)
    return jsonify(hints.in_html(hints.about(seen, before=goals.before(id, by=me(), at=g.now))))


@answering.route("/toetsen")
def keys() -> str:
    me()
    return render_template("teacher/keys.html")


def _start(seen: Seen) -> dict[str, object]:
    contents = {said.section.key: {"text": said.teacher} for said in seen.said}
    in_words = {section.key: dict(told) for section, told in seen.in_words}
    return filled({**contents, **in_words, OVERALL: dict(seen.overall)}, answering_form(seen.form))


def _page(seen: Seen, form: ReportForm, *, asks: str = "") -> str:
    """Show the desk; `asks` is the wish about which a school that asks before sending is asked."""
    report = sight.find(seen.id, by=me(), at=g.now)
    kept = writing.put_aside(report, voice=Voice.TEACHER)
    others = {key: [(row.id, row.content) for row in rows] for key, rows in kept.items()}
    typed = sent(request.form).words
    seen = read.read(seen.id, by=me(), at=g.now) if typed else seen  # what was sent may be kept by now
    before = goals.before(seen.id, by=me(), at=g.now)
    return render_template(
        "teacher/answer.html", seen=seen, form=form, others=others, margins=remarks.margins(seen, typed),
        phrases=phrases.on_desk(report, seen), along=reading_along.on_desk(report, seen), before=before,
        hints=hints.about(seen, before=before), asks=asks, course=report.course_id,
        round=report.round_id, goes=planned(report.course_id)["goes"], **_neighbours(report),
    )  # fmt: skip


def _neighbours(report: Report) -> dict[str, Line | None]:
    """Give the reports that wait before and after this one, the longest first."""
    waiting = _waiting(report)
    here = next((place for place, line in enumerate(waiting) if line.report == report.id), len(waiting))
    return {"previous": waiting[here - 1] if here else None, "next": next(iter(waiting[here + 1 :]), None)}


def _waiting(report: Report) -> list[Line]:
    lines = shelf.course(report.course_id, by=me(), at=g.now, round_id=report.round_id)
    waiting = [line for line in lines if line.state is State.HANDED_IN and line.since]
    return sorted(waiting, key=lambda line: str(line.since))


def _do(report: Report, form: ReportForm, seen: Seen) -> Page:
    wish = request.form.get("do", "keep")
    if (done := reading_along.act(report, wish, desk=page)) is not None:
        return done
    gives = {"ask_on": _ask_on, "answer": _answer}.get(wish.removesuffix(ANYWAY))
    if gives is None:
        say(N_("Kept. The student sees nothing yet: that comes when you give your answer."))
        return reading_along.again(report.id, desk=page)
    if house().hints == "ask" and not wish.endswith(ANYWAY) and _has_hints(report):
        return _again(form, seen, asks=wish), 422
    try:
        gives(report)
    except (QuestionMissing, AnswerMissing) as no:
        field = form["overall--question" if isinstance(no, QuestionMissing) else "overall--seen"]
        field.errors = [str(no), no.remedy]
        return _again(form, seen), 422
    release.let_go(report.id, by=me(), at=g.now)
    waiting = _waiting(report)
    return to("answering.page", id=waiting[0].report) if waiting else to("teacher.course", id=report.course_id)


def _has_hints(report: Report) -> bool:
    seen = read.read(report.id, by=me(), at=g.now)
    return bool(hints.about(seen, before=goals.before(report.id, by=me(), at=g.now)))


def _ask_on(report: Report) -> None:
    report.ask_on(by=me(), at=g.now)
    say(N_("Returned with your question. The student can go on writing."))


def _answer(report: Report) -> None:
    report.answer(by=me(), at=g.now)
    say(N_("Your answer is given."))


def _again(form: ReportForm, seen: Seen, *, asks: str = "") -> str:
    form.version.data = str(writing.version_of(sight.find(seen.id, by=me(), at=g.now), voice=Voice.TEACHER))
    return _page(seen, form, asks=asks)
