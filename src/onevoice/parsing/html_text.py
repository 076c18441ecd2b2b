"""What a person sees of an HTML message, as plain text: one pass over it, in linear time."""

import html
from typing import Final

BREAKING: Final = frozenset("br p div tr li ul ol table h1 h2 h3 h4 h5 h6 blockquote hr title td th".split())  # noqa: SIM905
UNSEEN: Final = frozenset({"script", "style", "head", "noscript", "template"})
NAME_MAX: Final = 12


def visible_text(source: str) -> str:
    """Text without tags, comments, scripts and styles; blocks begin lines, blanks are collapsed, entities resolved."""
    pieces: list[str] = []
    lower = source.lower() if source.isascii() else "".join(c.lower() if c.isascii() else c for c in source)
    at = 0
    comments_end = source.rfind("-->")  # known beforehand, lest every unclosed comment searches to the end
    while True:
        begin = source.find("<", at)
        if begin < 0:
            pieces.append(source[at:])
            break
        pieces.append(source[at:begin])
        follows = source[begin + 1 : begin + 2]
        if not (follows.isalpha() or follows in ("/", "!", "?")) or not follows:
            pieces.append("<")
            at = begin + 1
            continue
        end = _end_of_tag(source, begin, comments_end)
        if end < 0:
            break
        name = _name_of(lower, begin)
        at = end
        if name in UNSEEN and lower[begin + 1] != "/":
            close = lower.find(f"</{name}", end)
            if close < 0:
                break
            at = close
        elif name in BREAKING:
            pieces.append("\n")
    lines = (" ".join(line.split()) for line in html.unescape("".join(pieces)).splitlines())
    return "\n".join(line for line in lines if line)


def _end_of_tag(source: str, begin: int, comments_end: int) -> int:
    """Behind the tag or comment that begins here; -1 where it never ends, and then nothing after it is seen."""
    if source.startswith("<!--", begin) and comments_end >= begin + 4:
        return source.find("-->", begin + 4) + 3
    close = source.find(">", begin)
    return close + 1 if close >= 0 else -1


def _name_of(lower: str, begin: int) -> str:
    name = lower[begin + 1 : begin + 1 + NAME_MAX].lstrip("/")
    for index, letter in enumerate(name):
        if not letter.isalnum():
            return name[:index]
    return name
