"""The student's desk: write a report, all of it or a section at a time, look back at versions, and the last word."""

from collections.abc import Mapping

from flask import Blueprint, flash, g, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from reflect.report import choosing, writing
from reflect.report.form import forms
from reflect.report.grammar import EARLIER, FormText, Section, clean, is_empty
from reflect.report.life import Verb
from reflect.report.report import CLOSING, Report, Voice
from reflect.report.writing import Saved
from reflect.tongue import N_
from reflect.trust import goals, history, read
from reflect.trust.goals import ROWS
from reflect.trust.seen import Goal, Seen
from reflect.web import evidence
from reflect.web.door import me, person, say, to
from reflect.web.fields import ActForm, ReportForm, Sent, closing_form, filled, only, sent, writing_form
from reflect.web.keeping import fresh_key, told
from reflect.web.student import mine

desk = Blueprint("writing", __name__)
Page = str | tuple[str, int] | AnyResponse


@desk.route("/verslagen/<int:id>/schrijven", methods=["GET"])
def page(id: int) -> Page:
    report = mine(id)
    if not report.may(Verb.WRITE, by=me()):
        return to("reports.show", id=id)
    seen = read.read(id, by=me(), at=g.now)
    return _page(report, seen, form=_fresh(report, seen))


def _fresh(report: Report, seen: Seen) -> ReportForm:
    contents = {said.section.key: said.student for said in seen.said}
    version = writing.version_of(report, voice=Voice.STUDENT)
    start = filled(contents, writing_form(seen.form))
    return writing_form(seen.form)(data={**start, "version": str(version), "save_key": fresh_key()})


def _page(report: Report, seen: Seen, *, form: ReportForm) -> str:
    earlier = goals.earlier(report.id, by=me(), at=g.now)
    contents = {said.section.key: said.student for said in seen.said}
    sections = [one for one in seen.form.sections if one.key != EARLIER or earlier or contents.get(EARLIER)]
    signed_in, here = person(), 0
    one_by_one = signed_in is not None and signed_in.writes == "one"
    if one_by_one:
        here = _place(sections, contents)
    return render_template(
        "student/write.html", seen=seen, form=form, aside=_aside(report, seen), earlier=earlier, contents=contents,
        sections=sections, shown=sections[here : here + 1] if one_by_one else sections, one_by_one=one_by_one,
        before=sections[here - 1] if one_by_one and here else None,
        after=sections[here + 1] if one_by_one and here + 1 < len(sections) else None,
    )  # fmt: skip


def _place(sections: list[Section], contents: Mapping[str, Mapping[str, str]]) -> int:
    """Give which section to open: the one that was asked for, else the first that is still empty."""
    keys = [section.key for section in sections]
    asked = request.args.get("deel", "")
    empty = next((place for place, key in enumerate(keys) if is_empty(contents.get(key, {}))), 0)
    return keys.index(asked) if asked in keys else empty


def _aside(report: Report, seen: Seen) -> dict[str, list[tuple[int, dict[str, str]]]]:
    sections = {said.section.key for said in seen.said}
    kept = writing.put_aside(report, voice=Voice.STUDENT)
    return {key: [(row.id, row.content) for row in rows] for key, rows in kept.items() if key in sections}


@desk.route("/verslagen/<int:id>/schrijven", methods=["POST"])
def save(id: int) -> Page:
    report, got = mine(id), sent(request.form)
    form = forms({report.form_id})[report.form_id]
    texts, refused = evidence.with_files(report, _texts(form, got))
    saved = _save(report, texts, got, verb=Verb.WRITE)
    if request.accept_mimetypes.best == "application/json":
        return told(saved)
    stays = saved.too_long or saved.aside  # then another section needs a look first, and why is said on top
    for section, why in refused.items():
        flash(why, "notice" if stays else evidence.field_of(section))
    if refused and not stays:
        section = next(iter(refused))
        return to("writing.page", id=id, deel=section, place=evidence.field_of(section))
    return _after_save(report, saved)


def _texts(form: FormText, got: Sent) -> dict[str, dict[str, str]]:
    sections = {section.key: section for section in form.sections}
    return {key: clean(sections[key], content) for key, content in got.words.items() if key in sections}


def _save(report: Report, texts: dict[str, dict[str, str]], got: Sent, *, verb: Verb) -> Saved:
    return writing.save(report, texts, verb=verb, version=got.version, key=got.key, by=me(), at=g.now)


def _wish() -> tuple[str, str]:
    """Give what the button that was pressed asks for: keep, hand_in, or go to a section."""
    what, _, section = request.form.get("do", "keep").partition(":")
    return what, section


def _after_save(report: Report, saved: Saved) -> Page:
    what, section = _wish()
    if saved.too_long:
        seen = read.read(report.id, by=me(), at=g.now)
        form = writing_form(seen.form)(data={"version": str(saved.version)})
        form.validate()
        form.version.data = str(saved.version)
        return _page(report, seen, form=form), 422
    if not report.may(Verb.WRITE, by=me()):
        say(N_("This report is no longer yours to change. What you just typed is kept with your earlier versions."))
        return to("reports.show", id=report.id)
    if saved.aside:
        say(N_("Meanwhile you wrote something else in another window. Both texts are kept: look below and choose."))
        return to("writing.page", id=report.id, deel=saved.aside[0], place=saved.aside[0])
    if what == "hand_in":
        return to("student.hand_in", id=report.id)
    if what != "go":
        say(N_("Kept. You can go on, or come back later."))
    return to("writing.page", id=report.id, deel=section or None, place=section if what == "go" else None)


@desk.route("/verslagen/<int:id>/versies")
def versions(id: int) -> str:
    report = mine(id)
    seen = read.read(id, by=me(), at=g.now)
    found, everything = history.versions(report.id, by=me(), at=g.now), "alles" in request.args
    return render_template(
        "student/versions.html", seen=seen, chapters=history.chapters(found if everything else history.sittings(found)),
        everything=everything, may_take_back=_may_take_back(report, seen), form=ActForm(),
    )  # fmt: skip


def _may_take_back(report: Report, seen: Seen) -> set[str]:
    own = {section.key for section in seen.form.sections} if report.may(Verb.WRITE, by=me()) else set()
    return own | ({CLOSING} if report.may(Verb.WRITE_CLOSING, by=me()) else set())


@desk.route("/verslagen/<int:id>/versies/<int:version>/terug", methods=["POST"])
def take_back(id: int, version: int) -> AnyResponse:
    section = choosing.take_back(mine(id), version, by=me(), at=g.now)
    say(N_("You have this text back. What stood there before is kept as an earlier version."))
    return to("writing.close", id=id) if section == CLOSING else to("writing.page", id=id, deel=section, place=section)


@desk.route("/verslagen/<int:id>/afronden", methods=["GET", "POST"])
def close(id: int) -> Page:
    report = mine(id)
    seen = read.read(id, by=me(), at=g.now)
    form = closing_form()(data=_last_word(report, seen))
    if not form.is_submitted():
        if not report.may(Verb.WRITE_CLOSING, by=me()):
            return to("reports.show", id=id)
        return _closing(report, seen, form)
    got = sent(request.form)
    saved = _save(report, only(got.words, closing_form()), got, verb=Verb.WRITE_CLOSING)
    if request.accept_mimetypes.best == "application/json":
        return told(saved)
    if not form.validate():
        return _closing(report, seen, form), 422
    if saved.aside:
        say(N_("Something else stood here already. Both texts are kept: look below and choose."))
        return to("writing.close", id=id)
    wish, last = request.form.get("do"), got.words.get(CLOSING, {})
    if wish not in ("close", "close_anyway"):
        say(N_("Kept. You can go on, or come back later."))
        return to("writing.close", id=id)
    report.check(Verb.CLOSE, by=me())
    if wish == "close" and not last.get("word", "").strip() and not _taken(last):
        return _closing(report, seen, form, asks=wish)
    return _round_off(report, last)


def _round_off(report: Report, last: Mapping[str, str]) -> AnyResponse:
    report.close(by=me(), at=g.now)
    if _taken(last):
        say(N_("Rounded off. Your goals come back in the next round."))
    else:
        say(N_("Rounded off."))
    return to("reports.show", id=report.id)


def _closing(report: Report, seen: Seen, form: ReportForm, *, asks: str = "") -> str:
    """Show the page for the last word; `asks`: what somebody wished who wrote nothing, to be asked once more."""
    kept = writing.put_aside(report, voice=Voice.STUDENT).get(CLOSING, [])
    others = [(row.id, row.content.get("word", ""), _taken(row.content)) for row in kept]
    return render_template("student/close.html", seen=seen, form=form, others=others, asks=asks)


def _taken(content: Mapping[str, str]) -> list[Goal]:
    rows = [Goal(content.get(f"{row}.goal", "").strip(), content.get(f"{row}.notice", "").strip()) for row in ROWS]
    return [goal for goal in rows if goal.words]


def _last_word(report: Report, seen: Seen) -> dict[str, object]:
    taken = {f"{row}.{name}": text for row, goal in zip(ROWS, seen.goals, strict=False)
             for name, text in (("goal", goal.words), ("notice", goal.notice))}  # fmt: skip
    start = filled({CLOSING: {"word": seen.closing_word, **taken}}, closing_form())
    return {**start, "version": str(writing.version_of(report, voice=Voice.STUDENT)), "save_key": fresh_key()}
