"""Sharing: with whom and until when, a look as home sees it, and opening a private section."""

from datetime import UTC, date, datetime, time, timedelta

from flask import Blueprint, g, render_template, request, session, url_for
from wtforms.fields.choices import SelectChoice

from reflect.access import policy, report_loading, share
from reflect.access.share import Audience
from reflect.errors import InvalidShareDates, NotFound
from reflect.i18n import N_
from reflect.reports.form_schema import Section
from reflect.reports.report import Report
from reflect.web.forms import EmptyForm, ShareForm
from reflect.web.request_context import app_settings, current_actor, school_zone
from reflect.web.responses import ViewResponse, flash_message, form_status, see_other
from reflect.web.student.report_actions import own_report_or_404
from reflect.web.translations import gettext, translate_error

sharing = Blueprint("sharing", __name__)

# Instead of a person's id, for somebody who gets a link.
BY_LINK = "link"


@sharing.route("/verslagen/<int:report_id>/delen", methods=["GET", "POST"])
def show(report_id: int) -> ViewResponse:
    report = own_report_or_404(report_id)
    form = ShareForm()
    form.whom.choices = _recipient_choices(report)
    if form.validate_on_submit():
        try:
            return _create_share(report, form)
        except InvalidShareDates as error:
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
    return render_template(
        "student/share.html",
        report_view=report_loading.load(report.id, by=current_actor(), at=g.now),
        form=form,
        empty_form=EmptyForm(),
        shares=share.shares_of(report, by=current_actor()),
        section_grants=share.section_grants_of(report, by=current_actor()),
        audiences=list(Audience),
        policy_kind=policy.kind_for(report.student_id, on=g.today),
        # Shown once: a page that is left open on a shared computer and reloaded has it no more.
        new_link=session.pop("new_link", None),
        now=g.now,
    )


def _create_share(report: Report, form: ShareForm) -> ViewResponse:
    begins_at = g.now
    if form.first_day.data:
        # Of a day in the past, or of today, only the rest counts.
        begins_at = max(g.now, _start_of_day(form.first_day.data))
    ends_at = None
    if form.last_day.data:
        # The last day is included: the share ends when the next one begins.
        ends_at = _start_of_day(form.last_day.data + timedelta(days=1))
    if form.whom.data == BY_LINK:
        return _create_link(report, form.label.data, begins_at=begins_at, ends_at=ends_at)
    share.share_with(
        report,
        person_id=int(form.whom.data),  # one of the choices, or the form would not be valid
        begins_at=begins_at,
        ends_at=ends_at,
        by=current_actor(),
        at=g.now,
    )
    flash_message(N_("Shared. You see here who has read it, and you can stop at any moment."))
    return see_other("sharing.show", report_id=report.id)


def _create_link(
    report: Report, label: str | None, *, begins_at: datetime, ends_at: datetime | None
) -> ViewResponse:
    token = share.share_by_link(
        report,
        label=label or gettext("Somebody with the link"),
        begins_at=begins_at,
        ends_at=ends_at,
        by=current_actor(),
        at=g.now,
    )
    # The database has a hash of it only, so the session takes it to the next page, once.
    session["new_link"] = app_settings().base_url + url_for("share_link.show", token=token)
    flash_message(
        N_("Here is the link. It is shown only now: copy it and give it to the person it is for.")
    )
    return see_other("sharing.show", report_id=report.id)


def _start_of_day(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=school_zone()).astimezone(UTC)


@sharing.route("/verslagen/<int:report_id>/delen/<int:share_id>/stoppen", methods=["POST"])
def stop(report_id: int, share_id: int) -> ViewResponse:
    share.revoke(own_report_or_404(report_id), share_id=share_id, by=current_actor(), at=g.now)
    flash_message(N_("Stopped. From now on this person cannot open it any more."))
    return see_other("sharing.show", report_id=report_id)


@sharing.route("/verslagen/<int:report_id>/voorbeeld")
def preview(report_id: int) -> str:
    report = own_report_or_404(report_id)
    # By the same rules as for home itself, so that the preview cannot promise something else.
    report_view = report_loading.load_home_preview(report.id, by=current_actor(), at=g.now)
    return render_template("student/share_preview.html", report_view=report_view)


@sharing.route("/verslagen/<int:report_id>/openen", methods=["POST"])
def set_section_grants(report_id: int) -> ViewResponse:
    """Open a section of mine to the audiences that are ticked, and close it to the others."""
    report = own_report_or_404(report_id)
    section = _own_section_or_404(report_id, request.form.get("section", ""))
    # A box that is not ticked is not sent, so every audience is looked at.
    chosen = set(request.form.getlist("audience"))
    for audience in Audience:
        set_access = share.open_section if audience in chosen else share.close_section
        set_access(report, section=section.key, audience=audience, by=current_actor(), at=g.now)
    if section.private:
        flash_message(N_("Kept. Only whom you ticked can read this part."))
    else:
        flash_message(N_("Kept. Besides your teacher, only whom you ticked can read this letter."))
    return see_other("sharing.show", report_id=report_id)


def _own_section_or_404(report_id: int, key: str) -> Section:
    report_view = report_loading.load(report_id, by=current_actor(), at=g.now)
    for section_view in report_view.sections:
        if section_view.section.key == key:
            return section_view.section
    raise NotFound
