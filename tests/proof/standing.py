"""What stands for or against a message whatever the hour: permissions given and withdrawn, and marks."""

from onevoice.nouns.contact_state import FOREVER
from onevoice.nouns.moment import NEVER
from onevoice.nouns.policy import (
    AddressFailure,
    Consent,
    CustomerState,
    DoNotContact,
    ExclusiveWindow,
    Marked,
    Pause,
    Proof,
    Refusal,
)
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import MarkKind, PermitKind
from tests.proof.history import MarkFact, PermitFact
from tests.proof.row import Names, Row, Says
from tests.proof.wall import DAY

ABOUT_TOPICS = (MarkKind.TOPIC_REFUSED, MarkKind.HOLDS_PRODUCT, MarkKind.BOUGHT_RECENTLY)
MARKS: dict[type[Marked], dict[MarkKind, Reason]] = {
    DoNotContact: dict.fromkeys(
        (MarkKind.LEGAL_HOLD, MarkKind.DECEASED, MarkKind.MINOR, MarkKind.FRAUD_CASE), Reason.DO_NOT_CONTACT
    ),
    AddressFailure: dict.fromkeys(
        (MarkKind.HARD_BOUNCE, MarkKind.COMPLAINT, MarkKind.DEAD_TOKEN), Reason.ADDRESS_FAILED
    ),
    Pause: {MarkKind.PAUSED: Reason.PAUSED_BY_CUSTOMER},
    Refusal: {
        MarkKind.TOPIC_REFUSED: Reason.TOPIC_REFUSED,
        MarkKind.CHANNEL_REFUSED: Reason.CHANNEL_REFUSED,
    },
    ExclusiveWindow: {MarkKind.OWNED: Reason.OWNED_BY_ANOTHER},
}


def permission(names: Names, rule: Consent | Proof, row: Row) -> Says:
    proof = isinstance(rule, Proof)
    covering = [permit for permit in row.joined_permits() if permits(names, permit, row)]
    withdrawn = max((p.second for p in covering if p.kind == PermitKind.WITHDRAWAL), default=-1)
    if isinstance(rule, Consent) and rule.needs == "no_withdrawal" and withdrawn < 0:
        return Says(row.now)
    ends = [
        end
        for permit in covering
        if permit.second > withdrawn and (permit.proven or not proof) and (end := lasts(rule, permit))
    ]
    if not ends or max(ends) <= row.now:
        if proof:
            return Says(NEVER, Reason.CONSENT_UNPROVEN)
        gone = Reason.CONSENT_WITHDRAWN if withdrawn >= 0 else Reason.CONSENT_MISSING
        return Says(NEVER, Reason.CONSENT_EXPIRED if ends else gone)
    return Says(row.now, relied_until=max(ends))


def permits(names: Names, permit: PermitFact, row: Row) -> bool:
    label = row.label
    return (
        permit.channel in (0, label.channel)
        and permit.purpose in (0, label.purpose)
        and (permit.unit == 0 or permit.unit in names.unit_line(label))
    )


def lasts(rule: Consent | Proof, permit: PermitFact) -> int:
    """The second at which this grant ends; 0 where it is no grant for this rule."""
    match permit.kind:
        case PermitKind.EXPRESS:
            return permit.second + rule.express_days * DAY if rule.express_days else NEVER + 1
        case PermitKind.IMPLIED_PURCHASE:
            return permit.second + rule.purchase_days * DAY if rule.purchase_days else 0
        case PermitKind.IMPLIED_INQUIRY:
            return permit.second + rule.inquiry_days * DAY if rule.inquiry_days else 0
    return 0


def marked(names: Names, rule: Marked, row: Row) -> Says:
    if isinstance(rule, CustomerState):
        reads = dict.fromkeys((MarkKind[word.upper()] for word in rule.states), Reason.CUSTOMER_STATE)
    else:
        reads = MARKS[type(rule)]
    live = [
        mark
        for mark in row.joined_marks()
        if mark.kind in reads and (mark.until == FOREVER or row.now < mark.until) and covers(names, mark, row)
    ]
    if not live:
        return Says(row.now)
    until = max(mark.until for mark in live)
    waits = rule.at_limit == "hold" and until < FOREVER
    return Says(until if waits else NEVER, min(reads[mark.kind] for mark in live))


def covers(names: Names, mark: MarkFact, row: Row) -> bool:
    line = names.unit_line(row.label)
    if mark.kind in ABOUT_TOPICS:
        line = tuple(names.topic_line(row.label.topics))
    if mark.kind == MarkKind.OWNED:
        # What the whole company owns binds none of its units.
        return mark.channel in (0, row.label.channel) and mark.scope != 0 and mark.scope not in line
    return mark.channel in (0, row.label.channel) and (mark.scope == 0 or mark.scope in line)
