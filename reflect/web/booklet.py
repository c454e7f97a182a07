"""The booklet on a screen: what stands on paper for the talk, for the mentor, the student and who reads at home."""

from flask import Blueprint, g, render_template, url_for

from reflect.paper import booklets, on_screen
from reflect.paper.booklet import Booklet
from reflect.refusal import NotFound, NothingToPrint
from reflect.school import lists
from reflect.trust.reading import Door
from reflect.web.door import house, me
from reflect.web.sentences import gettext

read_here = Blueprint("booklet", __name__)


@read_here.route("/mentorgroepen/<int:id>/ronde/<int:round_id>/leerlingen/<int:student_id>/boekje")
def of_student(id: int, round_id: int, student_id: int) -> str:
    group = next((group for group in lists.ties_of(me()).groups if group.id == id), None)
    if group is None:
        raise NotFound
    made = booklets.of_student(
        group, student_id=student_id, round_id=round_id, school=house().school, by=me(), at=g.now, door=Door.SCREEN
    )
    note = gettext("The same words in the same order as on paper. The student sees that you read them.")
    return _page(made, note=note, back=url_for("mentor.student", id=id, student_id=student_id))


@read_here.route("/rondes/<int:round_id>/boekje")
def mine(round_id: int) -> str:
    made = booklets.of_mine(round_id=round_id, school=house().school, by=me(), at=g.now)
    note = gettext("In the order of the paper for the conversation. What is only yours, and a letter, are not in it.")
    return _page(made, note=note, back=url_for("reports.home"))


@read_here.route("/kinderen/<int:id>/ronde/<int:round_id>/boekje")
def of_child(id: int, round_id: int) -> str:
    made = booklets.of_child(id, round_id=round_id, school=house().school, by=me(), at=g.now)
    note = gettext(
        "What you may read of this round, on one page, in the order of the paper. Your child sees that you read it."
    )
    return _page(made, note=note, back=url_for("reports.child", id=id))


def _page(made: Booklet | None, *, note: str, back: str) -> str:
    if made is None:
        raise NothingToPrint
    html = on_screen.booklet(made, address=lambda report, key: url_for("evidence.show", id=report, key=key))
    return render_template("parts/booklet.html", booklet=made, html=html, note=note, back=(back, gettext("Back")))
