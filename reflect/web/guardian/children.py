"""A child of a guardian: the reports that the guardian may read."""

from flask import Blueprint, g, render_template

from reflect.access import audience, report_lists
from reflect.school import queries
from reflect.web.request_context import current_actor

children = Blueprint("children", __name__)


@children.route("/kinderen/<int:child_id>")
def show(child_id: int) -> str:
    # Custody of today: it may have ended since the address was bookmarked.
    child = queries.get_own_child(child_id, by=current_actor())
    report_rows = report_lists.for_child(child_id, by=current_actor(), at=g.now)
    notices = audience.nothing_to_read(child_id, name=child.given_name, by=current_actor())
    return render_template(
        "guardian/child.html",
        child=child,
        report_rows=report_rows,
        notices_by_child={child_id: notices},
    )
