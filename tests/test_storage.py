"""Blob storage: what is put in is there again, on this machine's disk and in S3."""

import os
import socket
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from reflect.storage import BlobStore

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "eu-west-1"}


@pytest.fixture(scope="module")
def s3():
    """The address of a server that speaks S3, with one bucket.

    What we send goes over the network, as it would to any other.
    """
    with socket.socket() as free_socket:
        free_socket.bind(("127.0.0.1", 0))
        port = free_socket.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    make_bucket = urllib.request.Request(f"{url}/school", method="PUT")  # noqa: S310 - ours
    for _ in range(300):
        assert process.poll() is None, "the server stopped"
        try:
            urllib.request.urlopen(make_bucket, timeout=5).close()  # noqa: S310 - ours
            break
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)  # the server is starting; there is nothing else to wait for
    yield url
    process.terminate()
    process.wait(timeout=20)


@pytest.fixture
def s3_environment(s3, monkeypatch):
    for name, value in {**KEYS, "AWS_ENDPOINT_URL": s3, "AWS_ALLOW_HTTP": "true"}.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(params=["disk", "S3"])
def url(request, tmp_path):
    if request.param == "disk":
        return (tmp_path / "evidence").as_uri()
    request.getfixturevalue("s3_environment")
    return f"s3://school/{tmp_path.name}"


def test_what_is_put_in_is_there_again_also_after_a_new_start(url):
    content = os.urandom(300_000)
    BlobStore(url).put("a.jpg", content)
    assert BlobStore(url).get("a.jpg") == content


def test_what_is_not_there_is_the_same_error_on_both(url):
    with pytest.raises(FileNotFoundError):
        BlobStore(url).get("nothing.jpg")


def test_what_is_deleted_is_gone_and_may_be_deleted_again(url):
    store = BlobStore(url)
    store.put("d.jpg", b"d")
    store.delete("d.jpg")
    store.delete("d.jpg")
    with pytest.raises(FileNotFoundError):
        store.get("d.jpg")


def test_two_schools_in_one_bucket_do_not_meet(s3_environment):
    BlobStore("s3://school/one").put("b.jpg", b"one")
    with pytest.raises(FileNotFoundError):
        BlobStore("s3://school/other").get("b.jpg")


def test_on_disk_nobody_else_can_read_a_file(tmp_path):
    BlobStore((tmp_path / "evidence").as_uri()).put("c.jpg", b"c")
    assert not stat.S_IMODE((tmp_path / "evidence").stat().st_mode) & 0o077
