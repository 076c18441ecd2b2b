"""A small OpenID Connect provider on this machine, with keys of its own, that can be told to misbehave."""

import hashlib
import hmac
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote_plus, urlencode, urlsplit

import msgspec
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.lines.web_servers import Answer, web_server

CLIENT, SECRET = "onevoice", "a secret: with / signs"
Claims = dict[str, Any]


@dataclass
class Provider:
    """What it is, whom it knows, and what it was asked. `change` may turn a token's claims into others, `header` its
    header; `listed` are the key ids it publishes, `signing` the one it signs with."""

    seconds: Callable[[], int]
    issuer: str = ""
    person: Claims = field(default_factory=dict)
    keys: dict[str, RSAKey] = field(default_factory=dict)
    listed: list[str] = field(default_factory=lambda: ["one"])
    signing: str = "one"
    change: Callable[[Claims], Claims] = lambda claims: claims
    header: Claims = field(default_factory=dict)
    metadata: Claims = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    down: bool = False
    info: Claims = field(default_factory=dict)

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """What it says to one request."""
        where = urlsplit(path)
        self.asked.append(where.path)
        if self.down:
            return 503, {}, b""
        match where.path:
            case "/.well-known/openid-configuration":
                return _json(200, self._metadata())
            case "/keys":
                public = [self.keys[name].as_dict(private=False, kid=name, use="sig") for name in self.listed]
                return _json(200, {"keys": public})
            case "/authorize":
                return 303, {"location": self.authorize(dict(parse_qsl(where.query)))}, b""
            case "/token":
                return self._token(headers, {name: each[0] for name, each in parse_qs(body.decode()).items()})
            case "/info" if headers.get("authorization") == "Bearer opaque":
                return _json(200, self.info)
            case "/end":
                back = dict(parse_qsl(where.query)).get("post_logout_redirect_uri", "/")
                return 303, {"location": back}, b""
        return 404, {}, b""

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser of somebody who agreed is sent."""
        assert asked["response_type"] == "code" and asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256" and len(asked["code_challenge"]) == 43
        assert len(asked["state"]) >= 43 and len(asked["nonce"]) >= 43
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer})}"

    def _metadata(self) -> Claims:
        told = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/end",
            "authorization_response_iss_parameter_supported": True,
        }
        return told | self.metadata

    def _token(self, headers: dict[str, str], said: dict[str, str]) -> Answer:
        """A code is good once, for the client it was given to, with the verifier of its challenge."""
        name, _, secret = b64decode(headers["authorization"].removeprefix("Basic ")).decode().partition(":")
        if (unquote_plus(name), unquote_plus(secret)) != (CLIENT, SECRET):
            return _json(401, {"error": "invalid_client"})
        asked = self.codes.pop(said["code"], None)
        if asked is None or asked["redirect_uri"] != said["redirect_uri"]:
            return _json(400, {"error": "invalid_grant"})
        if create_s256_code_challenge(said["code_verifier"]) != asked["code_challenge"]:
            return _json(400, {"error": "invalid_grant"})
        return _json(200, {"access_token": "opaque", "token_type": "Bearer", "id_token": self.id_token(asked["nonce"])})

    def id_token(self, nonce: str) -> str:
        """A signed ID token of the person, changed as the test says."""
        now = self.seconds()
        claims = self.change(
            {
                "iss": self.issuer,
                "aud": CLIENT,
                "iat": now,
                "exp": now + 300,
                "nonce": nonce,
                "at_hash": _half(b"opaque"),
                **self.person,
            }
        )
        header = {"alg": "RS256", "kid": self.signing} | self.header
        if header["alg"] == "none":
            return ".".join([_part(header), _part(claims), ""])
        if header["alg"] == "HS256":  # the public key, taken for a shared secret
            public = self.keys[self.signing].as_pem(private=False)
            said = ".".join([_part(header), _part(claims)])
            return said + "." + urlsafe_b64encode(hmac.digest(public, said.encode(), "sha256")).decode().rstrip("=")
        return jwt.encode(header, claims, self.keys[self.signing], algorithms=["RS256"])


KEYS = {name: RSAKey.generate_key(2048) for name in ("one", "two")}


@contextmanager
def identity_provider(seconds: Callable[[], int]) -> Iterator[Provider]:
    """A provider at an address of its own; `seconds` is its clock."""
    provider = Provider(seconds, keys=KEYS)
    with web_server(provider.answer) as address:
        provider.issuer = address
        yield provider


def _json(status: int, told: object) -> Answer:
    return status, {"content-type": "application/json"}, msgspec.json.encode(told)


def _half(text: bytes) -> str:
    return urlsafe_b64encode(hashlib.sha256(text).digest()[:16]).decode().rstrip("=")


def _part(value: object) -> str:
    return urlsafe_b64encode(msgspec.json.encode(value)).decode().rstrip("=")
