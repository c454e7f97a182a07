"""A page travels packed, but never when somebody else's page could have asked for it to weigh it."""

import gzip

import pytest

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


def test_what_is_no_page_is_left_alone(as_):
    answer = as_("noor").client.get("/mijn/sessie", headers={**PACKED, "Accept": "application/json"})
    assert answer.mimetype == "application/json"
    assert answer.content_encoding is None
