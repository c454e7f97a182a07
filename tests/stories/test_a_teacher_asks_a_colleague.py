"""A note to a colleague is saved while it is typed, is its writer's alone, and is never lost."""

import pytest
import sqlalchemy as sa

from reflect.db.session import commit, session
from reflect.reports.report import Revision, Voice
from reflect.school import ties
from tests.stories.test_a_colleague_reviews import DRAFT, answer_desk, ask, post

__all__ = ["answer_desk"]
NOTE = "Is dit niet te streng?"


@pytest.mark.parametrize(
    ("wish", "status", "more"),
    [
        ("keep", 200, {}),
        ("keep", 422, {"begrijp--text": "x" * 20_001}),
        ("ask_on", 422, {"overall--question": ""}),
        ("ask_along", 200, {"colleague": "1"}),
        ("ask_along", 200, {"along--note": NOTE + "x" * 1000}),
    ],
    ids=["kept", "too long an answer", "no question", "not this colleague", "too long a note"],
)
def test_a_word_to_a_colleague_stays_until_it_is_asked(
    client_of, cast, answer_desk, wish, status, more
):
    dewit = client_of("dewit")
    dewit.get(answer_desk)
    sent = {
        "colleague": str(cast.people["bakker"]),
        "along--note": NOTE,
        "overall--aim": "Getypt.",
        "do": wish,
        **more,
    }
    page = post(dewit, answer_desk, status=status, **sent)
    assert f"{sent['along--note']}</textarea>" in page.html
    assert "Getypt." in page.html


def send(browser, path, page, *, number, note, on="0"):
    """Send what the script of a page sends while its writer types a word to a colleague."""
    sent = {
        "csrf_token": page.field("csrf_token"),
        "version": page.field("version"),
        "along--note": note,
        "along--on": on,
        "save_key": f"{page.field('save_key')}.{number}",
    }
    return browser.client.post(path, data=sent, headers={"Accept": "application/json"}).json


def test_a_word_to_a_colleague_is_kept_while_it_is_typed_and_stands_there_again(
    client_of, answer_desk
):
    dewit = client_of("dewit")
    page = dewit.get(answer_desk)
    for number, note in enumerate(("Is dit", NOTE, NOTE), start=1):
        kept = send(dewit, answer_desk, page, number=number, note=note)
    assert kept["sentence"] == "Bewaard om 10:00"
    assert kept["outcomes"] == {"along": "same"}
    assert f"{NOTE}</textarea>" in dewit.get(answer_desk).html
    assert dewit.page.field("along--on") != "0"


def test_a_word_to_a_colleague_is_no_answer_and_nobody_elses(client_of, answer_desk):
    dewit, number = client_of("dewit"), answer_desk.split("/")[2]
    page = dewit.get(answer_desk)
    post(dewit, answer_desk, **dict.fromkeys(DRAFT, ""))
    send(dewit, answer_desk, page, number=1, note=NOTE)
    dewit.get(answer_desk)
    post(dewit, answer_desk, status=422, do="answer")  # a note alone is nothing to give
    assert NOTE not in client_of("bakker").get(answer_desk).html, (
        "a colleague at the same desk finds their own field empty"
    )
    post(dewit, answer_desk, **DRAFT, do="answer")
    for name in ("noor", "bakker", "smit"):
        assert NOTE not in client_of(name).get(f"/verslagen/{number}").html


def test_once_it_is_asked_the_field_begins_anew(client_of, cast, answer_desk):
    path = ask(client_of, cast, answer_desk, note=NOTE)
    assert NOTE in client_of("bakker").get(path).html
    assert f"{NOTE}</textarea>" not in client_of("dewit").get(answer_desk).html


def test_two_windows_with_a_word_to_a_colleague_keep_both(client_of, cast, answer_desk):
    dewit = client_of("dewit")
    one, other = dewit.get(answer_desk), dewit.get(answer_desk)
    send(dewit, answer_desk, one, number=1, note=NOTE)
    for number, note in enumerate(("Of te", "Of te mild?"), start=1):
        kept = send(dewit, answer_desk, other, number=number, note=note)
    assert kept["aside"] == ["along"]
    page = dewit.get(answer_desk)
    assert f"{NOTE}</textarea>" in page.html
    assert "Of te mild?" in page.words
    assert "Of te</" not in page.html, "half a word is not shown beside the whole"
    post(
        dewit,
        answer_desk,
        do="ask_along",
        colleague=str(cast.people["bakker"]),
        **{"along--note": NOTE},
    )
    assert "Of te mild?" not in dewit.get(answer_desk).html


def test_a_word_that_comes_when_the_report_has_moved_on_is_found_at_the_report(
    client_of, answer_desk
):
    dewit, number = client_of("dewit"), answer_desk.split("/")[2]
    page = dewit.get(answer_desk)
    post(dewit, answer_desk, do="answer")
    send(dewit, answer_desk, page, number=1, note=NOTE)
    assert NOTE in dewit.get(f"/verslagen/{number}").html
    assert NOTE not in client_of("noor").get(f"/verslagen/{number}").html


def test_a_new_line_in_a_word_to_a_colleague_counts_once_as_in_the_browser(
    client_of, cast, answer_desk
):
    note = ["regel"] * 166  # 995 characters, and 1160 as a browser sends it
    page = client_of("bakker").get(ask(client_of, cast, answer_desk, note="\r\n".join(note)))
    assert "<br>\n".join(note) in page.html


def test_a_note_that_came_beside_another_is_not_sent_in_its_place_and_not_lost(
    client_of, cast, answer_desk
):
    dewit = client_of("dewit")
    here = dewit.get(answer_desk)
    post(
        dewit,
        answer_desk,
        **{"along--note": "In het ene venster.", "along--on": here.field("along--on")},
    )
    dewit.page = here
    post(
        dewit,
        answer_desk,
        do="ask_along",
        colleague=str(cast.people["bakker"]),
        **{
            "along--note": "In het andere venster.",
            "along--on": here.field("along--on"),
            "save_key": "another.1",
        },
    )
    assert "Gevraagd." not in dewit.page.words
    for words in ("In het ene venster.", "In het andere venster."):
        assert words in dewit.get(answer_desk).words
    assert "/meelezen/" not in client_of("bakker").get("/").html


def test_a_note_put_aside_is_kept_once_however_often_its_window_sends_it(
    client_of, app, answer_desk
):
    dewit = client_of("dewit")
    one, other = dewit.get(answer_desk), dewit.get(answer_desk)
    send(dewit, answer_desk, one, number=1, note=NOTE)
    for number in (1, 2, 3):
        send(dewit, answer_desk, other, number=number, note="Of te mild?")
    with app.app_context():
        said = (
            session()
            .scalars(sa.select(Revision.content).where(Revision.voice == Voice.REQUEST_NOTE))
            .all()
        )
    assert said == [{"note": NOTE}, {"note": "Of te mild?"}]


def test_a_note_stays_in_sight_when_the_last_colleague_has_left(client_of, app, cast, answer_desk):
    dewit = client_of("dewit")
    send(dewit, answer_desk, dewit.get(answer_desk), number=1, note=NOTE)
    with app.app_context():
        session().execute(
            sa.delete(ties.Teaching).where(ties.Teaching.person_id == cast.people["bakker"])
        )
        commit()
        session().close()
    post(
        dewit,
        answer_desk,
        do="ask_along",
        colleague=str(cast.people["bakker"]),
        **{"along--note": NOTE},
    )
    assert NOTE in dewit.page.words
    assert "Kies een collega die deze lesgroep ook lesgeeft." in dewit.page.words
