"""Demo, the stories about persons: what they asked for, what they have, and what state they are in."""

from datetime import timedelta
from typing import Any, Final

from onevoice.demo.script import Customer, Mailing, Permission, Script, Story, Text
from onevoice.demo.stories import message, planned
from onevoice.demo.world import World, iso, microseconds

GATE_LINE: Final = "+441632960301"


def tell_people(world: World, script: Script) -> None:
    """Add the people whose own wishes and states decide, and what happens to them."""
    _four_in_a_day(world, script)
    _stop(world, script)
    _states(world, script)
    _wishes(world, script)
    _unproven(world, script)
    _failed(world, script)
    _shared_mailbox(world, script)
    _at_night(world, script)
    _enough(world, script)


def _one(
    world: World, script: Script, number: int, name: str, *units: str, agreed: float = 300, **more: Any
) -> Customer:
    email = f"{name.split()[0].lower()}{number}@post.example"
    told: dict[str, Any] = {"zone": world.day_zone, "email": email, **more}
    one = Customer(reference=f"F-{number:03d}", name=name, units=units, **told)
    script.customers.append(one)
    if agreed:
        script.agrees(one, world.ago(days=agreed))
    return one


def _story(script: Script, one: Customer, title: str, shows: str) -> None:
    script.stories.append(Story(title, one.reference, shows))


def _permission(script: Script, one: Customer, **told: Any) -> None:
    script.permissions.append(Permission(customer=one.reference, **told))


def _four_in_a_day(world: World, script: Script) -> None:
    ana = _one(world, script, 10, "Ana Ferreira", "bank", "travel", "hearth-north", phone="+447700900010")
    opened = (("processed", 0), ("delivered", 1), ("open", 40))
    for days in (25, 18, 11):
        script.mailings.append(Mailing("bank-news", world.at(days, "09:10", ana.zone), ana.email, opened))
        script.mailings.append(Mailing("travel-deals", world.at(days, "10:40", ana.zone), ana.email, opened))
    for days, clock, campaign, subject in (
        (16, "10:00", "roast-news", "Roast of the week: Copper Hill"),
        (13, "10:00", "group-news", "Everything from Fernhill this month"),
        (8, "11:00", "cup-north", "Your second cup is on us"),
        (5, "10:00", "cup-brand", "A second cup for you"),
        (2, "09:40", "bank-news", "Rates, explained"),
        (2, "10:10", "roast-news", "Roast of the week: Long Meadow"),
        (0, "09:12", "gold-spring", "Gold card, first year free"),
        (0, "10:40", "roast-news", "Roast of the week: Night Ferry"),
    ):
        script.messages.append(message(ana, world.at(days, clock, ana.zone), campaign, subject))
    asked = message(ana, world.at(4, "14:00", ana.zone), "group-news", "How did we do?")
    script.messages.append(asked._replace(unit="support", campaign="", category="service"))
    gate = "Fernhill Travel: flight FH88 now leaves from gate 4."
    script.texts.append(Text("gate-texts", world.ago(days=6), GATE_LINE, ana.phone, gate))
    script.texts.append(Text("gate-texts", world.ago(days=5.99), GATE_LINE, ana.phone, "Thank you!", True, "received"))
    planned(script, "third-today", ana, "travel-deals", "Weekend in Ghent")
    planned(script, "fourth-today", ana, "group-news", "Fernhill news")
    planned(script, "alert-today", ana, "card-alert", "Was this you?", category="safety")
    shows = "Two marketing messages a day are the cap: the next two wait until tomorrow, the card alert does not."
    _story(script, ana, "Four departments in one day", shows)


def _stop(world: World, script: Script) -> None:
    bilal = _one(world, script, 11, "Bilal Rahman", "hearth-south", phone="+447700900011")
    script.agrees(bilal, world.ago(days=200), channel="sms")
    text = message(bilal, world.at(3, "12:00", bilal.zone), "roast-news", "Try Night Ferry")
    script.messages.append(text._replace(channel="sms", address=bilal.phone, point="HEARTH"))
    back = world.at(3, "12:09", bilal.zone)
    script.texts.append(Text("till", back, "HEARTH", bilal.phone, "STOP", True, "received"))
    planned(
        script, "after-stop", bilal, "roast-news", "Long Meadow is back", channel="sms", contact_point="hearth-line"
    )
    _story(script, bilal, "STOP means stop, for everybody", "He wrote STOP three days ago; no department can text him.")


def _states(world: World, script: Script) -> None:
    derek = _one(world, script, 12, "Derek Osei", "hearth-north")
    ewa = _one(world, script, 13, "Ewa Nowak", "bank", holds=(("gold-card", world.ago(days=90)),))
    farid = _one(world, script, 14, "Farid Karimi", "travel")
    arthur = _one(world, script, 15, "Arthur Pell", "bank")
    until = iso(world.present + timedelta(days=60))
    _permission(script, derek, at=world.ago(days=1), kind="marked", mark="bought_recently", topic="espresso-machine",
                source="Till", until=until)  # fmt: skip
    until = iso(world.present + timedelta(days=5))
    _permission(script, farid, at=world.ago(days=2), kind="marked", mark="open_complaint", source="Complaint 5521",
                until=until)  # fmt: skip
    _permission(script, arthur, at=world.ago(days=8), kind="marked", mark="deceased", source="His daughter")
    planned(script, "winback", derek, "machine-winback", "We miss you: half price")
    planned(script, "has-it", ewa, "gold-spring", "Gold card, first year free")
    planned(script, "complaint", farid, "travel-deals", "Weekend in Cork")
    planned(script, "deceased", arthur, "group-news", "Fernhill news")
    _story(script, derek, "A winback for somebody who bought yesterday", "He has just bought it: no offer goes out.")
    _story(script, ewa, "An offer for what she has", "She holds the gold card; nobody offers it to her.")
    _story(script, farid, "Selling during an open complaint", "The deal waits until his complaint should be settled.")
    _story(script, arthur, "A letter to somebody who died", "Nobody writes to him any more.")


def _wishes(world: World, script: Script) -> None:
    hana = _one(world, script, 16, "Hana Sato", "travel")
    jonas = _one(world, script, 17, "Jonas Weber", "bank")
    sofia = _one(world, script, 18, "Sofia Lindgren", "bank", "travel")
    page = "Preference page"
    until = iso(world.present + timedelta(days=6))
    _permission(script, hana, at=world.ago(days=4), kind="marked", mark="paused", source=page, until=until)
    _permission(script, jonas, at=world.ago(days=40), kind="wished", source=page, at_most="1", days="7")
    _permission(script, sofia, at=world.ago(days=30), kind="marked", mark="topic_refused", topic="banking", source=page)
    script.messages.append(message(jonas, world.at(3, "11:00", jonas.zone), "bank-news", "Rates, explained"))
    planned(script, "paused", hana, "travel-deals", "Weekend in Porto")
    planned(script, "weekly", jonas, "group-news", "Fernhill news")
    planned(script, "not-refused", sofia, "travel-deals", "Weekend in Trieste")
    planned(script, "refused", sofia, "bank-news", "Rates, explained")
    _story(script, hana, "She asked for a pause", "What was meant for her waits until the pause is over.")
    _story(script, jonas, "Once a week, he said", "He had his message of the week; the next waits.")
    _story(script, sofia, "Travel yes, banking no", "Banking is kept back, the travel deal is cleared.")


def _unproven(world: World, script: Script) -> None:
    chiara = _one(world, script, 19, "Chiara Bellini", "bank", agreed=0)
    priya = _one(world, script, 20, "Priya Raman", "travel", agreed=0)
    _permission(script, chiara, at=world.ago(days=26), kind="consented", channel="email", permit="express",
                source="Copied from a social network")  # fmt: skip
    _permission(script, priya, at=world.ago(days=200), kind="consented", channel="email", permit="implied_inquiry",
                source="Price inquiry", wording="Asked for a price", evidence="Inquiry 881")  # fmt: skip
    planned(script, "unproven", chiara, "gold-spring", "Gold card, first year free")
    planned(script, "expired", priya, "travel-deals", "Weekend in Cork")
    _story(
        script, chiara, "A list from a social network", "Nothing shows that she agreed: her consent is in quarantine."
    )
    _story(script, priya, "She asked for a price, half a year ago", "What her question allowed has run out.")


def _failed(world: World, script: Script) -> None:
    lucia = _one(world, script, 21, "Lucia Marin", "bank", agreed=120)
    mateo = _one(world, script, 22, "Mateo Silva", "bank", "travel", agreed=120)
    sent = world.at(10, "09:00")
    script.mailings.append(Mailing("bank-news", sent, lucia.email, (("processed", 0), ("bounce", 1))))
    spam = (("processed", 0), ("delivered", 1), ("spamreport", 30))
    script.mailings.append(Mailing("bank-news", sent, mateo.email, spam))
    planned(script, "bounced", lucia, "bank-news", "Rates, explained")
    planned(script, "complained", mateo, "travel-deals", "Weekend in Ghent")
    _story(script, lucia, "A mailbox that is gone", "It bounced for the newsletter, so nobody else tries it.")
    _story(script, mateo, "He called it spam", "The complaint reached one mailer; it holds for all of them.")


def _shared_mailbox(world: World, script: Script) -> None:
    both: dict[str, Any] = {"email": "vandijk@letters.example", "household": "H-vandijk", "shared": True}
    rosa = _one(world, script, 23, "Rosa van Dijk", "hearth-north", **both)
    pieter = _one(world, script, 24, "Pieter van Dijk", "hearth-north", **both)
    stopped = Permission(at=world.ago(days=2), kind="withdrawn", channel="email", address=rosa.email)
    script.permissions.append(stopped._replace(source="Link in a mail", evidence="Unsubscribe 77"))
    planned(script, "shared", pieter, "roast-news", "Roast of the week")
    _story(script, pieter, "Two people, one mailbox", "Whoever of the two said stop: the mailbox is left alone.")


def _at_night(world: World, script: Script) -> None:
    kemi = _one(world, script, 25, "Kemi Adeyemi", "bank", "travel", zone=world.night_zone)
    zoe = _one(world, script, 26, "Zoe Laurent", "travel", zone=world.night_zone)
    planned(script, "night", kemi, "bank-news", "Rates, explained", dispatch=True)
    ends = microseconds(world.present + timedelta(hours=2))
    planned(script, "tonight-only", zoe, "travel-deals", "Tonight only", send_by=ends)
    _story(script, kemi, "It is night where she is", "The newsletter waits for her morning, not for head office's.")
    _story(
        script, zoe, "An offer that ends tonight", "By her morning it would make no sense, so it does not go at all."
    )


def _enough(world: World, script: Script) -> None:
    walter = _one(world, script, 27, "Walter Quist", "hearth-north", "bank")
    for days in (6, 5, 4, 3, 2):
        at = world.at(days, "11:00", walter.zone)
        script.messages.append(message(walter, at, "roast-news", f"Roast of the week: number {7 - days}"))
    planned(script, "sixth", walter, "bank-news", "Rates, explained")
    _story(script, walter, "Five in a week are enough", "The sixth waits until the first of them is a week old.")
