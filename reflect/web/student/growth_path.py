"""The growth path: a student's goals and own words over the rounds."""

from flask import Blueprint, g, render_template

from reflect.access import goals
from reflect.web.request_context import current_actor

growth_path = Blueprint("growth_path", __name__)


@growth_path.route("/groeipad")
def show() -> str:
    segments = goals.growth_path(by=current_actor(), at=g.now)
    return render_template("student/growth_path.html", path_segments=segments)
