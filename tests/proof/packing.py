"""The same facts as the ledger takes them: folded into contact states, the way the judge reads a folio."""

from functools import lru_cache

from onevoice.ledger.states import Fact as EntryFact
from onevoice.ledger.states import fold
from onevoice.nouns.contact_state import ContactState
from onevoice.nouns.words import EntryKind, PermitKind
from tests.proof.history import Fact, MarkFact, PermitFact, TouchFact, WishFact, ZoneFact


@lru_cache(maxsize=256)
def state_of(facts: tuple[Fact, ...], zones: tuple[str, ...]) -> ContactState:
    """The contact state, `older` read, after all these facts; zones are numbered by their place in `zones`."""
    begun: dict[int, int] = {}
    recorded = 0
    entries = []
    for sequence, fact in enumerate(facts, start=1):
        if isinstance(fact, TouchFact):
            begun.setdefault(fact.touch, sequence)
            recorded = max(recorded, fact.second)
        entries.append(_entry(fact, sequence, recorded, begun, zones))
    return fold(ContactState(older=b""), entries, b"").state


def without_older(state: ContactState) -> ContactState:
    """The state as it is read where no rule looks so far back."""
    return ContactState(
        sequence=state.sequence,
        zone=state.zone,
        reach=state.reach,
        touches=state.touches,
        tallies=state.tallies,
        permits=state.permits,
        marks=state.marks,
        wishes=state.wishes,
        older=None,
    )


def _entry(fact: Fact, sequence: int, recorded: int, begun: dict[int, int], zones: tuple[str, ...]) -> EntryFact:
    state = EntryFact(EntryKind.MARKED, sequence, recorded, recorded)
    match fact:
        case TouchFact(kind, touch, second, label, content):
            told = state._replace(kind=kind, second=second, touch_sequence=begun[touch])
            return told._replace(label=label, content=content, counts=kind == EntryKind.DECIDED)
        case PermitFact(kind, second, channel, purpose, unit, proven):
            given = state._replace(second=second, channel=channel, purpose=purpose, unit=unit)
            if kind == PermitKind.WITHDRAWAL:
                return given._replace(kind=EntryKind.WITHDRAWN)
            return given._replace(kind=EntryKind.CONSENTED, permit=kind, proof=int(proven))
        case MarkFact(kind, until, channel, scope):
            known = EntryKind.MARKED if until else EntryKind.UNMARKED
            return state._replace(kind=known, mark=kind, channel=channel, scope=scope, until=until)
        case WishFact(at_most, days, begin, length):
            return state._replace(kind=EntryKind.WISHED, wish=(at_most, days, begin, length))
        case ZoneFact(zone):
            return state._replace(kind=EntryKind.LOCATED, zone=zones.index(zone))
