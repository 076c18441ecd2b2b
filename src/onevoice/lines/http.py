"""The line to other web servers: resolves once, asks public addresses only, follows nothing, bounds it all."""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, urlsplit

import httpx2

SECONDS: Final = 10.0
BYTES_MAX: Final = 1024 * 1024
URL_MAX: Final = 4_096
PORTS: Final = {"https": 443, "http": 80}
NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
NAT64_LOCAL: Final = ipaddress.ip_network("64:ff9b:1::/48")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], list[str]]
"""The IP addresses of a host and port. Raises OSError."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came back: the HTTP status, headers with lower-case names, the body. Status 0 where nothing (whole) came;
    `fault` then says why, in a sentence that names neither addresses nor secrets."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    fault: str = ""


def resolved(host: str, port: int) -> list[str]:
    """The machine's own resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


@dataclass(frozen=True, slots=True)
class WebLine:
    """Asks other web servers. `private_hosts` are host names whose addresses may be private, by http and at any port:
    an identity provider inside the company. Everything else must be public, at port 443, or 80 without TLS."""

    private_hosts: frozenset[str] = frozenset()
    resolve: Resolve = resolved
    seconds: float = SECONDS
    bytes_max: int = BYTES_MAX
    tls: ssl.SSLContext | None = None

    def fetch(self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Fetched:
        """One request and its answer, a redirect included, which is not followed. Never raises for what a network or a
        server does; waits `seconds` for all of it together."""
        try:
            return asyncio.run(self._fetch(method, url, dict(headers or {}), body))
        except TimeoutError:
            return Fetched(0, fault=f"The server took longer than {self.seconds:g} seconds.")

    async def _fetch(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Fetched:
        parts = _parts(url)
        if parts is None or not self._port_is_open(parts):
            return Fetched(0, fault="The address is not one that may be asked.")
        async with asyncio.timeout(self.seconds):
            try:
                address = await self._address(parts)
                if address is None:
                    return Fetched(0, fault="The address does not lead to a public server.")
                return await self._ask(method, parts, address, headers, body)
            except (httpx2.HTTPError, OSError, ValueError, UnicodeError) as error:
                return Fetched(0, fault=f"The server could not be asked ({type(error).__name__}).")

    def _port_is_open(self, parts: SplitResult) -> bool:
        own = (parts.hostname or "") in self.private_hosts
        return own or (parts.port or PORTS[parts.scheme]) == PORTS[parts.scheme]

    async def _address(self, parts: SplitResult) -> str | None:
        """The one address that will be connected to; None where any of them must not be."""
        host = parts.hostname or ""
        found = await asyncio.to_thread(self.resolve, host, parts.port or PORTS[parts.scheme])
        if not found or not (host in self.private_hosts or all(is_public(each) for each in found)):
            return None
        return found[0]

    async def _ask(
        self, method: str, parts: SplitResult, address: str, headers: dict[str, str], body: bytes
    ) -> Fetched:
        shown = f"[{address}]" if ":" in address else address
        port = parts.port or PORTS[parts.scheme]
        target = f"{parts.scheme}://{shown}:{port}{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        headers = {"host": parts.netloc, "accept-encoding": "identity", "user-agent": "onevoice"} | headers
        tls: ssl.SSLContext | bool = self.tls or True
        async with httpx2.AsyncClient(trust_env=False, follow_redirects=False, verify=tls, timeout=self.seconds) as web:
            # the certificate must be the host's, although the connection goes to the address that was checked
            request = web.build_request(method, target, headers=headers, content=body or None)
            request.extensions = {**request.extensions, "sni_hostname": parts.hostname}
            answer = await web.send(request, stream=True)
            try:
                return await self._read(answer)
            finally:
                await answer.aclose()

    async def _read(self, answer: httpx2.Response) -> Fetched:
        got = bytearray()
        async for piece in answer.aiter_raw():
            got += piece
            if len(got) > self.bytes_max:
                return Fetched(0, fault=f"The answer is longer than {self.bytes_max:,} bytes.")
        return Fetched(answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, bytes(got))


def is_public(written: str) -> bool:
    """Whether this IP address belongs to the open internet, also where it wraps an IPv4 one (mapped, 6to4, NAT64)."""
    address: Address = ipaddress.ip_address(written.split("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address in NAT64_LOCAL or address.teredo is not None:
            return False
        inner = address.ipv4_mapped or address.sixtofour
        if address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            address = inner
    return address.is_global and not address.is_multicast


def _parts(url: str) -> SplitResult | None:
    """A whole address with a host and nothing hidden in it, or None."""
    if len(url) > URL_MAX or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        whole = parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        return None
    if parts.scheme not in PORTS or not whole or parts.username is not None or parts.password is not None:
        return None
    return parts
