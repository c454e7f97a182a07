"""A page is compressed, except where another site could have asked for it to measure its size."""

import gzip

import pytest
import rcssmin
from flask import Response

from reflect import paths
from reflect.web import compression
from reflect.web.assets import static_url
from reflect.web.sheet_bundles import bundle_sheet
from tests.page import check_page

PACKED = {"Accept-Encoding": "gzip, deflate, br", "Sec-Fetch-Site": "same-origin"}


@pytest.mark.parametrize("path", ["/", "/mijn", "/nergens"])
def test_a_page_is_packed_for_who_comes_from_a_page_of_ours_or_by_hand(client_of, path):
    reader = client_of("noor").client
    plain = reader.get(path)
    for site in ("same-origin", "none"):
        response = reader.get(path, headers={**PACKED, "Sec-Fetch-Site": site})
        assert response.content_encoding == "gzip"
        assert response.content_length == len(response.data) < len(plain.data)
        assert (
            check_page(gzip.decompress(response.data).decode()).words
            == check_page(plain.text).words
        )


@pytest.mark.parametrize(
    "headers",
    [
        {**PACKED, "Sec-Fetch-Site": "cross-site"},
        {**PACKED, "Sec-Fetch-Site": "same-site"},  # another site of the same school is not ours
        {"Accept-Encoding": "gzip"},  # who says nothing could have been sent by anybody
        {"Sec-Fetch-Site": "same-origin"},
        {"Accept-Encoding": "gzip;q=0", "Sec-Fetch-Site": "same-origin"},
    ],
)
def test_a_page_that_somebody_elses_page_may_have_asked_for_travels_as_it_is(client_of, headers):
    response = client_of("noor").client.get("/", headers=headers)
    assert response.content_encoding is None
    assert {"Accept-Encoding", "Sec-Fetch-Site"} <= set(response.vary.as_set(preserve_casing=True))
    check_page(response.text)


def test_a_file_or_what_is_no_page_is_not_packed_again(client_of, app):
    client = client_of("noor").client
    with app.test_request_context():
        addresses = {
            path: static_url(path)
            for path in ("css/screen.css", "fonts/literata-latin-600-normal.woff2")
        }
    for path, address in addresses.items():
        content = client.get(address, headers=PACKED)
        expected = (paths.STATIC / path).read_bytes()
        unpacked = content.data
        if path.endswith(".css"):
            expected = rcssmin.cssmin(bundle_sheet(paths.STATIC / path)).encode()
            unpacked = gzip.decompress(content.data)
        content.close()
        assert unpacked == expected, "packed once, or not at all"
    assert (
        client.get(
            "/mijn/sessie", headers={**PACKED, "Accept": "application/json"}
        ).content_encoding
        is None
    )


def test_only_a_page_is_packed_and_only_when_it_is_worth_it(app):
    for content, mimetype, packed in (
        ("x" * 999, "text/html", False),
        ("x" * 1000, "text/html", True),
        ("x" * 1000, "text/plain", False),
    ):
        with app.test_request_context(headers=PACKED):
            answer = compression._compress_page(Response(content, mimetype=mimetype))
        assert (answer.content_encoding == "gzip") is packed
