"""What a browser fetches for a page: at most ten files, 100 KiB, and only the fonts it needs."""

import pytest

from tests.browser.conftest import PHONE, click_and_wait


@pytest.mark.parametrize(
    "mail", ["", "data:text/html,<a href='{}'>verslag</a>"]
)  # from another site: sent without compression
def test_the_writing_page_is_light_also_with_a_long_text_and_the_teachers_remarks(
    visitor, chromium, server, mail
):
    reader = visitor(PHONE).sign_in("femke")  # who has been asked on about much
    addresses = {
        one.get_attribute("href") for one in reader.page.locator("a[href$='/schrijven']").all()
    }
    assert len(addresses) > 1
    for font in ("OpenDyslexic", "Atkinson"):
        reader.choose_font(font)
        for address in addresses:
            sizes = response_sizes(chromium, server, reader, address, mail)
            assert len(sizes) <= 10, list(sizes)
            wire = sum(
                size["responseBodySize"] + size["responseHeadersSize"] for size in sizes.values()
            )
            assert wire < 100 * 1024, sizes


def response_sizes(chromium, server, reader, address, mail):
    """Open a page with an empty cache; return the sizes of all responses, by address."""
    context = chromium.new_context(
        base_url=server, viewport=PHONE, storage_state=reader.context.storage_state()
    )
    cold, sizes = context.new_page(), {}
    cold.on("requestfinished", lambda request: sizes.update({request.url: request.sizes()}))
    if mail:
        cold.goto(mail.format(server + address))
        sizes.clear()
        click_and_wait(cold.get_by_role("link"))
    else:
        cold.goto(address)
    cold.wait_for_load_state("networkidle")
    context.close()
    return sizes


def test_the_dyslexia_font_is_a_subset_and_the_whole_font_is_fetched_only_for_other_characters(
    visitor, chromium, server
):
    reader = visitor(PHONE).sign_in("milan")
    reader.choose_font("OpenDyslexic")
    fetched = [
        address.rpartition("/")[2]
        for address in response_sizes(chromium, server, reader, "/mijn", "")
    ]
    fonts = [f"reflect-dyslexic-latin-{weight}-normal.woff2" for weight in (400, 700)]
    assert sorted(name for name in fetched if name.endswith(".woff2")) == fonts
    page = reader.page
    with page.expect_request("**/opendyslexic-latin-700-normal.woff2"):
        page.evaluate("document.querySelector('h1').append(' Łukasz')")
    widths = page.evaluate("""async () => {
      const pen = document.createElement('canvas').getContext('2d');
      const text = 'Ty AV To, “Wat ik vond” — een half: ½ · 3 × 4 ≤ π; café, mañana en één ijs';
      const wide = async face => {
        await document.fonts.load(face, text);
        pen.font = face;
        return pen.measureText(text).width;
      };
      return Promise.all([400, 700].flatMap(weight => ['Reflect Dyslexic', 'OpenDyslexic'].map(
        name => wide(`${weight} 40px "${name}"`))));
    }""")
    assert widths[0] == widths[1] != widths[2] == widths[3]
    reader.choose_font("Atkinson")
