"""The teacher's screens around the desk: a course with each student's state in words, and what was handed in before."""

from itertools import groupby

from flask import Blueprint, g, render_template, request

from reflect.report.life import State
from reflect.trust import history, read, shelf, waiting
from reflect.trust.shelf import Line
from reflect.web.door import me
from reflect.web.giving import course_of_mine, planned

teacher = Blueprint("teacher", __name__)
NOT_BEGUN = "none"


@teacher.route("/lesgroepen/<int:id>")
def course(id: int) -> str:
    named, lines = course_of_mine(id), shelf.course(id, by=me(), at=g.now)
    rounds = [(found[0], found) for found in (list(of) for _, of in groupby(lines, key=lambda line: line.round))]
    return render_template(
        "teacher/course.html", course=named, rounds=rounds, states=_states(lines), shown=request.args.get("stand", ""),
        begun=waiting.begun(id, by=me(), at=g.now), **planned(id),
    )  # fmt: skip


def _states(lines: list[Line]) -> list[str]:
    """Give the states that a list can be narrowed to, in the order of a report's life: those that are there."""
    there = {line.state or NOT_BEGUN for line in lines}
    return [state for state in (State.HANDED_IN, State.RETURNED, State.DRAFT, NOT_BEGUN, State.ANSWERED, State.CLOSED)
            if state in there]  # fmt: skip


@teacher.route("/verslagen/<int:id>/ingeleverd")
def hand_ins(id: int) -> str:
    seen = read.read(id, by=me(), at=g.now)
    return render_template("teacher/hand_ins.html", seen=seen, hand_ins=history.hand_ins(id, by=me(), at=g.now))
