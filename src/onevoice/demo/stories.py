"""Demo, the stories about units: two numbers, a new domain, a gate, a coupon from three, a manager's letter."""

from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from onevoice.demo.script import Customer, Letter, Message, Permission, Script, Story, Text
from onevoice.demo.world import World, iso, microseconds
from onevoice.nouns.proposal import Proposal

OFFICE: Final = "+441632960101"
REMINDERS: Final = "+441632960102"
FORGOTTEN: Final = "+441632960199"
GATE_LINE: Final = "+441632960301"
ANNA: Final = "anna.brandt@fernhillbank.example"
HELP: Final = "help@fernhillbank.example"


class Sending(NamedTuple):
    """How a campaign's messages go out: who writes, with which platform, from which contact point and its address."""

    unit: str
    platform: str
    point: str
    address: str
    offer: str = ""


SENDINGS: Final = {
    "bank-news": Sending("bank-marketing", "group-crm", "bank-news", "news@fernhillbank.example"),
    "gold-spring": Sending("bank-marketing", "group-crm", "bank-news", "news@fernhillbank.example", "gold-offer"),
    "card-alert": Sending("bank-security", "group-crm", "bank-help", HELP),
    "travel-deals": Sending("travel-offers", "group-crm", "travel-deals", "deals@travel.fernhill.example"),
    "gate-change": Sending("travel-gates", "group-crm", "gate-line", GATE_LINE),
    "group-news": Sending("marketing", "group-crm", "group-mail", "news@fernhill.example"),
    "new-terms": Sending("legal", "group-crm", "legal-mail", "notices@fernhill.example"),
    "roast-news": Sending("hearth-loyalty", "till", "hearth-mail", "post@hearth.example"),
    "machine-winback": Sending("hearth-loyalty", "till", "hearth-mail", "post@hearth.example", "winback-cup"),
    "cup-brand": Sending("hearth-loyalty", "till", "hearth-mail", "post@hearth.example", "autumn-cup"),
    "cup-north": Sending("hearth-north", "till", "hearth-mail", "post@hearth.example", "autumn-cup"),
    "cup-south": Sending("hearth-south", "till", "hearth-mail", "post@hearth.example", "autumn-cup"),
}


def planned(script: Script, key: str, one: Customer, campaign: str, subject: str, **other: Any) -> None:
    """Propose a message of this campaign: a marketing mail, unless said otherwise."""
    sending = SENDINGS[campaign]
    told: dict[str, Any] = {
        "unit": sending.unit,
        "channel": "email",
        "category": "marketing",
        "platform": sending.platform,
        "contact_point": sending.point,
        "offer": sending.offer,
        "words": _words(one, subject),
        **other,
    }
    address = one.email if told["channel"] == "email" else one.phone
    subject = subject if told["channel"] == "email" else ""
    script.proposals.append(
        Proposal(
            key=f"demo:{key}", customer=one.reference, address=address, campaign=campaign, subject=subject, **told
        )
    )  # fmt: skip


def message(one: Customer, at: datetime, campaign: str, subject: str) -> Message:
    """A marketing mail of this campaign that a till or the CRM had to send."""
    sending = SENDINGS[campaign]
    return Message(
        at=at, customer=one.reference, platform=sending.platform, unit=sending.unit, channel="email", address=one.email,
        point=sending.address, category="marketing", campaign=campaign, offer=sending.offer, subject=subject,
        words=_words(one, subject),
    )  # fmt: skip


def tell_stories(world: World, script: Script) -> None:
    """Add the people to whom the stories of units happen, and what happens."""
    _dentist(world, script)
    _new_domain(world, script)
    _gate(world, script)
    _coupon(world, script)
    _letter_from_anna(world, script)


def _words(one: Customer, subject: str) -> str:
    return f"Dear {one.name.split()[0]}, {subject[0].lower()}{subject[1:]}."


def _story(script: Script, one: Customer, title: str, shows: str) -> None:
    script.stories.append(Story(title, one.reference, shows))


def _dentist(world: World, script: Script) -> None:
    ines = Customer(
        reference="F-001", name="Ines Okafor", zone="Europe/London", units=("dental",), email="ines@post.example",
        phone="+447700900001",
    )  # fmt: skip
    script.customers.append(ines)
    script.agrees(ines, world.ago(days=300))
    for days, clock, ours, inbound, body in (
        (12, "16:00", REMINDERS, False, "Fernhill Dental: your check-up is on Thursday at 10:30. Reply C to confirm."),
        (12, "16:20", REMINDERS, True, "Thursday is bad, could it be Friday?"),
        (11, "09:05", OFFICE, False, "Hi Ines, this is the front desk. Shall we see you on Thursday?"),
        (11, "09:30", OFFICE, True, "I wrote yesterday that I can't!"),
        (9, "16:00", REMINDERS, False, "Fernhill Dental: you missed your check-up. Please call us to book again."),
        (9, "17:10", REMINDERS, True, "I did not miss it, I asked for Friday."),
        (3, "10:00", FORGOTTEN, False, "FH Dental: 20% off whitening for patients who missed a visit."),
        (2, "16:00", REMINDERS, False, "Fernhill Dental: your new check-up is on Monday at 09:15."),
        (2, "18:45", REMINDERS, True, "Which number do you people read?"),
    ):
        status = "received" if inbound else "delivered"
        script.texts.append(Text("chairside", world.at(days, clock), ours, ines.phone, body, inbound, status))
    shows = "Texts from three numbers; nobody read what she answered to the reminder line."
    _story(script, ines, "A dentist with two numbers, and a third nobody knew", shows)


def _new_domain(world: World, script: Script) -> None:
    tomasz = Customer(
        reference="F-002", name="Tomasz Wielgosz", zone=world.day_zone, units=("bank",), email="tomasz@inbox.example"
    )
    script.customers.append(tomasz)
    script.agrees(tomasz, world.ago(days=250))
    script.letters += [
        Letter(world.ago(days=6, hours=3), "hello@fernhill-money.example", "Fernhill Money", tomasz.email,
               "Your new savings rate", "Dear customer,\n\nplease have a look at our new rate.\n"),
        Letter(world.ago(days=6), tomasz.email, tomasz.name, HELP, "Is this you?",
               "I got a mail from fernhill-money. My bank is fernhillbank. Is this a phish?\n"),
        Letter(world.ago(days=5, hours=1), HELP, "Fernhill Bank help", tomasz.email, "Re: Is this you?",
               "Dear Mr Wielgosz,\n\nwe do not know that address. Please delete the mail.\n"),
    ]  # fmt: skip
    planned(script, "terms", tomasz, "new-terms", "Our new terms", category="legal")
    planned(script, "new-domain", tomasz, "bank-news", "Your new savings rate", contact_point="bank-new-domain")
    shows = "Support called the new domain a phish. It cannot send again before it is announced and active."
    _story(script, tomasz, "A bank mails from a domain nobody announced", shows)


def _gate(world: World, script: Script) -> None:
    noor = Customer(
        reference="F-003", name="Noor Haddad", zone=world.night_zone, units=("travel",), email="noor@letters.example",
        phone="+447700900003",
    )  # fmt: skip
    script.customers.append(noor)
    for channel in ("email", "sms"):
        script.agrees(noor, world.ago(days=200), channel=channel)
    for hours, body in ((9, "leaves from gate 12"), (5, "is 40 minutes late"), (2, "leaves from gate 31")):
        words = f"Fernhill Travel: flight FH417 {body}."
        script.texts.append(Text("gate-texts", world.ago(hours=hours), GATE_LINE, noor.phone, words))
    over = world.present + timedelta(hours=30)
    disrupted = Permission(at=world.ago(hours=5), kind="marked", customer=noor.reference, mark="outage")
    script.permissions.append(disrupted._replace(source="Operations", until=iso(over)))
    planned(script, "gate", noor, "gate-change", "Gate", channel="sms", category="service",
            words="Fernhill Travel: flight FH417 now leaves from gate 7.",
            send_by=microseconds(world.present + timedelta(hours=1)))  # fmt: skip
    planned(script, "gate-deals", noor, "travel-deals", "Weekend in Porto")
    shows = "The gate text goes at once although it is night there; the deal waits until the disruption is over."
    _story(script, noor, "A gate changes at night, and a deal waits", shows)


def _coupon(world: World, script: Script) -> None:
    liam = Customer(
        reference="F-004", name="Liam Castellanos", zone=world.day_zone, units=("hearth-north", "hearth-south"),
        email="liam@post.example",
    )  # fmt: skip
    script.customers.append(liam)
    script.agrees(liam, world.ago(days=150))
    for days, clock, campaign, subject in (
        (6, "10:00", "roast-news", "Roast of the week: Long Meadow"),
        (4, "12:00", "cup-north", "Your second cup is on us"),
        (3, "13:00", "cup-south", "A second cup, on the house"),
    ):
        script.messages.append(message(liam, world.at(days, clock, liam.zone), campaign, subject))
    planned(script, "coupon", liam, "cup-brand", "A second cup for you")
    shows = "Hearth North was first; the same offer from Hearth South and from the brand is kept back."
    _story(script, liam, "One coupon from the brand and two franchisees", shows)


def _letter_from_anna(world: World, script: Script) -> None:
    client = ("K-larkspur", "Larkspur Logistics")
    grace, yusuf = (
        Customer(
            reference=reference, name=name, zone=world.day_zone, units=("bank",), client=client,
            email=f"{name.split()[0].lower()}@larkspur.example",
        )
        for reference, name in (("F-005", "Grace Lindholm"), ("F-006", "Yusuf Demir"))
    )  # fmt: skip
    script.customers += [grace, yusuf]
    for one in (grace, yusuf):
        script.agrees(one, world.ago(days=400))
    script.letters += [
        Letter(world.ago(days=20), ANNA, "Anna Brandt", grace.email, "Your credit line",
               "Dear Grace,\n\nlet us talk about the credit line for the new depot.\n\nAnna\n"),
        Letter(world.ago(days=19.2), grace.email, grace.name, ANNA, "Re: Your credit line", "Monday it is.\n"),
        Letter(world.ago(hours=26), ANNA, "Anna Brandt", grace.email, "The papers for Monday",
               "Dear Grace,\n\nthe papers are attached; please do not sign anything else.\n\nAnna\n"),
    ]  # fmt: skip
    planned(script, "managers-client", grace, "bank-news", "Loans for everybody")
    planned(script, "managers-colleague", yusuf, "bank-news", "Loans for everybody")
    shows = "Anna wrote to his colleague yesterday, so the newsletter waits for everybody at Larkspur Logistics."
    _story(script, yusuf, "An account manager's letter holds back the broadcast", shows)
