"""A browser keeps the photos of whoever is signed in, and asks each time before it shows one."""

from datetime import timedelta

import pytest

from reflect.access.access_log import AccessLogEntry
from reflect.db.session import session
from tests.stories.test_a_student_shows_evidence import (
    report_with_photo,
    send,
)
from tests.stories.test_a_student_writes import begin, fields
from tests.stories.test_home_reads import link_of, share

__all__ = ["report_with_photo"]  # a fixture


@pytest.fixture
def address(report_with_photo):
    return f"/verslagen/1/bewijs/{report_with_photo}"


def answer(client_of):
    dewit = client_of("dewit")
    page = dewit.get("/verslagen/1/beantwoorden")
    words = {"overall--seen": "Mooi.", "do": "answer"}
    dewit.post("/verslagen/1/beantwoorden", fields(page, **words))


def readings(app):
    with app.app_context():
        count = session().query(AccessLogEntry).count()
        session().rollback()
    return count


def test_a_photo_is_sent_once_and_each_look_at_it_is_listed(app, client_of, address, clock):
    dewit = client_of("dewit").client
    first = dewit.get(address)
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert first.data
    before = readings(app)
    clock.shift(timedelta(minutes=16))
    again = dewit.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""
    assert again.headers["Cache-Control"] == "private, no-cache"
    assert again.headers["ETag"] == first.headers["ETag"]
    assert readings(app) == before + 1, "no look without a trace, also where no byte was sent"


def test_a_photo_that_a_browser_kept_is_not_shown_to_who_may_not_see_it_any_more(
    client_of, address
):
    etag = {"If-None-Match": client_of("dewit").client.get(address).headers["ETag"]}
    for name in ("sam", "bakker", "smit", "fatima", "beheer"):
        refused = client_of(name).client.get(address, headers=etag)
        assert (refused.status_code, refused.headers["Cache-Control"]) == (404, "no-store"), name
    nobody = client_of("nobody").client.get(address, headers=etag)
    assert (nobody.status_code, nobody.headers["Cache-Control"]) == (303, "no-store")


def test_a_photo_that_home_kept_is_not_shown_once_the_share_is_stopped(
    client_of, cast, address, report_with_photo
):
    answer(client_of)
    share(client_of, 1, whom=str(cast.people["fatima"]))
    fatima = client_of("fatima").client
    photo = fatima.get(address)
    etag = {"If-None-Match": photo.headers["ETag"]}
    assert fatima.get(address, headers=etag).status_code == 304
    page = client_of("noor").get("/verslagen/1/delen")
    stop = next(form["action"] for form in page.all("form") if "stoppen" in form.get("action", ""))
    client_of("noor").post(stop)
    assert fatima.get(address, headers=etag).status_code == 404


@pytest.mark.parametrize("hours", [4, 30], ids=["unused", "too long"])
def test_what_a_browser_kept_is_cleared_at_sign_out_and_when_the_session_is_over(
    client_of, address, clock, hours
):
    dewit = client_of("dewit")
    dewit.client.get(address)
    clock.shift(timedelta(hours=hours))
    over = dewit.client.get(address)
    assert over.status_code == 303
    assert over.headers["Clear-Site-Data"] == '"cache"'
    assert "Clear-Site-Data" not in client_of("nobody").client.get(address).headers
    smit = client_of("smit")
    smit.get("/")
    signed_out = smit.client.post("/uitloggen", data={"csrf_token": smit.page.field("csrf_token")})
    assert signed_out.headers["Clear-Site-Data"] == '"cache"'


def test_by_a_link_nothing_is_kept_since_nobody_signs_out_of_it(client_of, report_with_photo):
    link = link_of(share(client_of, 1, whom="link", label="Oma"))
    oma = client_of("nobody")
    oma.get(link)
    oma.post(link)
    photo = oma.client.get(f"{link}/bewijs/{report_with_photo}")
    assert photo.headers["Cache-Control"] == "no-store"
    assert "ETag" not in photo.headers
    again = oma.client.get(
        f"{link}/bewijs/{report_with_photo}", headers={"If-None-Match": f'"{report_with_photo}"'}
    )
    assert (again.status_code, again.data) == (200, photo.data)


def test_a_sound_is_still_sent_in_parts(client_of, cast, address):
    part = client_of("noor").client.get(address, headers={"Range": "bytes=0-9"})
    assert part.status_code == 206
    assert len(part.data) == 10


def test_the_same_photo_twice_is_two_pieces_with_the_same_pixels(client_of, cast):
    noor, page = begin(client_of, cast)
    first, second = send(noor, page).json, send(noor, page, upload="nog eens").json
    assert first["key"] != second["key"]
    one, other = (
        noor.client.get(f"/verslagen/1/bewijs/{sent['key']}").data for sent in (first, second)
    )
    assert one == other
