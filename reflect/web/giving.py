"""Giving to many at once: choose, look at what each gets, say when; and taking it back until that moment."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, g, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from reflect.refusal import MomentMissing, MomentPast, NobodyChosen, NotFound, Refusal
from reflect.report import release, writing
from reflect.report.life import State, Verb
from reflect.report.release import UNDO, Why
from reflect.report.report import Voice
from reflect.school import hours, lists
from reflect.school.lists import Named
from reflect.tongue import N_
from reflect.trust import read, shelf, waiting
from reflect.trust.reading import Door
from reflect.trust.seen import Seen
from reflect.trust.shelf import Line
from reflect.web import hints, remarks
from reflect.web.door import house, me, say, to
from reflect.web.fields import ActForm, GivingForm
from reflect.web.sentences import gettext
from reflect.web.speech import moment_words

giving = Blueprint("giving", __name__)
Page = str | tuple[str, int] | AnyResponse
AFTER_SCHOOL = time(16, 30)  # when a moment is proposed


def course_of_mine(id: int) -> Named:
    """Give a course that I teach. Raises NotFound."""
    named = next((one for one in lists.ties_of(me()).courses if one.id == id), None)
    if named is None:
        raise NotFound
    return named


@giving.route("/lesgroepen/<int:id>/ronde/<int:round_id>/geven", methods=["GET"])
def choose(id: int, round_id: int) -> str:
    named, lines = course_of_mine(id), _waiting(id, round_id)
    ready = _ready(id, lines)
    asked = request.args.getlist("reports", type=int)
    start = {"when": "moment" if asked else "now", "verb": "answer", **_proposed()}
    form = GivingForm(request.args if "when" in request.args else None, data=start)
    return _choose(named, round_id, ready=ready, chosen=set(asked) or {one.id for one in ready}, form=form)


def _waiting(course_id: int, round_id: int) -> list[Line]:
    lines = shelf.course(course_id, by=me(), at=g.now)
    return [line for line in lines if line.round == round_id and line.state is State.HANDED_IN and line.report]


def _ready(course_id: int, lines: Iterable[Line]) -> list[Seen]:
    """Read the reports on which an answer stands; the others stay unopened."""
    begun = waiting.begun(course_id, by=me(), at=g.now)
    ids = [line.report for line in lines if line.report in begun]
    return read.read_many([id for id in ids if id], by=me(), at=g.now, door=Door.SCREEN)


def _proposed() -> dict[str, object]:
    """Propose the next school day after the lessons."""
    now = g.now.astimezone(_zone())
    day = now.date() if now.time() < AFTER_SCHOOL else now.date() + timedelta(days=1)
    while not hours.is_school_day(day):
        day += timedelta(days=1)
    return {"day": day, "time": AFTER_SCHOOL}


def _zone() -> ZoneInfo:
    return ZoneInfo(house().timezone)


def _choose(
    named: Named,
    round_id: int,
    *,
    ready: list[Seen],
    chosen: set[int],
    form: GivingForm,
    no: Refusal | None = None,
    stay: Sequence[tuple[Seen, str]] = (),
) -> str:
    open_ones = {one.report: one for one in release.planned(named.id, by=me(), at=g.now)}
    return render_template("teacher/choose.html", course=named, round_id=round_id, ready=ready, chosen=chosen,
                           form=form, planned=open_ones, no=no, stay=stay)  # fmt: skip


@giving.route("/lesgroepen/<int:id>/ronde/<int:round_id>/geven", methods=["POST"])
def give(id: int, round_id: int) -> Page:
    """First show what each gets and when; only `do=give`, pressed on that page, plans it."""
    named, form = course_of_mine(id), GivingForm()
    ready = _ready(id, _waiting(id, round_id))
    wanted = set(request.form.getlist("reports", type=int))
    chosen = [one for one in ready if one.id in wanted]
    form.validate()
    verb = Verb.ASK_ON if form.verb.data == "ask_on" else Verb.ANSWER
    stay = _stay(chosen, verb)
    try:
        if len(stay) == len(chosen):
            raise NobodyChosen
        due_at = _moment(form)
    except (NobodyChosen, MomentMissing, MomentPast) as no:
        told = [(one, stay[one.id]) for one in chosen if one.id in stay]
        return _choose(named, round_id, ready=ready, chosen=wanted, form=form, no=no, stay=told), 422
    if request.form.get("do") != "give":
        return _confirm(named, round_id, chosen=chosen, stay=stay, form=form, due_at=due_at, verb=verb)
    return _plan(named, [one for one in chosen if one.id not in stay], verb=verb, due_at=due_at or g.now + UNDO)


def _stay(chosen: Sequence[Seen], verb: Verb) -> dict[int, str]:
    """Say which of these cannot go now, and why; what planning finds besides, it says when it plans."""
    two = writing.unsettled((one.id for one in chosen), voice=Voice.TEACHER)
    asks_nothing = {one.id for one in chosen if verb is Verb.ASK_ON and not one.overall.get("question", "").strip()}
    placeless = {one.id for one in chosen if remarks.without_a_place(one)}
    return {
        **dict.fromkeys(placeless, gettext("A remark there has no place in the text yet.")),
        **dict.fromkeys(asks_nothing, gettext(release.SENTENCES[Why.NO_QUESTION])),
        **dict.fromkeys(two, gettext(release.SENTENCES[Why.TWO_TEXTS])),
    }


def _confirm(
    named: Named, round_id: int, *, chosen: list[Seen], stay: dict[int, str], form: GivingForm,
    due_at: datetime | None, verb: Verb,
) -> str:  # fmt: skip
    course = lists.students_of(named.id, by=me())
    goes = [one for one in chosen if one.id not in stay]
    return render_template(
        "teacher/confirm.html", course=named, round_id=round_id, chosen=goes, form=form, due_at=due_at, verb=verb,
        stay=[(one, stay[one.id]) for one in chosen if one.id in stay],
        kind={one.id: hints.about(one, before=None, course=course) for one in goes},
    )  # fmt: skip


def _moment(form: GivingForm) -> datetime | None:
    """Give the moment that was chosen; None for now. Raises MomentMissing, MomentPast."""
    if form.when.data != "moment":
        return None
    if form.day.data is None or form.time.data is None:
        raise MomentMissing
    moment = _at(form.day.data, form.time.data)
    if moment <= g.now:
        raise MomentPast
    soonest: datetime = g.now + UNDO
    return max(moment, soonest)  # undo for ten minutes holds for a moment that is near, too


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, tzinfo=_zone()).astimezone(UTC)


def _plan(named: Named, chosen: list[Seen], *, verb: Verb, due_at: datetime) -> AnyResponse:
    names = {one.id: one.student.name for one in chosen}
    made = release.plan(names, verb=verb, due_at=due_at, by=me(), at=g.now)
    if made.batch:
        say(N_("Planned. Until that moment you can take it back here."))
    for id, why in made.refused.items():
        say(f"{names[id]}: {gettext(release.SENTENCES[why])}")
    return to("teacher.course", id=named.id)


@giving.route("/lesgroepen/<int:id>/gepland/<batch>/terug", methods=["POST"])
def take_back(id: int, batch: str) -> AnyResponse:
    course_of_mine(id)
    return _taken_back(id, release.revoke(batch, by=me(), at=g.now))


@giving.route("/lesgroepen/<int:id>/gepland/<int:release_id>/terug", methods=["POST"])
def take_one_back(id: int, release_id: int) -> AnyResponse:
    course_of_mine(id)
    return _taken_back(id, release.revoke_one(release_id, by=me(), at=g.now))


def _taken_back(course_id: int, reports: list[int]) -> AnyResponse:
    if reports:
        say(N_("Taken back. Nothing was given, and your words are still there."))
    else:
        say(N_("It was given already, so it cannot be taken back any more."))
    return to("teacher.course", id=course_id)


def planned(course_id: int) -> dict[str, object]:
    """Give what a course page shows of it: what is planned, batch by batch, and what was not given."""
    open_ones = release.planned(course_id, by=me(), at=g.now)
    batches: dict[str, list[release.Planned]] = {}
    for one in open_ones:
        batches.setdefault(one.batch, []).append(one)
    return {
        "batches": [(found[0], found) for found in batches.values()],
        "goes": {one.report: gettext("goes %(moment)s", moment=moment_words(one.due_at)) for one in open_ones},
        "lapsed": [(one, gettext(release.SENTENCES[one.why])) for one in release.lapsed(course_id, by=me(), at=g.now)
                   if one.why],
        "act": ActForm(),
    }  # fmt: skip
