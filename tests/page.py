"""What every page keeps, checked on every page that any test fetches."""

import re
from html.parser import HTMLParser

from reflect.i18n import INTERFACE_LANGUAGES

_FORM_CONTROLS = {"input", "select", "textarea"}
_NUMBER_ABOUT_A_PERSON = re.compile(
    r"\b(?:cijfer|gemiddeld\w*|punten|score\w*|grade|average|rank\w*|percentage)\s*:?\s*\d"
    r"|\b\d+([.,]\d+)?\s*(?:/\s*10\b|%)",
    re.IGNORECASE,
)


class ParsedPage(HTMLParser):
    """A page as a reader of tags finds it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html, self.tags, self.text, self.skipping = html, [], [], 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.skipping += tag in ("style", "script")

    def handle_endtag(self, tag):
        self.skipping -= tag in ("style", "script")

    def handle_data(self, data):
        if not self.skipping:
            self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())

    def all(self, tag: str) -> list[dict]:
        return [attrs for name, attrs in self.tags if name == tag]

    def field(self, name: str) -> str:
        return next(
            field.get("value") or "" for field in self.all("input") if field.get("name") == name
        )

    def links(self) -> list[str]:
        return [link["href"] for link in self.all("a") if "href" in link]


def check_page(html: str) -> ParsedPage:
    """Check what holds on every page, and return it parsed.

    One h1, a title, a language, labels, unique ids, and no number about a person.
    """
    page = ParsedPage(html)
    names = [name for name, _ in page.tags]
    assert names.count("h1") == 1, "a page has one h1"
    assert re.search(r"<title>[^<]*\S[^<]*</title>", html), "a page has a title"
    assert page.all("html")[0].get("lang") in INTERFACE_LANGUAGES, "a page says its language"
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids)), (
        f"ids are unique: {sorted(id for id in ids if ids.count(id) > 1)}"
    )
    _check_fields(page, ids)
    _check_no_script_needed(page)
    assert not _NUMBER_ABOUT_A_PERSON.search(page.words), "no number stands for a person"
    assert "None" not in re.findall(r"[A-Za-z]+", page.words), "a missing value is said in words"
    return page


def _check_fields(page: ParsedPage, ids: list[str]) -> None:
    labelled = {label.get("for") for label in page.all("label")}
    for tag, attrs in page.tags:
        if tag in _FORM_CONTROLS and attrs.get("type") not in ("hidden", "submit"):
            assert attrs.get("id") in labelled or attrs.get("aria-label"), (
                f"a field has a label: {attrs}"
            )
        if "list" in attrs:
            assert attrs["list"] in ids, f"what can be chosen is there: {attrs}"
        if tag == "textarea":
            assert attrs.get("dir") == "auto", f"who writes from right to left can: {attrs}"
        for pointer in ("aria-describedby", "aria-labelledby"):
            for target in (attrs.get(pointer) or "").split():
                assert target in ids, f"{pointer} points to something that is there: {target}"


def _check_no_script_needed(page: ParsedPage) -> None:
    for tag, attrs in page.tags:
        assert not [name for name in attrs if name.startswith("on") or name == "style"], (
            f"nothing inline: {tag} {attrs}"
        )
        assert not (attrs.get("href") or "").startswith(("javascript:", "#!")), (
            "a link leads somewhere without a script"
        )
    for form in page.all("form"):
        assert form.get("method", "get").lower() in ("get", "post")
