"""A student looks back: at earlier versions, two texts, last time's goals and the growth path."""

import random
import re
from datetime import timedelta

import pytest

from reflect.access.history import VERSIONS_PER_PAGE
from reflect.db.session import commit, session
from reflect.reports import revisions
from reflect.reports.report import Report, start_report
from reflect.reports.rounds import Round, RoundCourse
from reflect.reports.workflow import Action
from tests.cast import NOW, TODAY
from tests.conftest import save_texts
from tests.stories.test_a_student_writes import WRITE, begin, fields


def save(browser, page, key, **words):
    return browser.post(WRITE.format(1), {**fields(page, **words), "save_key": key})


def test_versions_say_which_words_came_and_went(client_of, cast, clock):
    noor, page = begin(client_of, cast)
    for number, text in enumerate(
        ("Ik deed het goed.", "Ik deed het niet goed.", "Ik deed het anders."), 1
    ):
        save(noor, page, f"p.{number}", **{"fout--text": text})
        clock.shift(timedelta(minutes=20))
    shown = noor.get("/verslagen/1/versies")
    assert "erbij: niet" in shown.words
    assert "weg: niet goed" in shown.words
    assert len(shown.all("ins")) >= 2
    assert len(shown.all("del")) == 1


def test_saves_of_one_sitting_are_one_version_and_every_step_is_there_on_demand(
    client_of, cast, clock
):
    noor, page = begin(client_of, cast)
    for number in range(5):
        save(noor, page, f"p.{number}", **{"fout--text": "tik " * (number + 1)})
        clock.shift(timedelta(minutes=1))
    assert len(noor.get("/verslagen/1/versies").all("details")) == 1
    assert len(noor.get("/verslagen/1/versies?alles=1").all("details")) == 5


@pytest.fixture
def hostile_versions(client_of, cast, app):
    """Noor kept 150 versions of 20,000 characters in a section, all of the same four words."""
    noor, _ = begin(client_of, cast)
    rng = random.Random(1)
    with app.app_context():
        report = session().get_one(Report, 1)
        for number in range(150):
            text = " ".join(rng.choices(["ja", "of", "nee", "wel"], k=5_000))[:20_000]
            at = NOW + timedelta(hours=number)
            by = cast.actor("noor")
            save_texts(report, Action.WRITE, {"fout": {"text": f"{number}: {text}"}}, by=by, at=at)
        commit()
    return noor


@pytest.mark.slow
@pytest.mark.parametrize("address", ["/verslagen/1/versies", "/verslagen/1/versies?alles=1"])
def test_many_long_versions_come_in_pages_that_lead_to_each_other(hostile_versions, address):
    numbers = []
    while address:
        page = hostile_versions.get(address)
        versions = page.html.split("<details")[1:]
        assert 0 < len(versions) <= VERSIONS_PER_PAGE
        numbers += [int(re.search(r"(\d+): ", version)[1]) for version in versions]
        older = [link for link in page.all("a") if link.get("rel") == "next"]
        address = older[0]["href"] if older else ""
        newer = [link["href"] for link in page.all("a") if link.get("rel") == "prev"]
        assert bool(newer) == (len(numbers) > VERSIONS_PER_PAGE)
    assert numbers == sorted(range(150), reverse=True), "each version once, the newest first"


@pytest.mark.parametrize("number", ["0", "-1", "9", "x", "", "1e3", "9" * 30, "²"])
def test_a_page_of_versions_that_is_not_there_is_not_found(client_of, cast, number):
    noor, page = begin(client_of, cast)
    save(noor, page, "p.1", **{"fout--text": "Een tekst."})
    noor.get(f"/verslagen/1/versies?pagina={number}", status=404)


def test_what_was_just_written_over_is_one_press_from_the_writing_page_and_known_by_its_first_words(
    client_of, cast, clock
):
    noor, page = begin(client_of, cast)
    assert not [link for link in page.links() if "versies" in link], "nothing is written yet"
    save(noor, page, "p.1", **{"fout--text": "De helft is $\\frac{1}{2}$."})
    clock.shift(timedelta(minutes=1))
    save(noor, page, "p.2", **{"fout--text": "Per ongeluk alles weg."})
    (there,) = [link for link in noor.get(WRITE.format(1)).links() if "versies" in link]
    shown = noor.get(there)
    assert "De helft is $\\frac{1}{2}$." in shown.html.split("<summary")[2].split("</summary>")[0]


def test_an_earlier_text_can_be_taken_back_as_a_new_version(client_of, cast, clock):
    noor, page = begin(client_of, cast)
    save(noor, page, "p.1", **{"fout--text": "Mijn eerste gedachte."})
    clock.shift(timedelta(minutes=20))
    save(noor, page, "p.2", **{"fout--text": "Iets heel anders."})
    shown = noor.get("/verslagen/1/versies")
    address = next(
        form["action"] for form in shown.all("form") if "/terug" in form.get("action", "")
    )
    assert noor.client.post(
        address, data={"csrf_token": shown.field("csrf_token")}
    ).location.endswith("?deel=fout#fout")
    back = noor.post(address)
    assert "Je hebt deze tekst terug" in back.words
    assert "Mijn eerste gedachte." in back.html
    assert "Iets heel anders." in noor.get("/verslagen/1/versies?alles=1").words
    client_of("sam").get("/")
    client_of("sam").post(address, status=404)
    noor.post("/verslagen/1/inleveren", on="/verslagen/1/inleveren")
    noor.get("/")
    noor.post(address, status=409)


def test_two_texts_stand_side_by_side_until_the_writer_chooses(client_of, cast):
    noor, page = begin(client_of, cast)
    save(noor, page, "een.1", **{"fout--text": "Uit het ene venster."})
    shown = save(noor, page, "ander.1", **{"fout--text": "Uit het andere venster."})
    assert "Hier zijn twee teksten" in shown.words
    other = shown.field("other")
    shown = noor.post("/verslagen/1/kiezen", {"choice": "other", "other": other})
    assert "Uit het andere venster." in shown.html
    assert "Hier zijn twee teksten" not in shown.words
    assert "Uit het ene venster." in noor.get("/verslagen/1/versies?alles=1").words
    noor.post("/verslagen/1/kiezen", {"choice": "gooi weg", "other": other}, status=404)
    client_of("sam").get("/")
    client_of("sam").post("/verslagen/1/kiezen", {"choice": "this", "other": other}, status=404)


@pytest.fixture
def next_round(app, cast, make_report):
    """Noor rounded off a report with a goal; a month later the next round is open."""
    make_report("closed")
    with app.app_context():
        winter = Round(
            name="Winter", year_id=1, opens_on=TODAY, hand_in_on=TODAY + timedelta(days=20)
        )
        session().add(winter)
        session().flush()
        form = cast.forms["wiskunde-periode", "nl"]
        session().add(RoundCourse(round_id=winter.id, course_id=cast.course, form_id=form))
        number = start_report(winter.id, course_id=cast.course, by=cast.actor("noor"), at=NOW).id
        commit()
        session().close()
    return number


def test_the_next_round_opens_with_the_goals_and_asks_how_it_went(client_of, next_round):
    noor = client_of("noor")
    page = noor.get(WRITE.format(next_round))
    assert "Vorige keer nam je je voor: Haakjes schrijven" in page.words
    assert "Je zou merken dat het lukt als: geen minfouten" in page.words
    how = {"earlier--a.goal": "Haakjes schrijven", "earlier--a.how": "Bijna altijd gedaan."}
    noor.post(WRITE.format(next_round), fields(page, **how))
    noor.post(f"/verslagen/{next_round}/inleveren", on=f"/verslagen/{next_round}/inleveren")
    read = client_of("dewit").get(f"/verslagen/{next_round}").words
    assert "Haakjes schrijven" in read
    assert "Bijna altijd gedaan." in read


def test_a_goal_about_which_nothing_is_said_is_not_repeated(client_of, next_round):
    noor = client_of("noor")
    page = noor.get(WRITE.format(next_round))
    sent = {"earlier--a.goal": "Haakjes schrijven", "earlier--a.how": "", "fout--text": "Iets."}
    noor.post(WRITE.format(next_round), fields(page, **sent))
    noor.post(f"/verslagen/{next_round}/inleveren", on=f"/verslagen/{next_round}/inleveren")
    assert "Haakjes schrijven" not in client_of("dewit").get(f"/verslagen/{next_round}").words


def test_without_earlier_goals_nobody_is_asked_about_them(client_of, cast):
    _, page = begin(client_of, cast)
    assert "Vorige keer" not in page.words
    assert not [field for field in page.all("textarea") if field["name"].startswith("earlier")]


def test_the_growth_path_tells_goals_and_how_they_went_in_words(client_of, next_round, cast, app):
    with app.app_context():
        report = session().get(Report, next_round)
        words = {"earlier": {"a.goal": "Haakjes schrijven", "a.how": "Bijna altijd gedaan."}}
        revisions.save(
            report,
            words,
            action=Action.WRITE,
            base_version=2**62,
            save_key=None,
            by=cast.actor("noor"),
            at=NOW,
        )
        commit()
        session().close()
    path = client_of("noor").get("/groeipad")
    for words in (
        "Herfst",
        "Haakjes schrijven",
        "geen minfouten",
        "Bijna altijd gedaan.",
        "Ik ga het proberen.",
    ):
        assert words in path.words
    assert path.all("svg")
    assert "Haakjes" not in client_of("sam").get("/groeipad").words


def test_a_goal_that_is_taken_on_again_does_not_borrow_what_was_said_before(
    client_of, next_round, cast, app
):
    with app.app_context():
        report = session().get(Report, next_round)
        words = {
            "earlier": {"a.goal": "Haakjes schrijven", "a.how": "Bijna altijd gedaan."},
            "closing": {"a.goal": "Haakjes schrijven", "word": "Nog een keer."},
        }
        revisions.save(
            report,
            words,
            action=Action.WRITE,
            base_version=2**62,
            save_key=None,
            by=cast.actor("noor"),
            at=NOW,
        )
        commit()
        session().close()
    path = client_of("noor").get("/groeipad").words
    assert path.count("Haakjes schrijven") == 2
    assert path.count("Bijna altijd gedaan.") == 1
    assert path.index("Bijna altijd gedaan.") < path.index("Nog een keer.")


def test_a_section_at_a_time_is_a_choice_that_is_remembered(client_of, cast):
    noor, page = begin(client_of, cast)
    assert len([one for one in page.all("section") if "section" in one.get("class", "")]) > 5
    page = noor.post("/mijn/schrijfwijze", {"writes": "one", "report": "1"})
    own = [one for one in page.all("section") if "section" in one.get("class", "")]
    assert len(own) == 1
    assert {field["name"].split("--")[0] for field in page.all("textarea")} == {"doelen"}
    page = noor.get(f"{WRITE.format(1)}?deel=begrijp")
    page = noor.post(
        WRITE.format(1), fields(page, **{"begrijp--text": "Stap voor stap.", "do": "go:fout"})
    )
    assert [field["name"] for field in page.all("textarea")] == ["fout--text"]
    assert "doelen--a.goal" in noor.get(WRITE.format(1)).html, (
        "it opens where nothing is written yet"
    )
    page = noor.get(f"{WRITE.format(1)}?deel=begrijp")
    assert "Stap voor stap." in page.html
    page = noor.post("/mijn/schrijfwijze", {"writes": "all", "report": "1"})
    assert "fout--text" in page.html


def test_what_is_empty_is_named_and_blocks_nothing(client_of, cast):
    noor, page = begin(client_of, cast)
    noor.post(WRITE.format(1), fields(page, **{"begrijp--text": "Alleen dit."}))
    page = noor.get("/verslagen/1/inleveren")
    assert "Je schreef nog niets bij:" in page.words
    assert "Ingeleverd" in noor.post("/verslagen/1/inleveren").words


def test_a_preview_is_what_the_reader_will_see_and_runs_nothing(client_of, cast):
    noor, page = begin(client_of, cast)
    asked = {
        "csrf_token": page.field("csrf_token"),
        "text": "**vet** $\\frac{1}{2}$ <script>x</script>",
        "language": "nl",
    }
    html = noor.client.post("/tonen", data=asked).json["html"]
    assert "<strong>vet</strong>" in html
    assert "<mfrac>" in html
    assert "<script>" not in html
    assert (
        "nog geen formule"
        in noor.client.post("/tonen", data={**asked, "text": "$\\onbekend{1}$"}).json["html"]
    )


def test_looking_how_long_the_session_lasts_does_not_make_it_last_longer(client_of, cast, clock):
    noor, page = begin(client_of, cast)
    clock.shift(timedelta(minutes=50))
    assert noor.client.get("/mijn/sessie").json["seconds"] == 600
    clock.shift(timedelta(minutes=5))
    assert noor.client.get("/mijn/sessie").json["seconds"] == 300
    stayed = noor.client.post("/mijn/sessie", data={"csrf_token": page.field("csrf_token")})
    assert stayed.json["seconds"] == 3600
    clock.shift(timedelta(minutes=61))
    gone = noor.client.get("/mijn/sessie", headers={"Accept": "application/json"})
    assert gone.status_code == 401


def test_the_key_to_a_device_is_each_persons_own_and_stays_the_same(client_of, cast):
    mine = client_of("noor").client.get("/mijn/sessie").json["device"]
    assert len(mine) == 64
    assert client_of("sam").client.get("/mijn/sessie").json["device"] != mine
    noor = client_of("noor")
    noor.get("/")
    noor.post("/uitloggen")
    assert noor.sign_in("noor").client.get("/mijn/sessie").json["device"] == mine
