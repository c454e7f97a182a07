"""What several stories begin with."""

from dataclasses import replace

import pytest

from reflect.db.session import session
from reflect.jobs import print_steps
from tests.conftest import DATABASE_KINDS


@pytest.fixture(params=DATABASE_KINDS)
def database_kind(request):
    return request.param


@pytest.fixture
def answer_desk(client_of, make_report):
    """Return a function that opens Noor's report at the desk of her teacher.

    It returns the id of the report, the teacher's browser, and the address of the desk.
    """

    def open_desk(state="handed_in"):
        report_id = make_report(state)
        teacher, path = client_of("dewit"), f"/verslagen/{report_id}/beantwoorden"
        teacher.get(path)
        return report_id, teacher, path

    return open_desk


@pytest.fixture
def group(cast):
    return f"/mentorgroepen/{cast.group}"


@pytest.fixture
def print_request(client_of, cast, make_report, group):
    """Ms Smit has asked to print Noor and Sam; gives the page's address and both reports."""
    numbers = {"noor": make_report("answered"), "sam": make_report("closed", student="sam")}

    def ask(kind="merged", shape="booklet"):
        client_of("smit").get(group)
        fields = {"kind": kind, "shape": shape}
        response = client_of("smit").post(
            f"{group}/ronde/{cast.round}/afdrukken", fields, status=303, follow=False
        )
        return response.headers["Location"]

    ask.numbers = numbers
    return ask


@pytest.fixture
def run_print_steps(app):
    """Take the steps of a print, as the queue would; `upto` leaves the rest."""

    def take(address, *, upto=None, **settings):
        key = address.rsplit("/", 1)[-1]
        changed_settings = replace(app.extensions["reflect"], **settings)
        with app.app_context():
            for step in print_steps.list_steps(key)[:upto]:
                print_steps.run_step(key, step, settings=changed_settings, poll_seconds=0.05)
            session().close()

    return take
