"""Folios: finding or opening the part of the book that belongs to a customer, an address, a household or a client."""

import hmac
import struct
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final, NamedTuple

from onevoice.ledger.engine import Transaction
from onevoice.ledger.tables import (
    contact_states,
    folios,
    vault_addresses,
    vault_customers,
    vault_lookups,
    vault_names,
)
from onevoice.nouns.contact_state import EMPTY
from onevoice.nouns.problem import Unavailable
from onevoice.nouns.words import Channel, FolioKind

_HALVES: Final = struct.Struct(">qq")
_EMAIL: Final = int(Channel.EMAIL)
_SHARED_NUMBER: Final = frozenset({Channel.SMS, Channel.WHATSAPP, Channel.VOICE})
NAME_WORDS_MAX: Final = 12

Pair = tuple[int, int]
"""The two halves of a lookup hash: (hash, rest)."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets of one book, derived from one master secret of at least 32 bytes; they hide when printed."""

    master: bytes = field(repr=False)

    def __post_init__(self) -> None:
        assert len(self.master) >= 32

    def of(self, purpose: str) -> bytes:
        """A 32-byte key for one purpose (BLAKE2b keyed with the master secret)."""
        return blake2b(purpose.encode(), key=self.master[:64], digest_size=32).digest()


class Lookups:
    """Turns what is looked up into keyed hashes; knows one key, never the values."""

    def __init__(self, keys: Keys) -> None:
        self._state = blake2b(key=keys.of("lookup"), digest_size=16)
        self._begun: dict[int, blake2b] = {}

    def of(self, kind: FolioKind, value: str, channel: int = 0) -> Pair:
        """(hash, rest), two signed 64-bit halves of BLAKE2b-128 over kind, channel and value.

        Phone numbers are one folio for every channel that uses them; pass the channel's `address_space`. An e-mail
        address is one folio however it is capitalised: no mail system of note tells the two apart, and a STOP must."""
        if channel == _EMAIL:
            value = value.lower()
        state = self._of(kind, channel).copy()
        state.update(value.encode())
        return _HALVES.unpack(state.digest())

    def _of(self, kind: int, channel: int) -> blake2b:
        """The hash of what comes before the value, begun once."""
        begun = self._begun.get(kind << 8 | channel)
        if begun is None:
            begun = self._state.copy()
            begun.update(b"%d\0%d\0" % (kind, channel))
            self._begun[kind << 8 | channel] = begun
        return begun


def address_space(channel: int) -> int:
    """The channel under which an address is looked up: SMS, WhatsApp and voice share the phone number, because a STOP
    binds the number."""
    return int(Channel.SMS) if channel in _SHARED_NUMBER else channel


class Opened(NamedTuple):
    """A folio to find or open: its hash halves and, for the vault, what it stands for."""

    kind: FolioKind
    value: str
    channel: int = 0
    name: str = ""
    language: str = ""


def lookup_of(lookups: Lookups, one: Opened) -> Pair:
    """The hash halves under which a folio is found."""
    return lookups.of(one.kind, one.value, address_space(one.channel))


def folios_at(tx: Transaction, pairs: Collection[Pair]) -> dict[Pair, int]:
    """The folios that there are, by hash halves; nothing is opened. Raises Unavailable on a hash collision, which
    happens to one in 10^15 pairs and must never merge two people."""
    known = tx.found(sorted({number for number, _ in pairs}))
    folio: dict[Pair, int] = {}
    for pair in pairs:
        found = known.get(pair[0])
        if found is not None:
            if found.rest != pair[1]:
                raise Unavailable("Two identifiers share one lookup hash; nothing was written. Please report this.")
            folio[pair] = found.folio
    return folio


def open_folios(tx: Transaction, lookups: Lookups, wanted: Sequence[Opened]) -> list[int]:
    """The folio number of each wanted one, in order; those unknown are opened. Raises Unavailable on a collision."""
    pairs = [lookup_of(lookups, one) for one in wanted]
    numbers = folios_at(tx, pairs)
    numbers |= open_at(tx, {pair: one for pair, one in zip(pairs, wanted, strict=True) if pair not in numbers})
    return [numbers[pair] for pair in pairs]


def find_folios(tx: Transaction, lookups: Lookups, wanted: Sequence[Opened]) -> list[int | None]:
    """As open_folios, but None where there is none."""
    pairs = [lookup_of(lookups, one) for one in wanted]
    numbers = folios_at(tx, pairs)
    return [numbers.get(pair) for pair in pairs]


def open_at(tx: Transaction, missing: Mapping[Pair, Opened]) -> dict[Pair, int]:
    """Open these folios, which there are not yet; their numbers by hash halves."""
    if not missing:
        return {}
    pairs = list(missing)
    opened = dict(zip(pairs, tx.numbers(folios, len(pairs)), strict=True))
    tx.add(vault_lookups, sorted((number, rest, opened[number, rest]) for number, rest in pairs))
    tx.add(folios, [(opened[pair], int(missing[pair].kind), None, None) for pair in pairs])
    tx.add(contact_states, [state_row(opened[pair]) for pair in pairs])
    people = [(opened[pair], one) for pair, one in missing.items() if one.kind is not FolioKind.ADDRESS]
    tx.add(vault_customers, [(folio, one.value, one.name, one.language) for folio, one in people])
    tx.add(vault_names, [row for folio, one in people for row in name_rows(folio, one.value, one.name)])
    tx.add(
        vault_addresses,
        [
            (opened[pair], address_space(one.channel), one.value)
            for pair, one in missing.items()
            if one.kind is FolioKind.ADDRESS
        ],
    )
    return opened


def state_row(folio: int) -> tuple[int, int, bytes, int, int, int, bytes, bytes, bytes, bytes, bytes, int]:
    """The row of an empty contact state, in the table's column order."""
    return (folio, 0, b"", 0, 0, 0, b"", b"", b"", b"", b"", EMPTY.format)


def name_rows(folio: int, reference: str, name: str) -> list[tuple[str, int]]:
    """Search words of a person: the reference and the words of the name, folded."""
    words = [folded(reference), *folded(name).split()]
    return [(word[:100], folio) for word in dict.fromkeys(words[:NAME_WORDS_MAX]) if word]


def folded(words: str) -> str:
    """Lower case without accents, for search."""
    plain = unicodedata.normalize("NFKD", words)
    return "".join(mark for mark in plain if not unicodedata.combining(mark)).casefold().strip()


def same_secret(one: bytes, other: bytes) -> bool:
    """Compare two digests in constant time."""
    return hmac.compare_digest(one, other)
