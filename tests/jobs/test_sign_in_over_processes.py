"""The limit on tries of a password holds over all processes of a server, and over its restart."""

import http.client
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import psutil
import pytest
import sqlalchemy as sa

from reflect.school.sessions import UserSession
from tests.cast import PASSWORD
from tests.test_server import ask, until

pytestmark = pytest.mark.slow
FREE_TRIES = 4


@pytest.fixture
def serve(school, port):
    """Return a function that starts a server of two processes, with its port."""

    def start():
        process = school.start("serve", REFLECT_PORT=port, REFLECT_WORKERS="2")
        until(lambda: "ok" in ask(int(port), "/healthz"))
        until(lambda: len(psutil.Process(process.pid).children()) >= 2)
        return process

    return start


def open_login_page(port):
    """Return the cookie and the token of a sign-in page."""
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
    connection.request("GET", "/inloggen")
    answer = connection.getresponse()
    html = answer.read().decode()
    connection.close()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', html)[1]
    return answer.headers["Set-Cookie"].split(";")[0], token


def try_password(port, cookie, token, *, name="noor", password="fout"):  # noqa: S107 - of a test
    """Return the status of a try on a connection of its own, which falls on any process."""
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
    body = urlencode({"csrf_token": token, "name": name, "password": password})
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/inloggen", body, headers)
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_hundred_tries_at_once_are_no_more_than_the_rule_over_two_processes(school, serve, port):
    server = serve()
    page = open_login_page(port)
    with ThreadPoolExecutor(20) as pool:
        statuses = Counter(pool.map(lambda _: try_password(port, *page), range(100)))
    assert set(statuses) <= {422, 429, 503}
    # The wait that follows the free tries may be over before a slow machine has sent all hundred.
    assert 1 <= statuses[422] <= FREE_TRIES + 2
    assert statuses[429] > 50
    server.terminate()
    assert server.wait(timeout=60) == 0
    serve()
    refused = [try_password(port, *open_login_page(port)) for _ in range(3)]
    assert 429 in refused, "a restart forgets nothing"


def test_all_of_a_class_who_sign_in_at_once_get_in(school, serve, port):
    serve()
    names = ("noor", "sam", "fatima", "hassan", "karin", "dewit", "bakker", "smit", "visser")

    def sign_in_with_patience(name):
        page = open_login_page(port)
        # Who is told that it is busy presses once more.
        until(lambda: try_password(port, *page, name=name, password=PASSWORD) == 303)

    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(sign_in_with_patience, names))
    ended = UserSession.ended_at.is_(None)
    (row,) = school.query(sa.select(sa.func.count(UserSession.person_id.distinct())).where(ended))
    assert row[0] == len(names)
