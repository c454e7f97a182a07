"""A page travels packed, but never when somebody else's page could have asked for it to weigh it."""

import gzip

import pytest
from flask import Response

from reflect import places
from reflect.web import packing
from reflect.web.assets import static
from tests.page import check

PACKED = {"Accept-Encoding": "gzip, deflate, br", "Sec-Fetch-Site": "same-origin"}


@pytest.mark.parametrize("path", ["/", "/mijn", "/nergens"])
def test_a_page_is_packed_for_who_comes_from_a_page_of_ours_or_by_hand(as_, path):
    reader = as_("noor").client
    plain = reader.get(path)
    for site in ("same-origin", "none"):
        answer = reader.get(path, headers={**PACKED, "Sec-Fetch-Site": site})
        assert answer.content_encoding == "gzip"
        assert answer.content_length == len(answer.data) < len(plain.data)
        assert check(gzip.decompress(answer.data).decode()).words == check(plain.text).words


@pytest.mark.parametrize("headers", [
    {**PACKED, "Sec-Fetch-Site": "cross-site"},
    {**PACKED, "Sec-Fetch-Site": "same-site"},  # another site of the same school is not ours
    {"Accept-Encoding": "gzip"},  # who says nothing could have been sent by anybody
    {"Sec-Fetch-Site": "same-origin"},
    {"Accept-Encoding": "gzip;q=0", "Sec-Fetch-Site": "same-origin"},
])  # fmt: skip
def test_a_page_that_somebody_elses_page_may_have_asked_for_travels_as_it_is(as_, headers):
    answer = as_("noor").client.get("/", headers=headers)
    assert answer.content_encoding is None
    assert {"Accept-Encoding", "Sec-Fetch-Site"} <= set(answer.vary.as_set(preserve_casing=True))
    check(answer.text)


def test_a_file_or_what_is_no_page_is_not_packed_again(as_, app):
    client = as_("noor").client
    with app.test_request_context():
        addresses = {path: static(path) for path in ("css/screen.css", "fonts/literata-latin-600-normal.woff2")}
    for path, address in addresses.items():
        content = client.get(address, headers=PACKED)
        unpacked = gzip.decompress(content.data) if path.endswith(".css") else content.data
        content.close()
        assert unpacked == (places.STATIC / path).read_bytes(), "packed once, or not at all"
    assert client.get("/mijn/sessie", headers={**PACKED, "Accept": "application/json"}).content_encoding is None


def test_only_a_page_is_packed_and_only_when_it_is_worth_it(app):
    for content, mimetype, packed in (
        ("x" * 999, "text/html", False), ("x" * 1000, "text/html", True), ("x" * 1000, "text/plain", False),
    ):  # fmt: skip
        with app.test_request_context(headers=PACKED):
            answer = packing._pack(Response(content, mimetype=mimetype))
        assert (answer.content_encoding == "gzip") is packed
