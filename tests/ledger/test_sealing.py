"""Seals: the book's keeper cannot rewrite it unseen either."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onevoice.ledger.sealing import (
    FIRST_SEAL,
    Seal,
    SharedKey,
    inclusion_proof,
    merkle_root,
    seal,
    seal_hash,
    verify_inclusion,
    verify_seals,
)

KEY = SharedKey(b"k" * 32)
OTHER_KEY = SharedKey(b"o" * 32)


def hashes(count: int) -> list[bytes]:
    return [sha256(b"entry %d" % number).digest() for number in range(count)]


def textbook_root(leaves: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.1, word for word: split at the largest power of two below the length."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + textbook_root(leaves[:split]) + textbook_root(leaves[split:])).digest()


def seals() -> list[Seal]:
    """Three days of one book; in the second one number was skipped."""
    first = seal(hashes(5), first=1, last=5, previous=FIRST_SEAL, sealed=100, key=KEY)
    second = seal(hashes(6), first=6, last=12, previous=seal_hash(first), sealed=200, key=KEY)
    third = seal(hashes(1), first=13, last=13, previous=seal_hash(second), sealed=300, key=KEY)
    return [first, second, third]


@pytest.mark.parametrize("count", range(18))
def test_the_root_is_that_of_the_standard(count: int) -> None:
    """Made in one pass, it equals the definition of RFC 9162."""
    assert merkle_root(iter(hashes(count))) == (textbook_root(hashes(count)), count)


@pytest.mark.parametrize(
    ("count", "root"),
    [
        (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
        (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
    ],
)
def test_the_root_agrees_with_certificate_transparency(count: int, root: str) -> None:
    """The vectors that Certificate Transparency logs test themselves with (google/certificate-transparency)."""
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    assert merkle_root([bytes.fromhex(one) for one in inputs[:count]])[0].hex() == root


@given(count=st.integers(1, 70), data=st.data())
def test_an_entry_is_shown_to_stand_in_a_sealed_range(count: int, data: st.DataObject) -> None:
    """Its proof leads to the root; for another entry, another place, another size or with one hash changed, left out
    or added, it does not."""
    leaves = hashes(count)
    root, _ = merkle_root(leaves)
    index = data.draw(st.integers(0, count - 1))
    proof = inclusion_proof(leaves, index)
    assert len(proof) <= (count - 1).bit_length()
    assert verify_inclusion(leaves[index], proof, index=index, count=count, root=root)
    assert not verify_inclusion(sha256(b"never written").digest(), proof, index=index, count=count, root=root)
    for elsewhere in {-1, index - 1, index + 1, count}:
        assert not verify_inclusion(leaves[index], proof, index=elsewhere, count=count, root=root)
    assert not verify_inclusion(leaves[index], [*proof, leaves[0]], index=index, count=count, root=root)
    if proof:
        assert not verify_inclusion(leaves[index], proof[:-1], index=index, count=count, root=root)
        at = data.draw(st.integers(0, len(proof) - 1))
        changed = [*proof[:at], leaves[index], *proof[at + 1 :]]
        assert not verify_inclusion(leaves[index], changed, index=index, count=count, root=root)


def test_a_node_cannot_pass_for_an_entry() -> None:
    """Leaves and nodes are hashed apart, so that nobody can sell two hashes joined as an entry of the book."""
    leaves = hashes(2)
    node = sha256(b"\0" + leaves[0]).digest() + sha256(b"\0" + leaves[1]).digest()
    assert merkle_root([node])[0] != merkle_root(leaves)[0]


def test_seals_in_line_are_sound() -> None:
    """Untouched, and for a book that has none yet, nothing is reported; skipped numbers are told by `entries`."""
    assert verify_seals(seals(), KEY) is None
    assert verify_seals([], KEY) is None
    assert [one.entries for one in seals()] == [5, 6, 1]


@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize(
    "change",
    [
        {"first": 0},
        {"last": 900},
        {"entries": 2},
        {"root": bytes(32)},
        {"previous": b"z" * 32},
        {"sealed": 150},
        {"signature": b""},
        {"signature": bytes(32)},
    ],
)
def test_a_changed_seal_is_found(at: int, change: dict[str, int]) -> None:
    """Whatever is changed in a seal, it is the one that is named."""
    line = seals()
    line[at] = line[at]._replace(**change)  # type: ignore[arg-type]  # one field of either type
    assert verify_seals(line, KEY) == at


def test_a_seal_left_out_or_put_elsewhere_is_found() -> None:
    """Each names the one before; properly signed seals out of line are refused too."""
    first, second, third = seals()
    assert verify_seals([second, third], KEY) == 0
    assert verify_seals([first, third], KEY) == 1
    assert verify_seals([first, second, second], KEY) == 2
    gap = seal(hashes(1), first=20, last=20, previous=seal_hash(third), sealed=400, key=KEY)
    assert verify_seals([first, second, third, gap], KEY) == 3


def test_a_seal_made_with_another_key_is_refused() -> None:
    """Only the holder of the key can seal."""
    forged = seal(hashes(5), first=1, last=5, previous=FIRST_SEAL, sealed=100, key=OTHER_KEY)
    assert verify_seals([forged], KEY) == 0


def test_more_entries_than_numbers_cannot_be_sealed() -> None:
    """A range holds at most one entry for each number, and does not run backwards."""
    for first, last in ((1, 4), (5, 4)):
        with pytest.raises(AssertionError):
            seal(hashes(5), first=first, last=last, previous=FIRST_SEAL, sealed=1, key=KEY)


def test_a_key_hides_and_a_short_one_is_refused() -> None:
    """A secret is not printed, and one that could be guessed is not taken."""
    assert "kkk" not in repr(KEY)
    with pytest.raises(AssertionError):
        SharedKey(b"short")
