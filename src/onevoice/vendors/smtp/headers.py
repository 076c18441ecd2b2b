"""Header fields that cannot be anything but one field: what would end a line cannot be held."""

import re
from dataclasses import dataclass
from typing import Final

NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,75}", re.ASCII)
VALUE_MAX: Final = 900
"""With its name a field stays on one line of at most 998 characters (RFC 5322 section 2.1.1)."""
ALLOWED: Final = frozenset(
    {
        "auto-submitted",
        "feedback-id",
        "in-reply-to",
        "list-id",
        "list-unsubscribe",
        "list-unsubscribe-post",
        "precedence",
        "references",
        "reply-to",
    }
)
"""What a message may bring along, besides X- fields. Recipients, sender, dates and structure are ours to write."""


class NotAHeader(ValueError):
    """This cannot be a header field of a mail we send."""


@dataclass(frozen=True, slots=True)
class HeaderField:
    """One field. Raises NotAHeader for a name that is not allowed, and for a value with a line break, a zero byte or
    any other control character or line separator (RFC 5322 section 2.2, and what mail servers take for one)."""

    name: str
    value: str

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise NotAHeader("A header's name has a character that no name may have.")
        if self.name.lower() not in ALLOWED and not self.name.lower().startswith("x-"):
            raise NotAHeader(f"The header {self.name} is not one that a message may bring.")
        if not one_line(self.value):
            raise NotAHeader(f"The header {self.name} holds a line break or another control character.")
        if not self.value.isascii():
            raise NotAHeader(f"The header {self.name} holds a letter beyond ASCII.")
        if len(self.value) > VALUE_MAX:
            raise NotAHeader(f"The header {self.name} is longer than {VALUE_MAX:,} characters.")


def one_line(text: str) -> bool:
    """Whether a text stays on one line everywhere: every character is printable, or a tab."""
    return all(c.isprintable() or c == "\t" for c in text)


def fields_of(headers: dict[str, str]) -> tuple[HeaderField, ...]:
    """The fields of a message, with what marketing needs made whole: one-click unsubscribing (RFC 8058) is announced
    wherever an https address to unsubscribe is given. Raises NotAHeader."""
    fields = [HeaderField(name, value) for name, value in headers.items()]
    names = [field.name.lower() for field in fields]
    if len(set(names)) < len(names):
        raise NotAHeader("A header is given twice.")
    by_name = dict(zip(names, fields, strict=True))
    unsubscribe = by_name.get("list-unsubscribe")
    one_click = unsubscribe is not None and "<https://" in unsubscribe.value
    if one_click and "list-unsubscribe-post" not in names:
        fields.append(HeaderField("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    if "list-unsubscribe-post" in names and not one_click:
        raise NotAHeader("List-Unsubscribe-Post needs a List-Unsubscribe with an https address.")
    if "auto-submitted" not in names:
        fields.append(HeaderField("Auto-Submitted", "auto-generated"))
    return tuple(fields)
