"""What is ours to send: the attempt is in the book before the effect, once, and silence is a doubt, not a retry."""

from collections.abc import Callable, Mapping

import pytest
from sqlalchemy import select

from onevoice.actions.dispatch import IN_DOUBT_AFTER, dispatch_due
from onevoice.ledger.tables import due, entries, waiting
from onevoice.nouns.message import Message, Outcome
from onevoice.nouns.words import EntryKind
from tests.book import Company

FIELDS = {"address": "ana@example.com", "platform": "crm", "contact_point": "news", "dispatch": True}


class Post:
    """A vendor that writes down what it is handed, and answers as it is told."""

    def __init__(self, answer: Callable[[Message], Outcome]) -> None:
        self.answer = answer
        self.handed: list[Message] = []

    def send(self, message: Message) -> Outcome:
        self.handed.append(message)
        return self.answer(message)


def sent(_: Message) -> Outcome:
    return Outcome(kind="sent", vendor_id="v1")


def outgoing(company: Company, customer: str = "C1", **fields: object) -> int:
    """The touch of a message that Onevoice sends by itself."""
    address = f"{customer.lower()}@example.com"
    given = {**FIELDS, "address": address, "subject": "Hi", "words": "Hello", **fields}
    decision = company.propose(customer, **given)  # type: ignore[arg-type]
    return decision.touch


def test_a_cleared_message_leaves_with_its_words(company: Company) -> None:
    """From the contact point, to the address, with what was said; the book has the attempt and the outcome."""
    touch = outgoing(company)
    post = Post(sent)
    assert dispatch_due(company.gate, {"sandbox": post}) == 1
    assert post.handed == [
        Message(
            touch=touch,
            channel="email",
            sender="news@alder.example",
            recipient="c1@example.com",
            subject="Hi",
            words="Hello",
        )
    ]
    assert company.kinds(touch) == ["decided", "attempted", "sent"]
    assert (company.rows(due), company.rows(waiting)) == ([], [])
    assert dispatch_due(company.gate, {"sandbox": post}) == 0


def test_the_attempt_is_in_the_book_before_it_leaves(company: Company) -> None:
    """At the moment of the handing over, another reader sees *attempted*."""
    seen: list[list[str]] = []

    def look(message: Message) -> Outcome:
        with company.book.engine.reading() as connection:
            rows = connection.execute(select(entries.c.kind).where(entries.c.touch == message.touch)).scalars()
            seen.append([EntryKind(kind).spoken for kind in rows])
        return Outcome(kind="sent")

    outgoing(company)
    dispatch_due(company.gate, {"sandbox": Post(look)})
    assert seen == [["decided", "attempted"]]


def test_what_certainly_failed_frees_its_place(company: Company) -> None:
    """The vendor said no: the book says failed, and two more may go today."""
    touch = outgoing(company)
    dispatch_due(company.gate, {"sandbox": Post(lambda _: Outcome(kind="failed", detail="550 no"))})
    assert company.kinds(touch) == ["decided", "attempted", "failed"]
    assert [company.propose("C1").verdict for _ in range(3)] == ["send", "send", "hold"]


def test_a_platform_without_a_vendor_fails_at_once(company: Company) -> None:
    """Nobody is connected: failed, with its reason, and no endless trying."""
    touch = outgoing(company)
    assert dispatch_due(company.gate, {}) == 1
    assert company.kinds(touch) == ["decided", "attempted", "failed"]


def test_doubt_is_never_tried_again(company: Company) -> None:
    """Nobody can tell whether it left: it keeps its place, is shown as in doubt, and is not sent a second time."""
    touch = outgoing(company)
    post = Post(lambda _: Outcome(kind="doubted", detail="timeout"))
    dispatch_due(company.gate, {"sandbox": post})
    for _ in range(5):
        company.clock.forward(hours=1)
        company.gate.look_again()
        dispatch_due(company.gate, {"sandbox": post})
    assert len(post.handed) == 1
    assert company.kinds(touch) == ["decided", "attempted", "doubted"]
    assert [company.propose("C1").verdict for _ in range(2)] == ["send", "hold"]


def test_a_machine_that_stopped_between_attempt_and_answer_leaves_a_doubt(company: Company) -> None:
    """The process died while sending: after ten minutes the message is in doubt, and never sent again."""

    def die(_: Message) -> Outcome:
        raise KeyboardInterrupt

    touch = outgoing(company)
    with pytest.raises(KeyboardInterrupt):
        dispatch_due(company.gate, {"sandbox": Post(die)})
    assert company.kinds(touch) == ["decided", "attempted"]
    post = Post(sent)
    company.clock.moment += IN_DOUBT_AFTER
    company.gate.look_again()
    assert dispatch_due(company.gate, {"sandbox": post}) == 0
    assert post.handed == []
    assert company.kinds(touch) == ["decided", "attempted", "doubted"]


def test_a_late_answer_settles_a_doubt(company: Company) -> None:
    """The vendor's webhook comes after all: the thread goes on."""
    touch = outgoing(company)
    dispatch_due(company.gate, {"sandbox": Post(lambda _: Outcome(kind="doubted"))})
    company.observe("delivered", touch=touch)
    assert company.kinds(touch) == ["decided", "attempted", "doubted", "delivered"]


def test_a_stop_between_decision_and_dispatch_is_honoured(company: Company) -> None:
    """Cleared, then STOP, then its turn: it is judged again and does not leave; its place is given back."""
    touch = outgoing(company)
    company.observe("withdrawn", address="c1@example.com", channel="email")
    post = Post(sent)
    assert dispatch_due(company.gate, {"sandbox": post}) == 0
    assert post.handed == []
    assert company.kinds(touch) == ["decided", "released", "decided"]
    assert company.thread(touch).verdict == 4


def test_a_message_does_not_stand_in_its_own_way(company: Company) -> None:
    """Both of two a day are reserved; judged again, each is judged as if it had no place yet, and leaves."""
    touches = [outgoing(company), outgoing(company)]
    post = Post(sent)
    assert dispatch_due(company.gate, {"sandbox": post}) == 2
    assert [company.kinds(touch) for touch in touches] == [["decided", "attempted", "sent"]] * 2


def test_a_stricter_policy_between_decision_and_dispatch_holds_the_message(company: Company) -> None:
    """Two cleared under two a day, their turn comes under one a day: one leaves, the other is held for now."""
    touches = [outgoing(company), outgoing(company)]
    company.policy('name = "s"\n\n[[rules]]\ntype = "rolling_cap"\nname = "one"\nat_most = 1\nseconds = 86400\n')
    post = Post(sent)
    assert dispatch_due(company.gate, {"sandbox": post}) == 1
    assert sorted(company.thread(touch).verdict for touch in touches) == [1, 2]
    for _ in range(3):
        company.clock.forward(days=1)
        company.gate.look_again()
        dispatch_due(company.gate, {"sandbox": post})
    assert sorted(message.touch for message in post.handed) == touches


def test_a_held_message_of_ours_leaves_when_its_time_comes(company: Company) -> None:
    """Held until midnight, then sent by itself, once."""
    for _ in range(2):
        company.observe("sent", touch=company.propose("C1").touch)
    touch = outgoing(company)
    post = Post(sent)
    assert dispatch_due(company.gate, {"sandbox": post}) == 0
    company.clock.set("2026-10-02T00:00:00Z")
    company.gate.look_again()
    assert dispatch_due(company.gate, {"sandbox": post}) == 1
    assert company.kinds(touch) == ["decided", "decided", "attempted", "sent"]


@pytest.mark.parametrize("platform", ["adviser", "watcher"])
@pytest.mark.timeout(60)
def test_a_platform_that_only_asks_for_advice_sends_all_the_same(company: Company, platform: str) -> None:
    """Advice does not bind: the third of a day leaves like the first, once, and nothing turns in a circle."""
    touches = [outgoing(company, platform=platform) for _ in range(3)]
    post = Post(sent)
    assert dispatch_due(company.gate, {"sandbox": post}) == 3
    assert [message.touch for message in post.handed] == touches
    assert [company.kinds(touch)[-2:] for touch in touches] == [["attempted", "sent"]] * 3


def test_two_dispatchers_hand_over_each_message_once(company: Company) -> None:
    """Whoever finds the work gone leaves the message alone, on PostgreSQL also across processes."""
    from concurrent.futures import ThreadPoolExecutor

    touches = [outgoing(company, f"C{number}") for number in range(12)]
    other = company.another()
    post = Post(sent)
    vendors: Mapping[str, Post] = {"sandbox": post}
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda gate: dispatch_due(gate, vendors), [company.gate, other.gate] * 2))
    if other is not company:
        other.onevoice.close()
    assert sorted(message.touch for message in post.handed) == touches
