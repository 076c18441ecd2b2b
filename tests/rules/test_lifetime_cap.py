"""A lifetime cap protects people from ever getting more than a few of something."""

import numpy as np
import pytest

from onevoice.nouns.label import Label
from onevoice.nouns.policy import LifetimeCap, Scope
from onevoice.nouns.words import Category, FolioKind, TouchState
from onevoice.rules.explain import Change, Evidence, counterfactual, evidence
from onevoice.rules.judge import judge
from onevoice.rules.reach_back import reads_older
from tests.rules.world import NOW, Ask, Folio, Touch, mail, outcome, past, prepare, text

YEAR = 365 * 86_400
MAIL, TEXT = mail(), text()
THREE = LifetimeCap(name="three in a life", at_most=3)
ONE_TEXT = LifetimeCap(name="one text", at_most=1, counts=Scope(channels=("sms",)))
DELIVERED = LifetimeCap(name="one that arrived", at_most=1, event="delivered")


def left(*forgotten: tuple[Label, int], newest: int = 0, older: int = 0, unread: bool = False) -> Folio:
    """So many of each label long forgotten but in the tallies, `older` in the log, `newest` among the newest."""
    return Folio(
        [Touch(60 + one) for one in range(newest)],
        older=[Touch(YEAR + one) for one in range(older)],
        forgotten=forgotten,
        unread=unread,
    )


CASES = [
    ("nothing yet", THREE, Folio(), "send"),
    ("two of three", THREE, left(newest=2), "send"),
    ("three of three", THREE, left(newest=3), "suppress"),
    ("three in nine years", THREE, past((9 * YEAR, MAIL), (5 * YEAR, MAIL), (YEAR, MAIL)), "suppress"),
    ("two new, one older", THREE, left(newest=2, older=1), "suppress"),
    ("one new, one older", THREE, left(newest=1, older=1), "send"),
    ("the older one was not read", THREE, left(newest=2, older=1, unread=True), "suppress"),
    ("an older one counts once, read or not", THREE, left(newest=1, older=1, unread=True), "send"),
    ("two new, one forgotten", THREE, left((MAIL, 1), newest=2), "suppress"),
    ("one of each", THREE, left((MAIL, 1), newest=1, older=1), "suppress"),
    ("all forgotten", THREE, left((MAIL, 3)), "suppress"),
    ("two forgotten", THREE, left((MAIL, 2)), "send"),
    ("two forgotten kinds", THREE, left((MAIL, 1), (TEXT, 2)), "suppress"),
    ("only texts count", ONE_TEXT, left((MAIL, 7), newest=7), "send"),
    ("a forgotten text", ONE_TEXT, left((TEXT, 1), newest=7), "suppress"),
    ("none arrived", DELIVERED, left((MAIL, 2), newest=2), "send"),
    ("one arrived", DELIVERED, Folio([Touch(9, state=TouchState.DELIVERED)]), "suppress"),
]


@pytest.mark.parametrize(("title", "rule", "folio", "answer"), CASES, ids=[case[0] for case in CASES])
def test_what_is_full_stays_full(title: str, rule: LifetimeCap, folio: Folio, answer: str) -> None:
    """Each line: what stands in the book, and what becomes of the next mail."""
    assert outcome(Ask(customer=folio), rule) == answer


def test_a_lifetime_cap_reads_no_older_touches() -> None:
    """Tallies know how many there were: the log of old touches is not opened for it."""
    _, _, compiled = prepare(Ask(), THREE)
    assert reads_older(compiled, NOW) == NOW


def test_service_obeys_no_lifetime_cap() -> None:
    """A category that does not obey caps is not stopped by the tallies either."""
    assert outcome(Ask(message=mail(category=Category.SERVICE), customer=left((MAIL, 9))), THREE) == "send"


def test_the_book_shows_the_touches_that_filled_it() -> None:
    """From the third newest on, or all that are left where it lies further back; none where all are forgotten."""
    for folio, entries in ((left(newest=4), (2, 3, 4)), (left((MAIL, 2), newest=2), (1, 2))):
        states, case, compiled = prepare(Ask(customer=folio), THREE)
        assert evidence(states, case, NOW, compiled, 0) == Evidence(FolioKind.CUSTOMER, entries)
    states, case, compiled = prepare(Ask(customer=left((MAIL, 3))), THREE)
    assert evidence(states, case, NOW, compiled, 0) is None
    assert counterfactual(states, case, NOW, compiled) == Change("without", rules=(0,))


def test_everyone_has_a_lifetime_of_their_own() -> None:
    """In one batch: a household whose tallies are full, a customer whose are not, and nobody at all."""
    states, case, compiled = prepare(Ask(customer=left((MAIL, 2)), household=left((MAIL, 3))), THREE)
    three = case.take(np.array([0, 0, 0]))
    three.folios[0] = (0, 1, -1)
    assert (judge(states, three, NOW, compiled).when == NOW).tolist() == [True, False, True]
