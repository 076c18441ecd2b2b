"""The line to the company's identity provider: what it says of itself, its keys, and its answer to a code."""

import threading
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote_plus, urlsplit

import msgspec
from authlib.oauth2.rfc6749.parameters import prepare_token_request
from authlib.oidc.discovery import get_well_known_url

from onevoice.lines.http import Fetched, WebLine
from onevoice.nouns.company_account import Endpoints, Exchanged
from onevoice.nouns.moment import HOUR, MINUTE, SECOND, Clock
from onevoice.nouns.problem import Unavailable

KEPT: Final = HOUR
KEYS_AGAIN: Final = MINUTE
SILENCE: Final = 5 * SECOND
"""After a failure, so long nobody is kept waiting for the next one."""
KEYS_MAX: Final = 100
UNREACHABLE: Final = "The company's sign-in does not answer just now. Try again in a moment."


@dataclass(slots=True)
class _Kept:
    """What was last heard, and when it was asked for (0: never)."""

    metadata: Mapping[str, Any] | None = None
    metadata_at: int = 0
    keys: list[dict[str, object]] | None = None
    keys_at: int = 0
    failed_at: int = -KEPT


@dataclass(frozen=True, slots=True)
class ProviderLine:
    """Speaks OpenID Connect with one issuer, as one client (`secret` '' for a client without one). Keeps what the
    issuer says of itself, and its keys, for an hour."""

    line: WebLine
    issuer: str
    client: str
    secret: str = field(repr=False)
    clock: Clock
    _kept: _Kept = field(default_factory=_Kept, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def endpoints(self) -> Endpoints:
        """Its addresses. Raises Unavailable."""
        with self._lock:
            told = self._metadata()
        return Endpoints(
            authorize=self._address(told, "authorization_endpoint"),
            end_session=self._address(told, "end_session_endpoint", needed=False),
            names_itself=told.get("authorization_response_iss_parameter_supported") is True,
        )

    def keys(self, wanted: str) -> list[dict[str, object]]:
        """Its public keys (JWK), asked for anew where none has the id `wanted`, but at most once a minute."""
        with self._lock:
            now, kept = self.clock(), self._kept
            has = kept.keys is not None and (not wanted or any(each.get("kid") == wanted for each in kept.keys))
            old = kept.keys is None or now - kept.keys_at >= (KEPT if has else KEYS_AGAIN)
            if old:
                told = self._ask("GET", self._address(self._metadata(), "jwks_uri"))
                listed = told.get("keys")
                listed = listed if isinstance(listed, list) else []
                kept.keys = [each for each in listed[:KEYS_MAX] if isinstance(each, dict)]
                kept.keys_at = now
            assert kept.keys is not None
            return kept.keys

    def user_info(self, access_token: str) -> dict[str, object] | None:
        """What it says of whoever this access token is for (OpenID Connect Core 1.0, 5.3, JSON); None where it has no
        such page or refuses. Raises Unavailable where it does not answer."""
        with self._lock:
            address = self._address(self._metadata(), "userinfo_endpoint", needed=False)
        sent = {"authorization": f"Bearer {access_token}", "accept": "application/json"}
        if not address or not access_token.isascii() or not access_token.isprintable():
            return None
        answer = self.line.fetch("GET", address, headers=sent)
        if answer.status == 0 or answer.status >= 500:
            raise Unavailable(UNREACHABLE)
        return _object(answer) if answer.status == 200 else None

    def exchange(self, *, code: str, verifier: str, redirect: str) -> Exchanged | None:
        """What it gives for a code; None where it refuses it. Raises Unavailable where it does not answer."""
        with self._lock:
            metadata = self._metadata()
        given = {"code": code, "code_verifier": verifier}
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        ways = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if self.secret and "client_secret_basic" in ways:
            pair = f"{quote_plus(self.client)}:{quote_plus(self.secret)}"
            headers["authorization"] = "Basic " + b64encode(pair.encode()).decode()
        else:
            given |= {"client_id": self.client} | ({"client_secret": self.secret} if self.secret else {})
        body = prepare_token_request("authorization_code", redirect_uri=redirect, **given)
        answer = self.line.fetch(
            "POST", self._address(metadata, "token_endpoint"), headers=headers, body=str(body).encode()
        )
        if answer.status == 0 or answer.status >= 500:
            raise Unavailable(UNREACHABLE)
        told = _object(answer)
        if answer.status != 200 or told is None or not isinstance(told.get("id_token"), str):
            return None
        access = told.get("access_token")
        return Exchanged(told["id_token"], access if isinstance(access, str) else "")

    def _metadata(self) -> Mapping[str, Any]:
        """OpenID Connect Discovery 1.0; the issuer must name itself exactly as the settings do."""
        now, kept = self.clock(), self._kept
        if kept.metadata is not None and now - kept.metadata_at < KEPT:
            return kept.metadata
        told = self._ask("GET", get_well_known_url(self.issuer, external=True))
        if told.get("issuer") != self.issuer:
            kept.failed_at = now
            raise Unavailable("The company's sign-in calls itself otherwise than the setting oidc_issuer does.")
        kept.metadata, kept.metadata_at = told, now
        return told

    def _ask(self, method: str, url: str) -> Mapping[str, Any]:
        if 0 <= self.clock() - self._kept.failed_at < SILENCE:
            raise Unavailable(UNREACHABLE)
        answer = self.line.fetch(method, url, headers={"accept": "application/json"})
        told = _object(answer)
        if answer.status != 200 or told is None:
            self._kept.failed_at = self.clock()
            raise Unavailable(UNREACHABLE)
        return told

    def _address(self, told: Mapping[str, Any], name: str, *, needed: bool = True) -> str:
        """An address of the provider; by http only at a host that the settings call private."""
        address = told.get(name, "")
        parts = urlsplit(address) if isinstance(address, str) and address.isprintable() else urlsplit("")
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in self.line.private_hosts)
        if safe and parts.hostname and not parts.fragment:
            return str(address)
        if needed:
            raise Unavailable(f"The company's sign-in tells no address that can be used for {name}.")
        return ""


def _object(answer: Fetched) -> dict[str, Any] | None:
    try:
        told = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, RecursionError):
        return None
    return told if isinstance(told, dict) else None
