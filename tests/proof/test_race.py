"""Many ask at the same time: not one message over a cap, and not one held while there was room."""

import multiprocessing
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from onevoice.nouns.problem import Refused
from onevoice.settings import Settings
from tests.book import Company, check, open_company, settings  # noqa: F401  # a fixture
from tests.clock import HandMovedClock
from tests.postgres_server import PostgresServer
from tests.proof.load import MOMENT, PEOPLE, press, press_process, shared_addresses
from tests.proof.recount import CAPS, CUSTOMER_MAX, POLICY, Recount, fullest, recount


@pytest.fixture
def crowd(settings: Settings) -> Iterator[Company]:  # noqa: F811
    """The company under three caps at once: per customer, per address, per household."""
    with open_company(settings, HandMovedClock(MOMENT), POLICY) as opened:
        yield opened


def counted(company: Company) -> Recount:
    with company.book.engine.reading() as connection:
        found = recount(connection)
        assert all(most <= CAPS[name] for name, most in fullest(connection).items())
    return found


def test_sixty_four_at_one_customer(crowd: Company) -> None:
    """640 proposals from 64 threads to one person: exactly as many go as may, and they are the first."""
    told = press(crowd, seed=1, threads=64, each=10, people=1, mixed=False)
    assert told == {"send": CUSTOMER_MAX, "hold": 640 - CUSTOMER_MAX}
    assert counted(crowd) == Recount(640, CUSTOMER_MAX, over=0, denied=0)
    check(crowd)


def test_sixty_four_at_sixty_four_customers_who_share_addresses_and_households(crowd: Company) -> None:
    """2,560 proposals with confirmations and releases between: 0 over, 0 denied, in each folio's own order."""
    shared_addresses(crowd)
    told = press(crowd, seed=2, threads=64, each=40)
    found = counted(crowd)
    assert (found.over, found.denied) == (0, 0)
    assert found.decisions == told.total() == 64 * 40
    assert found.sent >= PEOPLE  # an empty run, or one in which nothing goes, proves nothing
    assert told["hold"] >= 1_000
    check(crowd)


def test_the_recount_sees_what_goes_wrong(crowd: Company) -> None:
    """Proof of the proof: under laxer caps than it counts, it finds those over; under stricter ones, those denied."""
    crowd.policy(POLICY.replace("at_most = 3", "at_most = 4"))
    press(crowd, seed=3, threads=8, each=10, people=1, mixed=False)
    with crowd.book.engine.reading() as connection:
        assert recount(connection).over == 1
    crowd.policy(POLICY.replace("at_most = 3", "at_most = 1").replace("lease", "longest_hold = 999999\nlease"))
    press(crowd, seed=4, threads=8, each=10, people=12)
    with crowd.book.engine.reading() as connection:
        assert recount(connection).denied > 5


def test_two_processes_claim_one_address(crowd: Company) -> None:
    """An address that nobody used is claimed in the same instant in two processes, each for another person: one gets
    it, the other is told that it belongs to somebody; 120 times."""
    addresses = [f"free{number}@people.example" for number in range(120)]
    for address in addresses:
        crowd.observe("received", channel="email", address=address, direction="inbound")
    other = crowd.another()
    both = threading.Barrier(2)

    def claim(company: Company, person: str) -> list[bool]:
        got = []
        for address in addresses:
            both.wait()
            try:
                company.propose(f"{person} {address}", address=address)
                got.append(True)
            except Refused as refusal:
                assert "another customer" in str(refusal)
                got.append(False)
        return got

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(claim, (crowd, other), ("first", "second"))
    if other is not crowd:
        other.onevoice.close()
    assert [one + two for one, two in zip(first, second, strict=True)] == [1] * len(addresses)


def test_two_processes_at_the_same_people(postgres: PostgresServer, company_on: Callable[[str], Company]) -> None:
    """Two processes with 16 threads each on one PostgreSQL: 0 over, 0 denied, and both found room."""
    name = postgres.new_database()
    url = postgres.url(name)
    company = company_on(url)
    shared_addresses(company)
    context = multiprocessing.get_context("spawn")
    folder = str(company.onevoice.settings.data_dir)
    processes = [context.Process(target=press_process, args=(folder, url, seed, 16, 40)) for seed in (5, 6)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(200)
    assert [process.exitcode for process in processes] == [0, 0]
    found = counted(company)
    assert (found.decisions, found.over, found.denied) == (2 * 16 * 40, 0, 0)
    assert found.sent >= PEOPLE
    check(company)
    company.onevoice.close()
    postgres.drop_database(name)


@pytest.fixture
def company_on(tmp_path: object) -> Callable[[str], Company]:
    """Opens the company on a PostgreSQL database."""
    from pathlib import Path

    from onevoice.wiring import open_onevoice
    from tests.book import set_up, settings_of

    def open_on(url: str) -> Company:
        clock = HandMovedClock(MOMENT)
        onevoice = open_onevoice(settings_of(Path(str(tmp_path)), url), clock=clock)
        set_up(onevoice, clock, POLICY)
        return Company(onevoice, clock)

    return open_on
