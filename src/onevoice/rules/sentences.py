"""Sentences: every reason told to people, from words that are already formatted for them."""

from collections.abc import Mapping
from typing import Final

from onevoice.nouns.reason import Reason

Parts = tuple[str, str]
"""What was found, with the facts by name and again without them."""

FOUND: Final[dict[Reason, Parts]] = {
    Reason.CLEARED: ("nothing stands against it", "nothing stands against it"),
    Reason.ADDRESS_UNUSABLE: ("{address} cannot be written to", "the address cannot be written to"),
    Reason.CONTACT_POINT_UNREGISTERED: (
        "{contact_point} is not a registered contact point",
        "the sender is not a registered contact point",
    ),
    Reason.CONTACT_POINT_NOT_ACTIVE: (
        "{contact_point} is not in use for sending",
        "the sender's contact point is not in use for sending",
    ),
    Reason.HOLDOUT: (
        "{person} belongs to those who are left out to compare",
        "this person belongs to those who are left out to compare",
    ),
    Reason.DO_NOT_CONTACT: ("{person} must not be contacted", "this person must not be contacted"),
    Reason.CONSENT_WITHDRAWN: (
        "{person} withdrew consent on {since}",
        "consent was withdrawn",
    ),
    Reason.CONSENT_MISSING: ("{person} never agreed to {purpose}", "there is no consent that covers it"),
    Reason.CONSENT_EXPIRED: ("{person}'s consent ran out on {since}", "the consent that covers it runs out before it"),
    Reason.CONSENT_UNPROVEN: (
        "{person}'s consent has no complete proof",
        "no consent with complete proof covers it",
    ),
    Reason.ADDRESS_FAILED: ("messages to {address} failed for good", "messages to this address failed for good"),
    Reason.PAUSED_BY_CUSTOMER: ("{person} asked for a pause", "the person asked for a pause"),
    Reason.CHANNEL_REFUSED: ("{person} does not want {channel}", "the person does not want this channel"),
    Reason.TOPIC_REFUSED: ("{person} does not want to hear about {topic}", "the person does not want this topic"),
    Reason.CUSTOMER_STATE: ("{person} is in the state “{state}”", "the customer's situation speaks against it"),
    Reason.OWNED_BY_ANOTHER: (
        "{unit} alone speaks with {person} at present",
        "another unit alone speaks with this person at present",
    ),
    Reason.NEVER_AFTER: (
        "{person} already had {earlier}, after which this never goes",
        "the person already had a message after which this one never goes",
    ),
    Reason.NOT_YET_AFTER: (
        "{person} has not had {earlier} yet, after which alone this goes",
        "the person has not yet had the message after which alone this one goes",
    ),
    Reason.NEVER_TOGETHER: (
        "{person} had {earlier} less than {span} before, and the two do not go together",
        "the person had a message with which this one does not go together",
    ),
    Reason.EXCLUSIVE_CAMPAIGNS: (
        "{person} already hears from {campaign}, and only one of these campaigns may speak",
        "the person already hears from another campaign that excludes this one",
    ),
    Reason.BLACKOUT: ("nothing goes at this time: {why}", "nothing goes at this time"),
    Reason.QUIET_HOURS: ("it is quiet time where {person} is", "it is quiet time where the person is"),
    Reason.PERSONAL_QUIET_TIME: ("{person} asked for quiet at this time", "the person asked for quiet at this time"),
    Reason.ZONE_UNKNOWN: (
        "nobody knows what time it is where {person} is",
        "nobody knows what time it is where the person is",
    ),
    Reason.SEND_WINDOW: (
        "it is not one of the hours for this where {person} is",
        "it is not one of the hours for this where the person is",
    ),
    Reason.PERSONAL_CAP: (
        "{person} already had {count}, as many as they wished for",
        "the person already had as many as they wished for",
    ),
    Reason.CALENDAR_CAP: (
        "{person} already had {count} {period}",
        "the person already had the most this period allows",
    ),
    Reason.ROLLING_CAP: ("{person} already had {count} within {span}", "the person already had as many as allowed"),
    Reason.JOURNEY_CAP: (
        "{person} is already in {count}",
        "the person is already in as many journeys as allowed",
    ),
    Reason.MINIMUM_GAP: ("{person} had a message less than {span} before", "the last message is too recent"),
    Reason.ORDERED_GAP: (
        "{person} had {earlier} less than {span} before",
        "the message before which this one must wait is too recent",
    ),
    Reason.SAME_CONTENT: ("{person} already had these words on {since}", "the person already had these words"),
    Reason.SAME_OFFER: ("{person} already had this offer on {since}", "the person already had this offer"),
    Reason.LIFETIME_CAP: (
        "{person} already had {count}, all there will ever be",
        "the person already had all of these there will ever be",
    ),
    Reason.PRESSURE_POINTS: (
        "{person} already had {points} within {span}",
        "the messages of late weigh too much for another one",
    ),
    Reason.SEND_BY_PASSED: ("it was good until {send_by}", "it would come after its send-by"),
    Reason.DEFERRED_TOO_LONG: ("it would be older than {span}", "it would have waited too long"),
    Reason.NO_OPENING: ("there is no time before {latest} at which it may go", "there is no time at which it may go"),
}


def sentence(reason: Reason, rule: str = "", when: str = "", facts: Mapping[str, str] | None = None) -> str:
    """A plain sentence: "Held until tomorrow 08:00: Ana already had 2 messages today (two a day)."

    `rule` is the rule's name, or the policy owner's own sentence about it, in brackets at the end; `when` is the
    formatted moment a hold ends, "" for a message that is sent (CLEARED) or never goes; `facts` are formatted words
    (person, count, period, span, since, topic, channel, state, purpose, address, contact_point, send_by, latest, unit,
    earlier, campaign, why, points).
    Facts that are missing are left out of the sentence, never shown as gaps.
    """
    with_facts, plain = FOUND[reason]
    try:
        found = with_facts.format_map(dict(facts or {}))
    except KeyError:
        found = plain
    outcome = "Sent" if reason is Reason.CLEARED else f"Held until {when}" if when else "Not sent"
    return f"{outcome}: {found}{f' ({rule})' if rule else ''}."
