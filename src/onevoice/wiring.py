"""Wiring: the one place that knows the real clock, randomness, files and store, and hands them to everybody else."""

import gc
import os
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from onevoice.actions.entrance import Entrance
from onevoice.actions.gate import Gate
from onevoice.actions.second_step import SecondStep
from onevoice.ledger.book import Book
from onevoice.ledger.engine import Engine
from onevoice.ledger.folios import Keys
from onevoice.nouns.company_account import AccountRules
from onevoice.nouns.message import Sender
from onevoice.nouns.moment import Clock
from onevoice.nouns.problem import Unavailable
from onevoice.nouns.words import Role
from onevoice.settings import Settings
from onevoice.zone_tables import read_zones, zone_names

if TYPE_CHECKING:
    from onevoice.actions.company_accounts import CompanyAccounts

KEY_BYTES = 64
MUST_CONFIRM = {"admins": frozenset({Role.ADMIN}), "everybody": frozenset(Role), "nobody": frozenset[Role]()}
"""Whose password needs a code after it, by the setting `second_step`."""
GARBAGE_THRESHOLD = (100_000, 50, 100)
"""Groups of a thousand proposals make many short-lived values; looking for cycles among them after every 700 cost a
fifth of the time."""


@dataclass(frozen=True, slots=True)
class Onevoice:
    """Everything a door needs: the settings, the book to read, the gate to write, the entrance to come in by, and
    sign-in with the company's own accounts where it is set up."""

    settings: Settings
    book: Book
    gate: Gate
    entrance: Entrance
    company: "CompanyAccounts | None" = None

    def close(self) -> None:
        """Write what is waiting, then give everything back."""
        self.gate.close()
        self.book.close()


def open_onevoice(settings: Settings, *, clock: Clock | None = None) -> Onevoice:
    """Open (or make) the store, bring it to this version, and start its writer. Raises Unavailable."""
    gc.set_threshold(*GARBAGE_THRESHOLD)
    engine = engine_of(settings)
    engine.migrate()
    book = Book(
        engine,
        Keys(master_key(settings.key_file)),
        clock or real_clock,
        lambda: secrets.token_bytes(16),
        region=settings.region,
        zone_names=zone_names(),
    )
    entrance = Entrance(
        engine,
        book.clock,
        secrets.token_bytes,
        book.keys.of("entrance"),
        settings.session_hours,
        second_step=SecondStep(secrets.token_bytes, book.keys.of("second step"), MUST_CONFIRM[settings.second_step]),
        issuer=settings.oidc_issuer,
    )
    return Onevoice(settings, book, Gate(book, read_zones), entrance, _company(settings, book, entrance))


def _company(settings: Settings, book: Book, entrance: Entrance) -> "CompanyAccounts | None":
    """Sign-in with the company's accounts, where an identity provider is set."""
    if not settings.oidc_issuer:
        return None
    from onevoice.actions.company_accounts import CompanyAccounts
    from onevoice.lines.http import WebLine
    from onevoice.lines.identity_provider import ProviderLine

    provider = ProviderLine(
        WebLine(frozenset(settings.private_hosts)),
        issuer=settings.oidc_issuer,
        client=settings.oidc_client_id,
        secret=settings.oidc_client_secret.reveal(),
        clock=book.clock,
    )
    rules = AccountRules(
        issuer=settings.oidc_issuer,
        client=settings.oidc_client_id,
        scopes=settings.oidc_scopes,
        group_claim=settings.oidc_group_claim,
        verified_claim=settings.oidc_verified_claim,
        groups=settings.oidc_groups,
        domains=frozenset(settings.oidc_email_domains),
        skew=settings.oidc_skew_seconds,
    )
    redirect = f"{settings.public_url}/login/company/return"
    return CompanyAccounts(entrance, provider, rules, redirect, book.keys.of("company accounts"))


def vendors_of(settings: Settings) -> Mapping[str, Sender]:
    """The vendors that can send, by the name a platform gives: the sandbox always, SMTP where a mail server is set."""
    from onevoice.vendors.sandbox.send import Sandbox

    vendors: dict[str, Sender] = {"sandbox": Sandbox(real_clock)}
    if settings.smtp_host:
        from onevoice.lines.mail_server import MailServer
        from onevoice.vendors.smtp.send import SmtpSender

        line = MailServer(
            settings.smtp_host,
            settings.smtp_port,
            security=settings.smtp_security,
            user=settings.smtp_user,
            password=settings.smtp_password.reveal(),
        )
        vendors["smtp"] = SmtpSender(line, real_clock, Keys(master_key(settings.key_file)).of("message ids"))
    return vendors


def real_clock() -> int:
    """The present, microseconds UTC."""
    return time.time_ns() // 1000


def engine_of(settings: Settings) -> Engine:
    """SQLite in the data folder, or PostgreSQL where a database address is set."""
    if settings.database_url:
        from onevoice.ledger.engines.postgres import PostgresEngine

        return PostgresEngine(settings.database_url.reveal(), settings.database_owner_url.reveal())
    from onevoice.ledger.engines.sqlite import SqliteEngine

    return SqliteEngine(settings.data_dir / "onevoice.sqlite")


def master_key(path: Path) -> bytes:
    """The book's secret, made at the first start; without it nobody can be found in the book again."""
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        key = secrets.token_bytes(KEY_BYTES)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
    if len(key) < 32:
        raise Unavailable(f"The secret key file {path.name} holds {len(key)} bytes; it needs at least 32.")
    return key
