"""Reading along: a colleague's page to suggest other words, and what the answering teacher does with them."""

from dataclasses import replace

from flask import Blueprint, g, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from reflect.refusal import NoColleague, NoteTooLong, NotFound, NotNow
from reflect.report import along_note, reading_along
from reflect.report.life import Verb
from reflect.report.report import OVERALL, Report
from reflect.report.writing import Saved
from reflect.school.people import Who
from reflect.tongue import N_
from reflect.trust import along
from reflect.trust.along import Asking, Desk, Own, Place
from reflect.trust.seen import Seen
from reflect.web.door import me, say, to
from reflect.web.fields import ReportForm, Sent, filled, name_of, only, sent, suggesting_form
from reflect.web.keeping import fresh_key, told

read_along = Blueprint("along", __name__)
Page = str | tuple[str, int] | AnyResponse


@read_along.route("/meelezen/<int:id>", methods=["GET"])
def page(id: int) -> Page:
    asking = along.asking(id, by=me(), at=g.now)
    seen, own = _both(asking)
    if asking.holds:
        return _page(asking, seen, own, _start(seen, own))
    if own.aside:
        return render_template("teacher/read_after.html", asking=asking, seen=seen, left=_left(seen, own))
    return to("reports.show", id=asking.report)


def _both(asking: Asking) -> tuple[Seen, Own]:
    seen = along.draft(asking, by=me(), at=g.now)
    return seen, along.own(along.find(asking.id, by=me(), at=g.now))


@read_along.route("/meelezen/<int:id>", methods=["POST"])
def save(id: int) -> Page:
    asking = along.asking(id, by=me(), at=g.now)
    seen, _ = _both(asking)
    row, got, form = along.find(id, by=me(), at=g.now), sent(request.form), suggesting_form(seen.form)
    words = only(got.words, form)
    saved = reading_along.suggest(row, words, version=got.version, key=got.key, by=me(), at=g.now)
    if request.accept_mimetypes.best == "application/json":
        return told(saved)
    filled_in = form()
    if not filled_in.validate():
        filled_in.version.data = str(saved.version)
        return _page(asking, seen, along.own(row), filled_in), 422
    if saved.aside and not asking.holds:
        say(N_("Reading along had ended already. What you wrote is kept, and stands below."))
    elif saved.aside:
        say(N_("Something else of yours stood here already. Both texts are kept, and stand below."))
    elif request.form.get("do") == "done":
        row.end(by=me(), at=g.now)
        say(N_("Thank you for reading along. Your colleague finds your suggestions at the answer."))
        return to("reports.home")
    else:
        say(N_("Kept. Your colleague finds it at the answer."))
    return to("along.page", id=id)


def _left(seen: Seen, own: Own) -> list[tuple[str, str, tuple[str, ...]]]:
    """Give what was put aside, each with the prompt of its section, or else the label of its field."""
    prompts = {section.key: section.prompt for section in (*seen.form.sections, *seen.form.in_words)}
    form = suggesting_form(seen.form)()
    return [(prompts.get(section, ""), "" if section in prompts else form[name_of(section, field)].label.text, texts)
            for (section, field), texts in own.aside.items()]  # fmt: skip


def _start(seen: Seen, own: Own) -> ReportForm:
    """Begin each field with what the colleague made of it, else with the answer as it stands."""
    contents: dict[str, dict[str, str]] = {}
    for (section, field), text in {**_now(seen), **own.stands}.items():
        contents.setdefault(section, {})[field] = text
    for section, revision in own.upon.items():
        contents.setdefault(section, {})[reading_along.UPON] = str(revision)
    form = suggesting_form(seen.form)
    return form(data={**filled(contents, form), "version": str(own.version), "save_key": fresh_key()})


def _now(seen: Seen) -> dict[Place, str]:
    """Give the answer as it stands, by section and field."""
    sections = {(said.section.key, "text"): said.teacher for said in seen.said}
    return {**sections, **{(OVERALL, name): text for name, text in seen.overall.items()}}


def _page(asking: Asking, seen: Seen, own: Own, form: ReportForm) -> str:
    return render_template("teacher/read_along.html", asking=asking, seen=seen, own=own, form=form)


def on_desk(report: Report, seen: Seen, colleagues: list[Who]) -> Desk:
    """Give what the answering teacher sees of it; `colleagues` can be asked."""
    return along.on_desk(report, _now(seen), colleagues, by=me(), at=g.now)


def keep_note(report: Report, got: Sent, saved: Saved) -> Saved:
    """Keep what the desk sent of a word to a colleague, and tell it with what became of the answer."""
    words = got.words.get(along_note.SECTION, {})
    if along_note.TEXT not in words:
        return saved
    outcome = along_note.keep(report, words, key=got.key, by=me(), at=g.now)
    return replace(saved, outcomes={**saved.outcomes, along_note.SECTION: outcome})


def act(report: Report, wish: str) -> Page | None:
    """Do what a button of this part of the desk asks for; None when the wish is none of ours.

    These buttons belong to the answer's own form, so that what was typed is kept first, with or without a script.
    """
    what, _, number = wish.partition(":")
    does = {"ask_along": _ask, "end_along": _end, "accept": _accept, "decline": _decline}.get(what)
    if does is None:
        return None
    if not report.may(Verb.WRITE_ANSWER, by=me()):  # not raised: that would take back what was typed just now
        say(NotNow.sentence)
        return to("reports.show", id=report.id)
    place = does(report, int(number) if number.isascii() and number.isdecimal() and len(number) < 18 else 0)
    return to("answering.page", id=report.id, place=place)


def _ask(report: Report, _: int) -> str:
    colleague, stands = request.form.get("colleague", 0, type=int), along_note.of(report, by=me()).text
    typed = sent(request.form).words.get(along_note.SECTION, {}).get(along_note.TEXT, stands)
    if typed != stands and len(typed) <= reading_along.LONGEST_NOTE:
        say(
            N_("Something else of yours stood here already. Both texts are kept, and stand below."),
            place=along_note.SECTION,
        )
        return along_note.SECTION
    try:
        reading_along.ask(report, colleague, note=typed, by=me(), at=g.now)
        say(N_("Asked. Your colleague finds it on the page they begin with."), place=along_note.SECTION)
    except (NoColleague, NoteTooLong) as no:
        say(no.sentence, place=along_note.SECTION)
        say(no.remedy, place=along_note.SECTION)
    return along_note.SECTION


def _end(_: Report, id: int) -> str:
    along.find(id, by=me(), at=g.now).end(by=me(), at=g.now)
    say(N_("Ended. What your colleague suggested stays here."), place=along_note.SECTION)
    return along_note.SECTION


def _accept(report: Report, id: int) -> str:
    found = _suggestion(report, id)
    place = name_of(found.section, found.field)
    if found.accept(by=me(), at=g.now).aside:
        say(N_("You changed this text meanwhile. Both are kept: choose between them here."), place=place)
    else:
        say(N_("Taken over: it is your text now, and you can go on with it."), place=place)
    return place


def _decline(report: Report, id: int) -> str:
    found = _suggestion(report, id)
    place = name_of(found.section, found.field)
    found.decline(by=me(), at=g.now)
    say(N_("Not taken over. You can still find it under the field."), place=place)
    return place


def _suggestion(report: Report, id: int) -> reading_along.Suggestion:
    found = along.find_suggestion(id, by=me(), at=g.now)
    if along.find(found.reading_along_id, by=me(), at=g.now).report_id != report.id:
        raise NotFound
    return found
