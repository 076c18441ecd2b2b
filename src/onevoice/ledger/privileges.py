"""Privileges: what the running program may do with each table, on stores that know roles. A list, from the code.

Every table may be read and added to. What is not named here is never changed and never deleted by the program.
"""

from typing import Final

from onevoice.ledger.erasure import EMPTIED, GOES, PLACES
from onevoice.ledger.tables import metadata

CHANGED: Final = frozenset(
    {
        "contact_states",  # the summary follows its entries
        "contact_state_older",
        "tallies_by_day",
        "folios",  # a customer joins a household or a client
        "vault_customers",  # and is called by another name
        "units",
        "platforms",
        "contact_points",
        "topics",
        "purposes",
        "offers",
        "campaigns",
        "staff",
        "api_keys",  # revoked
        "webhook_endpoints",  # given a new secret, or stopped
        "webhook_messages",  # tried
        "sign_in_tries",
        "key_uses",  # when it was used last
        "second_steps",  # the last code that was used
        "policy_drafts",  # written until they are in force or dropped
        "policy_trials",  # how far a replay is, and what it found
        *(name for name, place in PLACES.items() if place.deed == EMPTIED),
    }
)
"""Tables whose rows the program changes: states, documents, and what is emptied when a person is forgotten.
A new version of a document is in the change log."""

FORGOTTEN: Final = frozenset(name for name, place in PLACES.items() if place.deed == GOES)
"""Tables whose rows go when a person is forgotten."""

LET_GO: Final = frozenset(
    {
        "due",
        "waiting",
        "sessions",
        "categories",
        "parked",
        "access_log",
        "invitations",
        "sign_in_tickets",
        "second_steps",
        "recovery_codes",
        "saved_views",
        "webhook_messages",  # what was taken, after a time
    }
)
"""Tables whose rows go when the work is done, the session over, a second step reset, the term of retention past; the
bits of a category are written anew; a member of staff forgets a view."""

PERSONAL: Final = frozenset({*(name for name in PLACES if name.startswith("vault_")), "parked"})
"""Tables with names, addresses or words of people: a row is seen by those who were said to see it, by nobody else."""


def allowed() -> dict[str, frozenset[str]]:
    """The SQL privileges of the program, by table."""
    return {name: frozenset(_privileges(name)) for name in metadata.tables}


def _privileges(table: str) -> list[str]:
    changed = ["UPDATE"] if table in CHANGED else []
    deleted = ["DELETE"] if table in FORGOTTEN | LET_GO else []
    return ["SELECT", "INSERT", *changed, *deleted]
