"""The student's screens: begin, look and hand in, take back, reopen, who has read it, the growth path."""

from flask import Blueprint, g, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from reflect.refusal import CaptionMissing, NotFound, NotNow
from reflect.report import report as reports
from reflect.report import writing
from reflect.report.grammar import caption
from reflect.report.life import Actor, Verb
from reflect.report.report import Report, Voice
from reflect.tongue import N_
from reflect.trust import goals, history, read, sight
from reflect.trust.seen import Kind, Said, Seen
from reflect.web.door import me, say, to
from reflect.web.fields import ActForm, ReasonForm
from reflect.web.sentences import gettext

student = Blueprint("student", __name__)
Page = str | tuple[str, int] | AnyResponse


def mine(id: int) -> Report:
    """Give my own report. Raises NotFound, also when I may read it but it is not mine."""
    report = sight.find(id, by=me(), at=g.now)
    if report.student_id != me().id:
        raise NotFound
    return report


@student.route("/verslagen/begin", methods=["POST"])
def begin() -> AnyResponse:
    round_id, course_id = (request.form.get(name, 0, type=int) for name in ("round", "course"))
    report = reports.begin(round_id, course_id=course_id, by=me(), at=g.now)
    return to("writing.page", id=report.id)


@student.route("/verslagen/<int:id>/inleveren", methods=["GET", "POST"])
def hand_in(id: int) -> Page:
    report = mine(id)
    if not report.may(Verb.HAND_IN, by=me()) and request.method == "GET":
        return to("reports.show", id=id)
    seen = read.read(id, by=me(), at=g.now)
    silent = [said.section.key for said in seen.said if _is_silent(said, seen)]
    shown = {"seen": seen, "form": ActForm(), "silent": silent, "two": writing.put_aside(report, voice=Voice.STUDENT)}
    if request.method == "GET":
        return render_template("student/hand_in.html", **shown, no=())
    if silent and report.may(Verb.HAND_IN, by=me()):
        no = gettext(CaptionMissing.sentence), gettext(CaptionMissing.remedy)
        return render_template("student/hand_in.html", **shown, no=no), 422
    report.hand_in(by=me(), at=g.now)
    say(N_("Handed in. Your teacher can read it now. As long as they have not opened it, you can take it back."))
    return to("reports.show", id=id)


def _is_silent(said: Said, seen: Seen) -> bool:
    """Say whether a picture stands here without the words for who cannot see it."""
    own = (piece for key, piece in seen.pieces.items() if key in said.student.get("evidence", "").split())
    return any(piece.kind is Kind.PICTURE and not said.student.get(caption(piece.key)) for piece in own)


@student.route("/verslagen/<int:id>/terugnemen", methods=["POST"])
def take_back(id: int) -> AnyResponse:
    mine(id).take_back(by=me(), at=g.now)
    say(N_("You have it back. Your teacher did not read it."))
    return to("writing.page", id=id)


@student.route("/verslagen/<int:id>/heropenen", methods=["GET", "POST"])
def reopen(id: int) -> Page:
    report = sight.find(id, by=me(), at=g.now)
    if not reports.acts_as(Actor.EITHER, report, me()):
        raise NotFound
    if not report.may(Verb.REOPEN, by=me()):
        raise NotNow
    form = ReasonForm()
    if not form.validate_on_submit():
        seen, own = read.read(id, by=me(), at=g.now), report.student_id == me().id
        return render_template(
            "student/reopen.html", seen=seen, form=form, own=own
        ), 422 if form.is_submitted() else 200
    report.reopen(by=me(), at=g.now, reason=form.reason.data or "")
    say(N_("Open again. Every earlier version is kept."))
    return to("reports.show", id=id)


@student.route("/verslagen/<int:id>/gelezen")
def readings(id: int) -> str:
    report = mine(id)
    seen = read.read(id, by=me(), at=g.now)
    return render_template(
        "student/readings.html", seen=seen, readings=history.readings(report.id, by=me(), at=g.now)
    )  # fmt: skip


@student.route("/groeipad")
def path() -> str:
    return render_template("student/path.html", rounds=goals.path(by=me(), at=g.now))
