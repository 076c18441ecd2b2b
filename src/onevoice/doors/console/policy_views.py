"""Console: what the pages of the policy show: versions, a draft with everything around it, and a form for one rule."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from onevoice.actions.activate_policy import starter_policy
from onevoice.actions.draft_policy import findings_of
from onevoice.actions.try_draft import SILENT_MAX, Outcome, outcome_of
from onevoice.answers.policy_words import RULE_TYPES, differences, names_of, title_of, told_rules
from onevoice.answers.sentences import teller
from onevoice.answers.what_if import WhatIf, fewer_rows, lost_rows
from onevoice.doors.console.policy_forms import choices_for, fields_of, help_of, located
from onevoice.doors.console.render import View
from onevoice.ledger import drafts
from onevoice.ledger.book import Reader
from onevoice.ledger.policies import PolicyFile, all_policies, current_policy, policy_at
from onevoice.ledger.staff import all_members
from onevoice.nouns.authority import Verb
from onevoice.nouns.draft import Draft, DraftState, Trial
from onevoice.nouns.policy import Policy
from onevoice.nouns.problem import Fault, Refused
from onevoice.rules.files import read_policy, write_policy

STATES: Final = {
    DraftState.WRITING: "Being written",
    DraftState.ASKED: "Waiting for approval",
    DraftState.APPROVED: "Approved",
    DraftState.IN_FORCE: "In force since",
    DraftState.DROPPED: "Dropped",
}
STEPS: Final = {
    "begin": "began the draft",
    "save": "wrote in it",
    "ask": "asked for approval",
    "approve": "approved it",
    "send_back": "sent it back to be written",
    "rebase": "set it beside the version in force",
    "plan": "planned when it comes in force",
    "activate": "put it in force",
    "drop": "dropped it",
    "not put in force": "could not put it in force as planned",
}


class Who:
    """What people are called in histories: their names, or what a key and a program are."""

    def __init__(self, reader: Reader) -> None:
        self._names = {f"staff:{one.number}": one.name or one.email for one in all_members(reader.connection)}

    def __call__(self, who: str) -> str:
        return self._names.get(who) or {"system": "the command line"}.get(who) or teller(who)


def may_change(view: View) -> bool:
    """Whether this reader may draft, approve and roll back."""
    return view.authority is not None and view.authority.may(Verb.POLICY) and view.authority.all_units


def policy_shown(reader: Reader) -> dict[str, Any]:
    """The policy in force, its versions with what was said about them, and the drafts that are open."""
    now = current_policy(reader.connection)
    return {
        "now": now,
        "rules": told_rules(read_policy(now.body), names_of(reader.surroundings)) if now else (),
        "versions": all_policies(reader.connection),
        "said": said_about(reader),
        "drafts": [one for one in drafts.all_drafts(reader.connection) if one.open],
        "who": Who(reader),
        "states": STATES,
    }


def said_about(reader: Reader) -> dict[int, drafts.Happening]:
    """By version: how it came in force, and the words given with it."""
    return {int(one.key): one for one in reversed(drafts.history_of(reader.connection, "policies"))}


def version_shown(reader: Reader, version: int) -> dict[str, Any]:
    """One version, and what it changed of the one before."""
    file, now = policy_at(reader.connection, version), current_policy(reader.connection)
    names = names_of(reader.surroundings)
    before = policy_at(reader.connection, version - 1) if version > 1 else None
    policy = read_policy(file.body)
    return {
        "file": file,
        "now": now,
        "before": before,
        "rules": told_rules(policy, names),
        "changes": differences(read_policy(before.body), policy, names) if before else (),
        "said": said_about(reader).get(version),
        "who": Who(reader),
    }


def compared(reader: Reader, first: int, second: int) -> dict[str, Any]:
    """What the second of two versions changes of the first, in words and as text."""
    one, other = policy_at(reader.connection, first), policy_at(reader.connection, second)
    return {
        "first": one,
        "second": other,
        "changes": differences(read_policy(one.body), read_policy(other.body), names_of(reader.surroundings)),
        "lines": text_difference(one, other.body, f"version {second}"),
        "versions": all_policies(reader.connection),
    }


def text_difference(before: PolicyFile | None, after: str, called: str) -> list[tuple[str, str]]:
    """(added, removed, place or same; line) of a unified difference, which is empty where nothing differs."""
    old = before.body.splitlines() if before else []
    kinds = {"+": "added", "-": "removed", "@": "place"}
    lines = difflib.unified_diff(
        old, after.splitlines(), f"version {before.version if before else 0}", called, lineterm=""
    )
    return [(kinds.get(line[:1], "same"), line) for line in lines]


def draft_shown(reader: Reader, view: View, draft: Draft) -> dict[str, Any]:
    """A draft with its rules, findings, what it changes, how it was tried, and what was done with it."""
    now = current_policy(reader.connection)
    names = names_of(reader.surroundings)
    policy = read_policy(draft.body)
    base = read_policy(now.body) if now else Policy(name="none")
    if draft.version > 1:
        base = read_policy(policy_at(reader.connection, draft.base).body)
    findings = findings_of(reader.book, draft.body) if draft.open else ()
    own = view.authority is not None and view.authority.who in (*draft.writers, draft.asked_by)
    return {
        "draft": draft,
        "now": now,
        "outdated": draft.open and (now.version if now else 0) != draft.base,
        "rules": told_rules(policy, names),
        "policy": policy,
        "kinds": [(kind, title_of(kind)) for kind in sorted(RULE_TYPES)],
        "findings": findings,
        "by_rule": {place: list(located(findings, place)) for place in range(len(policy.rules))},
        "changes": differences(base, policy, names),
        "lines": text_difference(now, draft.body, "this draft"),
        "history": drafts.history_of(reader.connection, drafts.DOCUMENT, str(draft.number)),
        "who": Who(reader),
        "may": may_change(view),
        "own": own,
        "state": STATES[draft.state],
        "states": STATES,
        "steps": STEPS,
        **trial_shown(reader, draft),
    }


def trial_shown(reader: Reader, draft: Draft) -> dict[str, Any]:
    """How the draft was tried last: running, ended, out of date, and what it found as far as this reader sees it."""
    trial = drafts.last_trial(reader.connection, draft.number)
    outcome = outcome_of(trial) if trial else None
    found = outcome.found if outcome else None
    return {
        "trial": trial,
        "outcome": outcome or Outcome(),
        "running": _running(reader, trial),
        "lost": lost_rows(reader, found) if found else (),
        "fewer": fewer_rows(reader, found) if found else (),
        "bars": _bars(found) if found else {},
        "units": {str(unit.number): unit.name for unit in reader.surroundings.units.values()},
    }


def _running(reader: Reader, trial: Trial | None) -> bool:
    return trial is not None and not trial.found and trial.alive > reader.now - SILENT_MAX


def _bars(found: WhatIf) -> dict[str, tuple[float, float]]:
    """By verdict: the width of both bars in percent of the longest."""
    most = max((max(one.before, one.after) for one in found.verdicts), default=0) or 1
    return {one.key: (round(100 * one.before / most, 2), round(100 * one.after / most, 2)) for one in found.verdicts}


def rule_form(
    reader: Reader,
    draft: Draft,
    kind: str,
    value: Mapping[str, Any],
    faults: Sequence[Fault],
    place: int | None,
) -> dict[str, Any]:
    """The form for one rule; `place` None where it is new."""
    return {
        "draft": draft,
        "kind": kind,
        "title": title_of(kind),
        "help": help_of(RULE_TYPES[kind]),
        "fields": fields_of(RULE_TYPES[kind], value, _choices(reader), faults),
        "faults": faults,
        "place": place,
        "name": value.get("name", ""),
    }


def settings_form(reader: Reader, draft: Draft, value: Mapping[str, Any], faults: Sequence[Fault]) -> dict[str, Any]:
    """The form for what holds for the policy as a whole."""
    return {
        "draft": draft,
        "kind": "",
        "title": "The policy as a whole",
        "help": "",
        "fields": fields_of(Policy, value, _choices(reader), faults),
        "faults": faults,
        "place": None,
        "name": draft.name,
    }


def _choices(reader: Reader) -> dict[str, Any]:
    zones = sorted({unit.zone for unit in reader.surroundings.units.values() if unit.zone} | {"UTC"})
    return choices_for(names_of(reader.surroundings), zones)


def with_rule(body: str, place: int | None, rule: Mapping[str, Any] | None) -> str:
    """The policy file with another rule at a place (None: at the end), or without the one there.

    Raises Refused where the rule is none."""
    document = msgspec.to_builtins(read_policy(body))
    rules = list(document.get("rules", ()))
    if place is None:
        rules.append(rule)
    elif rule is None:
        del rules[place]
    else:
        rules[place] = rule
    return _written({**document, "rules": rules})


def with_settings(body: str, settings: Mapping[str, Any]) -> str:
    """The policy file with other settings and the same rules. Raises Refused."""
    document = msgspec.to_builtins(read_policy(body))
    return _written({**settings, "rules": document.get("rules", [])})


def begun(reader: Reader) -> str:
    """What a first draft begins from where nothing is in force: the starter policy."""
    return "" if current_policy(reader.connection) else starter_policy()


def _written(document: Mapping[str, Any]) -> str:
    try:
        return write_policy(msgspec.convert(document, Policy))
    except msgspec.ValidationError as wrong:
        says, _, path = str(wrong).partition(" - at `$")
        field = path.rstrip("`").partition("].")[2] if path.startswith(".rules[") else path.strip("`.")
        raise Refused([Fault(field.replace("[", ".").replace("]", ""), f"{says}.")]) from None
