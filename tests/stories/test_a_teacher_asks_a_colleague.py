"""A teacher writes to a colleague before asking: the word is kept while it is typed, its writer's alone, and never lost."""

import pytest
import sqlalchemy as sa

from reflect.report.report import Revision, Voice
from reflect.school import ties
from reflect.store import keep, session
from tests.stories.test_a_colleague_reads_along import DRAFT, ask, desk, post

__all__ = ["desk"]
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
def test_a_word_to_a_colleague_stays_until_it_is_asked(as_, cast, desk, wish, status, more):
    dewit = as_("dewit")
    dewit.get(desk)
    sent = {"colleague": str(cast.people["bakker"]), "along--note": NOTE, "overall--aim": "Getypt.", "do": wish, **more}
    page = post(dewit, desk, status=status, **sent)
    assert f"{sent['along--note']}</textarea>" in page.html
    assert "Getypt." in page.html


def send(browser, path, page, *, number, note, on="0"):
    """Send what the script of a page sends while its writer types a word to a colleague."""
    sent = {"csrf_token": page.field("csrf_token"), "version": page.field("version"), "along--note": note,
            "along--on": on, "save_key": f"{page.field('save_key')}.{number}"}  # fmt: skip
    return browser.client.post(path, data=sent, headers={"Accept": "application/json"}).json


def test_a_word_to_a_colleague_is_kept_while_it_is_typed_and_stands_there_again(as_, desk):
    dewit = as_("dewit")
    page = dewit.get(desk)
    for number, note in enumerate(("Is dit", NOTE, NOTE), start=1):
        kept = send(dewit, desk, page, number=number, note=note)
    assert kept["sentence"] == "Bewaard om 10:00"
    assert kept["outcomes"] == {"along": "same"}
    assert f"{NOTE}</textarea>" in dewit.get(desk).html
    assert dewit.page.field("along--on") != "0"


def test_a_word_to_a_colleague_is_no_answer_and_nobody_elses(as_, desk):
    dewit, number = as_("dewit"), desk.split("/")[2]
    page = dewit.get(desk)
    post(dewit, desk, **dict.fromkeys(DRAFT, ""))
    send(dewit, desk, page, number=1, note=NOTE)
    dewit.get(desk)
    post(dewit, desk, status=422, do="answer")  # a note alone is nothing to give
    assert NOTE not in as_("bakker").get(desk).html, "a colleague at the same desk finds their own field empty"
    post(dewit, desk, **DRAFT, do="answer")
    for name in ("noor", "bakker", "smit"):
        assert NOTE not in as_(name).get(f"/verslagen/{number}").html


def test_once_it_is_asked_the_field_begins_anew(as_, cast, desk):
    path = ask(as_, cast, desk, note=NOTE)
    assert NOTE in as_("bakker").get(path).html
    assert f"{NOTE}</textarea>" not in as_("dewit").get(desk).html


def test_two_windows_with_a_word_to_a_colleague_keep_both(as_, cast, desk):
    dewit = as_("dewit")
    one, other = dewit.get(desk), dewit.get(desk)
    send(dewit, desk, one, number=1, note=NOTE)
    for number, note in enumerate(("Of te", "Of te mild?"), start=1):
        kept = send(dewit, desk, other, number=number, note=note)
    assert kept["aside"] == ["along"]
    page = dewit.get(desk)
    assert f"{NOTE}</textarea>" in page.html
    assert "Of te mild?" in page.words
    assert "Of te</" not in page.html, "half a word is not shown beside the whole"
    post(dewit, desk, do="ask_along", colleague=str(cast.people["bakker"]), **{"along--note": NOTE})
    assert "Of te mild?" not in dewit.get(desk).html


def test_a_word_that_comes_when_the_report_has_moved_on_is_found_at_the_report(as_, desk):
    dewit, number = as_("dewit"), desk.split("/")[2]
    page = dewit.get(desk)
    post(dewit, desk, do="answer")
    send(dewit, desk, page, number=1, note=NOTE)
    assert NOTE in dewit.get(f"/verslagen/{number}").html
    assert NOTE not in as_("noor").get(f"/verslagen/{number}").html


def test_a_new_line_in_a_word_to_a_colleague_counts_once_as_in_the_browser(as_, cast, desk):
    note = ["regel"] * 166  # 995 characters, and 1160 as a browser sends it
    page = as_("bakker").get(ask(as_, cast, desk, note="\r\n".join(note)))
    assert "<br>\n".join(note) in page.html


def test_a_note_that_came_beside_another_is_not_sent_in_its_place_and_not_lost(as_, cast, desk):
    dewit = as_("dewit")
    here = dewit.get(desk)
    post(dewit, desk, **{"along--note": "In het ene venster.", "along--on": here.field("along--on")})
    dewit.page = here
    post(dewit, desk, do="ask_along", colleague=str(cast.people["bakker"]),
         **{"along--note": "In het andere venster.", "along--on": here.field("along--on"), "save_key": "another.1"})  # fmt: skip
    assert "Gevraagd." not in dewit.page.words
    for words in ("In het ene venster.", "In het andere venster."):
        assert words in dewit.get(desk).words
    assert "/meelezen/" not in as_("bakker").get("/").html


def test_a_note_put_aside_is_kept_once_however_often_its_window_sends_it(as_, app, desk):
    dewit = as_("dewit")
    one, other = dewit.get(desk), dewit.get(desk)
    send(dewit, desk, one, number=1, note=NOTE)
    for number in (1, 2, 3):
        send(dewit, desk, other, number=number, note="Of te mild?")
    with app.app_context():
        said = session().scalars(sa.select(Revision.content).where(Revision.voice == Voice.BETWEEN)).all()
    assert said == [{"note": NOTE}, {"note": "Of te mild?"}]


def test_a_note_stays_in_sight_when_the_last_colleague_has_left(as_, app, cast, desk):
    dewit = as_("dewit")
    send(dewit, desk, dewit.get(desk), number=1, note=NOTE)
    with app.app_context():
        session().execute(sa.delete(ties.Teaching).where(ties.Teaching.person_id == cast.people["bakker"]))
        keep()
        session().close()
    post(dewit, desk, do="ask_along", colleague=str(cast.people["bakker"]), **{"along--note": NOTE})
    assert NOTE in dewit.page.words
    assert "Kies een collega die deze lesgroep ook lesgeeft." in dewit.page.words
