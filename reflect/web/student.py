"""The student's screens: begin, write, hand in, take back, close, reopen."""

import secrets

from flask import Blueprint, g, jsonify, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from reflect.refusal import NotFound, NotNow
from reflect.report import report as reports
from reflect.report import writing
from reflect.report.form import forms
from reflect.report.grammar import clean
from reflect.report.life import Actor, Verb
from reflect.report.report import CLOSING, Report, Voice
from reflect.report.writing import Saved
from reflect.tongue import N_
from reflect.trust import history, read, sight
from reflect.trust.seen import Seen
from reflect.web.door import me, say, to
from reflect.web.fields import ActForm, ReasonForm, Sent, closing_form, filled, only, sent, writing_form

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
    return to("student.write", id=report.id)


@student.route("/verslagen/<int:id>/schrijven", methods=["GET"])
def write(id: int) -> Page:
    report = mine(id)
    if not report.may(Verb.WRITE, by=me()):
        return to("reports.show", id=id)
    seen = read.read(id, by=me(), at=g.now)
    form = writing_form(seen.form)(data=_start(report, seen))
    return render_template("student/write.html", seen=seen, form=form, aside=_aside(report, seen))


@student.route("/verslagen/<int:id>/schrijven", methods=["POST"])
def save(id: int) -> Page:
    report, got = mine(id), sent(request.form)
    sections = {section.key: section for section in forms({report.form_id})[report.form_id].sections}
    words = {key: clean(sections[key], content) for key, content in got.words.items() if key in sections}
    saved = _save(report, words, got, verb=Verb.WRITE)
    if request.accept_mimetypes.best == "application/json":
        return jsonify(version=saved.version, aside=saved.aside, too_long=saved.too_long, sentence=kept_sentence(saved))
    return _after_save(report, saved)


def _start(report: Report, seen: Seen) -> dict[str, object]:
    contents = {said.section.key: said.student for said in seen.said}
    version = writing.version_of(report, voice=Voice.STUDENT)
    return {**filled(contents, writing_form(seen.form)), "version": str(version), "save_key": secrets.token_urlsafe(9)}


def _aside(report: Report, seen: Seen) -> dict[str, dict[str, str]]:
    sections = {said.section.key for said in seen.said}
    kept = writing.put_aside(report, voice=Voice.STUDENT)
    return {key: revision.content for key, revision in kept.items() if key in sections}


def _save(report: Report, words: dict[str, dict[str, str]], got: Sent, *, verb: Verb) -> Saved:
    return writing.save(report, words, verb=verb, version=got.version, key=got.key, by=me(), at=g.now)


def _after_save(report: Report, saved: Saved) -> Page:
    if saved.too_long:
        seen = read.read(report.id, by=me(), at=g.now)
        form = writing_form(seen.form)(data={"version": str(saved.version)})
        form.validate()
        form.version.data = str(saved.version)
        return render_template("student/write.html", seen=seen, form=form, aside=_aside(report, seen)), 422
    if not report.may(Verb.WRITE, by=me()):
        say(N_("This report is no longer yours to change. What you just typed is kept with your earlier versions."))
        return to("reports.show", id=report.id)
    if saved.aside:
        say(N_("Meanwhile you wrote something else in another window. Both texts are kept: look below and choose."))
        return to("student.write", id=report.id)
    if request.form.get("do") == "hand_in":
        return to("student.hand_in", id=report.id)
    say(N_("Kept. You can go on, or come back later."))
    return to("student.write", id=report.id)


def kept_sentence(saved: Saved) -> str:
    if saved.too_long:
        return gettext("One text is too long and is not kept yet.")
    if saved.aside:
        return gettext("Kept beside another text that you wrote elsewhere. Load the page again to choose.")
    return gettext("Kept")


@student.route("/verslagen/<int:id>/inleveren", methods=["GET", "POST"])
def hand_in(id: int) -> Page:
    report = mine(id)
    if request.method == "GET":
        if not report.may(Verb.HAND_IN, by=me()):
            return to("reports.show", id=id)
        seen = read.read(id, by=me(), at=g.now)
        return render_template("student/hand_in.html", seen=seen, form=ActForm())
    report.hand_in(by=me(), at=g.now)
    say(N_("Handed in. Your teacher can read it now. Until then you can still take it back."))
    return to("reports.show", id=id)


@student.route("/verslagen/<int:id>/terugnemen", methods=["POST"])
def take_back(id: int) -> AnyResponse:
    mine(id).take_back(by=me(), at=g.now)
    say(N_("You have it back. Your teacher did not read it."))
    return to("student.write", id=id)


@student.route("/verslagen/<int:id>/afronden", methods=["GET", "POST"])
def close(id: int) -> Page:
    report = mine(id)
    seen = read.read(id, by=me(), at=g.now)
    goals = {f"{row}.{name}": text for row, goal in zip("abc", seen.goals, strict=False)
             for name, text in (("goal", goal.words), ("notice", goal.notice))}  # fmt: skip
    start = filled({CLOSING: {"word": seen.closing_word, **goals}}, closing_form())
    version = str(writing.version_of(report, voice=Voice.STUDENT))
    form = closing_form()(data={**start, "version": version, "save_key": secrets.token_urlsafe(9)})
    if not form.is_submitted():
        if not report.may(Verb.WRITE_CLOSING, by=me()):
            return to("reports.show", id=id)
        return render_template("student/close.html", seen=seen, form=form)
    got = sent(request.form)
    saved = _save(report, only(got.words, closing_form()), got, verb=Verb.WRITE_CLOSING)
    if not form.validate():
        return render_template("student/close.html", seen=seen, form=form), 422
    if saved.aside:
        say(N_("Something else stood here already. Both texts are kept; this is the other one."))
        return to("student.close", id=id)
    if request.form.get("do") != "close":
        say(N_("Kept. You can go on, or come back later."))
        return to("student.close", id=id)
    report.close(by=me(), at=g.now)
    say(N_("Rounded off. Your goals come back in the next round."))
    return to("reports.show", id=id)


@student.route("/verslagen/<int:id>/heropenen", methods=["GET", "POST"])
def reopen(id: int) -> Page:
    report = sight.find(id, by=me(), at=g.now)
    if not reports.acts_as(Actor.EITHER, report, me()):
        raise NotFound
    if not report.may(Verb.REOPEN, by=me()):
        raise NotNow
    form = ReasonForm()
    if not form.validate_on_submit():
        seen = read.read(id, by=me(), at=g.now)
        return render_template("student/reopen.html", seen=seen, form=form), 422 if form.is_submitted() else 200
    report.reopen(by=me(), at=g.now, reason=form.reason.data or "")
    say(N_("Open again. Every earlier version is kept."))
    return to("reports.show", id=id)


@student.route("/verslagen/<int:id>/versies")
def versions(id: int) -> str:
    report = mine(id)
    seen = read.read(id, by=me(), at=g.now)
    return render_template(
        "student/versions.html", seen=seen, versions=history.versions(report.id, by=me(), at=g.now),
        steps=history.steps(report.id, by=me(), at=g.now),
    )  # fmt: skip


@student.route("/verslagen/<int:id>/gelezen")
def readings(id: int) -> str:
    report = mine(id)
    seen = read.read(id, by=me(), at=g.now)
    return render_template(
        "student/readings.html", seen=seen, readings=history.readings(report.id, by=me(), at=g.now)
    )  # fmt: skip
