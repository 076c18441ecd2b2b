"""Security headers: on every answer of every door, also on refusals and on what breaks."""

from typing import Any, Final

POLICY: Final = (
    b"default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; "
    b"img-src 'self' data:"
)

ALWAYS: Final = (
    (b"content-security-policy", POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
UNKEPT: Final = (b"cache-control", b"no-store")
PROTECTED: Final = (*ALWAYS, UNKEPT)
"""What every answer of /v1 carries."""


def protect(message: Any, scope: Any) -> None:
    """Add what is missing to an answer that is about to leave. Nothing is kept by a cache unless the answer itself says
    so, as the console's assets do."""
    if message["type"] != "http.response.start":
        return
    headers = [(bytes(name).lower(), bytes(value)) for name, value in message.get("headers", ())]
    said = {name for name, _ in headers}
    headers += [pair for pair in ALWAYS if pair[0] not in said]
    if UNKEPT[0] not in said:
        headers.append(UNKEPT)
    message["headers"] = headers
