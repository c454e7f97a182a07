"""Home and reading: what is there for me, by my ties, and one report as I may see it."""

from itertools import groupby

from flask import Blueprint, g, render_template
from werkzeug.wrappers import Response as AnyResponse

from reflect.refusal import NotFound
from reflect.report import along_note, writing
from reflect.report.life import State, Verb
from reflect.report.report import Report, Voice
from reflect.school import lists
from reflect.trust import along, history, read, shelf, sight, waiting
from reflect.trust.seen import Part, Seen
from reflect.web.door import me
from reflect.web.fields import ActForm

reports = Blueprint("reports", __name__)


@reports.route("/")
def home() -> str:
    ties = lists.ties_of(me())
    lines = shelf.mine(by=me(), at=g.now) if ties.is_student else []
    rounds = [(name, list(found)) for name, found in groupby(lines, key=lambda line: line.round_name)]
    children = [(child, shelf.child(child.id, by=me(), at=g.now)) for child in ties.children]
    involved = shelf.involved(by=me(), at=g.now) if ties.is_counsellor else []
    waits = waiting.courses(by=me(), at=g.now) if ties.courses else set[int]()
    asked = along.asked_of_me(by=me(), at=g.now) if ties.courses else []
    return render_template(
        "parts/home.html", ties=ties, rounds=rounds, children=children, involved=involved, asked=asked, waits=waits,
        form=ActForm(),
    )  # fmt: skip


@reports.route("/verslagen/<int:id>")
def show(id: int) -> str | AnyResponse:
    report = sight.find(id, by=me(), at=g.now)
    seen = read.read(id, by=me(), at=g.now)
    may = {verb.value for verb in Verb if report.may(verb, by=me())}
    steps = history.steps(id, by=me(), at=g.now) if Part.STATE in seen.parts else []
    return render_template(
        _template(seen), seen=seen, may=may, steps=steps, opened=report.opened_at is not None, form=ActForm(),
        too_late=_too_late(report, seen),
    )  # fmt: skip


def _too_late(report: Report, seen: Seen) -> list[str]:
    """Give a teacher what they typed when the report had moved on already, and that nobody was given."""
    if Part.FEEDBACK_DRAFT not in seen.parts or report.state is State.HANDED_IN:
        return []
    kept = writing.put_aside(report, voice=Voice.TEACHER)
    texts = (text for rows in kept.values() for row in rows for text in row.content.values())
    return [text for text in (*texts, *along_note.of(report, by=me()).aside) if text.strip()]


def _template(seen: Seen) -> str:
    """Choose the page by what this reader was handed, since that follows from their ties."""
    if Part.READINGS in seen.parts:
        return "student/read.html"
    if Part.FEEDBACK_DRAFT in seen.parts:
        return "teacher/read.html"
    if Part.STATE in seen.parts and Part.GOALS not in seen.parts and Part.TEXT not in seen.parts:
        return "mentor/waiting.html"
    return "mentor/read.html" if Part.STATE in seen.parts else "guardian/read.html"


@reports.route("/kinderen/<int:id>")
def child(id: int) -> str:
    who = next((child for child in lists.ties_of(me()).children if child.id == id), None)
    if who is None:
        raise NotFound
    return render_template("guardian/child.html", child=who, lines=shelf.child(id, by=me(), at=g.now))
