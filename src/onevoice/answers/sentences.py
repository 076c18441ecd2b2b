"""Answers: every entry as a plain sentence, for whoever reads a customer's history."""

from collections.abc import Callable
from typing import Final

from onevoice.answers.seen import Seen
from onevoice.answers.spoken import counted, sentence_case, spoken_moment
from onevoice.answers.timeline import Happened

CHANNELS: Final = {
    "email": ("e-mail", "an e-mail"),
    "sms": ("text message", "a text message"),
    "push": ("push message", "a push message"),
    "whatsapp": ("WhatsApp message", "a WhatsApp message"),
    "voice": ("call", "a call"),
    "post": ("letter", "a letter"),
    "in_app": ("in-app message", "an in-app message"),
    "chat": ("chat message", "a chat message"),
    "social": ("social message", "a social message"),
}
LANES: Final = {
    "email": "E-mail",
    "sms": "Text",
    "push": "Push",
    "whatsapp": "WhatsApp",
    "voice": "Calls",
    "post": "Post",
    "in_app": "In app",
    "chat": "Chat",
    "social": "Social",
}
REASONS: Final = {
    "cleared": "nothing stood in the way",
    "address_unusable": "the address cannot be used",
    "contact_point_unregistered": "it would leave from a contact point that is not registered",
    "contact_point_not_active": "it would leave from a contact point that is not active",
    "holdout": "they are among those left out to compare",
    "do_not_contact": "they must not be contacted",
    "consent_withdrawn": "they withdrew their permission",
    "consent_missing": "they never gave permission",
    "consent_expired": "their permission has ended",
    "consent_unproven": "their permission is not proven",
    "address_failed": "the address failed before",
    "paused_by_customer": "they asked for a pause",
    "channel_refused": "they do not want this channel",
    "topic_refused": "they do not want this topic",
    "customer_state": "of what is going on with them",
    "owned_by_another": "another unit alone speaks with them at present",
    "never_after": "they had a message after which this one never goes",
    "not_yet_after": "they have not had the message it must follow",
    "never_together": "they had a message that does not go together with it",
    "exclusive_campaigns": "another campaign that excludes this one speaks to them",
    "blackout": "nothing goes out at this time",
    "quiet_hours": "of quiet hours",
    "personal_quiet_time": "of their own quiet time",
    "zone_unknown": "their time zone is not known and it may be night",
    "send_window": "it was not one of the hours for it",
    "personal_cap": "they asked for fewer messages",
    "calendar_cap": "they had enough messages in this period",
    "rolling_cap": "they had enough messages lately",
    "journey_cap": "they are in enough journeys already",
    "minimum_gap": "the last message was too recent",
    "ordered_gap": "the message it must keep away from was too recent",
    "same_content": "they had the same message before",
    "same_offer": "they had the same offer before",
    "lifetime_cap": "they had all of these there will ever be",
    "pressure_points": "the messages of late weigh too much",
    "send_by_passed": "it would have come too late",
    "deferred_too_long": "it waited too long",
    "no_opening": "no time was found at which all rules let it go",
}
"""Each reason as the end of "Held until tomorrow because …"."""

MARKS: Final = {
    "legal_hold": "legal hold",
    "deceased": "deceased",
    "minor": "a minor",
    "fraud_case": "an open fraud case",
    "hard_bounce": "the address bounces",
    "complaint": "reported as unwanted",
    "dead_token": "the device no longer answers",
    "paused": "asked for a pause",
    "topic_refused": "refuses the topic",
    "channel_refused": "refuses the channel",
    "open_complaint": "an open complaint",
    "outage": "an outage",
    "undelivered_order": "an undelivered order",
    "bereavement": "a bereavement",
    "holds_product": "already has",
    "bought_recently": "just bought",
    "owned": "spoken to only by",
}
PERMITS: Final = {
    "express": "agreed",
    "implied_purchase": "implied by a purchase",
    "implied_inquiry": "implied by an inquiry",
    "withdrawal": "withdrawn",
}


def reason_words(reason: str) -> str:
    """A reason as a heading: `Rolling cap`."""
    return sentence_case(reason.replace("_", " "))


def message_words(seen: Seen) -> str:
    """What to call a message in a sentence: `“Spring offer” (e-mail, Retail)`, or only its channel if it is hidden."""
    one, article = CHANNELS.get(seen.channel, ("message", "a message"))
    if seen.hidden:
        return f"{article} of another unit"
    called = f"“{seen.title}”" if seen.title else f"{seen.category} {one}".strip()
    extra = [part for part in ((one if seen.title else ""), seen.unit_name) if part]
    return f"{called} ({', '.join(extra)})" if extra else called


def sentence_of(one: Happened, zone: str, now: int) -> str:
    """One entry as a sentence that ends with a full stop; its own time is not in it."""
    tell = _TELLS.get(one.kind)
    words = tell(one, zone, now) if tell else f"{reason_words(one.kind)}: {message_words(one.seen)}"
    return sentence_case(words) + "."


def verdict_words(one: Happened, zone: str, now: int) -> str:
    """`Held until tomorrow 08:00`, `Suppressed`, `Cleared`; what only would have happened is said so."""
    if one.verdict == "hold":
        if not one.binding:
            return f"Would have been held until {spoken_moment(one.until, zone, now)}"
        begins = "Held" if one.until > now else "Was held"
        return f"{begins} until {spoken_moment(one.until, zone, now)}"
    if one.verdict == "suppress":
        return "Suppressed" if one.binding else "Would have been suppressed"
    return "Cleared to go"


def _decided(one: Happened, zone: str, now: int) -> str:
    message = message_words(one.seen)
    if one.verdict == "send":
        return f"{message} was cleared to go"
    words = verdict_words(one, zone, now)
    begins = words if words.startswith("Would") else f"was {words[4:] if words.startswith('Was ') else words.lower()}"
    if words.startswith("Held"):
        begins = f"is held{words[4:]}"
    because = f", because {REASONS.get(one.reason, 'a rule said so')}" if one.reason else ""
    anyway = "" if one.binding else "; it went all the same, as its platform is only advised"
    begins = begins[:1].lower() + begins[1:]
    return f"{message} {begins}{because}{anyway}".replace("because of of", "because of")


def _of_message(words: str) -> Callable[[Happened, str, int], str]:
    return lambda one, zone, now: words.format(message_words(one.seen))


def _came_in(one: Happened, zone: str, now: int) -> str:
    article = CHANNELS.get(one.seen.channel, ("message", "a message"))[1]
    if one.hidden:
        return f"{article} came in to another unit"
    to = f" to {one.seen.contact_point or one.seen.unit_name}" if one.seen.contact_point or one.seen.unit_name else ""
    return f"{article} came in{to}" + (f": “{one.subject}”" if one.subject else "")


def _permission(one: Happened, zone: str, now: int) -> str:
    if one.hidden:
        return "a permission for another unit changed"
    what = one.seen.purpose.lower() or "all purposes"
    by = f" by {CHANNELS[one.seen.channel][0]}" if one.seen.channel in CHANNELS else " on every channel"
    whose = f" from {one.seen.unit_name}" if one.seen.unit_name else ""
    told = f", told by {teller(one.told_by)}" if one.told_by else ""
    if one.kind == "withdrawn":
        return f"permission for {what}{by}{whose} was withdrawn{told}"
    if one.kind == "quarantined":
        return f"a permission for {what}{by}{whose} was set aside, because its source or proof is missing{told}"
    how = {"implied_purchase": " (implied by a purchase)", "implied_inquiry": " (implied by an inquiry)"}
    return f"permission for {what}{by}{whose} was given{how.get(one.permit, '')}{told}"


def _marked(one: Happened, zone: str, now: int) -> str:
    if one.hidden:
        return "a note for another unit changed"
    what = MARKS.get(one.mark, one.mark.replace("_", " ")) + (f" {one.scope_name}" if one.scope_name else "")
    if one.kind == "unmarked":
        return f"no longer noted: {what}"
    until = f", until {spoken_moment(one.until, zone, now)}" if one.until else ""
    return f"noted: {what}{until}"


TELLERS: Final = {"key": "API key {}", "staff": "colleague {}", "import": "the import “{}”"}


def teller(name: str) -> str:
    """Who said so, in words: `import:exports` is `the import “exports”`."""
    kind, colon, rest = name.partition(":")
    return TELLERS[kind].format(rest) if colon and kind in TELLERS else name


def _wished(one: Happened, zone: str, now: int) -> str:
    at_most, days, begin, length = one.wish
    parts = [f"at most {counted(at_most, 'message')} in {counted(days, 'day')}"] if at_most else []
    parts += [f"quiet from {minutes(begin)} to {minutes(begin + length)}"] if length else []
    return f"asked for {' and '.join(parts)}" if parts else "took back their wishes on how often and when"


def minutes(of_day: int) -> str:
    """`22:30` for minutes after midnight."""
    return f"{of_day // 60 % 24:02d}:{of_day % 60:02d}"


_TELLS: Final[dict[str, Callable[[Happened, str, int], str]]] = {
    "decided": _decided,
    "attempted": _of_message("{} was handed over for sending"),
    "sent": _of_message("{} was sent"),
    "delivered": _of_message("{} was delivered"),
    "opened": _of_message("{} was opened"),
    "clicked": _of_message("a link in {} was followed"),
    "replied": _of_message("they replied to {}"),
    "bounced": _of_message("{} came back undeliverable"),
    "complained": _of_message("they reported {} as unwanted"),
    "failed": _of_message("{} could not be sent"),
    "released": _of_message("{} was not sent after all; its place is free again"),
    "lapsed": _of_message("nobody confirmed that {} was sent; its place is free again"),
    "doubted": _of_message("nobody can tell whether {} was sent"),
    "received": _came_in,
    "consented": _permission,
    "withdrawn": _permission,
    "quarantined": _permission,
    "marked": _marked,
    "unmarked": _marked,
    "wished": _wished,
    "located": lambda one, zone, now: f"their time zone became known: {one.zone or 'unknown'}",
    "erased": lambda one, zone, now: "everything personal was erased",
}
