"""Settings: one frozen value, read from a TOML file and ONEVOICE_* variables, whole or not at all."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from onevoice.nouns.company_account import GroupRights
from onevoice.nouns.problem import Fault, Refused
from onevoice.nouns.words import Role

PREFIX: Final = "ONEVOICE_"
DEFAULT_FILE: Final = "onevoice.toml"
FILE_VARIABLE: Final = "ONEVOICE_SETTINGS"
"""Names another settings file; the only ONEVOICE_* variable that is not itself a setting."""


class Secret:
    """A text that does not show itself: printing, logging or formatting one gives `Secret(hidden)`."""

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself; call it where it is handed over, and keep it nowhere."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(hidden)" if self._text else "Secret(empty)"

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __reduce__(self) -> str:
        raise TypeError("A secret is not pickled.")


class _Wrong(ValueError):
    """A setting that cannot be taken; the message says what was expected."""


def _text(given: object) -> str:
    if not isinstance(given, str):
        raise _Wrong("expected a text")
    return given


def _name(given: object) -> str:
    if not (text := _text(given)) or text != text.strip():
        raise _Wrong("expected a host name or an IP address, without spaces around it")
    return text


def _secret(given: object) -> Secret:
    return Secret(_text(given))


def _path(given: object) -> Path:
    if not (text := _text(given)) or "\0" in text:
        raise _Wrong("expected a path")
    try:
        return Path(text).expanduser()
    except RuntimeError as unknown:
        raise _Wrong("expected a path; there is no such user to begin it with") from unknown


def _optional_path(given: object) -> Path | None:
    return _path(given) if given != "" else None


def _database(given: object) -> Secret:
    text = _text(given)
    if text and not text.startswith(("postgresql://", "postgres://")):
        raise _Wrong("expected postgresql://user@host/name, or nothing for SQLite in the data folder")
    return Secret(text)


def _web_address(given: object) -> str:
    text = _text(given)
    if text and not _is_web_address(text):
        raise _Wrong("expected an address like https://onevoice.example.com, or nothing")
    return text.rstrip("/")


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        whole = parts.hostname and (parts.port or True)
    except ValueError:  # brackets that do not close, a port that is no number
        return False
    return parts.scheme in ("http", "https") and bool(whole) and not (parts.query or parts.fragment)


def _region(given: object) -> str:
    text = _text(given)
    if text and not (len(text) == 2 and text.isascii() and text.isalpha() and text.isupper()):
        raise _Wrong("expected an ISO 3166 country of two capitals, such as DE, or nothing")
    return text


def _whole(least: int, most: int) -> Callable[[object], int]:
    def read(given: object) -> int:
        text = str(given) if isinstance(given, int) and not isinstance(given, bool) else given
        if not isinstance(text, str) or not (text.isascii() and text.isdecimal()) or not least <= int(text) <= most:
            raise _Wrong(f"expected a whole number from {least} to {most}")
        return int(text)

    return read


def _one_of(*words: str) -> Callable[[object], str]:
    def read(given: object) -> str:
        if given not in words:
            raise _Wrong(f"expected one of {', '.join(words)}")
        return str(given)

    return read


def _listed(given: object) -> tuple[str, ...]:
    """A list of texts; in the environment one text, parted by semicolons."""
    parts = given.split(";") if isinstance(given, str) else given
    if not isinstance(parts, list | tuple) or not all(isinstance(part, str) for part in parts):
        raise _Wrong("expected a list of texts, or one text parted by semicolons")
    return tuple(part.strip() for part in parts if part.strip())


def _hosts(given: object) -> tuple[str, ...]:
    hosts = tuple(host.lower().strip(".") for host in _listed(given))
    if any("/" in host or "@" in host or " " in host for host in hosts):
        raise _Wrong("expected names such as login.example.com, without https:// and without a path")
    return hosts


def _issuer(given: object) -> str:
    text = _text(given)
    if text and not _is_web_address(text):
        raise _Wrong("expected the issuer exactly as it calls itself, such as https://login.example.com, or nothing")
    return text


def _scopes(given: object) -> str:
    text = " ".join(_text(given).split())
    if "openid" not in text.split() or not text.isascii() or '"' in text or "\\" in text:
        raise _Wrong("expected scopes parted by spaces, openid among them")
    return text


def _groups(given: object) -> tuple[GroupRights, ...]:
    return tuple(_group(line) for line in _listed(given))


def _group(line: str) -> GroupRights:
    group, _, rights = line.rpartition("=")
    role, _, unit = (part.strip() for part in rights.partition("@"))
    known = {each.spoken: each for each in Role}
    if not group.strip() or not unit or role not in known:
        raise _Wrong(f"expected lines like `group = {Role.SENDER.spoken} @ unit`, with a role of {', '.join(known)}")
    return GroupRights(group.strip(), known[role], unit)


def _told(read: Callable[[object], object], says: str) -> dict[str, Any]:
    return {"read": read, "says": says}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything an installation can choose. Each field is a key of the file and, upper case behind ONEVOICE_, a
    variable of the environment; the variable wins."""

    data_dir: Path = field(
        default=Path("onevoice-data"),
        metadata=_told(_path, "The folder that holds everything Onevoice keeps on this machine."),
    )
    database_url: Secret = field(
        default=Secret(),
        metadata=_told(
            _database, "A PostgreSQL database, `postgresql://user@host/name`. Empty: SQLite in the data folder."
        ),
    )
    database_owner_url: Secret = field(
        default=Secret(),
        metadata=_told(
            _database,
            "The same database for the login that owns the tables: it migrates and cleans. Empty: the one above does.",
        ),
    )
    secret_key_file: Path | None = field(
        default=None,
        metadata=_told(_optional_path, "The file with the installation's key. Empty: `secret.key` in the data folder."),
    )
    http_host: str = field(default="127.0.0.1", metadata=_told(_name, "The address the HTTP server listens on."))
    http_port: int = field(
        default=8321, metadata=_told(_whole(0, 65_535), "The port the HTTP server listens on; 0 takes any free one.")
    )
    public_url: str = field(
        default="",
        metadata=_told(_web_address, "How people reach the console from outside. Empty: the host and port above."),
    )
    region: str = field(
        default="",
        metadata=_told(
            _region, "The country, such as DE, that phone numbers without a country code are in. Empty: each needs one."
        ),
    )
    session_hours: int = field(default=12, metadata=_told(_whole(1, 720), "After so many hours staff sign in again."))
    words_days: int = field(
        default=0, metadata=_told(_whole(0, 36_500), "What messages said is kept so many days; 0 keeps it.")
    )
    parked_days: int = field(
        default=90, metadata=_told(_whole(0, 36_500), "Records nobody could read are kept so many days; 0 keeps them.")
    )
    access_log_days: int = field(
        default=365,
        metadata=_told(_whole(0, 36_500), "Who looked at whose messages is kept so many days; 0 keeps it."),
    )
    smtp_host: str = field(
        default="", metadata=_told(_text, "The company's own mail server. Empty: the SMTP vendor sends nothing.")
    )
    smtp_port: int = field(default=587, metadata=_told(_whole(1, 65_535), "The mail server's port."))
    smtp_security: str = field(
        default="starttls",
        metadata=_told(_one_of("starttls", "tls", "none"), "How the connection to the mail server is protected."),
    )
    smtp_user: str = field(
        default="", metadata=_told(_text, "The user to sign in to the mail server as. Empty: no sign-in.")
    )
    smtp_password: Secret = field(default=Secret(), metadata=_told(_secret, "The password for the mail server."))
    oidc_issuer: str = field(
        default="",
        metadata=_told(
            _issuer,
            "The company's identity provider (OpenID Connect), as it calls itself. Empty: staff sign in by password.",
        ),
    )
    oidc_client_id: str = field(default="", metadata=_told(_text, "What the identity provider calls Onevoice."))
    oidc_client_secret: Secret = field(
        default=Secret(), metadata=_told(_secret, "The secret it gave to Onevoice. Empty: a client without one.")
    )
    oidc_scopes: str = field(
        default="openid email profile", metadata=_told(_scopes, "What is asked of it, parted by spaces.")
    )
    oidc_group_claim: str = field(default="groups", metadata=_told(_text, "The claim that lists somebody's groups."))
    oidc_groups: tuple[GroupRights, ...] = field(
        default=(),
        metadata=_told(
            _groups,
            "Who may do what: `group = role @ unit`, the first that fits decides. Empty: roles are given in Onevoice.",
        ),
    )
    oidc_verified_claim: str = field(
        default="email_verified", metadata=_told(_text, "The claim that vouches for the e-mail address.")
    )
    oidc_email_domains: tuple[str, ...] = field(
        default=(), metadata=_told(_hosts, "Only addresses of these domains come in. Empty: any.")
    )
    oidc_label: str = field(
        default="your company account", metadata=_told(_text, "What the button says after “Sign in with”.")
    )
    oidc_skew_seconds: int = field(
        default=60, metadata=_told(_whole(0, 300), "So far the provider's clock may be off.")
    )
    sign_in_help: str = field(
        default="",
        metadata=_told(_text, "Whom somebody asks who may not come in, such as an address or a phone number."),
    )
    private_hosts: tuple[str, ...] = field(
        default=(),
        metadata=_told(_hosts, "Names of hosts inside the company that may be asked although they are not public."),
    )
    second_step: str = field(
        default="admins",
        metadata=_told(_one_of("admins", "everybody", "nobody"), "Who must give a code of an app after the password."),
    )
    log_level: str = field(
        default="info",
        metadata=_told(
            _one_of("debug", "info", "warning", "error"), "How much the log says: this word and what is graver."
        ),
    )

    @property
    def key_file(self) -> Path:
        """Where the installation's key lies."""
        return self.secret_key_file or self.data_dir / "secret.key"

    @property
    def address(self) -> str:
        """How people reach the console, without a slash at the end."""
        host = f"[{self.http_host}]" if ":" in self.http_host else self.http_host
        return self.public_url or f"http://{host}:{self.http_port}"


def read_settings(environment: Mapping[str, str], file: Path | None = None) -> Settings:
    """The settings of `file` (else of the file ONEVOICE_SETTINGS names, else of onevoice.toml here, if there is one),
    with the ONEVOICE_* variables of `environment` over them.

    Raises Refused with every fault of both, each with the name of the setting and what was expected.
    """
    faults: list[Fault] = []
    given = [*_from_file(_file_of(environment, file), faults), *_from_environment(environment, faults)]
    chosen: dict[str, object] = {}
    for name, where, value in given:
        reader = _READERS[name]
        try:
            chosen[name] = reader(value)
        except _Wrong as wrong:
            faults.append(Fault(where, f"{wrong}."))
    if not faults:
        settings = Settings(**chosen)  # type: ignore[arg-type]  # each reader returns its own field's type
        faults += _together(settings)
    if faults:
        raise Refused(faults, "The settings cannot be used.")
    return settings


def _together(settings: Settings) -> Iterator[Fault]:
    """What no setting can tell alone."""
    if not settings.oidc_issuer:
        return
    if not settings.oidc_client_id:
        yield Fault("oidc_client_id", "expected what the identity provider calls Onevoice.")
    if not settings.public_url:
        yield Fault("public_url", "expected the address at which people come back from the identity provider.")
    host = urlsplit(settings.oidc_issuer).hostname or ""
    if not settings.oidc_issuer.startswith("https://") and host not in settings.private_hosts:
        yield Fault("oidc_issuer", "expected https://; by http only a host that private_hosts names.")


_READERS: Final[dict[str, Callable[[object], object]]] = {each.name: each.metadata["read"] for each in fields(Settings)}


def _file_of(environment: Mapping[str, str], file: Path | None) -> tuple[Path, bool]:
    """The file to read, and whether somebody asked for it (then it must exist)."""
    if file is not None:
        return file, True
    if named := environment.get(FILE_VARIABLE):
        return Path(named), True
    return Path(DEFAULT_FILE), False


def _from_file(asked: tuple[Path, bool], faults: list[Fault]) -> Iterator[tuple[str, str, object]]:
    file, must_exist = asked
    if not must_exist and not file.exists():
        return
    try:
        table = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        faults.append(Fault(str(file), f"cannot be read: {error.strerror}."))
        return
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults.append(Fault(str(file), f"is not TOML: {error}."))
        return
    for name, value in table.items():
        where = f"{name} in {file}"
        if name in _READERS:
            yield name, where, value
        else:
            faults.append(Fault(where, _unknown(name, _READERS)))


def _from_environment(environment: Mapping[str, str], faults: list[Fault]) -> Iterator[tuple[str, str, object]]:
    variables = {PREFIX + name.upper(): name for name in _READERS}
    for variable in sorted(environment):
        if variable in variables:
            yield variables[variable], variable, environment[variable]
        elif variable.startswith(PREFIX) and variable != FILE_VARIABLE:
            faults.append(Fault(variable, _unknown(variable, variables)))


def _unknown(name: str, known: Mapping[str, object]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.8)
    return "is not a setting" + (f"; did you mean {near[0]}?" if near else "; see docs/reference/settings.md.")
