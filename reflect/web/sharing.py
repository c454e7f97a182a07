"""The student's decision to tell: share, look as home looks, take back, open a private section; and the link's door."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, g, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms.fields.choices import SelectChoice

from reflect import clock
from reflect.refusal import DoorClosed, NotFound, ShareDates
from reflect.report.report import Report
from reflect.tongue import N_
from reflect.trust import policy, read, share
from reflect.trust.reading import Door
from reflect.trust.share import Audience
from reflect.trust.sight import Link
from reflect.web.door import house, me, open_to_all, say, to
from reflect.web.fields import ActForm, ShareForm
from reflect.web.sentences import gettext
from reflect.web.student import mine

sharing = Blueprint("sharing", __name__)
Page = str | tuple[str, int] | AnyResponse
BY_LINK = "link"


@sharing.route("/verslagen/<int:id>/delen", methods=["GET", "POST"])
def show(id: int) -> Page:
    report = mine(id)
    form = ShareForm()
    home, counsellors = share.possible(report.student_id, by=me())
    named = [(who.id, who.name) for who in home]
    named += [(who.id, gettext("%(name)s, counsellor at school", name=who.name)) for who in counsellors]
    form.whom.choices = [
        *(SelectChoice(str(id), name) for id, name in named),
        SelectChoice(BY_LINK, gettext("Somebody else, by a link")),
    ]
    if form.validate_on_submit():
        try:
            return _share(report, form)
        except ShareDates as no:
            form.last_day.errors = [gettext(no.sentence), gettext(no.remedy)]
    return _page(report, form), 422 if form.is_submitted() else 200


def _page(report: Report, form: ShareForm) -> str:
    return render_template(
        "student/share.html", seen=read.read(report.id, by=me(), at=g.now), form=form, act=ActForm(),
        shares=share.shares_of(report, by=me()), openings=share.openings_of(report, by=me()), audiences=list(Audience),
        policy=policy.kind_for(report.student_id, on=g.today), link=session.pop("new_link", None), now=g.now,
    )  # fmt: skip


def _share(report: Report, form: ShareForm) -> AnyResponse:
    begins_at = max(g.now, _morning(form.first_day.data)) if form.first_day.data else g.now
    ends_at = _morning(form.last_day.data + timedelta(days=1)) if form.last_day.data else None
    if form.whom.data != BY_LINK:
        share.share_with(report, person_id=int(form.whom.data), begins_at=begins_at, ends_at=ends_at, by=me(), at=g.now)
        say(N_("Shared. You see here who has read it, and you can stop at any moment."))
        return to("sharing.show", id=report.id)
    label = form.label.data or gettext("Somebody with the link")
    token = share.share_by_link(report, label=label, begins_at=begins_at, ends_at=ends_at, by=me(), at=g.now)
    session["new_link"] = house().base_url + url_for("sharing.enter", token=token)
    say(N_("Here is the link. It is shown only now: copy it and give it to the person it is for."))
    return to("sharing.show", id=report.id)


def _morning(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(house().timezone)).astimezone(UTC)


@sharing.route("/verslagen/<int:id>/delen/<int:share_id>/stoppen", methods=["POST"])
def stop(id: int, share_id: int) -> AnyResponse:
    share.take_back(mine(id), share_id=share_id, by=me(), at=g.now)
    say(N_("Stopped. From now on this person cannot open it any more."))
    return to("sharing.show", id=id)


@sharing.route("/verslagen/<int:id>/voorbeeld")
def preview(id: int) -> str:
    report = mine(id)
    return render_template("student/preview.html", seen=read.preview(report.id, by=me(), at=g.now))


@sharing.route("/verslagen/<int:id>/openen", methods=["POST"])
def open_section(id: int) -> AnyResponse:
    report = mine(id)
    seen = read.read(id, by=me(), at=g.now)
    section = next((said.section for said in seen.said if said.section.key == request.form.get("section")), None)
    if section is None:
        raise NotFound
    chosen = {Audience(name) for name in request.form.getlist("audience") if name in set(Audience)}
    for audience in Audience:
        change = share.open_section if audience in chosen else share.close_section
        change(report, section=section.key, audience=audience, by=me(), at=g.now)
    if section.private:
        say(N_("Kept. Only whom you ticked can read this part."))
    else:
        say(N_("Kept. Besides your teacher, only whom you ticked can read this letter."))
    return to("sharing.show", id=id)


@sharing.route("/gedeeld/<token>", methods=["GET", "POST"])
@open_to_all
def enter(token: str) -> str:
    """The door of a link: looking at it writes nothing (mail scanners do), opening it is a POST."""
    if request.method == "GET":
        return render_template("guardian/door.html", form=ActForm())
    share_id, report_id = share.behind(token, at=g.now)
    link = Link(share=share_id, on=clock.day(g.now, zone=house().timezone))
    try:
        seen = read.read(report_id, by=link, at=g.now, door=Door.LINK)
    except NotFound as no:
        raise DoorClosed from no
    return render_template("guardian/read.html", seen=seen, token=token)
