"""Load for the proof: many threads that propose, confirm and give back, and write down what was acknowledged."""

import os
import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, NamedTuple

from onevoice.nouns.authority import SYSTEM
from onevoice.nouns.problem import Unavailable
from onevoice.nouns.proposal import Proposal
from onevoice.wiring import open_onevoice
from tests.book import Company, set_up, settings_of
from tests.clock import HandMovedClock
from tests.proof.recount import POLICY

MOMENT: Final = 1_790_848_800 * 1_000_000
"""The load's clock stands still: 1 October 2026, 10:00 UTC."""

PEOPLE: Final = 64


class Acknowledged(NamedTuple):
    """What an asker was told, as one line."""

    key: str
    touch: int
    verdict: str
    reason: str

    def line(self) -> bytes:
        return f"{self.key}\t{self.touch}\t{self.verdict}\t{self.reason}\n".encode()


def message(key: str, person: int, *, people: int = PEOPLE) -> Proposal:
    """One to person so-and-so: every two share an e-mail address, every three a household."""
    return Proposal(
        key=key,
        unit="shop",
        channel="email",
        category="marketing",
        customer=f"P{person}",
        household=f"H{person // 3}" if people > 1 else "H",
        words=f"words of {key}",
        created=MOMENT,
    )


def shared_addresses(company: Company, people: int = PEOPLE) -> None:
    """Every two people use one address."""
    from onevoice.nouns.words import Channel

    for person in range(0, people, 2):
        pair = [f"P{one}" for one in range(person, min(person + 2, people))]
        company.share(f"a{person // 2}@example.com", Channel.EMAIL, *pair)


def press(
    company: Company, *, seed: int, threads: int, each: int, people: int = PEOPLE, mixed: bool = True
) -> Counter[str]:
    """So many threads, each with so many proposals to random people; some are confirmed, some given back. Gives what
    was answered."""
    told: Counter[str] = Counter()
    lock = threading.Lock()

    def one(thread: int) -> None:
        dice = random.Random(f"{seed}:{thread}")
        for number in range(each):
            key = f"{seed}:{thread}:{number}"
            answer = company.gate.propose(SYSTEM, message(key, dice.randrange(people), people=people))
            with lock:
                told[answer.verdict] += 1
            if mixed and answer.verdict == "send" and (chance := dice.random()) < 0.6:
                if chance < 0.3:
                    company.gate.confirm(SYSTEM, answer.touch, f"sent {key}", MOMENT)
                else:
                    company.gate.release(SYSTEM, answer.touch, f"back {key}")

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, range(threads)))
    return told


def press_process(folder: str, url: str, seed: int, threads: int, each: int) -> None:
    """The same as a process of its own, on a PostgreSQL that is set up."""
    clock = HandMovedClock(MOMENT)
    company = Company(open_onevoice(settings_of(Path(folder), url), clock=clock), clock)
    press(company, seed=seed, threads=threads, each=each)
    company.onevoice.close()


def live_until_killed(folder: str, url: str, turn: int, threads: int) -> None:
    """Opens the book and proposes with all its might; every acknowledgement is one line of `acknowledged`. Never ends
    by itself."""
    clock = HandMovedClock(MOMENT)
    onevoice = open_onevoice(settings_of(Path(folder), url), clock=clock)
    set_up(onevoice, clock, POLICY)
    paper = os.open(Path(folder) / "acknowledged", os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def one(thread: int) -> None:
        number = 0
        while True:
            key = f"{turn}:{thread}:{number}"
            proposal = message(key, (turn * 31 + thread * 7 + number) % 997)
            try:
                answer = onevoice.gate.propose(SYSTEM, proposal)
            except Unavailable:
                continue  # asked again under the same key
            os.write(paper, Acknowledged(key, answer.touch, answer.verdict, answer.reason).line())
            number += 1

    workers: list[Any] = [threading.Thread(target=one, args=(thread,), daemon=True) for thread in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def acknowledged(folder: Path) -> list[Acknowledged]:
    """All that was acknowledged and written down; a line cut off by the kill was not."""
    path = folder / "acknowledged"
    body = path.read_text() if path.exists() else ""
    rows = [line.split("\t") for line in body.split("\n")[:-1]]
    return [Acknowledged(key, int(touch), verdict, reason) for key, touch, verdict, reason in rows]
