"""What the company wrote down about itself can be changed, looked back at, and not secretly rewritten."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from onevoice.ledger.documents import (
    lock_documents,
    numbers_of,
    read_surroundings,
    store_documents,
    surroundings_at,
    verify_changes,
    version_time,
)
from onevoice.ledger.engine import Engine
from onevoice.nouns.problem import NotFound
from onevoice.nouns.surroundings import (
    Campaign,
    CategoryBits,
    ContactPoint,
    Document,
    Offer,
    Platform,
    Purpose,
    Surroundings,
    Topic,
    Unit,
)
from onevoice.nouns.words import Category, Channel, ContactPointStatus, Mode

EVERYTHING: tuple[Document | CategoryBits, ...] = (
    Unit(number=1, key="lumen", name="Lumen", kind="company", zone="Europe/Berlin"),
    Unit(number=2, key="travel", name="Travel desk", parent=1, zone="Europe/Paris"),
    Platform(number=1, key="crm", name="CRM", unit=2, vendor="twilio", mode=Mode.ENFORCE),
    ContactPoint(
        number=1, key="desk", name="Desk", channel=Channel.SMS, address="+4930123456", unit=2, platform=1, receives=True
    ),
    Topic(number=1, key="cars", name="Cars", unit=2),
    Topic(number=2, key="vans", name="Vans", parent=1, unit=2),
    Purpose(number=1, key="newsletter", name="Newsletter"),
    Offer(number=1, key="spring", name="Spring", topic=2, terms="10 % off until May"),
    Campaign(number=1, key="easter", name="Easter", unit=2, topics=(1, 2), offer=1, why="People asked for it."),
    CategoryBits(category=Category.SERVICE, obeys_caps=True),
)

GUARDS = {
    "sqlite": ("DROP TRIGGER changes_no_update", "DROP TRIGGER changes_no_delete"),
    "postgres": ("SET LOCAL ROLE NONE", "DROP TRIGGER changes_only_added_to ON changes"),  # the owner may
}
"""What an owner of the database can take away before tampering."""


def store(engine: Engine, *documents: Document | CategoryBits, at: int = 1_000) -> tuple[int, int]:
    with engine.writing() as tx:
        lock_documents(tx)
        return store_documents(tx, documents, by="staff:1", at=at)


def read(engine: Engine) -> Surroundings:
    with engine.reading() as connection:
        return read_surroundings(connection)


def test_every_document_comes_back_as_it_was_written(engine: Engine) -> None:
    """All kinds survive a round through the store, alike read from the rows and from the version's snapshot."""
    assert store(engine, *EVERYTHING) == (1, len(EVERYTHING))
    now = read(engine)
    assert [*now.units.values(), *now.platforms.values(), *now.contact_points.values()] == list(EVERYTHING[:4])
    assert [*now.topics.values(), *now.purposes.values()] == list(EVERYTHING[4:7])
    assert [*now.offers.values(), *now.campaigns.values()] == list(EVERYTHING[7:9])
    assert now.categories[Category.SERVICE - 1] == EVERYTHING[9]
    assert len(now.categories) == len(Category)
    with engine.reading() as connection:
        assert surroundings_at(connection, 1) == now
        assert version_time(connection, 1) == 1_000


def test_writing_the_same_again_changes_nothing(engine: Engine) -> None:
    """No new version and no new line in the log, whether one document or all are written again."""
    store(engine, *EVERYTHING)
    assert store(engine, *EVERYTHING, at=2_000) == (1, 0)
    with engine.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM changes")).scalar() == len(EVERYTHING)
        assert connection.execute(text("SELECT count(*) FROM surroundings")).scalar() == 1


def test_an_older_version_can_be_looked_at(engine: Engine) -> None:
    """A decision names its version, and that version still says what held then: a number that was retired since was
    in use."""
    store(engine, *EVERYTHING)
    retired = ContactPoint(
        number=1, key="desk", name="Desk", channel=Channel.SMS, address="+4930123456", unit=2, platform=1,
        status=ContactPointStatus.RETIRED, receives=True,
    )  # fmt: skip
    assert store(engine, retired) == (2, 1)
    with engine.reading() as connection:
        assert surroundings_at(connection, 1).contact_points[1].status is ContactPointStatus.ACTIVE
        assert (
            surroundings_at(connection, 2).contact_points[1]
            == retired
            == read_surroundings(connection).contact_points[1]
        )
        assert surroundings_at(connection, 0).units == {}
        with pytest.raises(NotFound):
            surroundings_at(connection, 3)


def test_a_key_keeps_its_number(engine: Engine) -> None:
    """A known key has the number it was given; new ones count on, in the order they are named."""
    store(engine, *EVERYTHING)
    with engine.writing() as tx:
        lock_documents(tx)
        assert numbers_of(tx, Topic, ["trucks", "vans", "bikes", "trucks"]) == {"trucks": 3, "vans": 2, "bikes": 4}
        assert numbers_of(tx, Platform, []) == {}


def test_a_change_says_who_and_what(engine: Engine) -> None:
    """The log keeps each document as it was before and after, by whom and when."""
    store(engine, *EVERYTHING)
    store(engine, Purpose(number=1, key="newsletter", name="Monthly letter"), at=5_000)
    with engine.reading() as connection:
        row = connection.execute(text("SELECT * FROM changes ORDER BY number DESC LIMIT 1")).one()
    assert (row.document, row.key, row.changed_by, row.changed) == ("purposes", "newsletter", "staff:1", 5_000)
    assert '"Newsletter"' in row.before
    assert '"Monthly letter"' in row.after


@pytest.mark.parametrize(
    ("tampering", "found"),
    [
        ("UPDATE changes SET changed_by = 'staff:2' WHERE number = 3", 3),
        ("UPDATE changes SET after = '' WHERE number = 10", 10),
        ("UPDATE changes SET changed = changed + 1 WHERE number = 1", 1),
        ("DELETE FROM changes WHERE number = 5", 5),
        ("UPDATE changes SET before = 'x' WHERE number = 0", 0),
    ],
)
def test_a_rewritten_log_is_found_out(engine: Engine, tampering: str, found: int) -> None:
    """Whoever owns the database and changes or removes a line of the log breaks the chain from there on; a whole log is
    found whole."""
    store(engine, *EVERYTHING)
    with engine.writing() as tx:
        for guard in GUARDS[engine.name]:
            tx.connection.execute(text(guard))
        tx.connection.execute(text(tampering))
    with engine.reading() as connection:
        assert verify_changes(connection) == found


def test_the_application_itself_cannot_rewrite_the_log(engine: Engine) -> None:
    """The store refuses to change or remove a line, whoever asks through the application."""
    store(engine, *EVERYTHING)
    for tampering in ("UPDATE changes SET changed_by = 'staff:2'", "DELETE FROM changes"):
        with pytest.raises(DBAPIError, match=r"can only be added to|permission denied"), engine.writing() as tx:
            tx.connection.execute(text(tampering))


def test_nothing_is_kept_of_a_write_that_failed(engine: Engine) -> None:
    """A document that breaks a rule of the tables takes the whole write with it: no row, no version, no log."""
    with pytest.raises(Exception, match=r"(?i)unique"):
        store(engine, *EVERYTHING, Topic(number=9, key="cars", name="Cars again"))
    assert read(engine).version == 0
    assert read(engine).units == {}
