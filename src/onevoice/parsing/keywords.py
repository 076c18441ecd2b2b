"""Words by which a person stops or restarts texts: only when they are the whole message (CTIA handbook; the carriers'
list as Twilio documents it). A sentence that contains such a word says nothing by itself."""

from typing import Final

STOPS: Final = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
STARTS: Final = frozenset({"START", "UNSTOP"})
AROUND: Final = " \t\r\n.!\"'“”‘’"


def keyword_of(words: str) -> str:
    """The keyword this message consists of, in capitals, or nothing. `STOP.` and ` stop ` are the keyword; `stop it` is
    not."""
    word = words.strip(AROUND).upper()
    return word if word in STOPS or word in STARTS else ""
