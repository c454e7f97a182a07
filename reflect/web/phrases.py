"""Own phrases: a teacher's page to write, share and take them away, and the list of them at the answering desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, g, jsonify, render_template, request
from werkzeug.wrappers import Response as AnyResponse
from wtforms.fields.choices import SelectChoice

from reflect.refusal import NotFound, PhraseEmpty, PhraseTooLong, TooManyPhrases
from reflect.report import phrase
from reflect.report.phrase import Offered
from reflect.report.report import Report
from reflect.tongue import N_
from reflect.trust import own_words
from reflect.trust.seen import Seen, Who
from reflect.web.door import me, say, to
from reflect.web.fields import ActForm, PhraseForm
from reflect.web.sentences import gettext

own_phrases = Blueprint("phrases", __name__)
Page = str | tuple[str, int] | AnyResponse
_NO = (PhraseEmpty, PhraseTooLong, TooManyPhrases)


@own_phrases.route("/zinnen", methods=["GET"])
def mine() -> Page:
    return _page(_form())


@own_phrases.route("/zinnen", methods=["POST"])
def add() -> Page | Response:
    form = _form()
    subject = _subject(form)
    try:
        kept = phrase.write(form.text.data or "", subject_id=subject, by=me(), at=g.now)
    except _NO as no:
        if request.accept_mimetypes.best == "application/json":
            raise
        return _page(_refused(form, no)), 422
    if request.accept_mimetypes.best == "application/json":
        return jsonify(id=kept.id, text=kept.text, sentence=gettext("Kept with your phrases."))
    say(N_("Kept with your phrases."))
    return to("phrases.mine")


@own_phrases.route("/zinnen/<int:id>", methods=["GET"])
def change(id: int) -> Page:
    found = phrase.mine(id, by=me())
    return _changing(id, _form(data={"text": found.text, "subject": str(found.subject_id or "")}))


@own_phrases.route("/zinnen/<int:id>", methods=["POST"])
def rewrite(id: int) -> Page:
    found, form = phrase.mine(id, by=me()), _form()
    try:
        found.rewrite(form.text.data or "", subject_id=_subject(form), by=me(), at=g.now)
    except _NO as no:
        return _changing(id, _refused(form, no)), 422
    say(N_("Kept with your phrases."))
    return to("phrases.mine")


@own_phrases.route("/zinnen/<int:id>/weghalen", methods=["POST"])
def take_away(id: int) -> Page:
    phrase.mine(id, by=me()).take_away(by=me(), at=g.now)
    say(N_("Taken away. Below you can put it back."))
    return to("phrases.mine")


def _form(data: dict[str, str] | None = None) -> PhraseForm:
    """Give the form with the subjects that I teach. Raises NotFound for who teaches nothing."""
    taught = phrase.subjects(by=me())
    if not taught:
        raise NotFound
    form = PhraseForm(data=data)
    shared = [
        SelectChoice(str(id), gettext("Shared with who teaches %(subject)s", subject=name)) for id, name in taught
    ]
    form.subject.choices = [SelectChoice("", gettext("Only for me")), *shared]
    return form


def _subject(form: PhraseForm) -> int | None:
    """Give the subject that was chosen, or None: only for me. Raises NotFound when it is none of mine."""
    chosen = form.subject.data or ""
    if chosen not in {choice.value for choice in form.subject.choices}:
        raise NotFound
    return int(chosen) if chosen else None


def _refused(form: PhraseForm, no: PhraseEmpty | PhraseTooLong | TooManyPhrases) -> PhraseForm:
    form.text.errors = [gettext(no.sentence), gettext(no.remedy)]
    return form


def _page(form: PhraseForm) -> str:
    found = phrase.phrases(by=me())
    return render_template(
        "teacher/own_phrases.html", form=form, act=ActForm(), mine=[one for one in found if one.owner is None],
        shared=[one for one in found if one.owner], gone=phrase.taken_away(by=me()), newest=_newest(found),
    )  # fmt: skip


def _changing(id: int, form: PhraseForm) -> str:
    return render_template("teacher/own_phrase.html", form=form, id=id, newest=_newest(phrase.phrases(by=me())))


def _newest(found: Sequence[Offered]) -> int:
    """Give the newest phrase of mine: it is another one as soon as what I typed has arrived."""
    return max((one.id for one in found if one.owner is None), default=0)


@dataclass(frozen=True)
class AtHand:
    """A phrase at the desk: as it is kept, filled in for this student, and to whom else it went, if many."""

    offered: Offered
    filled: str
    others: tuple[Who, ...]


@dataclass(frozen=True)
class Desk:
    """What the desk shows of phrases; `repeated` stand in this answer as well as in those of several others."""

    at_hand: Sequence[AtHand]
    repeated: Sequence[AtHand]


def on_desk(report: Report, seen: Seen, before: Seen | None) -> Desk:
    """Give the phrases for this answer; `before` is the student's report of last time, for its goals."""
    offered = phrase.phrases(by=me(), course_id=report.course_id)
    goal = next((goal.words for one in (seen, before) if one for goal in one.goals), "")
    others = phrase.to_many(offered, own_words.beside(report.id, by=me(), at=g.now)) if offered else {}
    places: dict[str, Any] = {"name": seen.student.first, "goal": goal, "language": seen.language}
    at_hand = [AtHand(one, phrase.fill(one.text, **places), others.get(one.id, ())) for one in offered]
    here = [*(said.teacher for said in seen.said), *seen.overall.values()]
    return Desk(at_hand, [one for one in at_hand if one.others and phrase.stands_in(one.offered.text, here)])
