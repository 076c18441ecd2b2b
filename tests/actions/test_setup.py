"""A company is set up from one readable folder, and the folder can be had back."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from onevoice.actions.gate import Gate
from onevoice.actions.setup import SetUp, setup
from onevoice.answers.setup_folder import setup_files
from onevoice.ledger.documents import verify_changes
from onevoice.ledger.engines.sqlite import SqliteEngine
from onevoice.ledger.policies import current_policy
from onevoice.nouns.authority import ROLE_VERBS, SYSTEM, Authority
from onevoice.nouns.observation import Observation
from onevoice.nouns.problem import NotFound, Refused
from onevoice.nouns.words import Channel, ContactPointStatus, Mode, Role
from tests.actions.conftest import open_gate
from tests.clock import HandMovedClock

FILES = {
    "company.toml": 'key = "lumen"\nname = "Lumen Group"\nzone = "Europe/Berlin"\nregion = "DE"\n'
    'plausible_zones = ["Europe/Berlin", "Europe/Lisbon"]\n',
    "units.csv": "key,name,parent,kind,zone\nbank,Lumen Bank,,brand,\nsavings,Savings,bank,department,Europe/Lisbon\n",
    "platforms.csv": "key,name,unit,vendor,mode\ncrm,CRM,bank,twilio,enforce\n",
    "contact_points.csv": "key,name,channel,address,unit,platform,status,sends,receives,purpose\n"
    "desk,Front desk,sms,030 123456,bank,crm,active,yes,yes,Questions\n"
    "news,Newsletter,email,News.Lumen.example,savings,,retiring,yes,no,\n",
    "topics.csv": "key,name,parent,unit\nloans,Loans,,bank\nhome_loans,Home loans,loans,\n",
    "purposes.csv": "key,name\nnewsletter,Newsletter\n",
    "categories.toml": '[service]\nobeys_caps = true\n\n[legal]\nobeys_caps = false\nreason = "The law says so."\n',
    "offers.csv": 'key,name,topic,terms\nspring,Spring,home_loans,"2,1 % until May\nfor new customers"\n',
    "campaigns.csv": "key,name,unit,category,topics,offer,why\n"
    "may,May,savings,marketing,loans;home_loans,spring,Asked\n",
    "staff.csv": "email,name,unit,role,active\nAnna@Lumen.example,Anna,bank,unit_admin,yes\n",
    "customers.csv": "customer,name,language,zone,units\nC1,Jörg Müller,de,Europe/Berlin,bank;savings\n"
    "C2,Berta Müller,,,bank\nC3,=SUM(A1),pt-BR,Europe/Lisbon|Europe/Madrid,\n",
    "addresses.csv": "customer,channel,address,shared\nC1,email,joerg@Example.com,\nC1,sms,0151 23456789,yes\n"
    "C2,whatsapp,+4915123456789,yes\nC3,email,c3@example.com,\n",
    "households.csv": "household,customer\nH1,C1\nH1,C2\n",
    "clients.csv": "client,name,customer\nK1,Kite Ltd,C3\n",
    "holdings.csv": "customer,topic,since,until\n"
    "C1,home_loans,2020-01-31,\nC2,loans,2024-05-01T10:00:00+02:00,2030-01-01\n",
}
WRITTEN = {*FILES, "policy.toml"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The setup folder of a small bank."""
    return written(tmp_path / "folder", FILES)


def written(path: Path, files: dict[str, str]) -> Path:
    path.mkdir(exist_ok=True)
    for name, body in files.items():
        (path / name).write_bytes(body.encode())
    return path


def crowd(size: int) -> dict[str, str]:
    """A company with so many customers and nothing else."""
    rows = "".join(f"C{number},Name {number}\n" for number in range(size))
    return {"company.toml": 'name = "L"\nzone = "UTC"\n', "customers.csv": f"customer,name\n{rows}"}


def faults(gate: Gate, path: Path) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as refused:
        setup(gate, SYSTEM, path)
    return [(fault.where, fault.says) for fault in refused.value.faults]


def exported(gate: Gate) -> dict[str, str]:
    with gate.book.reader(SYSTEM) as reader:
        return dict(setup_files(reader))


def counts(gate: Gate) -> dict[str, int]:
    """Rows of every table a setup may write."""
    names = ("changes", "surroundings", "policies", "units", "staff", "folios", "links", "entries", "vault_customers")
    with gate.book.engine.reading(SYSTEM) as connection:
        return {name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar() or 0 for name in names}


def test_a_folder_becomes_the_company(gate: Gate, folder: Path) -> None:
    """Documents with what was left out filled in, people with their addresses, and the starter policy."""
    done = setup(gate, SYSTEM, folder)
    assert done == SetUp(documents=13, staff=1, customers=3, addresses=4, joined=6, facts=4, surroundings=1, policy=1)
    with gate.book.reader(SYSTEM) as reader:
        now = reader.surroundings
        assert current_policy(reader.connection) is not None
    assert [(unit.key, unit.parent, unit.zone) for unit in now.units.values()] == [
        ("lumen", 0, "Europe/Berlin"),
        ("bank", 1, "Europe/Berlin"),
        ("savings", 2, "Europe/Lisbon"),
    ]
    assert now.platforms[1].mode is Mode.ENFORCE
    desk, news = now.contact_points.values()
    assert (desk.channel, desk.address, desk.platform, desk.receives) == (Channel.SMS, "+4930123456", 1, True)
    assert (news.address, news.status) == ("news.lumen.example", ContactPointStatus.RETIRING)
    assert now.campaigns[1].topics == (1, 2)
    assert now.offers[1].terms == "2,1 % until May\nfor new customers"
    assert now.categories[2].obeys_caps


def test_loading_twice_changes_nothing(gate: Gate, folder: Path, clock: HandMovedClock) -> None:
    """The second time there is no new version, no new change, no new entry."""
    setup(gate, SYSTEM, folder)
    before = counts(gate)
    clock.forward(days=1)
    again = setup(gate, SYSTEM, folder)
    assert not again.changed
    assert (again.surroundings, again.policy) == (1, 1)
    assert counts(gate) == before


def test_an_export_loaded_elsewhere_gives_the_same_export(
    gate: Gate, folder: Path, clock: HandMovedClock, tmp_path: Path
) -> None:
    """Export, load into an empty store, export: the same bytes. Loaded where it came from it changes nothing."""
    setup(gate, SYSTEM, folder)
    first = exported(gate)
    assert set(first) == WRITTEN
    path = written(tmp_path / "exported", first)
    assert not setup(gate, SYSTEM, path).changed
    other = SqliteEngine(tmp_path / "other.sqlite")
    other.migrate()
    try:
        with open_gate(other, clock) as second:
            setup(second, SYSTEM, path)
            assert exported(second) == first
    finally:
        other.close()


def test_an_export_is_safe_in_a_spreadsheet(gate: Gate, folder: Path) -> None:
    """Cells that a spreadsheet would take for formulas are guarded, phone numbers too; shared addresses say so."""
    setup(gate, SYSTEM, folder)
    files = exported(gate)
    assert files["customers.csv"].splitlines()[3] == "C3,'=SUM(A1),pt-BR,Europe/Lisbon|Europe/Madrid,"
    assert files["addresses.csv"].splitlines()[1:] == [
        "C1,email,joerg@example.com,",
        "C1,sms,'+4915123456789,yes",
        "C2,sms,'+4915123456789,yes",
        "C3,email,c3@example.com,",
    ]
    assert files["holdings.csv"].splitlines()[1:] == [
        "C1,home_loans,2020-01-31,",
        "C2,loans,2024-05-01T08:00:00+00:00,2030-01-01",
    ]
    assert files["staff.csv"].splitlines()[1] == "anna@lumen.example,Anna,bank,unit_admin,yes"


def test_every_fault_of_every_file_is_told_at_once_and_nothing_is_written(gate: Gate, tmp_path: Path) -> None:
    """Each with its file and row; nothing of the folder is kept."""
    broken = FILES | {
        "company.toml": 'name = "Lumen"\nzone = "Europe/Berln"\nmotto = "x"\n',
        "units.csv": "key,name,parent,kind,zone\nbank,,nowhere,,\nbank,,,,\nring,,ring,,\n",
        "platforms.csv": "key,name,unit,vendor,mode\ncrm,CRM,bnk,twilio,obey\n",
        "contact_points.csv": "key,channel,address,unit\ndesk,smoke,x,bank\nnews,email,nobody@,bank\n",
        "topics.csv": "key,colour\nloans,red\n",
        "categories.toml": "[marketing]\nobeys_caps = false\n[gossip]\n",
        "offers.csv": "key,name\nspring,\0\n",
        "staff.csv": "email,name,unit,role\nanna,Anna,bank,boss\n",
        "customers.csv": "customer,zone,units\nC1,Mars/Base,\nC1,,\n,,bank\nC4,,nowhere\n",
        "addresses.csv": "customer,channel,address\nC1,email,x\nC9,email,c9@example.com\nC1,sms,0151 23456789\n"
        "C4,sms,0151 23456789\n",
        "holdings.csv": "customer,topic,since\nC1,loans,yesterday\nC1,planes,2020-01-01\nC1,loans,2030-01-01\n",
        "purposes.csv": 'key,name\nnews,"never closed\n',
        "planets.csv": "key\nmars\n",
    }
    found = faults(gate, written(tmp_path / "broken", broken))
    places = {where for where, _ in found}
    assert {
        "company.toml",
        "units.csv:2",
        "units.csv:3",
        "units.csv",
        "platforms.csv:2",
        "contact_points.csv:2",
        "contact_points.csv:3",
        "topics.csv:1",
        "categories.toml:marketing",
        "categories.toml",
        "offers.csv:2",
        "staff.csv:2",
        "customers.csv:2",
        "customers.csv:3",
        "customers.csv:4",
        "customers.csv:5",
        "addresses.csv:2",
        "addresses.csv:3",
        "addresses.csv:5",
        "holdings.csv:2",
        "holdings.csv:3",
        "holdings.csv:4",
        "purposes.csv:2",
        "planets.csv",
    } <= places
    assert set(counts(gate).values()) == {0}


def test_a_folder_that_is_not_there_is_a_clear_problem(gate: Gate, tmp_path: Path) -> None:
    """A wrong path is a fault, not an empty company."""
    assert (str(tmp_path / "nowhere"), "There is no such folder.") in faults(gate, tmp_path / "nowhere")


def test_checking_writes_nothing(gate: Gate, folder: Path) -> None:
    """A dry run finds the folder good and leaves the store empty."""
    assert setup(gate, SYSTEM, folder, checking=True) == SetUp(checked=True)
    assert set(counts(gate).values()) == {0}


def test_nobody_takes_over_an_address_in_passing(gate: Gate, folder: Path, tmp_path: Path) -> None:
    """An address that another customer has is refused until the folder says that they share it."""
    setup(gate, SYSTEM, folder)
    later = {
        "customers.csv": "customer\nC7\n",
        "addresses.csv": "customer,channel,address\nC7,email,c3@EXAMPLE.com\n",
    }
    found = faults(gate, written(tmp_path / "later", later))
    assert found == [
        ("addresses.csv:2", "Another customer has this address. If they share it, write yes under shared.")
    ]
    later["addresses.csv"] = "customer,channel,address,shared\nC7,email,c3@EXAMPLE.com,yes\n"
    done = setup(gate, SYSTEM, written(tmp_path / "later", later))
    assert (done.customers, done.addresses) == (1, 1)


def test_what_is_not_in_the_folder_stays(gate: Gate, folder: Path, tmp_path: Path) -> None:
    """A folder with one changed line changes that line alone: a new name, a new zone, a leaver."""
    setup(gate, SYSTEM, folder)
    later = {
        "customers.csv": "customer,name,zone\nC1,Jörg Maier,Europe/Lisbon\n",
        "staff.csv": "email,name,unit,role,active\nanna@lumen.example,Anna,bank,unit_admin,no\n",
        "units.csv": "key,name,parent,zone\nsavings,Saving,bank,Europe/Lisbon\n",
    }
    done = setup(gate, SYSTEM, written(tmp_path / "later", later))
    assert done == SetUp(documents=1, staff=1, renamed=1, facts=1, surroundings=2, policy=1)
    files = exported(gate)
    assert "C1,Jörg Maier,de,Europe/Lisbon,bank;savings" in files["customers.csv"]
    assert "anna@lumen.example,Anna,bank,unit_admin,no" in files["staff.csv"]
    with gate.book.engine.reading(SYSTEM) as connection:
        words = connection.execute(text("SELECT word FROM vault_names WHERE folio = 1")).scalars().all()
    assert sorted(words) == ["c1", "jorg", "maier"]


def test_a_zone_may_change_back(gate: Gate, folder: Path, tmp_path: Path, clock: HandMovedClock) -> None:
    """Berlin, Lisbon, Berlin: each move is told to the book."""
    setup(gate, SYSTEM, folder)
    for zone in ("Europe/Lisbon", "Europe/Berlin"):
        clock.forward(days=1)
        move = {"customers.csv": f"customer,zone\nC1,{zone}\n"}
        assert setup(gate, SYSTEM, written(tmp_path / "move", move)).facts == 1
        assert f",{zone},bank;savings" in exported(gate)["customers.csv"].splitlines()[1]


def test_a_product_that_somebody_else_told_of_is_not_told_again(gate: Gate, folder: Path, tmp_path: Path) -> None:
    """A holding heard over the API stands in the export; loading that where it came from says nothing new."""
    setup(gate, SYSTEM, folder)
    bought = Observation(
        kind="marked", key="crm:7", occurred=gate.book.clock(), customer="C3", mark="holds_product", topics=("loans",)
    )
    gate.observe(SYSTEM, bought)
    files = exported(gate)
    assert "\nC3,loans," in files["holdings.csv"]
    assert setup(gate, SYSTEM, written(tmp_path / "exported", files)).facts == 0


def test_the_log_of_changes_holds_no_customer(gate: Gate, folder: Path) -> None:
    """Names and addresses of customers are in the vault, where they can be forgotten; the log has counts."""
    setup(gate, SYSTEM, folder)
    with gate.book.engine.reading() as connection:
        log = str(connection.execute(text("SELECT document, key, before, after FROM changes")).all())
        assert verify_changes(connection) == 0
    assert '"customers":3' in log
    for personal in ("Müller", "joerg", "15123456789", "Berta", "anna@"):
        assert personal not in log


def test_the_policy_of_the_folder_is_put_in_force(gate: Gate, folder: Path, tmp_path: Path) -> None:
    """With the company's plausible zones where it names none; the same file again is no new version; a broken one is
    a fault; zones that differ are a fault."""
    policy = {"policy.toml": '# ours\nname = "house rules"\n'}
    assert setup(gate, SYSTEM, written(folder, policy)).policy == 1
    with gate.book.engine.reading() as connection:
        stored = current_policy(connection)
    assert stored is not None
    assert stored.body == 'plausible_zones = ["Europe/Berlin", "Europe/Lisbon"]\n# ours\nname = "house rules"\n'
    assert setup(gate, SYSTEM, folder).policy == 1
    assert setup(gate, SYSTEM, written(folder, {"policy.toml": 'name = "new rules"\n'})).policy == 2
    assert faults(gate, written(folder, {"policy.toml": "name = \n"}))[0][0].startswith("policy.toml")
    other = {"policy.toml": 'name = "x"\nplausible_zones = ["Europe/Paris"]\n'}
    assert "differ" in faults(gate, written(folder, other))[0][1]


def test_units_may_be_written_as_toml(gate: Gate, folder: Path) -> None:
    """[[unit]] tables say the same as units.csv; both together are a fault."""
    tables = '[[unit]]\nkey = "bank"\nkind = "brand"\n\n[[unit]]\nkey = "savings"\nparent = "bank"\n'
    written(folder, {"units.toml": tables})
    assert ("units.toml", "Keep the units in units.toml or in units.csv, not in both.") in faults(gate, folder)
    (folder / "units.csv").unlink()
    setup(gate, SYSTEM, folder)
    assert exported(gate)["units.csv"].splitlines()[1:] == [
        "bank,bank,,brand,Europe/Berlin",
        "savings,savings,bank,department,Europe/Berlin",
    ]


def test_only_an_administrator_of_the_whole_company_sets_up(gate: Gate, folder: Path) -> None:
    """A unit's admin can neither load nor take along the whole company."""
    setup(gate, SYSTEM, folder)
    anna = Authority(who="staff:1", unit=2, units=frozenset({2, 3}), verbs=ROLE_VERBS[Role.UNIT_ADMIN])
    with pytest.raises(Refused):
        setup(gate, anna, folder)
    with gate.book.reader(anna) as reader, pytest.raises(NotFound):
        dict(setup_files(reader))


def test_progress_is_told_in_customers(gate: Gate, tmp_path: Path) -> None:
    """A long load says how far it is."""
    rows = "".join(f"C{number},Name {number}\n" for number in range(4_500))
    path = written(
        tmp_path / "many", {"company.toml": 'name = "L"\nzone = "UTC"\n', "customers.csv": f"customer,name\n{rows}"}
    )
    told: list[tuple[int, int]] = []
    remember: Callable[[int, int], None] = lambda done, of: told.append((done, of))  # noqa: E731
    assert setup(gate, SYSTEM, path, progress=remember).customers == 4_500
    assert told == [(2_000, 4_500), (4_000, 4_500), (4_500, 4_500)]


def test_a_load_that_was_cut_off_is_completed_by_the_next(gate: Gate, tmp_path: Path) -> None:
    """People are written in batches; what a crash left out comes with the next load, what was written stays."""
    rows = "".join(f"C{number},Name {number}\n" for number in range(2_500))
    path = written(
        tmp_path / "many", {"company.toml": 'name = "L"\nzone = "UTC"\n', "customers.csv": f"customer,name\n{rows}"}
    )

    def cut(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        setup(gate, SYSTEM, path, progress=cut)
    assert counts(gate)["vault_customers"] == 2_000
    assert setup(gate, SYSTEM, path).customers == 500
    assert counts(gate)["vault_customers"] == 2_500
