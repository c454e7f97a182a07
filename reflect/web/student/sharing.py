"""Sharing: with whom and until when, a look as somebody else sees it, opening a private section."""

from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urljoin

from flask import Blueprint, flash, g, render_template, request, session, url_for
from wtforms.fields.choices import SelectChoice

from reflect.access import audience, report_loading, share
from reflect.access.permissions import ProspectiveViewer, ShareLinkViewer
from reflect.access.share import Audience, ShareView
from reflect.errors import InvalidShareDates, LinkEndsTooLate, NotFound
from reflect.i18n import N_
from reflect.reports.form_schema import Section
from reflect.reports.report import Report
from reflect.web.formatting import format_day, say, say_all
from reflect.web.forms import EmptyForm, ShareForm
from reflect.web.request_context import app_settings, current_actor, school_zone
from reflect.web.responses import ViewResponse, flash_message, form_status, see_other
from reflect.web.student.report_actions import own_report_or_404
from reflect.web.translations import gettext, translate_error

sharing = Blueprint("sharing", __name__)

# Instead of a person's id, for somebody who gets a link; a link that there is: "link-" and its id.
BY_LINK = "link"
_LINK_PREFIX = f"{BY_LINK}-"


@sharing.route("/verslagen/<int:report_id>/delen", methods=["GET", "POST"])
def show(report_id: int) -> ViewResponse:
    report = own_report_or_404(report_id)
    form = ShareForm()
    form.whom.choices = _recipient_choices(report)
    if form.validate_on_submit():
        try:
            return _create_share(report, form)
        except (InvalidShareDates, LinkEndsTooLate) as error:
            form.last_day.errors = translate_error(error)
    return _render_share_page(report, form), form_status(form)


def _recipient_choices(report: Report) -> list[SelectChoice]:
    guardians, counsellors = share.possible_recipients(report.student_id, by=current_actor())
    return [
        *(SelectChoice(str(person.id), person.name) for person in guardians),
        *(
            SelectChoice(
                str(person.id), gettext("%(name)s, counsellor at school", name=person.name)
            )
            for person in counsellors
        ),
        SelectChoice(BY_LINK, gettext("Somebody else, by a link")),
    ]


def _render_share_page(report: Report, form: ShareForm) -> str:
    by = current_actor()
    report_view = report_loading.load(report.id, by=by, at=g.now)
    shares = share.shares_of(report, by=by)
    grants = share.section_grants_of(report, by=by, at=g.now)
    return render_template(
        "student/share.html",
        report_view=report_view,
        form=form,
        empty_form=EmptyForm(),
        shares=shares,
        share_notes={
            item.id: audience.share_note(item, report, by=by, at=g.now) for item in shares
        },
        readers=audience.readers_of(report, by=by, at=g.now),
        section_grants=grants.audiences,
        link_grants=grants.links,
        links=_links_to_choose(shares),
        section_audiences=audience.section_audiences(
            report, list(report_view.form.sections), by=by, at=g.now
        ),
        audiences=list(Audience),
        home_notices=audience.home_notices(report, by=by),
        # Shown once: a page that is left open on a shared computer and reloaded has it no more.
        new_link=session.pop("new_link", None),
        now=g.now,
    )


def _links_to_choose(shares: list[ShareView]) -> list[ShareView]:
    return [item for item in shares if item.by_link and not item.is_over(g.now)]


def _create_share(report: Report, form: ShareForm) -> ViewResponse:
    begins_at = g.now
    first_day = max(form.first_day.data or g.today, g.today)
    if first_day > g.today:
        # Of a day in the past, or of today, only the rest counts.
        begins_at = _start_of_day(first_day)
    ends_at = None
    if form.last_day.data:
        # The last day is included: the share ends when the next one begins.
        ends_at = _start_of_day(form.last_day.data + timedelta(days=1))
    if form.whom.data == BY_LINK:
        last_day = _last_day_of_link(report, form.last_day.data, first_day=first_day)
        return _create_link(report, form.label.data, begins_at=begins_at, last_day=last_day)
    person_id = int(form.whom.data)  # one of the choices, or the form would not be valid
    share.share_with(
        report,
        person_id=person_id,
        begins_at=begins_at,
        ends_at=ends_at,
        by=current_actor(),
        at=g.now,
    )
    name = next(item.recipient for item in share.shares_of(report, by=current_actor()))
    sentence = audience.after_sharing(
        report, person_id, name=name, begins_at=begins_at, by=current_actor(), at=g.now
    )
    flash_message(N_("Kept."))
    flash(say(sentence), "notice")
    return see_other("sharing.show", report_id=report.id)


def _last_day_of_link(report: Report, last_day: date | None, *, first_day: date) -> date:
    """Return until which day a link is open: the one that was chosen, or else its own."""
    link_days = share.link_days(report, first_day=first_day, by=current_actor())
    if last_day and last_day > link_days.last:
        raise LinkEndsTooLate
    return last_day or link_days.default_last


def _create_link(
    report: Report, label: str | None, *, begins_at: datetime, last_day: date
) -> ViewResponse:
    token = share.share_by_link(
        report,
        label=label or gettext("Somebody with the link"),
        begins_at=begins_at,
        ends_at=_start_of_day(last_day + timedelta(days=1)),
        by=current_actor(),
        at=g.now,
    )
    # The database has a hash of it only, so the session takes it to the next page, once.
    path = url_for("share_link.show", token=token)
    # `path` begins with that of the base address, where it has one.
    session["new_link"] = urljoin(app_settings().base_url, path)
    flash_message(
        N_("Here is the link. It is shown only now: copy it and give it to the person it is for.")
    )
    flash_message(
        N_("It is open up to and including %(day)s. Then it stops by itself."),
        day=format_day(last_day),
    )
    return see_other("sharing.show", report_id=report.id)


def _start_of_day(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=school_zone()).astimezone(UTC)


@sharing.route("/verslagen/<int:report_id>/delen/<int:share_id>/stoppen", methods=["POST"])
def stop(report_id: int, share_id: int) -> ViewResponse:
    report = own_report_or_404(report_id)
    share.revoke(report, share_id=share_id, by=current_actor(), at=g.now)
    stopped = _own_share_or_404(report, share_id)
    sentences = audience.after_stopping(stopped, report, by=current_actor(), at=g.now)
    flash(say_all(sentences), "notice")
    return see_other("sharing.show", report_id=report_id)


def _own_share_or_404(report: Report, share_id: int) -> ShareView:
    for item in share.shares_of(report, by=current_actor()):
        if item.id == share_id:
            return item
    raise NotFound


@sharing.route("/verslagen/<int:report_id>/voorbeeld")
def preview(report_id: int) -> str:
    """Show my report as somebody else would see it if I shared it with them."""
    report = own_report_or_404(report_id)
    choices = [(str(choice.value), choice.label) for choice in _recipient_choices(report)]
    choices += [
        (f"{_LINK_PREFIX}{link.id}", gettext("The link “%(label)s”", label=link.recipient))
        for link in _links_to_choose(share.shares_of(report, by=current_actor()))
    ]
    chosen = request.args.get("voor") or choices[0][0]
    if chosen not in dict(choices):
        raise NotFound
    viewer, notice = _previewed(report, chosen, name=dict(choices)[chosen])
    return render_template(
        "student/share_preview.html",
        # By the same table as for themselves, so that it cannot promise something else.
        report_view=report_loading.load_home_preview(
            report.id, viewer=viewer, by=current_actor(), at=g.now
        ),
        notice=notice,
        choices=choices,
        chosen=chosen,
    )


def _previewed(
    report: Report, chosen: str, *, name: str
) -> tuple[ProspectiveViewer | ShareLinkViewer, audience.Sentence]:
    by = current_actor()
    if chosen.startswith(_LINK_PREFIX):
        link = _own_share_or_404(report, int(chosen.removeprefix(_LINK_PREFIX)))
        viewer = ShareLinkViewer(share_id=link.id, today=g.today)
        return viewer, audience.link_preview_notice(link, report, by=by, at=g.now)
    person_id = 0 if chosen == BY_LINK else int(chosen)
    name = name if person_id else gettext("Somebody with the link")
    notice = audience.preview_notice(report, person_id, name=name, by=by, at=g.now)
    return ProspectiveViewer(person_id, g.today, if_shared=True), notice


@sharing.route("/verslagen/<int:report_id>/openen", methods=["POST"])
def set_section_grants(report_id: int) -> ViewResponse:
    """Open a section of mine to whom is ticked, through the links too, and close it to others."""
    report = own_report_or_404(report_id)
    by = current_actor()
    section = _own_section_or_404(report_id, request.form.get("section", ""))
    # A box that is not ticked is not sent, so every audience and every link is looked at.
    chosen = set(request.form.getlist("audience"))
    for each in Audience:
        set_access = share.open_section if each in chosen else share.close_section
        set_access(report, section=section.key, audience=each, by=by, at=g.now)
    for link in _links_to_choose(share.shares_of(report, by=by)):
        is_chosen = f"{_LINK_PREFIX}{link.id}" in chosen
        set_access = share.open_section if is_chosen else share.close_section
        set_access(
            report,
            section=section.key,
            audience=Audience.HOME,
            share_id=link.id,
            by=by,
            at=g.now,
        )
    audiences = audience.section_audiences(report, [section], by=by, at=g.now)
    flash_message(N_("Kept."))
    if section.key in audiences:
        flash(say_all(audiences[section.key].sentences), "notice")
    return see_other("sharing.show", report_id=report_id)


def _own_section_or_404(report_id: int, key: str) -> Section:
    report_view = report_loading.load(report_id, by=current_actor(), at=g.now)
    for section_view in report_view.sections:
        if section_view.section.key == key:
            return section_view.section
    raise NotFound
