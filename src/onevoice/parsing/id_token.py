"""ID tokens of OpenID Connect: a signed text of a stranger becomes claims that were checked, or nothing."""

from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from authlib.oidc.core import CodeIDToken
from joserfc import jwk, jwt
from joserfc.errors import JoseError

PUBLIC: Final = frozenset({"kty", "n", "e", "crv", "x", "y", "kid"})
TOKEN_MAX: Final = 64 * 1024
KEYS_MAX: Final = 100
SUBJECT_MAX: Final = 255
ALGORITHMS: Final[Mapping[str, str]] = {
    "RS256": "RSA", "RS384": "RSA", "RS512": "RSA", "PS256": "RSA", "PS384": "RSA", "PS512": "RSA",
    "ES256": "EC", "ES384": "EC", "ES512": "EC", "EdDSA": "OKP",
}  # fmt: skip
"""Signatures that are taken, with the kind of key each needs. Never one made with a shared secret, never none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a token must say to be meant for us, here and now. `now` and `skew` are seconds."""

    issuer: str
    client: str
    nonce: str
    access_token: str
    now: int
    skew: int


def key_id_of(raw: str) -> str | None:
    """The id of the key a token says it is signed with, '' where it names none; None where it is no token for us."""
    header = _header(raw)
    if header is None:
        return None
    named = header.get("kid", "")
    return named if isinstance(named, str) else None


def read_id_token(raw: str, keys: Sequence[Mapping[str, object]], expected: Expected) -> dict[str, Any] | None:
    """The claims of a token (OpenID Connect Core 1.0, 3.1.3.7) that is signed with one of these keys (JWK) and meant
    for us: issuer, audience, authorised party, times, nonce, and the access token's hash if it has one. Else None."""
    header, named = _header(raw), key_id_of(raw)
    if header is None or named is None:
        return None
    key = _key(keys, named, str(header["alg"]))
    if key is None:
        return None
    try:
        token = jwt.decode(raw, key, algorithms=[str(header["alg"])])
        claims = CodeIDToken(token.claims, token.header, _must_say(expected), _must_fit(expected))
        claims.validate(now=expected.now, leeway=expected.skew)
    except (JoseError, ValueError, TypeError, KeyError, OverflowError):
        return None
    subject = token.claims.get("sub")
    fits = isinstance(subject, str) and 0 < len(subject) <= SUBJECT_MAX and subject.isprintable()
    return dict(token.claims) if fits else None


def _must_say(expected: Expected) -> dict[str, Any]:
    essential = {"iss": expected.issuer, "aud": expected.client, "nonce": expected.nonce}
    return {name: {"essential": True, "value": value} for name, value in essential.items()}


def _must_fit(expected: Expected) -> dict[str, Any]:
    return {"nonce": expected.nonce, "client_id": expected.client, "access_token": expected.access_token}


def _header(raw: str) -> Mapping[str, Any] | None:
    """What the token says of its signature, where that is of a kind that is taken."""
    if len(raw) > TOKEN_MAX or not raw.isascii() or raw.count(".") != 2:
        return None
    try:
        first = raw.partition(".")[0]
        header = msgspec.json.decode(urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    except (ValueError, RecursionError):  # no base64, no JSON
        return None
    return header if isinstance(header, dict) and header.get("alg") in list(ALGORITHMS) else None


def _key(keys: Sequence[Mapping[str, object]], named: str, algorithm: str) -> Any:
    """The one key that fits: of the right kind, for signatures, with the id; without an id there may be only one."""
    fit = [
        each
        for each in keys[:KEYS_MAX]
        if each.get("kty") == ALGORITHMS[algorithm]
        and each.get("use", "sig") == "sig"
        and each.get("alg", algorithm) == algorithm
        and (not named or each.get("kid") == named)
    ]
    if len(fit) != 1:
        return None
    try:
        return jwk.import_key({name: str(value) for name, value in fit[0].items() if name in PUBLIC})
    except (JoseError, ValueError, TypeError, KeyError):
        return None
