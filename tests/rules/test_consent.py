"""Consent protects people from messages they never agreed to, or no longer want."""

import pytest

from onevoice.nouns.policy import Consent, QuietHours, Window
from onevoice.nouns.words import Channel, PermitKind
from tests.rules.world import Ask, Folio, Permit, mail, told

DAY = 86_400
GRANT = Consent(name="grant")
REGIME = Consent(name="regime", express_days=1_000, purchase_days=730, inquiry_days=180)
OPT_OUT = Consent(name="opt out", needs="no_withdrawal", express_days=30)
EXPRESS, PURCHASE, INQUIRY, STOP = (
    PermitKind.EXPRESS,
    PermitKind.IMPLIED_PURCHASE,
    PermitKind.IMPLIED_INQUIRY,
    PermitKind.WITHDRAWAL,
)


def has(*permits: Permit) -> Folio:
    return Folio(permits=permits)


CASES = [
    ("nothing given", GRANT, Ask(), ("suppress", "consent_missing")),
    ("express", GRANT, Ask(customer=has(Permit(DAY))), ("send", "cleared")),
    ("given by the address", GRANT, Ask(address=has(Permit(DAY))), ("send", "cleared")),
    ("stopped", GRANT, Ask(customer=has(Permit(2 * DAY), Permit(DAY, STOP))), ("suppress", "consent_withdrawn")),
    (
        "stopped in the same second",
        GRANT,
        Ask(customer=has(Permit(DAY), Permit(DAY, STOP))),
        ("suppress", "consent_withdrawn"),
    ),
    ("given anew", GRANT, Ask(customer=has(Permit(2 * DAY, STOP), Permit(DAY))), ("send", "cleared")),
    (
        "a number's STOP binds the person",
        GRANT,
        Ask(customer=has(Permit(2 * DAY)), address=has(Permit(DAY, STOP))),
        ("suppress", "consent_withdrawn"),
    ),
    ("other channel", GRANT, Ask(customer=has(Permit(DAY, channel=Channel.SMS))), ("suppress", "consent_missing")),
    (
        "other channel stopped",
        GRANT,
        Ask(customer=has(Permit(2 * DAY), Permit(DAY, STOP, channel=Channel.SMS))),
        ("send", "cleared"),
    ),
    ("this purpose", GRANT, Ask(customer=has(Permit(DAY, purpose=1))), ("send", "cleared")),
    ("other purpose", GRANT, Ask(customer=has(Permit(DAY, purpose=2))), ("suppress", "consent_missing")),
    (
        "message without purpose",
        GRANT,
        Ask(message=mail(purpose=0), customer=has(Permit(DAY, purpose=1))),
        ("suppress", "consent_missing"),
    ),
    ("given to the group", GRANT, Ask(customer=has(Permit(DAY, unit=1))), ("send", "cleared")),
    ("given to the sister", GRANT, Ask(customer=has(Permit(DAY, unit=3))), ("suppress", "consent_missing")),
    (
        "stopped for the group",
        GRANT,
        Ask(customer=has(Permit(2 * DAY, unit=2), Permit(DAY, STOP, unit=1))),
        ("suppress", "consent_withdrawn"),
    ),
    ("implied is not accepted", GRANT, Ask(customer=has(Permit(DAY, PURCHASE))), ("suppress", "consent_missing")),
    ("implied by a purchase", REGIME, Ask(customer=has(Permit(729 * DAY, PURCHASE))), ("send", "cleared")),
    ("purchase too long ago", REGIME, Ask(customer=has(Permit(730 * DAY, PURCHASE))), ("suppress", "consent_expired")),
    ("to the second", REGIME, Ask(customer=has(Permit(730 * DAY - 1, PURCHASE))), ("send", "cleared")),
    ("inquiry too long ago", REGIME, Ask(customer=has(Permit(181 * DAY, INQUIRY))), ("suppress", "consent_expired")),
    (
        "a new inquiry never shortens",
        REGIME,
        Ask(customer=has(Permit(200 * DAY, EXPRESS), Permit(190 * DAY, INQUIRY))),
        ("send", "cleared"),
    ),
    (
        "stop ends implied ones too",
        REGIME,
        Ask(customer=has(Permit(9 * DAY, PURCHASE), Permit(DAY, STOP))),
        ("suppress", "consent_withdrawn"),
    ),
    ("nothing withdrawn", OPT_OUT, Ask(), ("send", "cleared")),
    ("withdrawn", OPT_OUT, Ask(customer=has(Permit(DAY, STOP))), ("suppress", "consent_withdrawn")),
    ("withdrawn, then given", OPT_OUT, Ask(customer=has(Permit(2 * DAY, STOP), Permit(DAY))), ("send", "cleared")),
    (
        "withdrawn, given, run out",
        OPT_OUT,
        Ask(customer=has(Permit(99 * DAY, STOP), Permit(40 * DAY))),
        ("suppress", "consent_expired"),
    ),
    ("an old grant does not end an opt-out regime", OPT_OUT, Ask(customer=has(Permit(40 * DAY))), ("send", "cleared")),
]


@pytest.mark.parametrize(("title", "rule", "ask", "answer"), CASES, ids=[case[0] for case in CASES])
def test_only_who_agreed_is_written_to(title: str, rule: Consent, ask: Ask, answer: tuple[str, str]) -> None:
    """Each line: what stands in the book, and what becomes of the next message."""
    assert told(ask, rule) == answer


def test_a_consent_that_ends_during_a_hold_is_no_consent() -> None:
    """Quiet until eight tomorrow, consent until midnight: the message will never go."""
    night = QuietHours(name="night", windows=(Window(begin="11:00", end="08:00"),))
    short = Consent(name="short", express_days=1)
    ask = Ask(customer=has(Permit(DAY - 3_600)))
    assert told(ask, short) == ("send", "cleared")
    assert told(ask, short, night) == ("suppress", "consent_expired")
    to_the_second = Ask(customer=has(Permit(4 * 3_600)))
    assert told(to_the_second, short, night) == ("suppress", "consent_expired"), "it ends as the quiet does"
    a_second_more = Ask(customer=has(Permit(4 * 3_600 - 1)))
    assert told(a_second_more, short, night) == ("hold 72000", "quiet_hours")
    assert told(Ask(customer=has(Permit(60))), short, night) == ("hold 72000", "quiet_hours")
