"""An answer names a time to wait only where waiting helps; only the class of the error knows it."""

import pytest

from reflect import errors
from reflect.errors import UserError

WAITING_DOES_NOT_HELP = {errors.PrintTooLarge, errors.SpeculativeRequest}
VALUES = {"word": "fiets", "limit": "20", "reference": "abc"}
MADE_WITH = {
    errors.TooManyAttempts: {"seconds": 7},
    errors.TooManyConfirmations: {"seconds": 7},
    errors.SentTooMuch: {"seconds": 7.2},
    errors.EvidenceRejected: {"reason": "empty"},
    errors.EvidenceQuotaReached: {"megabytes": 500},
}


def all_errors(parent=UserError):
    return [parent, *(each for child in parent.__subclasses__() for each in all_errors(child))]


def made(error_class):
    is_of_print = issubclass(error_class, errors.PrintFailed)
    return error_class(**MADE_WITH.get(error_class, {"student": "Noor"} if is_of_print else VALUES))


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize("error_class", all_errors(), ids=lambda each: each.__name__)
def test_only_the_class_of_an_error_says_when_to_try_again(app, clock, error_class, accept):
    error = made(error_class)
    with app.test_request_context("/mijn", headers={"Accept": accept}):
        response = app.make_response(app.handle_user_exception(error))
    named = response.headers.get("Retry-After")
    assert named == (str(error.retry_after) if error.retry_after else None)


@pytest.mark.parametrize("error_class", all_errors(), ids=lambda each: each.__name__)
def test_who_is_asked_to_wait_hears_for_how_long(error_class):
    asks_to_wait = error_class.status in (429, 503) and error_class not in WAITING_DOES_NOT_HELP
    assert bool(made(error_class).retry_after) == asks_to_wait
