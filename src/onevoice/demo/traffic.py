"""Demo, the traffic: what a month of newsletters, coupons, reminders and managers' mail did to the crowd."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from onevoice.demo.script import Customer, Letter, Mailing, Message, Script, Text
from onevoice.demo.world import World

WEEKS: Final = 4
TREATMENTS: Final = ("check-up", "cleaning", "filling", "whitening")
ROASTS: Final = ("Harbour", "Copper Hill", "Long Meadow", "Night Ferry")
SUBJECTS: Final = ("Your credit line", "Thursday's call", "The papers you asked for")
MANAGERS: Final = (
    ("anna.brandt@fernhillbank.example", "Anna Brandt"),
    ("luis.ortega@fernhillbank.example", "Luis Ortega"),
)
DENTAL_REMINDERS: Final = "+441632960102"
GATE_LINE: Final = "+441632960301"


def fill_traffic(world: World, script: Script, crowd: Sequence[Customer]) -> None:
    """Add a month of everybody's messages to the script."""
    for week in range(WEEKS, 0, -1):
        _newsletters(world, script, crowd, week)
        _coupons(world, script, crowd, week)
    _reminders(world, script, crowd)
    _gate_changes(world, script, crowd)
    _one_to_one(world, script, crowd)
    _group_news(world, script, crowd)


def _of(crowd: Sequence[Customer], *units: str) -> Iterator[tuple[int, Customer]]:
    return ((place, one) for place, one in enumerate(crowd) if set(units) & set(one.units))


def _newsletters(world: World, script: Script, crowd: Sequence[Customer], week: int) -> None:
    """Two departments that never talked mail on the same morning: one every week, one every other."""
    for campaign, unit, days, clock in (("bank-news", "bank", 4, "09:00"), ("travel-deals", "travel", 4, "09:30")):
        if campaign == "bank-news" and week % 2 == 0:
            continue
        start = world.at(week * 7 - days, clock)
        for place, one in _of(crowd, unit):
            at = start + timedelta(seconds=2 * place)
            script.mailings.append(Mailing(campaign, at, one.email, _events(world, campaign, week, place)))


def _events(world: World, campaign: str, week: int, place: int) -> tuple[tuple[str, int], ...]:
    lot = world.lot("events", campaign, week, place)
    if lot < 0.012:
        return (("processed", 0), ("bounce", 2))
    if lot < 0.018:
        return (("processed", 0), ("delivered", 1), ("spamreport", 95))
    later = 5 + int(600 * world.lot("opened", campaign, week, place))
    events: tuple[tuple[str, int], ...] = (("processed", 0), ("delivered", 1))
    if lot < 0.30:
        events += (("open", later),)
    if lot < 0.07:
        events += (("click", later + 2),)
    return events


def _coupons(world: World, script: Script, crowd: Sequence[Customer], week: int) -> None:
    """The brand and its franchisees, each from its own list: news every week, and in the last one the same coupon."""
    roast = ROASTS[WEEKS - week]
    for place, one in _of(crowd, "hearth-north", "hearth-south"):
        at = world.at(week * 7 - 1, "10:15") + timedelta(seconds=3 * place)
        script.messages.append(_mail(one, at, "hearth-loyalty", "roast-news", "", f"Roast of the week: {roast}"))
    for unit, days in (("hearth-south", 2), ("hearth-north", 3)):
        for place, one in _of(crowd, unit):
            at = world.at(week * 7 - days, "12:15") + timedelta(seconds=3 * place)
            if week == 2:
                script.messages.append(_mail(one, at, unit, "", "", "Your corner this week"))
            elif week == 1:
                campaign = f"cup-{unit.removeprefix('hearth-')}"
                script.messages.append(_mail(one, at, unit, campaign, "autumn-cup", "Your second cup is on us"))
    if week == 1:
        for place, one in _of(crowd, "hearth-north", "hearth-south"):
            at = world.at(1, "11:00") + timedelta(seconds=3 * place)
            script.messages.append(_mail(one, at, "hearth-loyalty", "cup-brand", "autumn-cup", "A second cup for you"))


def _mail(one: Customer, at: datetime, unit: str, campaign: str, offer: str, subject: str) -> Message:
    words = f"Hello {one.name.split()[0]}, {subject.lower()}. See you soon, {unit.replace('-', ' ').title()}."
    return Message(
        at=at,
        customer=one.reference,
        platform="till",
        unit=unit,
        channel="email",
        address=one.email,
        point="post@hearth.example",
        category="marketing",
        campaign=campaign,
        offer=offer,
        subject=subject,
        words=words,
    )


def _reminders(world: World, script: Script, crowd: Sequence[Customer]) -> None:
    """The scheduling system texts from a number nobody reads; every ninth patient answers there all the same."""
    for place, one in _of(crowd, "dental"):
        if not one.phone:
            continue
        for visit in range(2):
            days = 2 + int(13 * world.lot("visit", visit, place)) + 13 * visit
            at = world.at(days, "16:00") + timedelta(minutes=place % 55)
            what = world.pick(TREATMENTS, "treatment", visit, place)
            body = f"Fernhill Dental: your {what} is tomorrow at {9 + place % 8}:{place % 4 * 15:02d}."
            status = "undelivered" if world.lot("lost", visit, place) < 0.03 else "delivered"
            script.texts.append(
                Text(
                    "chairside",
                    at,
                    DENTAL_REMINDERS,
                    one.phone,
                    body,
                    status=status,
                    error="30003" if status == "undelivered" else "",
                )
            )
            if place % 9 == visit:
                back = at + timedelta(minutes=7 + place % 30)
                words = world.pick(("Can I come later?", "Please cancel it", "Thanks!", "C"), "answer", place)
                script.texts.append(Text("chairside", back, DENTAL_REMINDERS, one.phone, words, True, "received"))


def _gate_changes(world: World, script: Script, crowd: Sequence[Customer]) -> None:
    for place, one in _of(crowd, "travel"):
        if one.phone and place % 2:
            at = world.ago(days=1 + 26 * world.lot("flight", place), hours=place % 5)
            body = f"Fernhill Travel: flight FH{200 + place} now leaves from gate {place % 40 + 1}."
            script.texts.append(Text("gate-texts", at, GATE_LINE, one.phone, body))


def _one_to_one(world: World, script: Script, crowd: Sequence[Customer]) -> None:
    """One-to-one mail of the account managers, which no mailing tool ever sees, and what their clients answer."""
    clients = [one for one in crowd if one.client[0]]
    for turn in range(2):
        for place, one in enumerate(clients):
            sender, name = MANAGERS[place % 2]
            at = world.ago(days=1 + 27 * world.lot("letter", turn, place), hours=place % 3)
            subject = world.pick(
                ("Your credit line", "Thursday's call", "The papers you asked for"), "subject", turn, place
            )
            words = f"Dear {one.name},\n\nas promised, here is what we spoke about.\n\n{name}\n"
            script.letters.append(Letter(at, sender, name, one.email, subject, words))
            if (place + turn) % 3 == 0:
                back = at + timedelta(hours=4)
                script.letters.append(Letter(back, one.email, one.name, sender, f"Re: {subject}", "Thank you.\n"))


def _group_news(world: World, script: Script, crowd: Sequence[Customer]) -> None:
    """Group Marketing writes to everybody at once, two days ago, on top of all the others."""
    for place, one in enumerate(crowd):
        if place % 3:
            continue
        at = world.at(2, "09:45") + timedelta(seconds=2 * place)
        script.messages.append(
            Message(
                at=at,
                customer=one.reference,
                platform="group-crm",
                unit="marketing",
                channel="email",
                address=one.email,
                point="news@fernhill.example",
                category="marketing",
                campaign="group-news",
                offer="",
                subject="Everything from Fernhill this month",
                words=f"Dear {one.name}, all our brands in one letter.",
            )
        )
