"""Print, as JSON, the processor time of each request to some pages of the school in a folder.

`python cpu_of_pages.py FOLDER TIMES`, with the `reflect` of the folder that it is started in. Only
the time of this process counts, inside the application: what else the machine does is not in it,
as it is in a time by the clock. The pages take turns, so that a slow minute slows all of them.
"""

import gc
import json
import os
import random
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, os.getcwd())

from flask import Flask
from sqlalchemy import select, text

from reflect import settings
from reflect.app import create_app
from reflect.db.session import commit, session
from reflect.school import sessions
from reflect.school.people import Person

HEADERS = {
    "Accept-Encoding": "gzip",
    "Accept-Language": "nl",
    "Sec-Fetch-Site": "same-origin",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
}
WARM_UP = 3  # visits to each page that are not counted
REPORTS_SQL = {
    "draft": "select r.id, p.sign_in_name from report r join person p on p.id = r.student_id"
    " where r.state = 'draft' order by r.id",
    "own": "select r.id, p.sign_in_name from report r join person p on p.id = r.student_id"
    " where r.state = 'answered' order by r.id",
    "taught": "select r.id, p.sign_in_name from report r join teaching t on t.course_id ="
    " r.course_id join person p on p.id = t.person_id where r.state = 'answered' order by r.id",
}


class Stopwatch:
    """A WSGI application around another one; `seconds` is what the last request took of it."""

    def __init__(self, inner):
        self.inner, self.seconds = inner, 0.0

    def __call__(self, environ, start_response):
        began = time.process_time()
        response = self.inner(environ, start_response)
        body = list(response)
        if hasattr(response, "close"):
            response.close()
        self.seconds = time.process_time() - began
        return body


def choose_visits(app: Flask, times: int) -> dict[str, list[tuple[str, str]]]:
    """Return (who, path) of each visit by page: each visit to another report, of other words."""
    chance = random.Random(1)
    with app.app_context():
        found = {
            name: [tuple(row) for row in session().execute(text(sql))]
            for name, sql in REPORTS_SQL.items()
        }
        session().close()
    chosen = {name: chance.sample(rows, times) for name, rows in found.items()}
    return {
        "an empty request": [("", "/healthz")] * times,
        "the sign-in form": [("", "/inloggen")] * times,
        "home of a student": [(who, "/") for _, who in chosen["draft"]],
        "the writing form": [(who, f"/verslagen/{it}/schrijven") for it, who in chosen["draft"]],
        "a teacher's first reading": [(who, f"/verslagen/{it}") for it, who in chosen["taught"]],
        "one's own report": [(who, f"/verslagen/{it}") for it, who in chosen["own"]],
    }


def sign_in(app: Flask, names):
    """Return a client for each name, signed in, and one for "" that is not."""
    clients = {name: app.test_client() for name in names}
    with app.app_context():
        for name, client in clients.items():
            if not name:
                continue
            person = session().scalars(select(Person).where(Person.sign_in_name == name)).one()
            browser = sessions.UNKNOWN_BROWSER
            token = sessions.begin_session(person, browser=browser, at=datetime.now(UTC))
            with client.session_transaction() as cookie:
                cookie["sign_in"] = token
        commit()
    return clients


def main(folder: Path, times: int) -> None:
    environment = {"REFLECT_DATA": str(folder), "REFLECT_SETTINGS": str(folder / "reflect.env")}
    app = create_app(settings.load(environment))
    watch = Stopwatch(app.wsgi_app)
    app.wsgi_app = watch  # type: ignore[method-assign]  # Flask's documented way
    visits = choose_visits(app, times)
    clients = sign_in(app, {who for page in visits.values() for who, _ in page})
    took: dict[str, list[float]] = {page: [] for page in visits}
    for index in range(times):
        if index == WARM_UP:
            gc.collect()
            gc.freeze()  # as the server does before it forks
        for page, page_visits in visits.items():
            who, path = page_visits[index]
            response = clients[who].get(path, headers=HEADERS)
            assert response.status_code == 200, (response.status_code, path)
            if index >= WARM_UP:
                took[page].append(watch.seconds)
    print(json.dumps(took))


main(Path(sys.argv[1]), int(sys.argv[2]))
