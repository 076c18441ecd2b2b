"""The line to other web servers asks who may be asked, and nobody else."""

import contextlib
import time
from functools import partial

import pytest

from onevoice.lines.http import WebLine, is_public
from tests.lines.web_servers import Answer, web_server

HERE = frozenset({"127.0.0.1", "provider.example"})


def leads_to(found: list[str], host: str, port: int) -> list[str]:
    return found


def say_all(method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
    return 200, {"x-path": path}, b"%s %s %s" % (method.encode(), headers["host"].encode(), body)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "::1", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "2002:7f00:1::", "64:ff9b::a00:1", "64:ff9b:1::808:808",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    ],
)  # fmt: skip
def test_no_address_of_a_private_network_is_public(address: str) -> None:
    """Whether written plainly, or wrapped in one of the ways an IPv6 address carries an IPv4 one."""
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    """So that somebody can be asked."""
    assert is_public(address)


def test_a_name_that_leads_inside_is_not_asked() -> None:
    """One private address among public ones is enough; the server here hears nothing."""
    heard: list[str] = []

    def handle(method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        heard.append(path)
        return 200, {}, b""

    with web_server(handle) as address:
        port = address.rpartition(":")[2]
        for found in (["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], []):
            line = WebLine(resolve=partial(leads_to, found))
            assert "public" in line.fetch("GET", "https://rebound.example/").fault
        assert WebLine().fetch("GET", f"{address}/").status == 0
        assert WebLine().fetch("GET", f"http://localhost:{port}/").status == 0
    assert heard == []


@pytest.mark.parametrize(
    "url",
    ["ftp://a.example/", "https://u:p@a.example/", "https://a.example:8443/", "https://a.example/ b", "file:///etc/hosts",
     "https://", "https://a.example:0/", "https://[::1/", "gopher://a.example", "https://a.example\\@b.example/"],
)  # fmt: skip
def test_odd_addresses_are_refused_before_anything_is_looked_up(url: str) -> None:
    """Other protocols, other ports, names with passwords, and what two readers read differently."""

    def never(host: str, port: int) -> list[str]:
        raise AssertionError(host)

    assert WebLine(resolve=never).fetch("GET", url).fault == "The address is not one that may be asked."


def test_a_named_private_host_is_asked_at_the_address_that_was_checked() -> None:
    """It hears its own name, the method, the query and the body."""
    with web_server(say_all) as address:
        port = address.rpartition(":")[2]
        line = WebLine(HERE, resolve=lambda host, port: ["127.0.0.1"])
        answer = line.fetch("POST", f"http://provider.example:{port}/a?b=c", body=b"words")
    assert answer.body == f"POST provider.example:{port} words".encode()
    assert (answer.status, answer.headers["x-path"]) == (200, "/a?b=c")


def test_a_redirect_is_an_answer_like_any_other() -> None:
    """It is told, not followed."""
    with web_server(lambda *_: (302, {"location": "http://127.0.0.1:1/inside"}, b"")) as address:
        assert WebLine(HERE).fetch("GET", address).status == 302


def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    """A byte more than the limit and nothing of it is used."""
    with web_server(lambda *_: (200, {}, b"x" * 1_001)) as address:
        assert WebLine(HERE, bytes_max=1_001).fetch("GET", address).status == 200
        told = WebLine(HERE, bytes_max=1_000).fetch("GET", address)
    assert (told.status, told.body) == (0, b"")
    assert "1,000 bytes" in told.fault


def test_a_server_that_keeps_silent_is_left() -> None:
    """All steps together have one limit of time."""

    def wait(method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        time.sleep(1.0)
        return 200, {}, b""

    with contextlib.suppress(OSError), web_server(wait) as address:
        begun = time.monotonic()
        assert "longer than 0.3 seconds" in WebLine(HERE, seconds=0.3).fetch("GET", address).fault
        assert time.monotonic() - begun < 0.9


def test_nobody_there_is_told_in_a_sentence() -> None:
    """A closed port raises nothing, and the sentence holds no address."""
    told = WebLine(HERE).fetch("GET", "http://127.0.0.1:9/")
    assert told.status == 0
    assert "127.0.0.1" not in told.fault
