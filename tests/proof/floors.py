"""What a run of the proof must at least have seen: an empty run, or one in which everything is sent, proves nothing."""

from typing import get_args

from onevoice.nouns.policy import AnyRule
from onevoice.nouns.reason import Reason
from onevoice.nouns.words import Verdict
from tests.proof.comparison import Account

SHARES = {Verdict.SEND: 0.2, Verdict.HOLD: 0.08, Verdict.SUPPRESS: 0.15}
NOT_THE_JUDGES = (Reason.ADDRESS_UNUSABLE,)


def too_little(account: Account, decisions: int) -> list[str]:
    """What is missing for `decisions` to count as compared; empty when nothing is."""
    missing = []
    if account.decisions < decisions:
        missing.append(f"{account.decisions} decisions were compared, not {decisions}")
    for verdict, share in SHARES.items():
        if account.verdicts[verdict.spoken] < share * decisions:
            missing.append(f"too few {verdict.spoken}: {account.verdicts[verdict.spoken]}")
    for rule in get_args(AnyRule):
        if account.stopped_by[rule.__name__] < decisions / 200:
            missing.append(f"{rule.__name__} stopped too few: {account.stopped_by[rule.__name__]}")
    for reason in set(Reason) - set(NOT_THE_JUDGES):
        if account.reasons[reason.spoken] < decisions / 1_000:
            missing.append(f"{reason.spoken} was too seldom the reason: {account.reasons[reason.spoken]}")
    if account.evidence < decisions / 10:
        missing.append(f"too few lists of counted touches: {account.evidence}")
    return missing
