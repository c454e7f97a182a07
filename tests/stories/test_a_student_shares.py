"""A student shares: one share of a person runs at a time, a link ends, and what is said is so."""

import re
from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
import sqlalchemy as sa

from reflect.access import policy, share
from reflect.access.access_log import AccessLogEntry
from reflect.access.policy import PolicyKind
from reflect.access.share import Audience, Share
from reflect.db.session import commit, session
from reflect.reports.report import Report
from reflect.reports.rounds import Round
from reflect.school import ties
from reflect.school.people import SchoolYear
from tests.cast import NOW, YEAR_BEGINS_ON

SECRET, LETTER = "ik was zenuwachtig", "mag ik iets vragen"


def share_page(client_of, number):
    return client_of("noor").get(f"/verslagen/{number}/delen")


def share_report(client_of, number, *, status=200, **fields):
    share_page(client_of, number)
    return client_of("noor").post(f"/verslagen/{number}/delen", fields, status=status)


def links_to_stop(page):
    return [form["action"] for form in page.all("form") if "stoppen" in form.get("action", "")]


def link_of(page):
    return re.search(r"http://[^\"<]+(/gedeeld/[\w-]+)", page.html).group(1)


def open_link(client_of, link, *, status=200):
    visitor = client_of("nobody")
    visitor.get(link, status=status)
    return visitor.post(link, status=status)


def set_policy(app, cast, kind):
    with app.app_context():
        days = {"begins_on": YEAR_BEGINS_ON, "ends_on": None}
        policy.set_policy(kind, group_id=cast.group, **days, by_id=cast.people["brandt"], at=NOW)
        commit()
        session().close()


def test_sharing_again_changes_the_days_and_stopping_stops(client_of, make_report, cast):
    number, fatima = make_report("answered"), str(cast.people["fatima"])
    share_report(client_of, number, whom=fatima)
    page = share_report(client_of, number, whom=fatima, last_day="2026-12-24")
    assert "Veranderd" in page.words
    (stop,) = links_to_stop(page)
    client_of("fatima").get(f"/verslagen/{number}")
    stopped = client_of("noor").post(stop)
    assert "Vanaf nu kan Fatima Amrani het niet meer openen" in stopped.words
    client_of("fatima").get(f"/verslagen/{number}", status=404)


def test_a_refused_change_ends_nothing(client_of, make_report, cast):
    number, fatima = make_report("answered"), str(cast.people["fatima"])
    share_report(client_of, number, whom=fatima)
    days = {"first_day": "2026-12-24", "last_day": "2026-12-01"}
    page = share_report(client_of, number, whom=fatima, **days, status=422)
    assert page.field("last_day") == "2026-12-01"
    client_of("fatima").get(f"/verslagen/{number}")


def test_two_presses_at_one_moment_make_one_share_that_runs(app, make_report, cast):
    number, barrier = make_report("answered"), Barrier(4)

    def press():
        with app.app_context():
            barrier.wait()
            share.share_with(
                session().get(Report, number),
                person_id=cast.people["fatima"],
                begins_at=NOW,
                ends_at=None,
                by=cast.actor("noor"),
                at=NOW,
            )
            commit()
            session().close()

    threads = [Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        running = sa.select(Share).where(Share.report_id == number, Share.revoked_at.is_(None))
        assert len(session().scalars(running).all()) == 1
        session().close()


def test_who_may_read_by_another_way_is_said_at_the_stop(client_of, make_report, cast, app):
    number = make_report("answered")
    with app.app_context():
        session().add(
            ties.Mentoring(
                person_id=cast.people["fatima"], group_id=cast.group, begins_on=YEAR_BEGINS_ON
            )
        )
        commit()
        session().close()
    page = share_report(client_of, number, whom=str(cast.people["fatima"]))
    stopped = client_of("noor").post(links_to_stop(page)[0])
    assert "Ook zonder dat jij deelt" in stopped.words
    assert "Fatima Amrani, je mentor" in stopped.words
    assert "niet meer openen" not in stopped.words
    client_of("fatima").get(f"/verslagen/{number}")


def test_before_the_day_of_the_talk_a_stop_says_what_the_school_will_show(
    client_of, make_report, cast, app
):
    number = make_report("answered")
    set_policy(app, cast, PolicyKind.AT_MOMENT)
    page = share_report(client_of, number, whom=str(cast.people["fatima"]))
    stopped = client_of("noor").post(links_to_stop(page)[0])
    assert "Vanaf die dag laat je school thuis zien wat beantwoord is" in stopped.words
    assert "niet meer openen" not in stopped.words


@pytest.mark.parametrize("state", ["draft", "answered"])
def test_what_sharing_brings_is_said_as_it_is(client_of, make_report, cast, app, state):
    number = make_report(state)
    page = share_report(client_of, number, whom=str(cast.people["fatima"]))
    if state == "draft":
        assert "kan dit verslag lezen zodra je het inlevert" in page.words
        client_of("fatima").get(f"/verslagen/{number}", status=404)
    else:
        assert "Fatima Amrani kan dit verslag nu lezen" in page.words
    set_policy(app, cast, PolicyKind.CONVERSATION_ONLY)
    page = share_report(client_of, number, whom=str(cast.people["fatima"]))
    assert "Fatima Amrani leest er hier niets van" in page.words
    assert "kan dit verslag nu lezen" not in page.words


def test_a_share_that_begins_later_is_no_share_of_now(client_of, make_report, cast):
    number, fatima = make_report("draft"), str(cast.people["fatima"])
    words = share_report(client_of, number, whom=fatima, first_day="2026-11-26").words
    assert "vanaf donderdag 26 november, als je het dan hebt ingeleverd" in words
    share_report(client_of, number, whom="link", label="Oma", first_day="2026-11-26")
    links = client_of("noor").get(f"/verslagen/{number}/voorbeeld").links()
    (preview,) = (link for link in links if re.search(r"voor=link\W?\d", link))
    assert "Deze link gaat open op donderdag 26 november" in client_of("noor").get(preview).words


def test_a_link_ends_by_itself_on_the_day_of_the_talk(client_of, make_report, clock):
    number = make_report("answered")
    page = share_report(client_of, number, whom="link", label="Oma")
    assert "De link is open tot en met vrijdag 11 december" in page.words
    link = link_of(page)
    clock.move_to(NOW + timedelta(days=(date(2026, 12, 11) - NOW.date()).days))
    open_link(client_of, link)
    clock.move_to(NOW + timedelta(days=(date(2026, 12, 12) - NOW.date()).days))
    open_link(client_of, link, status=404)


def test_without_a_talk_to_come_a_link_ends_after_thirty_days(
    client_of, make_report, app, cast, clock
):
    number = make_report("answered")
    with app.app_context():
        session().get(Round, cast.round).conversation_on = None
        commit()
        session().close()
    link = link_of(share_report(client_of, number, whom="link", label="Oma"))
    clock.move_to(NOW + timedelta(days=30))
    open_link(client_of, link)
    clock.move_to(NOW + timedelta(days=31))
    open_link(client_of, link, status=404)


def test_a_link_beyond_the_school_year_is_refused_and_what_was_typed_stays(client_of, make_report):
    number = make_report("answered")
    fields = {"whom": "link", "label": "Oma", "last_day": "2027-08-01"}
    page = share_report(client_of, number, **fields, status=422)
    assert "uiterlijk het einde van het schooljaar" in page.words
    assert (page.field("label"), page.field("last_day")) == ("Oma", "2027-08-01")
    share_report(client_of, number, **{**fields, "last_day": "2027-07-31"})


def test_after_the_school_year_no_link_is_made_and_none_is_open(client_of, make_report, app, clock):
    number = make_report("answered")
    page = share_report(client_of, number, whom="link", label="Oma", last_day="2027-07-31")
    link = link_of(page)
    with app.app_context():
        assert session().scalar(sa.select(SchoolYear.ends_on)) == date(2027, 8, 1)
        session().close()
    clock.move_to(NOW + timedelta(days=(date(2027, 8, 2) - NOW.date()).days))
    open_link(client_of, link, status=404)
    client_of("noor").sign_in("noor")
    share_report(client_of, number, whom="link", label="Opa", status=422)


def test_a_link_of_old_without_an_end_opens_nothing(client_of, make_report, app):
    number = make_report("answered")
    link = link_of(share_report(client_of, number, whom="link", label="Oma"))
    open_link(client_of, link)
    with app.app_context():
        session().execute(sa.update(Share).values(ends_at=None))
        commit()
        session().close()
    open_link(client_of, link, status=404)


@pytest.mark.parametrize(("section", "secret"), [("gevoel", SECRET), ("brief", LETTER)])
def test_a_link_carries_a_private_part_only_where_it_was_ticked(
    client_of, make_report, section, secret
):
    number = make_report("answered")
    links = [
        link_of(share_report(client_of, number, whom="link", label=label))
        for label in ("Oma", "Opa")
    ]
    noor = client_of("noor")
    noor.get(f"/verslagen/{number}/delen")
    page = noor.post(f"/verslagen/{number}/openen", {"section": section, "audience": ["home"]})
    for link in links:
        assert secret not in open_link(client_of, link).html
    boxes = re.findall(rf'id="{section}-(link-\d+)"', page.html)
    assert len(boxes) == 2
    for_oma = min(boxes, key=lambda value: int(value.removeprefix("link-")))
    page = noor.post(
        f"/verslagen/{number}/openen", {"section": section, "audience": ["home", for_oma]}
    )
    assert "wie je link ‘Oma’ heeft" in page.words
    assert "wie je link ‘Opa’ heeft" not in page.words
    assert secret in open_link(client_of, links[0]).html
    assert secret not in open_link(client_of, links[1]).html
    page = noor.post(f"/verslagen/{number}/openen", {"section": section, "audience": ["home"]})
    assert secret not in open_link(client_of, links[0]).html


def test_a_preview_shows_each_person_what_is_open_to_them_and_no_more(
    client_of, make_report, cast, app
):
    number, noor = make_report("answered"), client_of("noor")
    with app.app_context():
        report = session().get(Report, number)
        opening = {"by": cast.actor("noor"), "at": NOW}
        share.open_section(report, section="gevoel", audience=Audience.MENTOR, **opening)
        share.open_section(report, section="brief", audience=Audience.HOME, **opening)
        commit()
        session().close()
    preview = f"/verslagen/{number}/voorbeeld"
    as_fatima = noor.get(f"{preview}?voor={cast.people['fatima']}")
    assert "Dit ziet Fatima Amrani als je het deelt" in as_fatima.words
    assert SECRET not in as_fatima.html, "only the mentor gets that"
    assert LETTER in as_fatima.html
    as_link = noor.get(f"{preview}?voor=link")
    assert "haal je links en rechts" in as_link.html
    assert LETTER not in as_link.html, "nothing is ticked for a link that is still to be made"
    noor.get(f"{preview}?voor={cast.people['hassan']}", status=404)
    set_policy(app, cast, PolicyKind.CONVERSATION_ONLY)
    closed = noor.get(f"{preview}?voor={cast.people['fatima']}")
    assert "haal je links en rechts" not in closed.html
    assert "Fatima Amrani leest er hier niets van" in closed.words


def test_the_page_to_hand_in_says_who_reads_which_part(client_of, make_report, cast):
    number, noor = make_report("draft"), client_of("noor")
    page = noor.get(f"/verslagen/{number}/inleveren")
    assert "Deze onderdelen leest je docent niet:" in page.words
    assert SECRET not in page.html
    noor.get(f"/verslagen/{number}/delen")
    noor.post(f"/verslagen/{number}/openen", {"section": "gevoel", "audience": ["teacher"]})
    share_report(client_of, number, whom=str(cast.people["fatima"]))
    page = noor.get(f"/verslagen/{number}/inleveren")
    assert "Deze onderdelen leest je docent niet" not in page.words
    assert SECRET in page.html, "it is part of what the teacher will read"
    assert "Zij lezen het dan ook" in page.words
    assert "Fatima Amrani, thuis" in page.words
    writing = noor.get(f"/verslagen/{number}/schrijven").words
    assert "Alleen je docent leest" not in writing
    assert "je docent, zodra je het inlevert" in writing


def test_where_nobody_teaches_the_course_no_teacher_is_said_to_read(
    client_of, make_report, cast, app
):
    number, noor = make_report("draft"), client_of("noor")
    with app.app_context():
        for tie in session().scalars(sa.select(ties.Teaching)):
            tie.ends_on = NOW.date()
        commit()
        session().close()
    page = noor.get(f"/verslagen/{number}/inleveren")
    assert "Dit gaat je docent lezen" not in page.words
    assert "Niemand geeft nu les aan deze lesgroep" in page.words
    page = noor.post(f"/verslagen/{number}/inleveren", on=f"/verslagen/{number}/inleveren")
    assert "nog geen docent leest het" in page.words


def test_after_opening_again_nobody_is_said_to_have_asked(client_of, make_report):
    number, noor = make_report("reopened"), client_of("noor")
    for path in ("/", f"/verslagen/{number}", f"/verslagen/{number}/schrijven"):
        words = noor.get(path).words
        assert "Je docent vraagt door" not in words, path
        assert "Je hebt het weer geopend" in words, path
    assert "Het antwoord van" in noor.get(f"/verslagen/{number}/schrijven").words
    assert "Weer geopend" in client_of("dewit").get(f"/verslagen/{number}").words


def test_a_mere_question_is_no_answer(client_of, make_report):
    number = make_report("returned")
    for name in ("noor", "dewit"):
        words = client_of(name).get(f"/verslagen/{number}").words
        assert "Het antwoord van" not in words, name
        assert "De vraag van" in words, name
    assert "Je docent vraagt door" in client_of("noor").get("/").words


@pytest.mark.parametrize("name", ["noor", "dewit"])
def test_opening_again_without_a_reason_keeps_the_form(client_of, make_report, name):
    number, browser = make_report("closed"), client_of(name)
    path = f"/verslagen/{number}/heropenen"
    browser.get(path)
    page = browser.post(path, {"reason": "  "}, status=422)
    assert "Schrijf op waarom je dit verslag opnieuw wilt openen" in page.words
    assert any(area.get("name") == "reason" for area in page.all("textarea"))
    assert "De leerling kan het lezen" not in page.words or name == "dewit"


def test_the_day_to_hand_in_is_told_as_past_once_it_is(client_of, app, cast, clock):
    with app.app_context():
        day = session().get(Round, cast.round).hand_in_on
        session().close()
    assert "Lever uiterlijk" in client_of("noor").get("/").words
    clock.move_to(NOW + timedelta(days=(day - NOW.date()).days + 3))
    words = client_of("noor").sign_in("noor").get("/").words
    assert "Lever uiterlijk" not in words
    assert "De inleverdag was" in words
    assert "Inleveren kan nog" in words


def test_without_scripts_the_page_says_that_a_button_keeps(client_of, make_report):
    number = make_report("draft")
    page = client_of("noor").get(f"/verslagen/{number}/schrijven")
    assert "bewaard terwijl je typt" not in page.words
    assert "Druk op ‘Bewaren’ voordat je deze pagina verlaat" in page.words


def test_a_guardian_of_a_school_that_keeps_to_the_talk_reads_no_blame(
    client_of, make_report, cast, app
):
    number = make_report("answered")
    share_report(client_of, number, whom=str(cast.people["fatima"]))
    set_policy(app, cast, PolicyKind.CONVERSATION_ONLY)
    words = client_of("fatima").get("/").words
    assert "heeft nog niets gedeeld" not in words
    assert "Er is nu niets van Noor dat je kunt lezen" in words
    assert "brengt ze op papier mee" in words


def test_two_links_of_one_label_have_two_names_everywhere(client_of, make_report):
    number = make_report("answered")
    first, second, third = (
        link_of(share_report(client_of, number, whom="link", label=label))
        for label in ("Oma", "Oma ", "Opa")
    )
    words = share_page(client_of, number).words
    assert "Oma (2) (via een link, gemaakt vandaag)" in words
    open_link(client_of, second)
    log = client_of("noor").get(f"/verslagen/{number}/gelezen").words
    assert "Oma (2)" in log
    assert log.count("Oma") == 1
    for link in (first, third):
        open_link(client_of, link)
    assert "Opa (2)" not in client_of("noor").get(f"/verslagen/{number}/gelezen").words
    choices = client_of("noor").get(f"/verslagen/{number}/voorbeeld").words
    assert "‘Oma’" in choices
    assert "‘Oma (2)’" in choices


def test_no_program_for_mail_cuts_a_link_off(app, make_report, cast):
    """They take a sign at its end for one of the sentence."""
    number = make_report("answered")
    with app.app_context():
        report = session().get(Report, number)
        tokens = {
            share.share_by_link(
                report, label="Oma", begins_at=NOW, ends_at=None, by=cast.actor("noor"), at=NOW
            )
            for _ in range(100)
        }
        session().rollback()
    assert len(tokens) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9]{32,}", token) for token in tokens)


def test_a_link_of_before_ends_as_it_ends_and_still_opens(app, client_of, make_report):
    number = make_report("answered")
    share_report(client_of, number, whom="link", label="Oma")
    with app.app_context():
        old = share._hash_token("een-oude-link_-")
        session().execute(sa.update(Share).values(token_hash=old))
        commit()
        session().close()
    assert "Noor" in open_link(client_of, "/gedeeld/een-oude-link_-").words


CLOSED = ["unknown", "stopped", "over", "not begun", "taken back", "reads nothing"]


@pytest.mark.parametrize("why", CLOSED)
def test_the_page_of_a_link_says_at_once_that_it_is_not_open(
    app, client_of, make_report, clock, why
):
    """The same sentence for all: whoever guesses a link learns nothing else of it."""
    number = make_report("draft" if why == "reads nothing" else "handed_in")
    days = {"first_day": "2026-11-27"} if why == "not begun" else {}
    page = share_report(client_of, number, whom="link", label="Oma", **days)
    link = link_of(page)
    if why == "unknown":
        link = link[:-1]
    elif why == "stopped":
        client_of("noor").post(links_to_stop(page)[0])
    elif why == "over":
        clock.shift(timedelta(days=40))
    elif why == "taken back":
        client_of("noor").post(f"/verslagen/{number}/terugnemen")
    before = readings(app)
    shown = client_of("nobody").get(link, status=404)
    assert "Deze link is niet (meer) open" in shown.words
    assert "Openen en lezen" not in shown.words
    posted = client_of("nobody").post(link, status=404)
    assert (shown.words, posted.words) == (shown.words, shown.words)
    assert readings(app) == before


def readings(app):
    with app.app_context():
        return session().scalar(sa.select(sa.func.count()).select_from(AccessLogEntry))


def test_the_page_of_an_open_link_notes_nothing_however_often_it_is_asked(
    app, client_of, make_report
):
    link = link_of(share_report(client_of, make_report("answered"), whom="link", label="Oma"))
    before = readings(app)
    for _ in range(3):
        assert "Openen en lezen" in client_of("nobody").get(link).words
    assert readings(app) == before
    open_link(client_of, link)
    assert readings(app) == before + 1
