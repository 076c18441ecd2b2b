"""Archives fall apart into exactly their messages, and are never unpacked to paths."""

import gzip
import io
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from onevoice.nouns.observation import Parked
from onevoice.parsing.limits import LIMITS, Limits
from onevoice.parsing.mailbox import Held, split

FROM = b"From a@b.example Fri Mar  8 09:05:00 2024"


def pieces(path: Path, limits: Limits = LIMITS) -> list[tuple[str, bytes | str]]:
    return [(item.where, item.raw if isinstance(item, Held) else item.reason) for item in split(path, limits)]


def packed(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, raw in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(raw)
            archive.addfile(member, io.BytesIO(raw))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return path


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("pack", [False, True])
def test_an_mbox_is_split_at_its_from_lines_only(tmp_path: Path, end: bytes, pack: bool) -> None:
    """Quoted From lines are unquoted; prose that begins with From, even after an empty line, stays in its message."""
    lines = [
        FROM,
        b"A: 1",
        b"",
        b"From here on we talk.",
        b"",
        b">From me",
        b">>From you",
        b"",
        FROM,
        b"A: 2",
        b"",
        b"x",
    ]
    path = tmp_path / "box"
    raw = end.join([*lines, b""])
    path.write_bytes(gzip.compress(raw) if pack else raw)
    first = end.join([b"A: 1", b"", b"From here on we talk.", b"", b"From me", b">From you", b""])
    assert pieces(path) == [("message 1", first), ("message 2", end.join([b"A: 2", b"", b"x", b""]))]


def test_a_from_line_inside_a_letter_does_not_split_it(tmp_path: Path) -> None:
    """A quoted From_ line that no header field follows is prose."""
    path = tmp_path / "box"
    path.write_bytes(FROM + b"\nA: 1\n\n" + FROM + b"\nis how an mbox begins.\n")
    assert len(pieces(path)) == 1


def test_folders_and_archives_give_their_files_by_name(tmp_path: Path) -> None:
    """Sub-folders count, hidden files and links do not."""
    folder = tmp_path / "mails"
    (folder / "in").mkdir(parents=True)
    (folder / "in" / "1.eml").write_bytes(b"A: 1\n\n")
    (folder / "2.mbox").write_bytes(FROM + b"\nA: 2\n\n" + FROM + b"\nA: 3\n")
    (folder / ".index").write_bytes(b"x")
    (folder / "link").symlink_to("/etc/passwd")
    expected = [("2.mbox message 1", b"A: 2\n"), ("2.mbox message 2", b"A: 3\n"), ("in/1.eml", b"A: 1\n\n")]
    assert pieces(folder) == expected
    archive = packed(
        tmp_path / "a.tar.gz", {"2.mbox": FROM + b"\nA: 2\n\n" + FROM + b"\nA: 3\n", "in/1.eml": b"A: 1\n\n"}
    )
    assert pieces(archive) == expected


def test_names_in_an_archive_are_only_names(tmp_path: Path) -> None:
    """A path that climbs out writes nothing; control characters are not shown."""
    before = sorted(tmp_path.parent.rglob("*"))
    found = pieces(packed(tmp_path / "a.tgz", {"../../evil.eml": b"A: 1\n\n", "\x1b[31mred\n": b"A: 2\n\n"}))
    assert [where for where, _ in found] == ["../../evil.eml", "?[31mred?"]
    assert sorted(tmp_path.parent.rglob("*")) == sorted([*before, tmp_path / "a.tgz"])


def test_a_message_too_large_is_parked_and_the_next_is_read(tmp_path: Path) -> None:
    """In an mbox as in an archive."""
    small = replace(LIMITS, mail=1_000)
    box = tmp_path / "box"
    box.write_bytes(FROM + b"\nA: 1\n\n" + b"x\n" * 5_000 + b"\n" + FROM + b"\nA: 2\n")
    assert pieces(box, small) == [("message 1", "It is larger than 1,000 bytes."), ("message 2", b"A: 2\n")]
    archive = packed(tmp_path / "a.tgz", {"1": b"A: 1\n\n" + b"x" * 5_000, "2": b"A: 2\n"})
    assert pieces(archive, small) == [("1", "It is larger than 1,000 bytes."), ("2", b"A: 2\n")]


def test_an_archive_cut_off_or_without_end_stops_with_a_reason(tmp_path: Path) -> None:
    """What came before is kept; a bomb stops at its limit."""
    whole = packed(tmp_path / "a.tgz", {str(n): b"A: 1\n\n" + bytes(range(256)) * n for n in range(1, 60)})
    cut = tmp_path / "cut.tgz"
    cut.write_bytes(whole.read_bytes()[:-40])
    found = list(split(cut))
    assert len(found) > 30 and isinstance(found[-1], Parked)
    bomb = packed(tmp_path / "bomb.tgz", {"1": b"A: 1\n\n" + b"\0" * 20_000_000})
    last = list(split(bomb, replace(LIMITS, unpacked_always=1_000_000)))[-1]
    assert isinstance(last, Parked) and "import the plain file" in last.reason


def test_a_file_that_is_nothing_is_one_record(tmp_path: Path) -> None:
    """Empty, binary, or a damaged gzip: one record each, which the parser then refuses."""
    for name, raw in {"empty": b"", "binary": bytes(range(256)) * 10, "gz": b"\x1f\x8b\x08junk"}.items():
        (tmp_path / name).write_bytes(raw)
        assert len(pieces(tmp_path / name)) == 1
