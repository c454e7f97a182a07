"""Nothing that somebody typed is lost: without network, server, storage or the right clock."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE, follow
from tests.browser.writer import SOON, Desk, age, sign_in


@pytest.fixture
def desk(visitor):
    return lambda name, **options: Desk(visitor, name, **options)


def test_words_are_kept_within_three_seconds_of_a_pause_and_the_caret_stays(desk):
    at = desk("noor")
    at.field.fill("")
    at.type("Eerst dit. ")
    began = time.monotonic()
    at.is_kept()
    assert time.monotonic() - began < 3
    at.field.evaluate("field => field.setSelectionRange(2, 2)")
    with at.page.expect_response(re.compile("/schrijven$"), timeout=SOON):
        at.field.press_sequentially("XY")
    at.is_kept()
    assert at.field.evaluate("field => [document.activeElement === field, field.selectionStart]") == [True, 4]


def test_words_typed_before_the_script_arrived_are_kept_also_on_an_old_phone(desk):
    at = desk("noor")
    at.page.add_init_script("delete AbortSignal.timeout")
    late = {}
    at.page.route("**/js/keep.js", lambda route: late.update(script=route))
    at.page.goto(at.address, wait_until="commit")
    at.type("Getypt terwijl de pagina nog laadde.")
    assert at.page.locator(".tools").count() == 0
    late["script"].continue_()
    at.is_kept()


def test_words_are_kept_at_least_every_ten_seconds_while_typing_goes_on(desk):
    at = desk("noor")
    saves = []
    at.page.on("request", lambda asked: saves.append(time.monotonic()) if asked.url.endswith("/schrijven") else None)
    began = time.monotonic()
    while time.monotonic() - began < 11:
        at.field.press_sequentially("tik ", delay=60)
    assert saves, "nobody waits for a pause that does not come"
    assert saves[0] - began < 10


def test_five_minutes_without_network_and_a_closed_page_lose_nothing(desk):
    at = desk("noor")
    at.page.clock.install()
    at.context.set_offline(True)
    at.type("Zonder verbinding geschreven.")
    at.page.clock.run_for(5_000)
    at.waits()
    at.page.clock.run_for(5 * 60_000)
    assert "Zonder" not in at.stored(), "what waits on the device is locked"
    other = at.context.new_page()
    at.page.close()
    at.context.set_offline(False)
    at.open(other)
    at.shows("Zonder verbinding geschreven.")
    expect(other.locator("#kept")).to_have_text("Op dit apparaat stond nog tekst van jou. Die is nu bewaard.")
    other.reload()
    at.shows("Zonder verbinding geschreven.")
    expect(other.locator("#kept")).to_be_empty()
    expect(other.locator("textarea").first).to_be_visible()
    other.wait_for_function("() => Object.keys(localStorage).length === 0")


def test_when_the_network_comes_back_the_open_page_keeps_its_words_by_itself(desk):
    at = desk("noor")
    at.context.set_offline(True)
    at.type("Nog even zonder net.")
    at.waits()
    at.context.set_offline(False)
    at.is_kept()
    at.page.reload()
    at.shows("Nog even zonder net.")


def test_a_server_killed_between_and_during_saves_loses_nothing(desk, house):
    at = desk("sam")
    for number in range(3):
        at.type(f"Woord {number} voor de val. ")
        if number % 2:
            at.is_kept()
        else:
            with at.page.expect_request(re.compile("/schrijven$"), timeout=SOON):
                pass  # the save is under way now
        house.kill()
        at.type(f"Woord {number} tijdens de val. ")
        at.waits()
        house.start()
        at.is_kept()
    at.page.reload()
    for number in range(3):
        at.shows(f"Woord {number} voor de val. Woord {number} tijdens de val.")
    assert house.asked("pragma integrity_check") == [("ok",)]


def test_words_of_a_page_that_is_still_closing_are_kept_too(desk):
    """A slow computer lets go of a closed page a moment after the next one is there."""
    at = desk("tess")
    slow, home = at.context.new_page(), at.context.new_page()
    slow.goto("/healthz")
    at.context.set_offline(True)
    at.type("Net voor het sluiten.")
    at.waits()
    slow.evaluate(CLOSES_SLOWLY)
    at.is_gone()
    at.context.set_offline(False)
    home.goto("/")
    expect(home.get_by_text("Op dit apparaat stond nog tekst van jou.")).to_be_visible(timeout=SOON)


# Whoever waits for the lock of the open page gets it as soon as that page is gone, and keeps it for a moment.
CLOSES_SLOWLY = """() => {
  const name = Object.keys(localStorage).find(one => one.startsWith("reflect:"));
  navigator.locks.request(name, () => new Promise(done => setTimeout(done, 700)));
}"""


def test_words_left_behind_are_kept_from_any_page_one_lands_on(desk):
    at = desk("tess")
    at.context.set_offline(True)
    at.type("Blijven liggen.")
    at.waits()
    home = at.context.new_page()
    at.is_gone()
    at.context.set_offline(False)
    home.goto("/")
    expect(home.get_by_text("Op dit apparaat stond nog tekst van jou.")).to_be_visible(timeout=SOON)
    at.open(home)
    at.shows("Blijven liggen.")
    at.context.set_offline(True)
    at.type(" En dit ook.")
    at.waits()
    look = at.context.new_page()
    at.is_gone()
    at.context.set_offline(False)
    look.goto(at.address.replace("schrijven", "inleveren"))
    expect(look.get_by_text("Blijven liggen. En dit ook.")).to_be_visible(timeout=SOON)  # before it is handed in


@pytest.mark.parametrize("where", ["two tabs", "two devices"])
def test_two_pages_on_one_draft_lose_neither_text_and_the_writer_chooses(desk, where):
    name = {"two tabs": "milan", "two devices": "lotte"}[where]
    one = desk(name)
    other = desk(name, size=PHONE) if where == "two devices" else None
    if other is None:
        other = Desk.__new__(Desk)
        other.visitor, other.context, other.address = one.visitor, one.context, one.address
        other.open(one.context.new_page())
    one.field.fill("Uit het ene venster.")
    one.is_kept()
    other.field.fill("Uit het andere venster.")
    expect(other.page.get_by_text("Beide teksten zijn bewaard").first).to_be_visible(timeout=SOON)
    other.type(" En nog wat.")
    expect(other.kept).to_have_text(re.compile("naast een andere tekst"), timeout=SOON)
    other.page.wait_for_timeout(2500)  # the second save, after another pause
    other.page.get_by_role("button", name="Zet ze naast elkaar").click()
    beside = other.page.locator(".beside").first
    expect(beside).to_contain_text("Uit het ene venster.", timeout=SOON)
    expect(beside).to_contain_text("Uit het andere venster. En nog wat.")
    other.visitor.page = other.page
    other.visitor.look(f"two-texts-{'phone' if where == 'two devices' else 'desk'}")
    beside.get_by_role("button", name="Zet ze onder elkaar").click()
    other.shows("Uit het ene venster.\n\nUit het andere venster. En nog wat.")
    expect(other.page.locator(".beside")).to_have_count(0)


def test_the_way_back_and_a_reload_lose_nothing(desk):
    at = desk("noor", which=1)
    at.type("Meteen terug.")
    at.page.go_back()
    at.page.wait_for_url(re.compile(r"/$"))
    at.page.go_forward()
    at.open()
    at.shows("Meteen terug.")
    at.type(" Meteen herladen.")
    at.page.reload()
    at.shows("Meteen terug. Meteen herladen.")


def test_a_device_that_is_full_says_so_and_the_server_keeps_all_the_same(desk, house):
    at = desk("noor")
    at.page.evaluate("""() => {
      for (let size = 5_300_000; size > 0; size = Math.floor(size / 2))
        try { for (let n = 0; ; n++) localStorage.setItem(`vol${size}-${n}`, "x".repeat(size)); } catch {}
    }""")
    at.type("Vol apparaat, wel net.")
    at.is_kept()
    at.context.set_offline(True)
    at.type(" Vol apparaat, geen net.")
    expect(at.kept).to_have_text(re.compile("Laat deze pagina open"), timeout=SOON)
    at.context.set_offline(False)
    at.is_kept()
    age(house, "noor", seconds_left=-60)
    at.type(" Vol apparaat, uitgelogd.")
    expect(at.kept).to_have_text(re.compile("Je bent uitgelogd.*Log in een ander venster in"), timeout=SOON)
    other = at.context.new_page()
    other.goto("/inloggen")
    sign_in(other, "noor")
    at.is_kept()
    at.page.reload()
    at.shows("Vol apparaat, wel net. Vol apparaat, geen net. Vol apparaat, uitgelogd.")


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_an_hour_off_changes_nothing(desk, hours):
    at = desk("noor")
    at.page.clock.set_system_time(int((time.time() + hours * 3600) * 1000))
    at.context.set_offline(True)
    at.type("Verkeerde klok.")
    at.waits()
    at.context.set_offline(False)
    at.is_kept()
    said = at.kept.inner_text().split()[-1]
    here = at.page.evaluate(
        "new Date().toLocaleTimeString('nl', {hour: '2-digit', minute: '2-digit', timeZone: 'Europe/Amsterdam'})"
    )
    assert said != here, "the time comes from the server"


def test_a_save_sent_twice_makes_no_second_version(desk, house):
    at = desk("noor")
    number = re.search(r"/verslagen/(\d+)/", at.address)[1]
    versions = lambda: house.asked("select count(*) from revision where report_id = ?", int(number))[0][0]  # noqa: E731 - read twice
    at.page.route("**/schrijven", lambda route: (route.fetch(), route.abort()) if route.request.method == "POST" else route.continue_(),
                  times=1)  # fmt: skip
    before = versions()
    at.type("Eén keer maar.")
    at.is_kept()
    assert versions() == before + 1, "the answer got lost, the words had arrived"


def test_a_teachers_answer_is_lost_as_little(visitor):
    teacher = visitor(DESK).sign_in("dewit")
    page = teacher.page
    follow(page.get_by_role("link", name="Wiskunde 2b"))
    page.goto(page.locator("a[href$='/beantwoorden']").first.get_attribute("href"))
    page.wait_for_function("() => document.querySelector('.tools')")
    address = page.url
    teacher.context.set_offline(True)
    page.locator("[name='overall--seen']").fill("Op zondag zonder wifi.")
    expect(page.locator("#kept")).to_have_text(re.compile("wacht op dit apparaat"), timeout=SOON)
    other = teacher.context.new_page()
    page.close()
    teacher.context.set_offline(False)
    other.goto(address)
    expect(other.locator("[name='overall--seen']")).to_have_value("Op zondag zonder wifi.", timeout=SOON)


@pytest.mark.parametrize("name", ["dewit", "noor"])
def test_a_phrase_and_a_reason_wait_on_the_device_until_they_have_arrived(visitor, house, name):
    writer = visitor(PHONE).sign_in(name)
    closed = house.asked(
        "select r.id from report r join person p on p.id = r.student_id where p.sign_in_name = 'noor' and r.state = 'closed'"
    )[0][0]
    address, field, button = {
        "dewit": ("/zinnen", "Je zin", "Deze zin bewaren"),
        "noor": (f"/verslagen/{closed}/heropenen", "Waarom wil je dit verslag opnieuw openen?", "Opnieuw openen"),
    }[name]
    page, words = writer.page, "Dit is nog niet af, maar het blijft."
    page.goto(address)
    page.get_by_label(field).fill(words)
    page.wait_for_function("() => Object.keys(localStorage).length === 1")
    assert "niet af" not in page.evaluate("JSON.stringify(Object.entries(localStorage))"), "what waits is locked"
    page = writer.page = writer.context.new_page()
    page.goto(address)
    expect(page.get_by_label(field)).to_have_value(words, timeout=SOON)
    assert page.locator("[data-tool=formula]").count() == (name == "dewit"), "a phrase has the tools of an answer"
    writer.look(f"held-{name}")
    writer.context.set_offline(True)
    with page.expect_event("requestfailed"):  # it is sent once the words are on the device, a moment after the press
        page.get_by_role("button", name=button).click()
    writer.context.set_offline(False)
    page.goto(address)
    expect(page.get_by_label(field)).to_have_value(words, timeout=SOON)
    follow(page.get_by_role("button", name=button))
    expect(page.get_by_text(words).first).to_be_attached(timeout=SOON)
    page.wait_for_function("() => Object.keys(localStorage).length === 0")
    assert name == "noor" or page.get_by_label(field).input_value() == ""
