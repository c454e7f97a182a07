"""The screens of a print that takes a while: how far it is, the file when it is there, and stopping it."""

from datetime import timedelta

from flask import Blueprint, Response, current_app, g, render_template, request
from werkzeug.sansio.response import Response as SansResponse
from werkzeug.wrappers import Response as AnyResponse

from reflect.jobs import prints
from reflect.jobs.printing import name
from reflect.jobs.prints import REASONS, Binding, Printing, Stage
from reflect.paper import bundle
from reflect.refusal import NotFound
from reflect.report.round import rounds
from reflect.school import lists
from reflect.school.lists import Named
from reflect.tongue import N_
from reflect.vault import vault
from reflect.web.door import house, me, say, to
from reflect.web.sentences import gettext

printing = Blueprint("printing", __name__)
KINDS = {"pdf": "application/pdf", "zip": "application/zip"}
_SENTENCES = {
    Stage.WAITING: N_("Printing begins in a moment."),
    Stage.NO_ROOM: N_("The school's disk is nearly full. Printing goes on by itself as soon as there is room."),
    Stage.READY:   N_("The print is ready."),
    Stage.STOPPED: N_("The print was stopped."),
    Stage.REMOVED: N_("This print was kept long enough and is removed. You can print again."),
}  # fmt: skip


def _mine(key: str) -> tuple[Printing, Named]:
    """Give a print that I asked for, of a group that I still mentor. Raises NotFound."""
    found = prints.find(key, by=me())
    group = next((one for one in lists.ties_of(me()).groups if one.id == found.group), None)
    if group is None:
        raise NotFound
    return found, group


@printing.route("/afdrukken/<key>")
def show(key: str) -> SansResponse | str:
    found, group = _mine(key)
    sentence = _sentence(found)
    if request.accept_mimetypes.best == "application/json":
        return current_app.json.response(going=found.going, done=found.done, all=found.all, sentence=sentence)
    round = next((one.name for one in rounds(on=g.today) if one.id == found.round), "")
    until = found.ended_at + timedelta(hours=house().print_hours) if found.ended_at else None
    return render_template(
        "mentor/print.html", printing=found, group=group, round=round, sentence=sentence, reasons=REASONS, until=until
    )


def _sentence(found: Printing) -> str:
    """Say in words how far it is; students are counted, nothing of theirs is."""
    if found.stage is Stage.BUSY and found.done == found.all:
        return gettext("Everybody's pages are printed and are being put together.")
    if found.stage is Stage.BUSY:
        return gettext("%(done)s of %(all)s students are printed.", done=found.done, all=found.all)
    if found.stage is Stage.READY and not found.printed:
        return gettext("Nobody's pages could be printed.")
    return gettext(_SENTENCES[found.stage])


@printing.route("/afdrukken/<key>/bestand")
def fetch(key: str) -> Response:
    found, group = _mine(key)
    if found.stage is not Stage.READY or not found.printed:
        raise NotFound
    try:
        content = vault(house().evidence).get(name(key, found.binding))
    except FileNotFoundError:
        raise NotFound from None
    return attachment(content, name=file_name(group, found.binding), kind=KINDS[found.binding.ending])


def file_name(group: Named, binding: Binding) -> str:
    """Give the name under which somebody finds it among their downloads."""
    return f"{group.code}{bundle.ending(binding.shape)}.{binding.ending}"


@printing.route("/afdrukken/<key>/stoppen", methods=["POST"])
def stop(key: str) -> AnyResponse:
    _mine(key)
    prints.stop(key, by=me(), at=g.now)
    say(N_("The print is stopped."))
    return to("printing.show", key=key)


def attachment(content: bytes, *, name: str, kind: str) -> Response:
    """Give a file to keep, under a name that every system takes."""
    safe = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-._") else "-" for letter in name)
    return Response(content, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{safe}"'})
