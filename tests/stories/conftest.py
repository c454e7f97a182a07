"""What several stories begin with."""

import pytest

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
