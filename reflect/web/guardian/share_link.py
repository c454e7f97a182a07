"""A shared report, opened by its link."""

from flask import Blueprint, g, render_template, request

from reflect.access import permissions, report_loading, share
from reflect.access.access_log import Channel
from reflect.access.permissions import ShareLinkViewer
from reflect.errors import LinkExpired, NotFound
from reflect.web.auth import public
from reflect.web.forms import EmptyForm
from reflect.web.request_context import current_user

share_link = Blueprint("share_link", __name__)


def link_viewer(share_id: int) -> ShareLinkViewer:
    """Return whoever sends this request by a link, with their name where they are signed in."""
    user = current_user()
    return ShareLinkViewer(share_id=share_id, today=g.today, person_id=user.id if user else None)


def asks_for_headers() -> bool:
    """Return whether a program asks about a link, which is answered alike for every token."""
    return request.method == "HEAD"


@share_link.route("/gedeeld/<token>", methods=["GET"])
@public
def show(token: str) -> str:
    """Ask whether to open the report, or say at once that the link is not open. Nothing is noted.

    Scanners of mail follow each link that they find; the student would see that as a reading.
    """
    if asks_for_headers():
        return ""
    share_id, report_id = share.by_token(token, at=g.now)
    try:
        permissions.get_or_404(report_id, by=link_viewer(share_id), at=g.now)
    except NotFound as error:
        raise LinkExpired from error
    return render_template("guardian/share_link.html", empty_form=EmptyForm())


@share_link.route("/gedeeld/<token>", methods=["POST"])
@public
def open_report(token: str) -> str:
    share_id, report_id = share.by_token(token, at=g.now)
    viewer = link_viewer(share_id)
    try:
        report_view = report_loading.load(report_id, by=viewer, at=g.now, channel=Channel.LINK)
    except NotFound as error:
        # NotFound speaks of "your own page", and whoever holds a link may have none.
        raise LinkExpired from error
    return render_template("guardian/report_page.html", report_view=report_view, token=token)
