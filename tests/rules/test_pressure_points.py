"""Pressure points protect people from the weight of all channels together."""

import random

import numpy as np
import pytest

from onevoice.nouns.label import Label
from onevoice.nouns.moment import NEVER
from onevoice.nouns.policy import PressurePoints, Scope
from onevoice.nouns.words import Channel, FolioKind
from onevoice.rules.explain import Evidence, evidence
from onevoice.rules.judge import judge
from onevoice.rules.reach_back import reads_older
from tests.rules.world import NOW, Ask, Folio, mail, outcome, past, prepare, text, verdicts

HOUR, DAY = 3_600, 86_400
WEIGHTS = {"email": 1, "sms": 3, "voice": 10, "in_app": 0}
FIVE = PressurePoints(name="five a day", budget=5, seconds=DAY, weights=WEIGHTS)
FADING = PressurePoints(name="five, fading", budget=5, seconds=DAY, weights=WEIGHTS, decay="linear")
STRICT = PressurePoints(name="never over", budget=3, seconds=DAY, weights=WEIGHTS, at_limit="suppress")
PLAIN = PressurePoints(name="two each", budget=4, seconds=DAY, default_weight=2)
TEXTS = PressurePoints(name="texts", budget=3, seconds=DAY, weights=WEIGHTS, counts=Scope(channels=("sms",)))
MAIL, TEXT, CALL, APP = mail(), text(), mail(channel=Channel.VOICE), mail(channel=Channel.IN_APP)
CASES = [
    ("nothing yet", FIVE, Ask(), "send"),
    ("four points and one", FIVE, Ask(customer=past((9, TEXT), (5, MAIL))), "send"),
    ("five points and one", FIVE, Ask(customer=past((HOUR, TEXT), (9, MAIL), (5, MAIL))), f"hold {23 * HOUR}"),
    ("the small one makes room", FIVE, Ask(customer=past((HOUR, MAIL), (9, MAIL), (5, TEXT))), f"hold {23 * HOUR}"),
    ("three need more room", FIVE, Ask(message=TEXT, customer=past((9, MAIL), (7, MAIL), (5, MAIL))), "hold 86391"),
    ("the text before", FIVE, Ask(message=TEXT, customer=past((9, MAIL), (7, TEXT), (5, MAIL))), f"hold {DAY - 7}"),
    ("free to the second", FIVE, Ask(message=TEXT, customer=past((DAY, TEXT))), "send"),
    ("a second early", FIVE, Ask(message=TEXT, customer=past((DAY - 1, TEXT))), "hold 1"),
    ("a foreign clock", FIVE, Ask(message=TEXT, customer=past((-60, TEXT))), f"hold {DAY + 60}"),
    ("too heavy for any day", FIVE, Ask(message=CALL), "suppress"),
    ("after something heavy", FIVE, Ask(customer=past((9, CALL))), f"hold {DAY - 9}"),
    ("weightless, full", FIVE, Ask(message=APP, customer=past((9, TEXT), (5, MAIL), (3, MAIL))), "send"),
    ("weightless, over", FIVE, Ask(message=APP, customer=past((9, CALL))), f"hold {DAY - 9}"),
    ("weightless touches", FIVE, Ask(message=TEXT, customer=past(*((9, APP),) * 9)), "send"),
    ("suppressed", STRICT, Ask(customer=past((9, TEXT))), "suppress"),
    ("all weigh the same", PLAIN, Ask(message=CALL, customer=past((9, TEXT), (5, MAIL))), f"hold {DAY - 9}"),
    ("only texts weigh", TEXTS, Ask(customer=past((9, CALL))), "send"),
    # A text of three points fits beside two: 3 x (86,400 - age) <= 2 x 86,400 when it is 28,800 s old.
    ("fading: at once", FADING, Ask(message=TEXT, customer=past((0, TEXT))), f"hold {DAY // 3}"),
    ("fading: free to the second", FADING, Ask(message=TEXT, customer=past((DAY // 3, TEXT))), "send"),
    ("fading: a second early", FADING, Ask(message=TEXT, customer=past((DAY // 3 - 1, TEXT))), "hold 1"),
    ("fading: a foreign clock", FADING, Ask(message=TEXT, customer=past((-60, TEXT))), f"hold {DAY // 3 + 60}"),
    # Ten points beside four of room: 10 x (86,400 - age) <= 4 x 86,400 at 51,840 s.
    ("fading: after something heavy", FADING, Ask(customer=past((840, CALL))), f"hold {51_000}"),
    # 3 x (86,400 - a) + (86,400 - a + 7) <= 2 x 86,400 first at a = 43,202: 259,200 + 6 / 4.
    ("fading: two at once", FADING, Ask(message=TEXT, customer=past((7, TEXT), (0, MAIL))), "hold 43195"),
    ("fading: a foreign clock adds nothing", FADING, Ask(customer=past(*((DAY // 2, MAIL),) * 2, (-60, TEXT))), "send"),
    ("fading: room enough", FADING, Ask(customer=past((9, TEXT), (5, MAIL))), "send"),
    ("fading: all must be gone", FADING, Ask(message=CALL, customer=past((9, MAIL))), "suppress"),
]  # fmt: skip


@pytest.mark.parametrize(("title", "rule", "ask", "answer"), CASES, ids=[case[0] for case in CASES])
def test_a_message_waits_until_its_points_have_room(title: str, rule: PressurePoints, ask: Ask, answer: str) -> None:
    """Each line: what stands in the book, and what becomes of the next message."""
    assert outcome(ask, rule) == answer


POINTS = {Channel.EMAIL: 1, Channel.SMS: 3, Channel.VOICE: 10, Channel.IN_APP: 0}


def load(rule: PressurePoints, touches: list[tuple[int, Label]], at: int) -> int:
    """Points times seconds that these touches weigh at this second, added up one by one."""
    total = 0
    for ago, label in touches:
        age = max(at - (NOW - ago), 0)
        left = DAY - age if rule.decay == "linear" else DAY
        total += POINTS[Channel(label.channel)] * (left if age < DAY else 0)
    return total


def test_points_are_right_to_the_second() -> None:
    """Random pasts, added up in plain numbers: at the second told there is room, a second before there is none."""
    dice, held = random.Random(4), 0
    for _ in range(300):
        pace = range(dice.randint(0, 9))
        touches = [(dice.randint(-99, 2 * DAY), dice.choice((MAIL, TEXT, CALL, APP))) for _ in pace]
        message, rule = dice.choice((MAIL, TEXT, APP)), dice.choice((FIVE, FADING))
        when = int(verdicts(Ask(message=message, customer=past(*touches)), rule).when[0])
        room = (rule.budget - POINTS[Channel(message.channel)]) * DAY
        assert load(rule, touches, when) <= room
        if when > NOW:
            assert load(rule, touches, when - 1) > room
            held += 1
    assert held > 100


def test_the_book_shows_what_weighs() -> None:
    """Without fading the touch that makes room and all newer ones; fading, all from the oldest that still weighs."""
    folio = past((2 * DAY, CALL), (9, MAIL), (7, APP), (5, TEXT), (3, MAIL))
    for rule, entries in ((FIVE, (4, 5)), (FADING, (2, 3, 4, 5))):
        states, case, compiled = prepare(Ask(message=TEXT, customer=folio), rule)
        assert evidence(states, case, NOW, compiled, 0) == Evidence(FolioKind.CUSTOMER, entries)
    states, case, compiled = prepare(Ask(message=CALL, customer=folio), FIVE)
    assert evidence(states, case, NOW, compiled, 0) is None, "a call is too heavy by itself"
    assert reads_older(compiled, NOW) == NOW - DAY


def test_several_rules_weigh_several_people_in_one_batch() -> None:
    """A customer full of texts, a household with none, and nobody at all; fading and not."""
    states, case, compiled = prepare(Ask(message=TEXT, customer=past((60, TEXT)), household=Folio()), FIVE, FADING)
    three = case.take(np.array([0, 0, 0]))
    three.folios[0] = (0, 1, -1)
    found = judge(states, three, NOW, compiled)
    assert (found.says - NOW).tolist() == [[DAY - 60, 0, 0], [DAY // 3 - 60, 0, 0]]
    assert (found.when < NEVER).all()
