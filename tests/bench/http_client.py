"""What a bench does as a visitor: requests, saves, and how long they take."""

import gzip
import http.client
import itertools
import json
import re
import statistics
import time
from urllib.parse import urlencode

from reflect.db.session import session
from tests.bench import large_school

REPEAT = 200


class HttpClient:
    """A browser reduced to its requests: one connection, cookies, and the last token."""

    def __init__(self, port, *, patience=60):
        self.connection, self.cookie, self.token = (
            http.client.HTTPConnection("127.0.0.1", port, timeout=patience),
            "",
            "",
        )
        self.last_size = 0  # bytes, without the headers

    def request(self, method, path, fields=None, *, accept=""):
        body = urlencode({"csrf_token": self.token, **fields}) if fields is not None else None
        headers = {
            "Cookie": self.cookie,
            "Accept-Encoding": "gzip",
            "Sec-Fetch-Site": "same-origin",
        }
        if accept:
            headers["Accept"] = accept
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):
            # The server had closed it, since this client was silent for long.
            self.connection.close()
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
        content = answer.read()
        self.last_size = len(content)
        if answer.headers["Content-Encoding"] == "gzip":
            content = gzip.decompress(content)
        for set_cookie in answer.headers.get_all("Set-Cookie") or []:
            self.cookie = set_cookie.split(";")[0]
        if not answer.headers["Content-Type"].startswith(("text/html", "application/json")):
            return content
        token_match = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', content)
        self.token = token_match.group(1).decode() if token_match else self.token
        assert answer.status < 400, (answer.status, path, content[:300])
        return content

    def get(self, path):
        return self.request("GET", path)

    def sign_in(self, name, password=large_school.PASSWORD):
        self.get("/inloggen")
        self.request("POST", "/inloggen", {"name": name, "password": password})
        return self


def print_timings(name, action, repeat=REPEAT):
    action()
    took = []
    for _ in range(repeat):
        began = time.perf_counter()
        action()
        took.append((time.perf_counter() - began) * 1000)
    took.sort()
    print(
        f"{name:<34} p50 {statistics.median(took):7.1f} ms   p95 {took[int(repeat * 0.95)]:7.1f} ms"
    )


def find_reports(school, **criteria):
    """Return (report, name to sign in with) of some report in this state."""
    with school[2].app_context():
        rows = (
            session()
            .connection()
            .exec_driver_sql(
                "select r.id, p.sign_in_name from report r join person p on p.id = "
                "r.student_id where r.state = ? "
                "and r.round_id = ? order by r.id limit 400",
                (criteria["state"], school[1]["round"]),
            )
            .all()
        )
        session().close()
        return [(row[0], row[1]) for row in rows]


def make_saver(client, number):
    """Return a function that keeps one more version, as the writing page does."""
    page = client.get(f"/verslagen/{number}/schrijven").decode()
    version, key = (
        re.findall(rf'name="{name}"[^>]*value="([^"]+)"', page)[0]
        for name in ("version", "save_key")
    )
    numbers = itertools.count(1)

    def save():
        sequence = next(numbers)
        fields = {
            "version": version,
            "save_key": f"{key}.{sequence}",
            "begrijp--text": f"{large_school.SENTENCE} {sequence}",
        }
        result = json.loads(
            client.request(
                "POST", f"/verslagen/{number}/schrijven", fields, accept="application/json"
            )
        )
        assert result["outcomes"] == {"begrijp": "written"}, result

    return save
