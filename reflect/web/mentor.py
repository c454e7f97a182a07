"""The mentor's screens: the group in words, one student over all subjects, and printing for the talks."""

from itertools import groupby

from flask import Blueprint, g, render_template
from werkzeug.wrappers import Response as AnyResponse

from reflect.jobs import prints
from reflect.paper import booklets, bundle
from reflect.refusal import NotFound, NothingToPrint
from reflect.report.round import rounds_of
from reflect.school import lists
from reflect.school.lists import Named
from reflect.trust import shelf
from reflect.trust.shelf import Line
from reflect.web.door import house, me, to
from reflect.web.fields import PrintForm
from reflect.web.printing import KINDS, attachment, file_name

mentor = Blueprint("mentor", __name__)


def _group(id: int) -> Named:
    found = next((group for group in lists.ties_of(me()).groups if group.id == id), None)
    if found is None:
        raise NotFound
    return found


@mentor.route("/mentorgroepen/<int:id>")
@mentor.route("/mentorgroepen/<int:id>/ronde/<int:round_id>")
def group(id: int, round_id: int | None = None) -> str:
    named, rounds = _group(id), [(one.id, one.name) for one in rounds_of(id, on=g.today)]
    chosen = round_id or next((number for number, _name in rounds), 0)
    in_round = shelf.group(id, by=me(), at=g.now, round_id=chosen) if chosen else []
    students = [(who, list(found)) for who, found in groupby(in_round, key=lambda line: line.student)]
    return render_template(
        "mentor/group.html", group=named, rounds=rounds, chosen=chosen, students=students,
        subjects=sorted({line.subject for line in in_round}), form=PrintForm(),
        prints=prints.of_group(id, by=me()),
    )  # fmt: skip


@mentor.route("/mentorgroepen/<int:id>/leerlingen/<int:student_id>")
def student(id: int, student_id: int) -> str:
    named, lines = _group(id), _of(student_id, shelf.group(id, by=me(), at=g.now))
    rounds = [
        (number, name, list(found))
        for (number, name), found in groupby(lines, key=lambda line: (line.round, line.round_name))
    ]
    return render_template("mentor/student.html", group=named, who=lines[0].student, rounds=rounds, form=PrintForm())


def _of(student_id: int, lines: list[Line]) -> list[Line]:
    found = [line for line in lines if line.student.id == student_id]
    if not found:
        raise NotFound
    return found


@mentor.route("/mentorgroepen/<int:id>/ronde/<int:round_id>/afdrukken", methods=["POST"])
def print_group(id: int, round_id: int) -> AnyResponse:
    named, form = _group(id), PrintForm()
    binding = prints.binding(form.kind.data, form.shape.data)
    students = booklets.students(named, round_id=round_id, by=me(), at=g.now)
    if len(students) > 1:
        ids = [who.id for who in students]
        key = prints.ask(id, round_id=round_id, students=ids, binding=binding, by=me(), at=g.now)
        return to("printing.show", key=key)
    made = booklets.of_group(
        named, round_id=round_id, school=house().school, by=me(), at=g.now, shape=binding.shape
    )  # fmt: skip
    if not made:
        raise NothingToPrint
    seconds = house().print_seconds
    if binding.ending == "pdf":
        content = bundle.merged(made, seconds=seconds)
    else:
        pages = bundle.each(made, seconds=seconds)
        content = bundle.zipped(dict(zip(bundle.file_names(made), pages, strict=True)))
    return attachment(content, name=file_name(named, binding), kind=KINDS[binding.ending])


@mentor.route("/mentorgroepen/<int:id>/ronde/<int:round_id>/leerlingen/<int:student_id>/afdrukken", methods=["POST"])
def print_student(id: int, round_id: int, student_id: int) -> AnyResponse:
    named, shape = _group(id), prints.binding("", PrintForm().shape.data).shape
    made = booklets.of_student(
        named, student_id=student_id, round_id=round_id, school=house().school, by=me(), at=g.now, shape=shape
    )  # fmt: skip
    if made is None:
        raise NothingToPrint
    pdf = bundle.one(made, seconds=house().print_seconds)
    return attachment(pdf, name=bundle.file_names([made])[0], kind="application/pdf")
