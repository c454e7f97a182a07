"""The screens for taking along: a student asks for everything of theirs, and fetches it when it is packed."""

from datetime import timedelta

from flask import Blueprint, Response, current_app, g, render_template, request
from werkzeug.sansio.response import Response as SansResponse
from werkzeug.wrappers import Response as AnyResponse

from reflect.jobs import taking as archives
from reflect.jobs.prints import Stage
from reflect.paper.bundle import safe
from reflect.refusal import NotFound
from reflect.school import lists
from reflect.school.people import Me
from reflect.tongue import N_
from reflect.web.door import house, me, to
from reflect.web.fields import ActForm
from reflect.web.printing import attachment
from reflect.web.sentences import gettext

taking = Blueprint("taking", __name__)
_PACKING = N_("Your file is being packed. This page looks by itself whether it is ready.")
_NO_ROOM = N_("The school's disk is nearly full. Packing goes on by itself as soon as there is room.")


def _student() -> Me:
    """Give who asks, when they have something to take along. Raises NotFound."""
    if not lists.ties_of(me()).is_student:
        raise NotFound
    return me()


@taking.route("/meenemen")
def show() -> SansResponse | str:
    found = archives.newest(by=_student())
    sentence = gettext(_NO_ROOM if found and found.stage is Stage.NO_ROOM else _PACKING)
    if request.accept_mimetypes.best == "application/json":
        return current_app.json.response(going=bool(found and found.going), sentence=sentence)
    until = found.ended_at + timedelta(hours=house().print_hours) if found and found.ended_at else None
    return render_template("student/take_along.html", found=found, sentence=sentence, until=until, form=ActForm())


@taking.route("/meenemen", methods=["POST"])
def ask() -> AnyResponse:
    archives.ask(by=_student(), at=g.now)
    return to("taking.show")


@taking.route("/meenemen/<key>")
def fetch(key: str) -> Response:
    content = archives.content(key, by=me(), house=house())
    return attachment(content, name=f"reflect-{safe(me().name)}.zip", kind="application/zip")
