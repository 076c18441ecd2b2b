"""Console: templates and the words, numbers and moments in them; every value is escaped."""

from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Response
from markupsafe import Markup

from onevoice.answers import reasons, rule_words, sentences, spoken
from onevoice.answers.timeline import Happened
from onevoice.nouns.authority import Authority, Verb

HERE: Final = Path(__file__).resolve().parent
BUILT: Final = HERE / "assets" / "dist"
RAIL: Final = (
    ("overview", "/", "Overview", "layout-dashboard", Verb.ASK),
    ("decisions", "/decisions", "Decisions", "shield-check", Verb.ASK),
    ("held", "/held", "Waiting", "hourglass", Verb.PROPOSE),
    ("exceptions", "/exceptions", "Exceptions", "shield", Verb.ASK),
    ("customers", "/customers", "Customers", "users", Verb.ASK),
    ("policy", "/policy", "Policy", "file-search", Verb.ASK),
    ("setup", "/setup", "Setup", "settings", Verb.SETUP),
)
"""What exists: (name, address, label, icon, who may see it)."""

CHANNEL_ICONS: Final = {
    "email": "mail",
    "sms": "message-square",
    "whatsapp": "message-circle",
    "push": "bell",
    "in_app": "smartphone",
    "chat": "message-circle",
    "social": "share-2",
    "voice": "phone",
    "post": "inbox",
}
VERDICT_ICONS: Final = {
    "send": "circle-check",
    "hold": "circle-pause",
    "suppress": "circle-slash",
    "reroute": "waypoints",
}
VERDICTS: Final = {"send": "Cleared", "hold": "Held", "suppress": "Suppressed", "reroute": "Rerouted"}


class View:
    """One request's view: who reads, in which zone, at which moment. Templates speak to it as `view`."""

    def __init__(
        self, *, authority: Authority | None, zone: str, now: int, unit: str = "", member: str = "", csrf: str = ""
    ) -> None:
        self.authority = authority
        self.zone = zone
        self.now = now
        self.unit = unit
        self.member = member
        self.csrf = csrf

    @property
    def rail(self) -> list[tuple[str, str, str, str]]:
        """The pages this reader may open."""
        return [one[:4] for one in RAIL if self.authority is not None and self.authority.may(one[4])]

    @property
    def may_send(self) -> bool:
        """Whether this reader may send messages, and so ask for what lets one pass."""
        return self.authority is not None and self.authority.may(Verb.PROPOSE)

    def moment(self, moment: int, zone: str = "") -> Markup:
        """A `time` element: short in words, exact in its title; in the reader's zone unless another is named."""
        return self._time(moment, spoken.short_moment, zone or self.zone)

    def moment_in_words(self, moment: int, zone: str = "") -> Markup:
        return self._time(moment, spoken.spoken_moment, zone or self.zone)

    def clock(self, moment: int, zone: str = "", late: Happened | None = None) -> Markup:
        """The time of day. For an entry that was written down `late`, the title says when and who told."""
        more = ""
        if late is not None and late.late:
            told = f", told by {sentences.teller(late.told_by)}" if late.told_by else ""
            more = f" (written down {spoken.spoken_moment(late.recorded, self.zone, self.now)}{told})"
        return self._time(moment, lambda one, there, _: spoken.clock_time(one, there), zone or self.zone, more)

    def day(self, moment: int) -> str:
        """The heading a moment stands under: `Today`, `Yesterday`, `Monday 16 November`."""
        return spoken.sentence_case(spoken.spoken_day(moment, self.zone, self.now))

    def differs(self, zone: str, moment: int) -> bool:
        """Whether clocks in that zone show another time than the reader's."""
        there = spoken.local(moment, zone) if zone else None
        return there is not None and there.utcoffset() != spoken.local(moment, self.zone).utcoffset()

    def sentence(self, one: Any) -> str:
        return sentences.sentence_of(one, self.zone, self.now)

    def verdict(self, one: Any) -> str:
        return sentences.verdict_words(one, self.zone, self.now)

    def told(self, answer: Any) -> str:
        return reasons.told(answer, self.zone)

    def finding(self, answer: Any, ruled: Any) -> str:
        return spoken.sentence_case(reasons.finding_words(answer, ruled, self.zone)) + "."

    def would_pass(self, answer: Any, ruled: Any) -> str:
        return reasons.would_pass(answer, ruled, self.zone)

    def enough(self, answer: Any) -> str:
        return reasons.enough_words(answer, self.zone)

    def _time(self, moment: int, words: Callable[[int, str, int], str], zone: str, more: str = "") -> Markup:
        return Markup('<time datetime="{}" title="{}">{}</time>').format(
            spoken.iso(moment), spoken.exact_moment(moment, zone) + more, words(moment, zone, self.now)
        )


def built_from() -> str:
    """Which build of the assets this is, for their addresses."""
    stamp = BUILT / "built-from.txt"
    return stamp.read_text("utf-8").strip()[:12] if stamp.is_file() else "unbuilt"


def icon(name: str, more: str = "") -> Markup:
    """A lucide icon from the sprite; it says nothing to a screen reader."""
    return Markup('<svg class="icon {}" aria-hidden="true"><use href="/assets/icons.svg?v={}#{}"/></svg>').format(
        more, ENVIRONMENT.globals["build"], name
    )


def page(template: str, view: View, *, status: int = 200, headers: dict[str, str] | None = None, **values: Any) -> Any:
    """A whole page as a response that nothing may store."""
    html = ENVIRONMENT.get_template(template).render(view=view, **values)
    return Response(html, status_code=status, media_type="text/html; charset=utf-8", headers=headers)


def by_day(happened: Sequence[Happened], view: View) -> list[tuple[str, list[Happened]]]:
    """Entries under the heading of their day, both in the order given."""
    return [(day, list(group)) for day, group in groupby(happened, key=lambda one: view.day(one.occurred))]


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": spoken.number,
        "reason_words": sentences.reason_words,
        "groupby_day": by_day,
    }
    environment.globals |= {
        "build": built_from(),
        "icon": icon,
        "counted": spoken.counted,
        "listed": spoken.listed,
        "day_named": spoken.day_number_named,
        "date_of": spoken.date_of,
        "minutes": sentences.minutes,
        "message_words": sentences.message_words,
        "reason_words": sentences.reason_words,
        "rule_words": rule_words.rule_words,
        "teller": sentences.teller,
        "sentence_case": spoken.sentence_case,
        "LANES": sentences.LANES,
        "MARKS": sentences.MARKS,
        "PERMITS": sentences.PERMITS,
        "REASONS": sentences.REASONS,
        "CHANNEL_ICONS": CHANNEL_ICONS,
        "VERDICT_ICONS": VERDICT_ICONS,
        "VERDICTS": VERDICTS,
    }
    return environment


ENVIRONMENT: Final = _environment()
