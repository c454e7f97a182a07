"""The answering desk: one report at a time, section by section; ask on, give the answer, go to the next."""

from flask import Blueprint, Response, g, jsonify, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from reflect.refusal import AnswerMissing, NotFound, QuestionMissing
from reflect.report import release, remark, writing
from reflect.report.form import forms
from reflect.report.life import Verb
from reflect.report.report import OVERALL, Report, Voice
from reflect.school import hours, lists
from reflect.tongue import N_
from reflect.trust import goals, read, sight, waiting
from reflect.trust.seen import Part, Seen
from reflect.trust.waiting import Waiting
from reflect.web import hints, phrases, reading_along, remarks
from reflect.web.door import house, me, say, to
from reflect.web.fields import ReportForm, Sent, answering_form, filled, only, sent
from reflect.web.keeping import LEFT_OUT, fresh_key, told
from reflect.web.sentences import gettext
from reflect.web.speech import moment_words

answering = Blueprint("answering", __name__)
Page = str | tuple[str, int] | AnyResponse
ANYWAY = "_anyway"  # behind a wish: given although a kind hint was shown, where a school asks before sending


@answering.route("/verslagen/<int:id>/beantwoorden", methods=["GET"])
def page(id: int) -> Page:
    report, seen, before = _mine(id)
    if not report.is_time_to(Verb.WRITE_ANSWER):
        return to("reports.show", id=id)
    return _page(report, seen, before)


def _mine(id: int) -> tuple[Report, Seen, Seen | None]:
    """Give a report of a course that I teach, and the student's report of last time."""
    report, seen, before = goals.with_before(id, by=me(), at=g.now)
    if Part.FEEDBACK_DRAFT not in seen.parts:
        raise NotFound
    return report, seen, before


@answering.route("/verslagen/<int:id>/beantwoorden", methods=["POST"])
def save(id: int) -> Page:
    report, got = sight.find(id, by=me(), at=g.now), sent(request.form)
    form, on_passages = answering_form(forms({report.form_id})[report.form_id]), _on_passages(report, got)
    words = only(got.words, form) | on_passages
    left_out = remarks.left_out(got.words, kept=words)
    saved = writing.save(report, words, verb=Verb.WRITE_ANSWER, version=got.version, key=got.key, by=me(), at=g.now)
    saved = reading_along.keep_note(report, got, saved)
    if request.accept_mimetypes.best == "application/json":
        return told(saved, left_out=left_out)
    if left_out:
        say(LEFT_OUT)
    if not report.may(Verb.WRITE_ANSWER, by=me()):  # not raised: that would take back what was typed just now
        say(N_("This report has moved on meanwhile. What you typed last is kept, and stands here."))
        return to("reports.show", id=id)
    filled_in = form()
    if not filled_in.validate() or remarks.need_a_look(on_passages, got.words):
        return _again(report, filled_in), 422
    return _do(report, filled_in)


def _on_passages(report: Report, got: Sent) -> dict[str, dict[str, str]]:
    """Give what is to be kept of the remarks; only for those the student's text is read, to find their words in it."""
    if not any(remark.key_of(name) for name in got.words):
        return {}
    seen = read.read(report.id, by=me(), at=g.now)
    if Part.FEEDBACK_DRAFT not in seen.parts:
        raise NotFound
    return remarks.contents(report, seen, got.words)


@answering.route("/verslagen/<int:id>/let-op")
def notice(id: int) -> Response:
    """Give the kind hints about the answer as it stands, for a page that just kept it."""
    _, seen, before = _mine(id)
    return jsonify(hints.in_html(hints.about(seen, before=before)))


@answering.route("/toetsen")
def keys() -> str:
    me()
    return render_template("teacher/keys.html")


def _start(seen: Seen) -> dict[str, object]:
    contents = {said.section.key: {"text": said.teacher} for said in seen.said}
    in_words = {section.key: dict(told) for section, told in seen.in_words}
    return filled({**contents, **in_words, OVERALL: dict(seen.overall)}, answering_form(seen.form))


def _page(report: Report, seen: Seen, before: Seen | None, *, form: ReportForm | None = None, asks: str = "") -> str:
    """Show the desk, with what was sent to it or with what is kept.

    `asks` is the wish about which a school that asks before sending is asked.
    """
    version, kept = writing.version_and_aside(report, voice=Voice.TEACHER)
    form = form or answering_form(seen.form)(data={**_start(seen), "save_key": fresh_key()})
    form.version.data, goes = str(version), release.goes_at(report.id)
    colleagues, course = lists.in_course(report.course_id, by=me())
    others = waiting.reports(report.course_id, round_id=report.round_id, by=me(), at=g.now)
    return render_template(
        "teacher/answer.html", seen=seen, form=form, before=before, asks=asks,
        others={key: [(row.id, row.content) for row in rows] for key, rows in kept.items()},
        margins=remarks.margins(seen, sent(request.form).words), along=reading_along.on_desk(report, seen, colleagues),
        phrases=phrases.on_desk(report, seen, before), hints=hints.about(seen, before=before, course=course),
        course=report.course_id, round=report.round_id,
        goes=gettext("goes %(moment)s", moment=moment_words(goes)) if goes else "",
        previous=_beside(report, others, by=-1), next=_beside(report, others, by=1),
    )  # fmt: skip


def _again(report: Report, form: ReportForm, *, asks: str = "") -> str:
    """Show the desk with what was sent, which is kept by now."""
    _, seen, before = goals.with_before(report.id, by=me(), at=g.now)
    return _page(report, seen, before, form=form, asks=asks)


def _beside(report: Report, others: list[Waiting], *, by: int) -> Waiting | None:
    """Give the report that waits before (-1) or after (1) this one, the longest first."""
    places = [place for place, one in enumerate(others) if one.report == report.id]
    place = places[0] + by if places else -1
    return others[place] if 0 <= place < len(others) else None


def _do(report: Report, form: ReportForm) -> Page:
    wish = request.form.get("do", "keep")
    if (done := reading_along.act(report, wish)) is not None:
        return done
    if writing.put_aside(report, voice=Voice.TEACHER):
        say(N_("Two texts stand side by side here. Both are kept: look below and choose."))
        return to("answering.page", id=report.id)
    gives = {"ask_on": _ask_on, "answer": _answer, "morning": _in_the_morning}.get(wish.removesuffix(ANYWAY))
    if gives is None:
        say(N_("Kept. The student sees nothing yet: that comes when you give your answer."))
        return to("answering.page", id=report.id)
    if house().hints == "ask" and not wish.endswith(ANYWAY) and _has_hints(report):
        return _again(report, form, asks=wish), 422
    others = waiting.reports(report.course_id, round_id=report.round_id, by=me(), at=g.now)
    try:
        report.check(Verb.ASK_ON if gives is _ask_on else Verb.ANSWER, by=me())
        release.let_go(
            report.id, by=me(), at=g.now
        )  # first the release, as the worker does, or each waits for the other
        gives(report)
    except (QuestionMissing, AnswerMissing) as no:
        field = form["overall--question" if isinstance(no, QuestionMissing) else "overall--seen"]
        field.errors = [gettext(no.sentence), gettext(no.remedy)]
        return _again(report, form), 422
    onward = _beside(report, others, by=1) or next((one for one in others if one.report != report.id), None)
    return to("answering.page", id=onward.report) if onward else to("teacher.course", id=report.course_id)


def _has_hints(report: Report) -> bool:
    _, seen, before = goals.with_before(report.id, by=me(), at=g.now)
    return bool(hints.about(seen, before=before))


def _ask_on(report: Report) -> None:
    report.ask_on(by=me(), at=g.now)
    say(N_("Returned with your question. The student can go on writing."))


def _in_the_morning(report: Report) -> None:
    """Plan the answer for the next school morning, for a teacher who writes it in hours of rest."""
    morning = hours.next_morning(g.now, zone=house().timezone)
    release.plan([report.id], verb=Verb.ANSWER, due_at=morning, by=me(), at=g.now)
    say(N_("It goes %(moment)s. Until then you can take it back."), moment=moment_words(morning))


def _answer(report: Report) -> None:
    report.answer(by=me(), at=g.now)
    say(N_("Your answer is given."))
