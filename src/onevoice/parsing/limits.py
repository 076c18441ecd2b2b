"""How much any source may ask of us: sizes in bytes or characters, counts, seconds."""

from dataclasses import dataclass
from typing import Final

KB: Final = 1024
MB: Final = 1024 * KB


@dataclass(frozen=True, slots=True)
class Limits:
    """`cpu_seconds` and `wall_seconds` hold for one record (a mail, or a batch of rows), `memory` for one child."""

    mail: int = 25 * MB
    parts: int = 500
    depth: int = 20
    addresses: int = 500
    header_lines: int = 1000
    header: int = 16 * KB
    header_block: int = 1 * MB
    json_depth: int = 32
    body: int = 5 * MB
    cell: int = 32 * KB
    row: int = 1 * MB
    columns: int = 500
    unclosed: int = 64 * MB
    unpacked_times: int = 10
    unpacked_always: int = 256 * MB
    words: int = 64 * KB
    raw_kept: int = 4 * KB
    cpu_seconds: int = 10
    wall_seconds: int = 60
    memory: int = 768 * MB
    answer: int = 8 * MB


LIMITS: Final = Limits()
