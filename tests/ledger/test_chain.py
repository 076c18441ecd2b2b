"""The chain: every entry is bound to the ones before it in each of its folios."""

from hashlib import blake2b

import msgspec
import numpy as np
import pytest

from onevoice.ledger.chain import COLUMNS, HASH_BYTES, Link, Value, entry_hash, values_of, verify_folio
from onevoice.ledger.tables import entries
from onevoice.nouns.words import EntryKind, Verdict

CUSTOMER_ONLY = 2


def row(number: int, **values: Value) -> list[Value]:
    return [number, *(values.get(column) for column in COLUMNS[1:])]


def chain(length: int) -> list[Link]:
    """A customer's folio whose messages all went to one address; every second touches the customer alone."""
    links: list[Link] = []
    customer = address = b""
    for sequence in range(1, length + 1):
        previous = (customer,) if sequence % CUSTOMER_ONLY == 0 else (customer, address)
        values = values_of(row(1_000 + sequence, kind=1, customer=5, customer_sequence=sequence, commitment=b"c" * 16))
        customer = entry_hash(previous, values)
        address = customer if len(previous) > 1 else address
        links.append(Link(sequence, previous, 0, values, customer))
    return links


def test_a_folio_as_it_was_written_is_sound() -> None:
    """Nothing is reported for an untouched folio, nor for an empty one."""
    links = chain(9)
    assert verify_folio(links, links[-1].hash) is None
    assert verify_folio(links) is None
    assert verify_folio([], b"") is None


@pytest.mark.parametrize("at", [0, 3, 8])
def test_what_was_done_to_a_folio_shows_at_its_first_broken_number(at: int) -> None:
    """A changed, missing, doubled, renumbered or moved entry is named by the number at which the chain first fails."""
    links = chain(9)
    head = links[-1].hash
    changed = values_of(row(1_001 + at, kind=2, customer=5))
    # A cunning hand makes the entry's own hash anew; the one after it then does not follow.
    forged = links[at]._replace(values=changed, hash=entry_hash(links[at].previous, changed))
    foreign = links[at]._replace(previous=(b"x" * HASH_BYTES, *links[at].previous[1:]))
    cases = {
        "changed": ([*links[:at], links[at]._replace(values=changed), *links[at + 1 :]], at + 1),
        "changed and hashed": ([*links[:at], forged, *links[at + 1 :]], at + 2),
        "left out": ([*links[:at], *links[at + 1 :]], at + 1),
        "doubled": ([*links[: at + 1], *links[at:]], at + 2),
        "numbered anew": ([*links[:at], links[at]._replace(sequence=77), *links[at + 1 :]], at + 1),
        "hung elsewhere": ([*links[:at], foreign, *links[at + 1 :]], at + 1),
    }
    for name, (broken, number) in cases.items():
        assert verify_folio(broken, head) == number, name


def test_entries_cut_off_at_the_end_are_missed() -> None:
    """The stored head tells that newer entries are gone; without it nobody could."""
    links = chain(9)
    assert verify_folio(links[:7], links[-1].hash) == 8
    assert verify_folio([], links[-1].hash) == 1
    assert verify_folio(links[:7]) is None


def test_an_entry_is_bound_in_every_folio_it_names() -> None:
    """A change in the address's folio breaks the customer's as well, where both share an entry."""
    links = chain(3)
    customer, _ = links[2].previous
    assert verify_folio([*links[:2], links[2]._replace(previous=(customer, b"y" * HASH_BYTES))]) == 3


def test_no_two_entries_have_the_same_input() -> None:
    """Which folio a hash came from, how many there are, and where the heads end is part of what is hashed."""
    one, other = b"1" * HASH_BYTES, b"2" * HASH_BYTES
    values = values_of(row(1, kind=1))
    inputs = [(), (b"",), (b"", b""), (one,), (one, b""), (b"", one), (one, other), (other, one), (one + other,)]
    assert len({entry_hash(previous, values) for previous in inputs}) == len(inputs)
    assert entry_hash((one,), other + values) != entry_hash((one, other), values)


def test_nothing_and_nought_are_different_values() -> None:
    """A null is not 0 and not empty bytes: a verdict that was never given is not verdict 0."""
    rows = [row(1, verdict=verdict, commitment=b"c") for verdict in (None, 0, b"")]
    assert len({values_of(one) for one in rows}) == len(rows)


def test_a_column_added_later_leaves_old_hashes_as_they_are() -> None:
    """Nulls at the end of a row are not hashed, so that the table can grow."""
    assert values_of([*row(1, kind=1), None, None]) == values_of(row(1, kind=1))
    assert values_of([*row(1, kind=1), None, 0]) != values_of(row(1, kind=1))


def test_every_column_of_an_entry_is_hashed() -> None:
    """What the table holds and the chain does not cover could be changed unseen; only the hash itself is left out."""
    assert [column.name for column in entries.columns if column.name != "hash"] == list(COLUMNS)


def test_the_format_is_written_down_and_does_not_move() -> None:
    """The hash is that of BLAKE2b over MessagePack, made here by hand, and equal to one noted when it was fixed: books
    written today are verified in ten years."""
    previous, values = (b"p" * HASH_BYTES, b""), values_of([7, 1, None, 300, b"ab", None])
    assert values == bytes.fromhex("95 07 01 c0 cd012c c4026162")
    plain = b"\x92\xc4\x20" + previous[0] + b"\xc4\x00" + values
    expected = blake2b(plain, digest_size=32, person=b"onevoice entry 1").hexdigest()
    assert entry_hash(previous, values).hex() == expected
    assert msgspec.msgpack.decode(values) == [7, 1, None, 300, b"ab"]
    assert expected == "8e433ee4347b43affaaeffff9c1722a296d3598bb8827631138229fc7a641600"


def test_a_named_number_is_hashed_as_the_number_the_store_gives_back() -> None:
    """An enumeration's member and its number are one value; a foreign number type is refused at once."""
    assert values_of([1, EntryKind.SENT, Verdict.HOLD]) == values_of([1, 3, 2])
    with pytest.raises(TypeError):
        values_of([1, np.int64(3)])  # type: ignore[list-item]  # the mistake under test
