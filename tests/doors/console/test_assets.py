"""Built files travel compressed to whoever can read that; a page with somebody's secrets never does."""

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from onevoice.doors.console.pages import reads_gzip
from onevoice.doors.console.render import BUILT

TEXTS = ("app.css", "app.js", "icons.svg")
TRAVELS_MAX = 30_000
"""Bytes of stylesheet, script and icons together on a first visit; uncompressed they were 77 kB."""


@pytest.mark.parametrize("name", TEXTS)
def test_a_stylesheet_travels_compressed_and_arrives_whole(client: TestClient[Litestar], name: str) -> None:
    """The same words for every browser; caches keep the two forms apart."""
    answer = client.get(f"/assets/{name}?v=1", headers={"accept-encoding": "br, gzip"})
    assert (answer.headers["content-encoding"], answer.headers["vary"]) == ("gzip", "accept-encoding")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.content == (BUILT / name).read_bytes()
    assert int(answer.headers["content-length"]) == (BUILT / f"{name}.gz").stat().st_size
    plain = client.get(f"/assets/{name}?v=1", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers and plain.headers["vary"] == "accept-encoding"
    assert plain.content == answer.content
    assert plain.headers["content-type"] == answer.headers["content-type"]


def test_a_first_visit_is_light(client: TestClient[Litestar]) -> None:
    """Stylesheet, script and icons together weigh less than a third of what they say."""
    got = [
        client.get(f"/assets/{name}", headers={"accept-encoding": "gzip"}).headers["content-length"] for name in TEXTS
    ]
    assert sum(map(int, got)) < TRAVELS_MAX


def test_fonts_are_left_alone_and_the_compressed_file_has_no_address_of_its_own(client: TestClient[Litestar]) -> None:
    """A font is compressed inside already."""
    font = client.get("/assets/inter-latin-wght-normal.woff2", headers={"accept-encoding": "gzip"})
    assert font.status_code == 200 and "content-encoding" not in font.headers
    assert client.get("/assets/app.css.gz").status_code == 404


@pytest.mark.parametrize("path", ["/", "/customers", "/decisions", "/login", "/v1/health"])
def test_what_may_hold_a_secret_is_never_compressed(client: TestClient[Litestar], path: str) -> None:
    """A form's token beside words that somebody chose must not show in the length of an answer."""
    answer = client.get(path, headers={"accept-encoding": "gzip, br, zstd"})
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    ("accepts", "reads"),
    [
        ("gzip", True),
        ("gzip, deflate, br, zstd", True),
        ("br;q=1.0, gzip;q=0.8", True),
        ("GZIP ; q=0.001", True),
        ("gzip;q=0", False),
        ("gzip;q=0.000", False),
        ("", False),
        ("identity", False),
        ("gzipped", False),
    ],
)
def test_whether_a_browser_reads_gzip_stands_in_its_header(accepts: str, reads: bool) -> None:
    """A weight of zero is a refusal."""
    assert reads_gzip(accepts) is reads
