"""One report goes the whole way in a real browser: written, answered, shared, read and printed."""

import os
import re
import subprocess

from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, click_and_wait


def test_one_report_travels_the_whole_way_and_its_pictures_are_taken(visitor):
    noor = visitor(PHONE).sign_in("noor")
    number = write(noor)
    answer(visitor(DESKTOP).sign_in("dewit"), number)
    link = read_close_and_share(noor, number)
    at_home(visitor(PHONE).sign_in("fatima.noor"), number)
    by_link(visitor(PHONE), link)
    paper(visitor(DESKTOP).sign_in("smit"))
    who_has_read(noor, number)


def write(noor):
    page = noor.page
    noor.check_page("home-phone")
    click_and_wait(page.get_by_role("button", name="Begin met Wiskunde"))
    noor.check_page("writing-phone")
    number = re.search(r"/verslagen/(\d+)/", page.url).group(1)
    field = page.locator("textarea[name='begrijp--text']")
    field.fill(
        "Een vergelijking is als een weegschaal. Bij $2x + 3 = 11$ haal ik links en rechts $3$ weg."
    )
    expect(page.locator("#save-status")).to_have_text(
        re.compile(r"Bewaard om \d\d:\d\d"), timeout=15_000
    )
    page.reload()
    expect(field).to_have_value(re.compile("weegschaal"))
    click_and_wait(page.get_by_role("button", name="Bekijken en inleveren"))
    page.wait_for_url("**/inleveren")
    noor.check_page()
    expect(page.locator("math").first).to_be_visible()
    click_and_wait(page.get_by_role("button", name="Inleveren"))
    noor.check_page()
    return number


def answer(teacher, number):
    page = teacher.page
    teacher.check_page("home-teacher")
    click_and_wait(page.get_by_role("link", name="Wiskunde 2b"))
    teacher.check_page("course")
    page.goto(f"/verslagen/{number}/beantwoorden")
    teacher.check_page("answering")
    page.locator("[name='begrijp--text']").fill("Jouw weegschaal klopt precies.")
    page.locator("[name='overall--seen']").fill(
        "Je schrijft: ‘links en rechts 3 weg’. Dat is de kern."
    )
    page.locator("[name='overall--next']").fill(
        "Maak drie sommen met haakjes, met bij elke stap één woord erbij."
    )
    page.locator("[name='overall--question']").fill(
        "Wanneer zou een weegschaal je niet meer helpen?"
    )
    click_and_wait(page.get_by_role("button", name="Antwoord geven"))
    expect(page.get_by_text("Je antwoord is gegeven.")).to_be_visible()
    teacher.check_page()


def read_close_and_share(noor, number):
    page = noor.page
    page.goto(f"/verslagen/{number}")
    noor.check_page("reading-phone")
    expect(page.get_by_text("Jouw weegschaal klopt precies.")).to_be_visible()
    click_and_wait(page.get_by_role("link", name="Schrijf je slotwoord"))
    noor.check_page()
    page.locator("[name='closing--word']").fill("Ik ga kijken of het ook met min werkt.")
    page.locator("[name='closing--a.goal']").fill("Eerst zelf proberen, dan pas vragen")
    click_and_wait(page.get_by_role("button", name="Afronden"))
    expect(page.get_by_text("Afgerond.")).to_be_visible()
    noor.check_page()
    click_and_wait(page.get_by_role("link", name="Delen"))
    noor.check_page()
    page.get_by_label("Fatima el Amrani").check()
    click_and_wait(page.get_by_role("button", name="Delen", exact=True))
    noor.check_page()
    page.get_by_label("Iemand anders, met een link").check()
    page.get_by_label("Voor wie is de link?").fill("Oma")
    click_and_wait(page.get_by_role("button", name="Delen", exact=True))
    noor.check_page("sharing-phone")
    return page.locator("#new-link").input_value()


def at_home(fatima, number):
    fatima.check_page()
    fatima.page.goto(f"/verslagen/{number}")
    fatima.check_page("home-reads-phone")
    expect(fatima.page.get_by_text("Eerst zelf proberen")).to_be_visible()


def by_link(visitor, link):
    visitor.page.goto(link)
    visitor.check_page("share-link-phone")
    click_and_wait(visitor.page.get_by_role("button", name="Openen en lezen"))
    visitor.check_page()
    expect(visitor.page.get_by_text("Eerst zelf proberen")).to_be_visible()


def paper(mentor):
    page = mentor.page
    click_and_wait(page.get_by_role("link", name="Klas 2b"))
    mentor.check_page("group")
    page.get_by_text("De hele groep afdrukken").click()
    click_and_wait(page.get_by_role("button", name="Afdrukken"))
    mentor.check_page()
    fetch = page.get_by_role("link", name="De pdf voor de printer ophalen")
    expect(fetch).to_be_visible(timeout=240_000)
    mentor.check_page()
    with page.expect_download(timeout=120_000) as waiting:
        fetch.click()
    path = waiting.value.path()
    assert path.read_bytes().startswith(b"%PDF-")
    if os.environ.get("SCREENSHOTS"):
        page_two = [
            "pdftoppm",
            "-r",
            "70",
            "-f",
            "2",
            "-l",
            "2",
            "-png",
            "-singlefile",
            path,
            f"{os.environ['SCREENSHOTS']}/paper",
        ]
        subprocess.run(page_two, check=True)
    click_and_wait(page.get_by_role("link", name="Terug naar de groep"))
    mentor.check_page()
    click_and_wait(page.get_by_role("link", name="Noor el Amrani"))
    mentor.check_page("mentor-student")


def who_has_read(noor, number):
    noor.page.goto(f"/verslagen/{number}/gelezen")
    noor.check_page("readings-phone")
    listed = noor.page.locator("main").inner_text()
    for name, purpose in (
        ("Marleen de Wit", "om je te antwoorden"),
        ("Fatima el Amrani", "om mee te lezen"),
        ("Oma", "om mee te lezen"),
        ("Carla Smit", "afgedrukt"),
    ):
        assert re.search(rf"{name}[^\n]*\n?[^\n]*{purpose}", listed), (name, purpose, listed)
