"""Demo, the crowd: some three hundred people of several zones, households and clients, and what they allowed."""

from typing import Final

from onevoice.demo.script import Customer, Permission, Script
from onevoice.demo.world import World

PEOPLE: Final = 340
GIVEN_NAMES: Final = """
Ada Aisha Amara Anselm Astrid Bea Bruno Carmen Caspar Clara Dario Dina Edith Elio Elsa Emeka Fatima Felix Flora Gita
Gregor Greta Hamid Hanna Hugo Ida Ines Ivan Jana Jasper Joana Karim Kofi Lars Leila Lotte Malik Maren Marta Mina
Nadia Nico Nils Olga Otto Paula Pavel Quentin Rania Ravi Rosa Ruben Sanne Selma Silvan Tariq Tessa Tilda Umar Vera
Viktor Wanda Yara Zeno
"""
GIVEN: Final = tuple(GIVEN_NAMES.split())
FAMILY_NAMES: Final = """
Abara Adler Almeida Anders Bakker Banerjee Barros Bergman Boateng Brandt Caruso Costa Dahl Diallo Duarte Egger
Eriksen Farouk Ferrer Fischer Galea Grant Haas Halloran Hassan Holm Ibarra Iyer Jansen Kaya Keller Kowal Larsen
Lindt Marsh Mendes Moreau Nakata Novak Obi Olsen Park Petrov Quiroga Rahal Reyes Rossi Sand Santos Sharma Silva
Stein Tanaka Thorne Ueda Vance Vidal Wallin Weiss Wolff Yilmaz Zeller
"""
FAMILY: Final = tuple(FAMILY_NAMES.split())
ZONES: Final = (
    ("Europe/London", 0.50),
    ("Europe/Berlin", 0.68),
    ("America/New_York", 0.80),
    ("America/Los_Angeles", 0.86),
    ("Australia/Sydney", 0.90),
    ("Asia/Kolkata", 0.94),
    ("", 1.0),
)
"""Each with the share of people in it and the ones before; the last are those nobody knows the zone of."""

BRANDS: Final = (("bank", 0.40), ("travel", 0.32), ("hearth-north", 0.21), ("hearth-south", 0.21), ("dental", 0.25))
AREAS: Final = ("202", "212", "312", "415", "617")
LANGUAGES: Final = {"Europe/Berlin": "de"}


def fill_crowd(world: World, script: Script) -> list[Customer]:
    """Add the crowd and what they allowed to the script; the people without any story of their own."""
    crowd = [_person(world, number) for number in range(PEOPLE)]
    script.customers += crowd
    for number, one in enumerate(crowd):
        _permissions(world, script, number, one)
    return crowd


def _person(world: World, number: int) -> Customer:
    given, family = world.pick(GIVEN, "given", number), world.pick(FAMILY, "family", number)
    zone = next(zone for zone, upto in ZONES if world.lot("zone", number) < upto)
    units = tuple(unit for unit, share in BRANDS if world.lot(unit, number) < share)
    together = number % 20 in (4, 5)  # every twentieth and the one after live together, and share a mailbox
    family = world.pick(FAMILY, "family", number - number % 20 + 4) if together else family
    local = f"{family}.family" if together else f"{given}.{family}"
    house = number - number % 20
    return Customer(
        reference=f"C-{1000 + number}",
        name=f"{given} {family}",
        zone=zone,
        language=LANGUAGES.get(zone, "en"),
        units=units or ("hearth-north" if number % 2 else "hearth-south",),
        email=f"{local}{house if together else number}@{('post', 'inbox', 'letters')[house % 3]}.example".lower(),
        phone=_phone(world, zone, number),
        shared=together and number % 20 == 5,
        household=f"H-{house}" if together else "",
        client=(f"K-{number % 8}", f"{FAMILY[number % 8 * 7]} & Co")
        if number % 9 == 0 and "bank" in units
        else ("", ""),
        holds=(("gold-card", world.ago(days=200 + number)),) if "bank" in units and number % 5 == 0 else (),
    )


def _client(number: int) -> tuple[str, str]:
    return f"K-{number % 8}", f"{FAMILY[number % 8 * 7]} & Co"


def _phone(world: World, zone: str, number: int) -> str:
    """A number from the ranges kept for fiction: Ofcom's 07700 900, the Bundesnetzagentur's 0171 39200, and 555-01."""
    if world.lot("phone", number) > 0.7:
        return ""
    if zone == "Europe/London" or zone == "":
        return f"+447700900{100 + number:03d}"
    if zone.startswith("America/"):
        return f"+1{AREAS[number // 100]}55501{number % 100:02d}"
    return f"+4917139200{number:02d}" if zone == "Europe/Berlin" and number < 100 else ""


def _permissions(world: World, script: Script, number: int, one: Customer) -> None:
    at = world.ago(days=40 + 300 * world.lot("consented", number))
    share = world.lot("permission", number)
    if share < 0.78:
        script.agrees(one, at)
        if one.phone and share < 0.5:
            script.agrees(one, at, channel="sms")
    elif share < 0.90:
        script.permissions.append(
            Permission(
                at=at,
                kind="consented",
                customer=one.reference,
                channel="email",
                permit="implied_purchase",
                source="Till receipt",
                wording="Bought something",
                evidence=f"Receipt {one.reference}",
            )
        )
    else:  # names taken from a social network, added to a list by somebody: nothing shows that they agreed
        script.permissions.append(
            Permission(
                at=world.ago(days=26),
                kind="consented",
                customer=one.reference,
                channel="email",
                permit="express",
                source="List bought at a fair",
            )
        )
    if number % 37 == 3:
        script.permissions.append(
            Permission(
                at=world.ago(days=20 * world.lot("left", number)),
                kind="withdrawn",
                customer=one.reference,
                channel="email",
                source="Link in a mail",
                evidence=f"Unsubscribe {one.reference}",
            )
        )
