"""The vault: what is put in is there again, on this machine's disk and in a store that speaks S3."""

import os
import socket
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from reflect.vault import Vault

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "eu-west-1"}


@pytest.fixture(scope="module")
def s3():
    """A server that speaks S3, with one bucket; what we send goes over the network as it would to any other."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    asked = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(asked, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(300):
        assert process.poll() is None, "the server stopped"
        try:
            urllib.request.urlopen(urllib.request.Request(f"{address}/school", method="PUT"), timeout=5).close()  # noqa: S310 - our own server
            break
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)  # the server is starting; there is nothing else to wait for
    yield address
    process.terminate()
    process.wait(timeout=20)


@pytest.fixture(params=["disk", "S3"])
def address(request, tmp_path, monkeypatch):
    if request.param == "disk":
        return (tmp_path / "evidence").as_uri()
    for name, value in {**KEYS, "AWS_ENDPOINT_URL": request.getfixturevalue("s3"), "AWS_ALLOW_HTTP": "true"}.items():
        monkeypatch.setenv(name, value)
    return f"s3://school/{tmp_path.name}"


def test_what_is_put_in_is_there_again_also_after_a_new_start(address):
    content = os.urandom(300_000)
    Vault(address).put("a.jpg", content)
    assert Vault(address).get("a.jpg") == content


def test_what_is_not_there_is_said_in_one_way(address):
    with pytest.raises(FileNotFoundError):
        Vault(address).get("nothing.jpg")


def test_two_schools_in_one_bucket_do_not_meet(s3, monkeypatch):
    for name, value in {**KEYS, "AWS_ENDPOINT_URL": s3, "AWS_ALLOW_HTTP": "true"}.items():
        monkeypatch.setenv(name, value)
    Vault("s3://school/one").put("b.jpg", b"one")
    with pytest.raises(FileNotFoundError):
        Vault("s3://school/other").get("b.jpg")


def test_on_disk_a_piece_is_for_the_house_alone(tmp_path):
    Vault((tmp_path / "evidence").as_uri()).put("c.jpg", b"c")
    assert not stat.S_IMODE((tmp_path / "evidence").stat().st_mode) & 0o077
