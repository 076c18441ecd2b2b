"""One-time codes: RFC 6238 as authenticator apps speak it, the sealed secret behind it, and recovery codes."""

import hmac
from base64 import b32encode
from hashlib import sha1, sha256
from typing import Final
from urllib.parse import quote

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

STEP_SECONDS: Final = 30
DIGITS: Final = 6
EITHER_WAY: Final = 1
"""A phone's clock may be a step behind or before ours."""
SECRET_BYTES: Final = 20
NONCE_BYTES: Final = 12
RECOVERY_CODES: Final = 10
RECOVERY_BYTES: Final = 10


def code_at(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """The code of a step of 30 seconds since 1970 (RFC 4226 over RFC 6238's count, HMAC-SHA-1)."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), sha1)
    offset = digest[-1] & 0xF
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**digits).zfill(digits)


def step_of_code(secret: bytes, said: str, now_seconds: int) -> int | None:
    """The step a code belongs to, if it is of now, of just before or of just after; None for any other text."""
    written = "".join(said.split())
    now = now_seconds // STEP_SECONDS
    found = None
    for step in range(now - EITHER_WAY, now + EITHER_WAY + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), written.encode(errors="replace")):
            found = step
    return found


def spelled(secret: bytes) -> str:
    """A secret as people type it into an app: base32, in groups of four."""
    whole = b32encode(secret).decode().rstrip("=")
    return " ".join(whole[at : at + 4] for at in range(0, len(whole), 4))


def enrolment_uri(secret: bytes, email: str) -> str:
    """What the QR code holds (the key URI format of authenticator apps)."""
    name = quote(f"Onevoice:{email}", safe="")
    return f"otpauth://totp/{name}?secret={spelled(secret).replace(' ', '')}&issuer=Onevoice"


def sealed(secret: bytes, key: bytes, member: int, nonce: bytes) -> bytes:
    """A secret as it is kept: AES-256-GCM, bound to its member; the nonce stands in front."""
    return nonce + AESGCM(key).encrypt(nonce, secret, _bound_to(member))


def unsealed(kept: bytes, key: bytes, member: int) -> bytes | None:
    """The secret; None where it was sealed with another key, or for somebody else."""
    try:
        return AESGCM(key).decrypt(kept[:NONCE_BYTES], kept[NONCE_BYTES:], _bound_to(member))
    except (InvalidTag, ValueError):
        return None


def recovery_code(drawn: bytes) -> str:
    """A recovery code of these random bytes, in groups of four letters and digits."""
    whole = b32encode(drawn).decode().lower()
    return "-".join(whole[at : at + 4] for at in range(0, len(whole), 4))


def recovery_hash(said: str) -> bytes:
    """What is kept of a recovery code, however it was typed; 80 random bits need no slow hash."""
    plain = "".join(letter for letter in said.lower() if letter.isascii() and letter.isalnum())
    return sha256(b"recovery code\0" + plain.encode()).digest()


def _bound_to(member: int) -> bytes:
    return f"staff:{member}".encode()
