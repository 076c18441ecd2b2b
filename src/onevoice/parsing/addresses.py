"""Addresses as people write them, in one spelling: e-mail with a lower-case domain, phone numbers in E.164."""

import re
import unicodedata
from functools import lru_cache
from importlib import resources
from typing import Final

from phonenumbers import (
    NumberParseException,
    PhoneNumberFormat,
    format_number,
    is_possible_number,
    parse,
    region_code_for_number,
    region_codes_for_country_code,
)

from onevoice.nouns.problem import Fault
from onevoice.nouns.words import Channel

ADDRESS_MAX: Final = 400
LOCAL_MAX: Final = 64
EMAIL_MAX: Final = 254
DOMAIN_MAX: Final = 253
BLANKS: Final = " \t\u00a0"
"""What is trimmed; a line break at the end is refused like one inside."""
SHORT_CODE: Final = re.compile(r"[0-9]{3,8}")
LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
LOCAL: Final = re.compile(r"[^\s\"(),:;<>@\[\\\]]+")
"""The characters of an unquoted local part (RFC 5321 dot-string with RFC 6531 letters)."""

PLAIN: Final = re.compile(
    r"[A-Za-z0-9_](?:[A-Za-z0-9_+-]|\.(?=[A-Za-z0-9_+-])){0,63}@(?:[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?\.){1,4}[a-z]{2,24}"
)
"""An e-mail address as nearly all are, already in its one spelling; whatever else is looked at closely. Linear: no two
parts of it can take the same character at the same place."""

DIGITS_MIN: Final = 7
"""The shortest numbers of the world: +290 and +683 with four digits. Germany's plan alone would allow +4930."""

PHONE_CHANNELS: Final = frozenset({Channel.SMS, Channel.WHATSAPP, Channel.VOICE})


def normalised(channel: int, written: str, region: str = "", where: str = "address") -> str | Fault:
    """One spelling of an address of this channel, or what is wrong with it.

    `region` is the ISO 3166 country a phone number without a country code is read in (empty: it needs one)."""
    if channel == Channel.EMAIL and PLAIN.fullmatch(written):
        return written
    address = written.strip(BLANKS)
    if fault := _unsafe(address, where):
        return fault
    if channel == Channel.EMAIL:
        return _email(address, where)
    if channel in PHONE_CHANNELS:
        return _phone(address, region, where)
    return unicodedata.normalize("NFC", address)


def as_told(channel: int, written: str, region: str = "", where: str = "address") -> str | Fault:
    """One spelling of an address in somebody's log: what is no proper address (`root@localhost`) is kept as it was
    told, in lower case, because it happened all the same; only what could do harm is refused."""
    spelled = normalised(channel, written, region, where)
    if isinstance(spelled, str):
        return spelled
    address = written.strip(BLANKS)
    return _unsafe(address, where) or address.lower()


def normalised_sender(channel: int, written: str, region: str = "", where: str = "address") -> str | Fault:
    """As normalised, for the company's own side: also a mail domain, a short code or an alphanumeric sender."""
    address = written.strip(BLANKS)
    if fault := _unsafe(address, where):
        return fault
    if channel == Channel.EMAIL:
        return _email(address, where) if "@" in address else _domain(address, where)
    if channel in PHONE_CHANNELS:
        if SHORT_CODE.fullmatch(address) or (re.search(r"[A-Za-z]", address) and len(address) <= 11):
            return address
        return _phone(address, region, where)
    return unicodedata.normalize("NFC", address)


def zones_of_number(number: str) -> tuple[str, ...]:
    """The IANA zones a phone number in E.164 may be in: those of every country that uses its prefix, sorted.

    Countries come from the numbering plan, their zones from zone1970.tab of the IANA database; empty when nobody can
    tell (a satellite phone, not a number)."""
    try:
        parsed = parse(number, None)
    except NumberParseException:
        return ()
    region = region_code_for_number(parsed)
    regions = (region,) if region else tuple(region_codes_for_country_code(parsed.country_code or 0))
    table = _zones_by_country()
    return tuple(sorted({zone for each in regions for zone in table.get(each, ())}))


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """Every IANA zone there is."""
    return frozenset(resources.files("tzdata").joinpath("zones").read_text("utf-8").split())


def _unsafe(address: str, where: str) -> Fault | None:
    if not address:
        return Fault(where, "An address is needed here.")
    if len(address) > ADDRESS_MAX:
        return Fault(where, f"The address is longer than {ADDRESS_MAX} characters.")
    if any(unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") for sign in address):
        return Fault(where, "The address holds a line break or another control character.")
    if address.startswith("-"):
        return Fault(where, "An address must not begin with a hyphen.")
    return None


def _email(address: str, where: str) -> str | Fault:
    local, at, domain = address.rpartition("@")
    if not at or not local:
        return Fault(where, f"{_shown(address)} is not an e-mail address: write it as name@example.com.")
    if not LOCAL.fullmatch(local) or local[0] == "." or local[-1] == "." or ".." in local:
        return Fault(where, f"The part of {_shown(address)} before the @ cannot be used.")
    if len(local.encode()) > LOCAL_MAX:
        return Fault(where, f"The part before the @ is longer than {LOCAL_MAX} characters.")
    host = _domain(domain, where)
    if isinstance(host, Fault):
        return host
    whole = f"{unicodedata.normalize('NFC', local)}@{host}"
    return whole if len(whole.encode()) <= EMAIL_MAX else Fault(where, f"The address is longer than {EMAIL_MAX}.")


def _domain(written: str, where: str) -> str | Fault:
    """A host name with at least two labels in lower-case ASCII (IDNA); one final dot is dropped."""
    try:
        name = written.removesuffix(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        return Fault(where, f"{_shown(written)} is not a domain name.")
    labels = name.split(".")
    if len(name) > DOMAIN_MAX or len(labels) < 2 or not all(LABEL.fullmatch(label) for label in labels):
        return Fault(where, f"{_shown(written)} is not a domain name.")
    return name if not labels[-1].isdigit() else Fault(where, f"{_shown(written)} is not a domain name.")


def _phone(address: str, region: str, where: str) -> str | Fault:
    try:
        number = parse(address.removeprefix("whatsapp:"), region.upper() or None)
    except NumberParseException:
        return Fault(where, f"{_shown(address)} is not a phone number: write it with its country code, as +4930123456.")
    if number.extension:
        return Fault(where, f"{_shown(address)} has an extension; write the number alone.")
    whole = format_number(number, PhoneNumberFormat.E164)
    if not is_possible_number(number) or len(whole) <= DIGITS_MIN:
        return Fault(where, f"{_shown(address)} has too few or too many digits for its country.")
    return whole


def _shown(address: str) -> str:
    return f"“{address[:60]}”"


@lru_cache(maxsize=1)
def _zones_by_country() -> dict[str, tuple[str, ...]]:
    """Country code -> zones, of zone1970.tab: lines of codes, coordinates, zone and comments parted by tabs."""
    found: dict[str, list[str]] = {}
    lines = resources.files("tzdata").joinpath("zoneinfo", "zone1970.tab").read_text("utf-8").splitlines()
    for line in lines:
        if not line.startswith("#"):
            countries, _, zone = line.split("\t")[:3]
            for country in countries.split(","):
                found.setdefault(country, []).append(zone)
    return {country: tuple(zones) for country, zones in found.items()}
