"""Set up: one readable folder of TOML and CSV becomes the company's documents and people; twice changes nothing."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from onevoice.actions.activate_policy import activate_in, policy_of, starter_policy, with_plausible_zones
from onevoice.actions.gate import Gate
from onevoice.actions.setup_documents import Planned, plan_documents
from onevoice.actions.setup_people import Counted, People, check_people, read_people, write_people
from onevoice.ledger.documents import lock_documents, overlaid, read_surroundings, store_documents
from onevoice.ledger.engine import Transaction
from onevoice.ledger.policies import PolicyFile, current_policy
from onevoice.ledger.staff import all_members, store_members
from onevoice.nouns.authority import Authority, Verb
from onevoice.nouns.observation import Observation
from onevoice.nouns.problem import Fault, Refused
from onevoice.nouns.surroundings import Surroundings
from onevoice.parsing.setup_folder import FAULTS_MAX, Folder, read_folder

Progress = Callable[[int, int], None]
"""Called with the customers done and all customers."""

UNFIT: Final = "The setup folder cannot be taken as it is; nothing was written."


class SetUp(msgspec.Struct, frozen=True, kw_only=True):
    """What a setup changed: documents and members of staff, people new or different, facts told to the book; and the
    versions of documents and policy in force after it (before it, where nothing was to be written: `checked`)."""

    checked: bool = False
    documents: int = 0
    staff: int = 0
    customers: int = 0
    addresses: int = 0
    renamed: int = 0
    joined: int = 0
    facts: int = 0
    surroundings: int = 0
    policy: int = 0

    @property
    def changed(self) -> bool:
        """Whether anything of the documents, the staff or the people is different now."""
        return any((self.documents, self.staff, self.customers, self.addresses, self.renamed, self.joined, self.facts))

    def plus(self, counted: Counted) -> "SetUp":
        """With the people of one more batch."""
        return replace(self, **{name: getattr(self, name) + more for name, more in counted._asdict().items()})


def setup(
    gate: Gate, authority: Authority, path: Path, *, checking: bool = False, progress: Progress | None = None
) -> SetUp:
    """Load a setup folder. What is not in it stays as it is; loading it again changes nothing. With `checking` nothing
    is written.

    Raises Refused with every fault of every file, each with its file and row; then nothing was written. People are
    written in batches after everything was checked: where the machine stops in between, load the folder again."""
    if not authority.may(Verb.SETUP) or not authority.all_units:
        raise Refused([Fault("setup", "Only an administrator of the whole company may set it up.")])
    return take_folder(gate, authority, read_folder(path), checking=checking, progress=progress)


def take_folder(
    gate: Gate, authority: Authority, folder: Folder, *, checking: bool = False, progress: Progress | None = None
) -> SetUp:
    """As `setup`, of a folder that was read already; whoever calls it has seen to it that the asker may."""
    people = _checked(gate, folder)
    if checking:
        return _in_force(gate)
    done = gate.write(lambda tx: _write_documents(tx, gate, folder, by=authority.who))
    everybody = len(people.customers)
    for count, counted, observations in write_people(gate, people, by=authority.who):
        done = replace(done.plus(counted), facts=done.facts + _tell(gate, authority, observations))
        if progress is not None:
            progress(count, everybody)
    return done


def _checked(gate: Gate, folder: Folder) -> People:
    """Everybody in the folder. Raises Refused with every fault of everything."""
    with gate.book.engine.reading() as connection:
        now = read_surroundings(connection)
        members = all_members(connection)
        current = current_policy(connection)
    planned = plan_documents(folder, now, members)
    region = planned.region or gate.book.region
    people = read_people(folder, planned.units, planned.topics, region=region, now=gate.book.clock())
    check_people(gate.book, people, folder)
    faults = [*folder.faults, *planned.faults, *_policy_faults(folder, planned, current, now), *people.faults]
    if faults:
        raise Refused(list(dict.fromkeys(faults))[:FAULTS_MAX], UNFIT)
    return people


def _policy_faults(folder: Folder, planned: Planned, current: PolicyFile | None, now: Surroundings) -> Iterator[Fault]:
    try:
        policy_of(_policy_body(folder, planned, current), overlaid(now, planned.documents))
    except Refused as refused:
        for fault in refused.faults:
            yield Fault(f"policy.toml:{fault.where}", fault.says)


def _policy_body(folder: Folder, planned: Planned, current: PolicyFile | None) -> str:
    """The folder's policy, else the one in force, else the starter policy; with the company's plausible zones."""
    if not folder.policy and current is None:
        return starter_policy(planned.plausible_zones)
    return with_plausible_zones(folder.policy or (current.body if current else ""), planned.plausible_zones)


def _write_documents(tx: Transaction, gate: Gate, folder: Folder, *, by: str) -> SetUp:
    """Documents, staff and policy in one transaction, planned anew on what is there now."""
    lock_documents(tx)
    now, at = read_surroundings(tx.connection), gate.book.clock()
    planned = plan_documents(folder, now, all_members(tx.connection))
    if planned.faults:
        raise Refused(planned.faults, UNFIT)
    stored = store_documents(tx, planned.documents, by=by, at=at)
    staff = store_members(tx, planned.members, by=by, at=at)
    body = _policy_body(folder, planned, current_policy(tx.connection))
    policy = activate_in(tx, body, overlaid(now, planned.documents), by=by, at=at)
    return SetUp(documents=stored.changed, staff=staff, surroundings=stored.version, policy=policy.version)


def _tell(gate: Gate, authority: Authority, observations: list[Observation]) -> int:
    """Tell the book; how many were news to it."""
    news = 0
    for answer in gate.observe_many(authority, observations):
        if isinstance(answer, Exception):
            raise answer
        news += not answer.repeated
    return news


def _in_force(gate: Gate) -> SetUp:
    with gate.book.engine.reading() as connection:
        policy = current_policy(connection)
        version = read_surroundings(connection).version
    return SetUp(checked=True, surroundings=version, policy=policy.version if policy else 0)
