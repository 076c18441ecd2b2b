"""Answers: a decision told as speech: the verdict, why, by whose messages, and what would have let it pass."""

from typing import Final

from onevoice.answers.sentences import CHANNELS, MARKS, REASONS, sentence_of, verdict_words
from onevoice.answers.spoken import clock_time, counted, listed, short_moment, spoken_day, spoken_moment, spoken_span
from onevoice.answers.timeline import Happened
from onevoice.answers.why import Ruled, Why
from onevoice.nouns import policy as rules

SHOWN: Final = 4
STATES: Final = {
    "legal_hold": "{who} is under a legal hold",
    "deceased": "{who} has died",
    "minor": "{who} is a minor",
    "fraud_case": "{who} has an open fraud case",
    "hard_bounce": "the address bounces",
    "complaint": "{who} reported our messages as unwanted",
    "dead_token": "the device no longer answers",
    "paused": "{who} asked for a pause",
    "topic_refused": "{who} does not want to hear about {what}",
    "channel_refused": "{who} does not want this channel",
    "open_complaint": "{who} has an open complaint",
    "outage": "{who} suffers an outage",
    "undelivered_order": "{who} still waits for an order",
    "bereavement": "{who} is bereaved",
    "holds_product": "{who} already has {what}",
    "bought_recently": "{who} just bought {what}",
    "owned": "{what} alone speaks with {who} at present",
}
UPON: Final = {
    "never_after": "had a message after which this one never goes",
    "never_together": "had a message that does not go together with this one",
    "exclusive_campaigns": "already hears from another campaign that excludes this one",
    "journey_cap": "is already on as many other journeys as allowed",
}
ENOUGH: Final = {
    "personal_cap": ", and asked for no more",
    "lifetime_cap": ", all there will ever be",
    "pressure_points": ", which together weigh too much for this one",
}
MANY: Final = frozenset(
    {"personal_cap", "calendar_cap", "rolling_cap", "same_content", "same_offer", "lifetime_cap", "pressure_points"}
)


def told(answer: Why, zone: str) -> str:
    """`Held until tomorrow 08:00: Ana already had 2 marketing messages today (offer 09:12, newsletter 11:40).`"""
    one = answer.decided
    if not answer.asked:
        return sentence_of(one, zone, answer.now)
    verdict = verdict_words(one, zone, answer.now)
    if one.verdict == "send":
        return f"{verdict}: nothing stood in the way."
    if one.hidden or not answer.ruled:
        because = f" because {REASONS[one.reason]}" if one.reason in REASONS else ""
        return f"{verdict}{because}."
    return f"{verdict}: {finding_words(answer, answer.ruled[0], zone)}."


def finding_words(answer: Why, ruled: Ruled, zone: str) -> str:
    """Why one rule stood in the way, as the end of a sentence."""
    who = called(answer)
    if ruled.reason in MANY and ruled.counted:
        return _too_many(answer, ruled, who, zone)
    if ruled.reason in ("minimum_gap", "ordered_gap") and ruled.counted:
        return _too_soon(answer, ruled, who, zone)
    if ruled.reason in UPON and ruled.counted:
        return f"{who} {UPON[ruled.reason]} ({_shown(answer, ruled.counted, zone)})"
    if ruled.reason in ("quiet_hours", "personal_quiet_time", "send_window", "zone_unknown"):
        return _quiet(answer, ruled, who, zone)
    if isinstance(ruled.rule, rules.Blackout) and ruled.rule.why:
        return f"nothing went out at this time: {ruled.rule.why.rstrip('.')}"
    if ruled.relied is not None:
        return _rests_on(answer, ruled, ruled.relied, who, zone)
    ends = {
        "consent_missing": f"{who} never gave permission for this",
        "consent_unproven": f"the permission {who} gave is not proven",
        "send_by_passed": "it would have come after its last useful moment",
        "deferred_too_long": "it had already waited too long",
        "contact_point_unregistered": "it would leave from a contact point that is not registered",
        "contact_point_not_active": "it would leave from a contact point that is not active",
    }
    return ends.get(ruled.reason, REASONS.get(ruled.reason, ruled.says.rstrip(".")))


def would_pass(answer: Why, ruled: Ruled, zone: str) -> str:
    """The smallest change that would have satisfied this rule."""
    now, others = answer.now, max(one.until for one in answer.ruled)
    useful = (
        f"a last useful moment after {spoken_moment(others, zone, now)}" if others else "a later last useful moment"
    )
    if isinstance(ruled.rule, rules.Counting) and ruled.reason in MANY:
        fewer = "one counted message fewer"
        return f"{fewer}, or waiting until {spoken_moment(ruled.until, zone, now)}" if ruled.until else fewer
    if ruled.until:
        return f"waiting until {spoken_moment(ruled.until, zone, now)}"
    channel = CHANNELS.get(answer.decided.seen.channel, ("message", "a message"))[0]
    purpose = answer.decided.seen.purpose.lower()
    permission = f"permission for {purpose} by {channel}" if purpose else f"permission by {channel}"
    changes = {
        "never_after": "not having had the message before it",
        "never_together": "not having had that message so short a time before",
        "exclusive_campaigns": "not having heard from the other campaign so short a time before",
        "pressure_points": "a channel that weighs less",
        "consent_withdrawn": f"a new {permission}",
        "consent_missing": f"a {permission}",
        "consent_expired": f"a new {permission}",
        "consent_unproven": "proof of the permission: source, wording, time and evidence",
        "address_failed": "another address, or word that this one works again",
        "send_by_passed": useful,
        "deferred_too_long": "being asked sooner after it was written",
        "contact_point_unregistered": "a registered contact point",
        "contact_point_not_active": "an active contact point",
        "paused_by_customer": "the end of the pause",
        "do_not_contact": "the end of that state",
        "not_yet_after": "the message that must come first",
        "holdout": "nothing: whoever is left out stays left out",
        "owned_by_another": "the end of that time, or that unit sending it",
        "blackout": "being asked when it is over",
        "customer_state": "the end of that state",
        "topic_refused": "another topic, or a change of their mind",
        "channel_refused": "another channel, or a change of their mind",
    }
    return changes.get(ruled.reason, "a change of what the rule rests on")


def enough_words(answer: Why, zone: str) -> str:
    """The one change that would have been enough, as a sentence; '' where it is not known."""
    change = answer.enough
    if change is None:
        return ""
    if change.kind == "wait":
        return f"Waiting until {spoken_moment(change.until, zone, answer.now)} is enough."
    if change.kind == "grant":
        channel = CHANNELS.get(answer.decided.seen.channel, ("message", "a message"))[0]
        return f"A permission by {channel}, given before, would have been enough."
    named = listed([f"“{name}”" for name in change.rules])
    return f"Without the rule{'s' if len(change.rules) > 1 else ''} {named} it would have gone."


def called(answer: Why) -> str:
    """The first name of the person, `this person` where it is not known."""
    name = answer.person
    return name.split()[0] if name and not any(sign in name for sign in "@+0123456789") else "this person"


def _too_many(answer: Why, ruled: Ruled, who: str, zone: str) -> str:
    categories = {one.seen.category for one in ruled.counted}
    kind = f"{categories.pop()} " if len(categories) == 1 and "" not in categories else ""
    when = _stretch(answer, ruled, zone)
    if ruled.reason in ("same_content", "same_offer"):
        what = "this very message" if ruled.reason == "same_content" else "this offer"
        return f"{who} already had {what} ({_shown(answer, ruled.counted, zone)})"
    had = f"{who} already had {counted(len(ruled.counted), kind + 'message')} {when}"
    return f"{had}{ENOUGH.get(ruled.reason, '')} ({_shown(answer, ruled.counted, zone)})"


def _stretch(answer: Why, ruled: Ruled, zone: str) -> str:
    """`today` where all counted ones are of the decision's day, else the rule's own stretch of time."""
    at = answer.decided.occurred
    days = {spoken_day(one.occurred, zone, answer.now) for one in ruled.counted}
    if days == {spoken_day(at, zone, answer.now)}:
        return days.pop() if days & {"today", "yesterday"} else f"on {days.pop()}"
    if isinstance(ruled.rule, rules.LifetimeCap):
        return "so far"
    if isinstance(ruled.rule, rules.RollingCap | rules.PressurePoints):
        return f"within {spoken_span(ruled.rule.seconds)}"
    if isinstance(ruled.rule, rules.CalendarCap) and ruled.rule.every == 1:
        return f"{'on' if ruled.rule.period == 'day' else 'in'} the same {ruled.rule.period}"
    return "lately"


def _shown(answer: Why, touches: tuple[Happened, ...], zone: str) -> str:
    own_day = spoken_day(answer.decided.occurred, zone, answer.now)
    parts = []
    for one in touches[-SHOWN:]:
        same = spoken_day(one.occurred, zone, answer.now) == own_day
        when = clock_time(one.occurred, zone) if same else short_moment(one.occurred, zone, answer.now)
        parts.append(f"{_name(one)} {when}")
    more = len(touches) - len(parts)
    return ", ".join([*([f"{more:,} earlier"] if more else []), *parts])


def _name(one: Happened) -> str:
    if one.hidden:
        return "another unit"
    return one.seen.title or f"{one.seen.unit_name} {CHANNELS.get(one.seen.channel, ('message', ''))[0]}".strip()


def _too_soon(answer: Why, ruled: Ruled, who: str, zone: str) -> str:
    gap = (
        spoken_span(ruled.rule.seconds) if isinstance(ruled.rule, rules.MinimumGap | rules.OrderedGap) else "some time"
    )
    return f"{who} had a message just before ({_shown(answer, ruled.counted[-1:], zone)}), and {gap} must lie between"


def _quiet(answer: Why, ruled: Ruled, who: str, zone: str) -> str:
    theirs = answer.zone or zone
    if ruled.reason == "zone_unknown":
        return f"nobody knows the time zone of {who}, and it may be quiet time where they are"
    if ruled.reason == "send_window":
        return f"it was {clock_time(answer.decided.occurred, theirs)} there, and not one of the hours for this"
    whose = f"quiet time {who} asked for" if ruled.reason == "personal_quiet_time" else f"quiet time for {who}"
    return f"it was {clock_time(answer.decided.occurred, theirs)} there, {whose}"


def _rests_on(answer: Why, ruled: Ruled, relied: Happened, who: str, zone: str) -> str:
    on = spoken_day(relied.occurred, zone, answer.now)
    on = on if on in ("today", "yesterday") else f"on {on}"
    if relied.kind == "withdrawn":
        own = relied.customer == answer.decided.customer
        return f"{who} withdrew permission {on}" if own else f"permission for this address was withdrawn {on}"
    if ruled.reason == "consent_expired":
        return f"the permission {who} gave {on} has ended"
    if ruled.reason == "consent_unproven":
        return f"the permission {who} gave {on} is not proven"
    if relied.mark:
        words = STATES.get(relied.mark, "{who}: " + MARKS.get(relied.mark, relied.mark))
        return f"{words.format(who=who, what=relied.scope_name or 'it').strip()} (noted {on})"
    return REASONS.get(ruled.reason, ruled.says.rstrip("."))
