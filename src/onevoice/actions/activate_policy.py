"""Activate a policy: a file that was read and checked is in force from its version on."""

import json
import re
import tomllib
from collections.abc import Sequence
from importlib import resources
from typing import Final

from onevoice.ledger.documents import lock_documents, read_surroundings
from onevoice.ledger.engine import Engine, Transaction
from onevoice.ledger.policies import PolicyFile, current_policy, store_policy
from onevoice.nouns.authority import SYSTEM, Authority, Verb
from onevoice.nouns.policy import Policy
from onevoice.nouns.problem import Fault, Refused
from onevoice.nouns.surroundings import Surroundings
from onevoice.parsing.addresses import zone_names
from onevoice.rules.check import check_policy
from onevoice.rules.files import read_policy

POLICY_MAX: Final = 1_000_000
PLAUSIBLE: Final = re.compile(r"^plausible_zones = .*$", re.MULTILINE)


def policy_of(body: str, surroundings: Surroundings) -> Policy:
    """The policy in this file, fit for these documents. Raises Refused with everything that is wrong with it."""
    if len(body) > POLICY_MAX:
        raise Refused([Fault("policy", f"A policy file has at most {POLICY_MAX:,} characters.")])
    policy = read_policy(body)
    if faults := check_policy(policy, surroundings, zone_names()):
        raise Refused(faults, "This policy cannot be put in force.")
    return policy


def starter_policy(zones: Sequence[str] = ()) -> str:
    """The policy a sensible company would keep, in force until it writes its own; with these plausible zones."""
    body = resources.files("onevoice.rules").joinpath("starter.toml").read_text("utf-8")
    return PLAUSIBLE.sub(lambda _: _plausible(zones), body) if zones else body


def with_plausible_zones(body: str, zones: Sequence[str]) -> str:
    """The policy file, with these plausible zones where it names none. Raises Refused where it names others."""
    if not zones:
        return body
    try:
        told = tomllib.loads(body).get("plausible_zones")
    except tomllib.TOMLDecodeError:
        return body  # read_policy says what is wrong with it
    if told is None:
        return f"{_plausible(zones)}\n{body}"
    if list(zones) != told:
        raise Refused(
            [
                Fault(
                    "plausible_zones",
                    "They differ from those of company.toml; write a policy.toml that names the same.",
                )
            ]
        )
    return body


def _plausible(zones: Sequence[str]) -> str:
    return f"plausible_zones = [{', '.join(json.dumps(zone) for zone in zones)}]"


def activate_in(tx: Transaction, body: str, surroundings: Surroundings, *, by: str, at: int) -> PolicyFile:
    """Put a policy file in force inside a transaction that holds the documents' lock; the file in force again changes
    nothing. Raises Refused."""
    return store_policy(tx, name=policy_of(body, surroundings).name, body=body, by=by, at=at)


def activate_policy(engine: Engine, authority: Authority, body: str, *, at: int) -> PolicyFile:
    """Put a policy file in force for the whole company; every decision from now on names its version. Over the network
    only the first one: another comes by a draft that a second person approved (actions/draft_policy.py).

    Raises Refused with every fault of the file, or where the asker may not."""
    if not authority.may(Verb.SETUP) or not authority.all_units:
        raise Refused([Fault("policy", "Only an administrator of the whole company may change its policy.")])
    with engine.writing() as tx:
        lock_documents(tx)
        surroundings = read_surroundings(tx.connection)
        there = current_policy(tx.connection)
        if there is not None and there.body != body and authority.who != SYSTEM.who:
            policy_of(body, surroundings)
            raise Refused([Fault("policy", "There is a policy in force: write a draft, and have it approved.")])
        return activate_in(tx, body, surroundings, by=authority.who, at=at)
