"""The booklet on a screen, at any width, light and dark, for mentor, student and guardian."""

import pytest

from tests.browser.conftest import DESKTOP, PHONE, click_and_wait


@pytest.mark.parametrize(
    ("size", "scheme"), [(PHONE, "light"), (DESKTOP, "dark"), (DESKTOP, "light"), (PHONE, "dark")]
)
def test_a_mentor_reads_a_booklet_and_its_picture_is_taken(visitor, size, scheme):
    mentor = visitor(size, scheme).sign_in("smit")
    page = mentor.page
    click_and_wait(page.get_by_role("link", name="Klas 2b"))
    click_and_wait(page.get_by_role("link", name="Noor el Amrani"))
    click_and_wait(page.get_by_role("link", name="Hier lezen").first)
    mentor.check_page(
        f"booklet-{'phone' if size == PHONE else 'desk'}" if scheme == "light" else None
    )
    words = page.locator(".booklet").inner_text()
    assert (
        words.index("voor het gesprek over")
        < words.index("Wat hierin staat")
        < words.index("Wij spreken af")
    )
    page.locator(".contents a").last.click()
    assert (
        page.evaluate("document.querySelector('#agreements').getBoundingClientRect().top")
        < size["height"]
    )


def test_a_student_and_who_reads_at_home_read_on_one_page(visitor):
    for name, link in (
        ("noor", "Alles wat beantwoord is, op één pagina"),
        ("sam", "Alles wat beantwoord is, op één pagina"),
    ):
        reader = visitor(PHONE).sign_in(name)
        click_and_wait(reader.page.get_by_role("link", name=link).first)
        reader.check_page()
