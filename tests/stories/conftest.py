"""What several stories begin with."""

import pytest


@pytest.fixture
def desk(as_, told):
    """Noor's report at the desk of her teacher: give (its number, the teacher's browser, the address)."""

    def open_(state="handed_in"):
        number = told(state)
        teacher, path = as_("dewit"), f"/verslagen/{number}/beantwoorden"
        teacher.get(path)
        return number, teacher, path

    return open_
