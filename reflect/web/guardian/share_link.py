"""A shared report, opened by its link."""

from flask import Blueprint, g, render_template

from reflect.access import report_loading, share
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


@share_link.route("/gedeeld/<token>", methods=["GET"])
@public
def show(token: str) -> str:
    """Ask whether to open the report. The page is the same for every token.

    Scanners of mail follow each link that they find; the student would see that as a reading.
    """
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
