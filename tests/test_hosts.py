"""No request decides where a link or a redirect leads: the settings alone know where we are."""

import re
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest

from reflect.app import create_app
from reflect.web.redirects import safe_next_url
from tests.conftest import isolated_settings
from tests.route_table import ROWS

EVIL = "evil.example"
HERE = "http://127.0.0.1:8000"
# Where a browser would go with each of these differs between browsers and over the years.
HOSTILE_PATHS = (
    f"//{EVIL}",
    f"//{EVIL}/",
    f"//{EVIL}/inloggen",
    f"///{EVIL}",
    f"////{EVIL}/..",
    f"/\\{EVIL}",
    f"\\\\{EVIL}",
    f"/\\/{EVIL}",
    f"/%2f%2f{EVIL}",
    f"/%2F/{EVIL}",
    f"/%5c{EVIL}",
    f"/%09/{EVIL}",
    f"/\t/{EVIL}",
    f"/%0d%0aLocation:%20http://{EVIL}",
    f"/\r\nLocation: http://{EVIL}",
    f"/inloggen//{EVIL}",
    f"//user:pass@{EVIL}/",
    f"//127.0.0.1:8000@{EVIL}/",
    f"/.//{EVIL}",
    f"/..//{EVIL}",
    f"/;@{EVIL}",
    "//[",
    "//\uff0f",
    f"//{EVIL}%E3%80%82",
)
HOSTILE_ADDRESSES = (
    f"http://{EVIL}",
    f"https:{EVIL}",
    f"http:/{EVIL}",
    f"http:///{EVIL}",
    f"HTTP://{EVIL}",
    f"javascript:alert(document.domain)//{EVIL}",
    f"data:text/html,{EVIL}",
    f" //{EVIL}",
    f"\x00//{EVIL}",
    f"\ufeff//{EVIL}",
    f"{EVIL}",
    f"@{EVIL}",
    f".{EVIL}",
    f"?//{EVIL}",
    f"#//{EVIL}",
    "",
    "http://[",
)
CORPUS = (*HOSTILE_PATHS, *HOSTILE_ADDRESSES)
# What a client may send about where the site is.
HOSTILE_HEADERS = {
    "X-Forwarded-Host": EVIL,
    "X-Forwarded-Server": EVIL,
    "X-Forwarded-Prefix": f"//{EVIL}",
    "X-Script-Name": f"//{EVIL}",
    "Script-Name": f"//{EVIL}",
    "X-Original-URL": f"//{EVIL}/",
    "X-Rewrite-URL": f"//{EVIL}/",
    "Forwarded": f"host={EVIL};proto=https",
    "X-Forwarded-Proto": "javascript",
    "Origin": "http://[",
    "Referer": f"//{EVIL}",
}
FIND_LINKS = re.compile(r"""(?:href|src|action)="([^"]*)\"""")


def leads_elsewhere(location, base=HERE):
    """Return whether a browser that is at `base` leaves its host for this address."""
    # As the URL standard reads it: control characters go, and a backslash is a slash.
    seen = re.sub(r"[\t\r\n]", "", location).strip("".join(map(chr, range(33)))).replace("\\", "/")
    try:
        there = urlsplit(urljoin(base, seen))
    except ValueError:
        return True
    return there.scheme not in ("http", "https") or there.netloc != urlsplit(base).netloc


def check_response(response):
    location = response.headers.get("Location", "")
    assert not leads_elsewhere(location), location
    assert response.status_code < 500, response.text[:300]
    if response.mimetype == "text/html":
        for link in FIND_LINKS.findall(response.text):
            if link.startswith("data:image/svg"):  # our icon
                continue
            assert not leads_elsewhere(unescape(link)), link


@pytest.mark.parametrize("path", HOSTILE_PATHS)
@pytest.mark.parametrize("name", ["nobody", "noor"])
def test_no_path_leads_to_another_site(client_of, name, path):
    client = client_of(name).client
    for method in ("GET", "POST", "HEAD"):
        for query in ("", f"//{EVIL}", f"verder=//{EVIL}"):
            # Past the test client, which would make an address of another host of some.
            response = client.open(
                method=method,
                path="/",
                query_string=query,
                environ_overrides={
                    "PATH_INFO": path.encode().decode("latin-1"),
                    "HTTP_HOST": EVIL,
                },
            )
            location = response.headers.get("Location", "")
            assert EVIL not in urlsplit(location).netloc
            check_response(response)


@pytest.mark.parametrize("address", CORPUS)
def test_going_on_after_signing_in_stays_here(client_of, address):
    assert not leads_elsewhere(safe_next_url(address)), address
    nobody = client_of("nobody").client
    check_response(nobody.get("/inloggen", query_string={"verder": address}))
    noor = client_of("noor")
    for fields in ({"language": "en", "onward": address}, {"onward": address}):
        token = noor.page.field("csrf_token")
        check_response(noor.client.post("/taal", data={"csrf_token": token, **fields}))


@pytest.mark.parametrize(("endpoint", "method"), list(ROWS))
@pytest.mark.parametrize("name", ["nobody", "noor"])
def test_no_header_decides_where_a_page_leads(client_of, name, endpoint, method):
    client = client_of(name).client
    path = re.sub(r"\{\w+\}", "1", ROWS[endpoint, method].path)
    for script_name in ("", f"//{EVIL}", f"http://{EVIL}", f"/\\{EVIL}", "/x"):
        response = client.open(
            path,
            method=method,
            headers={**HOSTILE_HEADERS, "Host": EVIL},
            data={"reason": "x", "text": "x"} if method == "POST" else None,
            environ_overrides={"SCRIPT_NAME": script_name, "HTTP_SCRIPT_NAME": script_name},
        )
        assert EVIL not in str(response.headers)
        check_response(response)
        if response.mimetype == "text/html":
            assert EVIL not in response.text


def test_a_base_address_with_a_path_is_the_beginning_of_every_link(tmp_path):
    app = create_app(isolated_settings(tmp_path, REFLECT_BASE_URL="https://school.example/reflect"))
    # Whether a proxy takes the path off or leaves it.
    for path in ("/inloggen", "/reflect/inloggen"):
        page = app.test_client().get(path)
        assert page.status_code == 200
        links = FIND_LINKS.findall(page.text)
        assert links
        assert all(link.startswith(("/reflect/", "#", "data:")) for link in links), links
    assert app.test_client().get("/reflection").status_code == 404
