"""Nothing that somebody typed is lost: without network, server, storage or the right clock."""

import re
import time

import pytest
from playwright.sync_api import expect

from reflect.demo.people import PASSWORD
from tests.browser.conftest import DESKTOP, PHONE, click_and_wait
from tests.browser.writing_page import SAVE, TIMEOUT_MS, WritingPage, age_sessions, sign_in


@pytest.fixture
def open_writing_page(visitor):
    return lambda name, **options: WritingPage(visitor, name, **options)


def test_words_are_kept_within_three_seconds_of_a_pause_and_the_caret_stays(open_writing_page):
    at = open_writing_page("noor")
    at.freeze_clock()
    at.field.fill("")
    at.type("Eerst dit. ")
    with at.page.expect_response(SAVE, timeout=TIMEOUT_MS):
        at.page.clock.run_for(3_000)
    at.page.clock.resume()
    at.expect_saved()
    at.field.evaluate("field => field.setSelectionRange(2, 2)")
    with at.page.expect_response(SAVE, timeout=TIMEOUT_MS):
        at.field.press_sequentially("XY")
    at.expect_saved()
    assert at.field.evaluate(
        "field => [document.activeElement === field, field.selectionStart]"
    ) == [True, 4]


def test_words_typed_before_the_script_arrived_are_kept_also_on_an_old_phone(open_writing_page):
    at = open_writing_page("noor")
    at.page.add_init_script("delete AbortSignal.timeout")
    late = {}
    at.page.route("**/js/autosave.js", lambda route: late.update(script=route))
    at.page.goto(at.address, wait_until="commit")
    at.type("Getypt terwijl de pagina nog laadde.")
    assert at.page.locator(".toolbar").count() == 0
    late["script"].continue_()
    at.expect_saved()


def test_words_are_kept_at_least_every_ten_seconds_while_typing_goes_on(open_writing_page):
    at = open_writing_page("noor")
    at.freeze_clock()
    with at.page.expect_request(SAVE, timeout=TIMEOUT_MS):  # no pause comes that it could wait for
        for _ in range(10):
            at.field.press_sequentially("tik ")
            at.page.clock.run_for(1_000)


def test_five_minutes_without_network_and_a_closed_page_lose_nothing(open_writing_page):
    at = open_writing_page("noor")
    at.page.clock.install()
    at.context.set_offline(True)
    at.type("Zonder verbinding geschreven.")
    at.page.clock.run_for(5_000)
    at.expect_stored_locally()
    at.page.clock.run_for(5 * 60_000)
    assert "Zonder" not in at.local_storage(), "what waits on the device is locked"
    other = at.context.new_page()
    at.page.close()
    at.context.set_offline(False)
    at.open(other)
    at.expect_text("Zonder verbinding geschreven.")
    expect(other.locator("#save-status")).to_have_text(
        "Op dit apparaat stond nog tekst van jou. Die is nu bewaard."
    )
    other.reload()
    at.expect_text("Zonder verbinding geschreven.")
    expect(other.locator("#save-status")).to_be_empty()
    expect(other.locator("textarea").first).to_be_visible()
    other.wait_for_function("() => Object.keys(localStorage).length === 0")


def test_when_the_network_comes_back_the_open_page_keeps_its_words_by_itself(open_writing_page):
    at = open_writing_page("noor")
    at.context.set_offline(True)
    at.type("Nog even zonder net.")
    at.expect_stored_locally()
    at.context.set_offline(False)
    at.expect_saved()
    at.page.reload()
    at.expect_text("Nog even zonder net.")


def test_a_server_killed_between_and_during_saves_loses_nothing(open_writing_page, demo_server):
    at = open_writing_page("sam")
    for number in range(3):
        at.type(f"Woord {number} voor de val. ")
        if number % 2:
            at.expect_saved()
        else:
            with at.page.expect_request(SAVE, timeout=TIMEOUT_MS):
                pass  # the save is under way now
        demo_server.kill()
        at.type(f"Woord {number} tijdens de val. ")
        at.expect_stored_locally()
        demo_server.start()
        at.expect_saved()
    at.page.reload()
    for number in range(3):
        at.expect_text(f"Woord {number} voor de val. Woord {number} tijdens de val.")
    assert demo_server.run_sql("pragma integrity_check") == [("ok",)]


def test_words_of_a_page_that_is_still_closing_are_kept_too(open_writing_page):
    """A slow computer lets go of a closed page a moment after the next one is there."""
    at = open_writing_page("tess")
    slow, home = at.context.new_page(), at.context.new_page()
    slow.goto("/healthz")
    at.context.set_offline(True)
    at.type("Net voor het sluiten.")
    at.expect_stored_locally()
    slow.evaluate(CLOSES_SLOWLY)
    at.close_abruptly()
    at.context.set_offline(False)
    home.goto("/")
    expect(home.get_by_text("Op dit apparaat stond nog tekst van jou.")).to_be_visible(
        timeout=TIMEOUT_MS
    )


# Gets the lock of the open page as soon as that page is gone, and keeps it for a moment.
CLOSES_SLOWLY = """() => {
  const name = Object.keys(localStorage).find(one => one.startsWith("reflect:"));
  navigator.locks.request(name, () => new Promise(done => setTimeout(done, 700)));
}"""


def test_words_left_behind_are_kept_from_any_page_one_lands_on(open_writing_page):
    at = open_writing_page("tess")
    at.context.set_offline(True)
    at.type("Blijven liggen.")
    at.expect_stored_locally()
    home = at.context.new_page()
    at.close_abruptly()
    at.context.set_offline(False)
    home.goto("/")
    expect(home.get_by_text("Op dit apparaat stond nog tekst van jou.")).to_be_visible(
        timeout=TIMEOUT_MS
    )
    at.open(home)
    at.expect_text("Blijven liggen.")
    at.context.set_offline(True)
    at.type(" En dit ook.")
    at.expect_stored_locally()
    look = at.context.new_page()
    at.close_abruptly()
    at.context.set_offline(False)
    look.goto(at.address.replace("schrijven", "inleveren"))
    expect(look.get_by_text("Blijven liggen. En dit ook.")).to_be_visible(
        timeout=TIMEOUT_MS
    )  # before it is handed in


@pytest.mark.parametrize("where", ["two tabs", "two devices"])
def test_two_pages_on_one_draft_lose_neither_text_and_the_writer_chooses(open_writing_page, where):
    name = {"two tabs": "milan", "two devices": "lotte"}[where]
    one = open_writing_page(name)
    other = open_writing_page(name, size=PHONE) if where == "two devices" else None
    if other is None:
        other = WritingPage.__new__(WritingPage)
        other.visitor, other.context, other.address = one.visitor, one.context, one.address
        other.open(one.context.new_page())
    one.field.fill("Uit het ene venster.")
    one.expect_saved()
    other.field.fill("Uit het andere venster.")
    expect(other.page.get_by_text("Beide teksten zijn bewaard").first).to_be_visible(
        timeout=TIMEOUT_MS
    )
    other.type(" En nog wat.")
    expect(other.status).to_have_text(re.compile("naast een andere tekst"), timeout=TIMEOUT_MS)
    other.page.wait_for_timeout(2500)  # the second save, after another pause
    other.page.get_by_role("button", name="Zet ze naast elkaar").click()
    beside = other.page.locator(".conflict").first
    expect(beside).to_contain_text("Uit het ene venster.", timeout=TIMEOUT_MS)
    expect(beside).to_contain_text("Uit het andere venster. En nog wat.")
    other.visitor.page = other.page
    other.visitor.check_page(f"two-texts-{'phone' if where == 'two devices' else 'desk'}")
    beside.get_by_role("button", name="Zet ze onder elkaar").click()
    other.expect_text("Uit het ene venster.\n\nUit het andere venster. En nog wat.")
    expect(other.page.locator(".conflict")).to_have_count(0)


def test_the_way_back_and_a_reload_lose_nothing(open_writing_page):
    at = open_writing_page("noor", index=1)
    at.type("Meteen terug.")
    at.page.go_back()
    at.page.wait_for_url(re.compile(r"/$"))
    at.page.go_forward()
    at.open()
    at.expect_text("Meteen terug.")
    at.type(" Meteen herladen.")
    at.page.reload()
    at.expect_text("Meteen terug. Meteen herladen.")


def test_a_device_that_is_full_says_so_and_the_server_keeps_all_the_same(
    open_writing_page, demo_server
):
    at = open_writing_page("noor")
    at.page.evaluate("""() => {
      for (let size = 5_300_000; size > 0; size = Math.floor(size / 2))
        try {
          for (let n = 0; ; n++) localStorage.setItem(`vol${size}-${n}`, "x".repeat(size));
        } catch {}
    }""")
    at.type("Vol apparaat, wel net.")
    at.expect_saved()
    at.context.set_offline(True)
    at.type(" Vol apparaat, geen net.")
    expect(at.status).to_have_text(re.compile("Laat deze pagina open"), timeout=TIMEOUT_MS)
    at.context.set_offline(False)
    at.expect_saved()
    age_sessions(demo_server, "noor", seconds_left=-60)
    at.type(" Vol apparaat, uitgelogd.")
    expect(at.status).to_have_text(
        re.compile("Je bent uitgelogd.*Log in een ander venster in"), timeout=TIMEOUT_MS
    )
    other = at.context.new_page()
    other.goto("/inloggen")
    sign_in(other, "noor")
    at.expect_saved()
    at.page.reload()
    at.expect_text("Vol apparaat, wel net. Vol apparaat, geen net. Vol apparaat, uitgelogd.")


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_an_hour_off_changes_nothing(open_writing_page, hours):
    at = open_writing_page("noor")
    at.page.clock.set_system_time(int((time.time() + hours * 3600) * 1000))
    at.context.set_offline(True)
    at.type("Verkeerde klok.")
    at.expect_stored_locally()
    at.context.set_offline(False)
    at.expect_saved()
    said = at.status.inner_text().split()[-1]
    here = at.page.evaluate(
        "new Date().toLocaleTimeString('nl',"
        " {hour: '2-digit', minute: '2-digit', timeZone: 'Europe/Amsterdam'})"
    )
    assert said != here, "the time comes from the server"


def test_a_save_sent_twice_makes_no_second_version(open_writing_page, demo_server):
    at = open_writing_page("noor")
    number = re.search(r"/verslagen/(\d+)/", at.address)[1]

    def versions():
        count = "select count(*) from revision where report_id = ?"
        return demo_server.run_sql(count, int(number))[0][0]

    def lose_the_answer(route):
        if route.request.method == "POST":
            route.fetch()
            route.abort()
        else:
            route.continue_()

    at.page.route("**/schrijven", lose_the_answer, times=1)
    before = versions()
    at.type("Eén keer maar.")
    at.expect_saved()
    assert versions() == before + 1, "the answer got lost, the words had arrived"


def test_a_teachers_answer_is_lost_as_little(visitor):
    teacher = visitor(DESKTOP).sign_in("dewit")
    page = teacher.page
    click_and_wait(page.get_by_role("link", name="Wiskunde 2b"))
    page.goto(page.locator("a[href$='/beantwoorden']").first.get_attribute("href"))
    page.wait_for_function("() => document.querySelector('.toolbar')")
    address = page.url
    teacher.context.set_offline(True)
    page.locator("[name='overall--seen']").fill("Op zondag zonder wifi.")
    expect(page.locator("#save-status")).to_have_text(
        re.compile("wacht op dit apparaat"), timeout=TIMEOUT_MS
    )
    other = teacher.context.new_page()
    page.close()
    teacher.context.set_offline(False)
    other.goto(address)
    expect(other.locator("[name='overall--seen']")).to_have_value(
        "Op zondag zonder wifi.", timeout=TIMEOUT_MS
    )


@pytest.mark.parametrize("name", ["dewit", "noor"])
def test_a_phrase_and_a_reason_wait_on_the_device_until_they_have_arrived(
    visitor, demo_server, name
):
    writer = visitor(PHONE).sign_in(name)
    closed = demo_server.run_sql(
        "select r.id from report r join person p on p.id = r.student_id"
        " where p.sign_in_name = 'noor' and r.state = 'closed'"
    )[0][0]
    address, field, button = {
        "dewit": ("/zinnen", "Je zin", "Deze zin bewaren"),
        "noor": (
            f"/verslagen/{closed}/heropenen",
            "Waarom wil je dit verslag opnieuw openen?",
            "Opnieuw openen",
        ),
    }[name]
    page, words = writer.page, "Dit is nog niet af, maar het blijft."
    page.goto(address)
    page.get_by_label(field).fill(words)
    page.wait_for_function("() => Object.keys(localStorage).length === 1")
    assert "niet af" not in page.evaluate("JSON.stringify(Object.entries(localStorage))"), (
        "what waits is locked"
    )
    page = writer.page = writer.context.new_page()
    page.goto(address)
    expect(page.get_by_label(field)).to_have_value(words, timeout=TIMEOUT_MS)
    assert page.locator("[data-tool=formula]").count() == (name == "dewit"), (
        "a phrase has the tools of an answer"
    )
    writer.check_page(f"held-{name}")
    writer.context.set_offline(True)
    with page.expect_event(
        "requestfailed"
    ):  # it is sent once the words are on the device, a moment after the press
        page.get_by_role("button", name=button).click()
    writer.context.set_offline(False)
    page.goto(address)
    expect(page.get_by_label(field)).to_have_value(words, timeout=TIMEOUT_MS)
    click_and_wait(page.get_by_role("button", name=button))
    expect(page.get_by_text(words).first).to_be_attached(timeout=TIMEOUT_MS)
    page.wait_for_function("() => Object.keys(localStorage).length === 0")
    assert name == "noor" or page.get_by_label(field).input_value() == ""


def test_a_text_that_was_too_long_and_one_beside_it_both_wait_on_the_device(open_writing_page):
    at = open_writing_page("noor")
    fields = at.page.locator("textarea[name$='--text']")
    at.field.fill("x" * 20_001)
    expect(at.page.locator(".js-too-long")).to_be_visible(timeout=TIMEOUT_MS)
    with at.page.expect_response(SAVE, timeout=TIMEOUT_MS):
        fields.nth(1).press_sequentially("Dit staat ernaast. ")
    # The section beside it is kept, and the page does not say so of the one that is not.
    expect(at.page.locator(".js-too-long")).to_be_visible(timeout=TIMEOUT_MS)
    expect(at.status).not_to_have_text(re.compile("Bewaard om"))
    assert "reflect:" in at.local_storage()
    with at.page.expect_response(SAVE, timeout=TIMEOUT_MS):
        at.field.fill("Nu is het kort. ")
    at.expect_saved()
    at.context.set_offline(True)
    at.type("Zonder netwerk verder.")
    at.expect_stored_locally()
    other = at.context.new_page()
    at.page.close()
    at.context.set_offline(False)
    at.open(other)
    at.expect_text("Nu is het kort. Zonder netwerk verder.")


@pytest.mark.parametrize("with_scripts", [True, False])
def test_what_is_too_large_to_send_still_stands_where_it_was_typed(chromium, server, with_scripts):
    """The server does not read it: with scripts it is not sent, without them one goes back."""
    context = chromium.new_context(
        java_script_enabled=with_scripts, base_url=server, locale="nl-NL", viewport=PHONE
    )
    page = context.new_page()
    page.goto("/inloggen")
    page.get_by_label("Naam om mee in te loggen").fill("dewit")
    page.get_by_label("Wachtwoord").fill(PASSWORD)
    click_and_wait(page.get_by_role("button", name="Inloggen"))
    page.goto("/zinnen")
    area = page.locator("textarea").first
    # In a form each of these signs takes nine bytes, so that the browser has less to lay out.
    words = "€€€€€€€ " * 70_000
    area.fill(words, timeout=TIMEOUT_MS)
    button = page.locator("form:has(textarea) button.button:not([type=button])").first
    if with_scripts:
        button.click(timeout=TIMEOUT_MS)
        expect(page.get_by_text("Dit is te groot om te versturen")).to_be_visible(
            timeout=TIMEOUT_MS
        )
    else:
        click_and_wait(button)
        expect(page.get_by_text("Wat je stuurde is te groot")).to_be_visible(timeout=TIMEOUT_MS)
        assert "Ga terug met de knop van je browser" in page.locator("main").inner_text()
        page.go_back()
    assert area.input_value() == words
    context.close()
