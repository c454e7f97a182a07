"""No request decides where a link or a redirect leads: the settings alone know where we are."""

import re
from html import unescape
from itertools import product
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest

from reflect.app import create_app
from reflect.db.session import commit, session
from reflect.storage import blob_store
from reflect.web.base_address import FixedBaseAddress
from reflect.web.redirects import safe_next_url
from tests.cast import PASSWORD
from tests.conftest import CheckedClient, isolated_settings
from tests.route_ids import make_one_of_each
from tests.route_table import EVERYBODY, ROWS

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
def test_going_on_after_signing_in_stays_here(app, client_of, address):
    with app.test_request_context():
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


PREFIX = "/reflect"
# An attribute whose value is a path of this site, whatever it is called.
FIND_PATHS = re.compile(r"""[\w-]+="(/[^"]*)\"""")
STATES_TO_WALK = ("draft", "handed_in", "answered", "closed")
LAST_OF_ALL = ("auth.logout", "account.logout_everywhere", "account.change_password")


@pytest.fixture
def under_a_path(app, change_settings):
    """Put the application under a path of its host, as the base address says."""
    base_url = f"https://school.example{PREFIX}"
    change_settings(base_url=base_url)
    before = app.wsgi_app
    app.wsgi_app = FixedBaseAddress(before.application, base_url)
    yield app
    app.wsgi_app = before


def leads_past(address):
    """Return whether a path, or the path inside of an address to sign in at, misses the prefix."""
    after = parse_qs(urlsplit(address).query).get("verder", [])
    return any(not f"{urlsplit(path).path}/".startswith(f"{PREFIX}/") for path in (address, *after))


def check_paths(response):
    location = response.headers.get("Location")
    assert location is None or not leads_past(location), location
    if response.mimetype == "text/html" and "<main" in response.text:
        found = [unescape(path) for path in FIND_PATHS.findall(response.text)]
        assert found
        assert not [path for path in found if leads_past(path)]
        assert f"{PREFIX}{PREFIX}" not in response.text
    response.close()


def in_order(method):
    """Return the rows of this method; what ends the session comes last."""
    keys = [key for key in ROWS if key[1] == method]
    return sorted(keys, key=lambda key: key[0] in LAST_OF_ALL)


@pytest.mark.parametrize("state", STATES_TO_WALK)
def test_under_a_path_every_address_begins_with_it(under_a_path, cast, client_of, state):
    """On each page of each person, and in what each of their forms answers."""
    with under_a_path.app_context():
        blobs = blob_store(under_a_path.extensions["reflect"].evidence)
        ids = make_one_of_each(cast, state, blobs=blobs)
        commit()
        session().close()
    for method, name in product(("GET", "POST"), EVERYBODY):
        browser = client_of(name)
        for key in in_order(method):
            row = ROWS[key]
            # A page of an earlier form may have replaced the token, or ended the session.
            token = CheckedClient(under_a_path).get("/inloggen").field("csrf_token")
            if method == "POST" and name != "nobody":
                home = browser.client.get(f"{PREFIX}/mijn")
                if home.status_code != 200:
                    browser.sign_in(name)
                    home = browser.client.get(f"{PREFIX}/mijn")
                token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', home.text)[1]
            fields = {one: text.format(**ids) for one, text in row.fields.items()}
            data = {"csrf_token": token, **fields} if method == "POST" else None
            for path in row.paths:
                address = PREFIX + path.format(**ids)
                check_paths(browser.client.open(address, method=method, data=data))


def test_under_a_path_one_goes_on_where_one_was(under_a_path, client_of):
    nobody = client_of("nobody").client
    asked = nobody.get(f"{PREFIX}/mijn?a=1")
    assert asked.headers["Location"] == f"{PREFIX}/inloggen?verder={PREFIX}/mijn?a%3D1"
    page = client_of("nobody").get(asked.headers["Location"])
    fields = {"csrf_token": page.field("csrf_token"), "name": "noor", "password": PASSWORD}
    signed_in = nobody.post(asked.headers["Location"], data=fields)
    assert signed_in.headers["Location"] == f"{PREFIX}/mijn?a=1"
    noor = client_of("noor")
    token = noor.get(f"{PREFIX}/mijn").field("csrf_token")
    fields = {"csrf_token": token, "language": "en", "onward": f"{PREFIX}/mijn?a=1"}
    chosen = noor.client.post(f"{PREFIX}/taal", data=fields)
    assert chosen.headers["Location"] == f"{PREFIX}/mijn?a=1"


@pytest.mark.parametrize("elsewhere", ["/", "/andere-app", "/reflection", "/reflect/../x", "//x"])
def test_under_a_path_nothing_leads_to_what_else_is_on_the_host(under_a_path, client_of, elsewhere):
    browser = client_of("nobody")
    token = browser.get(f"{PREFIX}/inloggen").field("csrf_token")
    fields = {"csrf_token": token, "name": "noor", "password": PASSWORD}
    options = {"query_string": {"verder": elsewhere}, "data": fields}
    signed_in = browser.client.post(f"{PREFIX}/inloggen", **options)
    assert signed_in.headers["Location"] == f"{PREFIX}/"


def test_a_new_link_under_a_path_names_it_once(under_a_path, client_of, make_report):
    report = make_report("handed_in")
    noor = client_of("noor")
    path = f"{PREFIX}/verslagen/{report}/delen"
    page = noor.post(path, {"whom": "link", "label": "Oma"}, on=path)
    (link,) = [one["value"] for one in page.all("input") if one.get("id") == "new-link"]
    assert re.fullmatch(rf"https://school\.example{PREFIX}/gedeeld/[\w-]+", link)


def test_whether_a_proxy_takes_the_path_off_or_leaves_it(tmp_path):
    app = create_app(isolated_settings(tmp_path, REFLECT_BASE_URL="https://school.example/reflect"))
    for path in ("/inloggen", "/reflect/inloggen"):
        page = app.test_client().get(path)
        assert page.status_code == 200
        check_paths(page)
    assert app.test_client().get("/reflection").status_code == 404
