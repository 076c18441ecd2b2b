"""Nothing a person can meet is undocumented: settings, reasons, rules, commands and routes."""

import ast
import importlib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields

import msgspec
import pytest

from onevoice.nouns.policy import Policy, Rule
from onevoice.nouns.reason import Reason
from onevoice.settings import Settings
from tests.house.reference import LISTS, between, commands
from tests.house.test_rooms import rule_types
from tests.house.tree import DOCS, ROOT, files, modules, short


def page(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


@pytest.mark.parametrize("name", sorted(LISTS))
def test_settings_commands_and_routes_are_all_in_the_reference(name: str) -> None:
    """The lists are what the code says: none missing, none left over. `python -m tests.house.reference` writes them."""
    assert between(name)[1] == LISTS[name]()


def test_every_command_and_option_says_what_it_does() -> None:
    """No line of the reference, and of `--help`, is empty."""
    silent = [name for name, command in commands() if not command.help]
    silent += [
        f"{name} {each.name}"
        for name, command in commands()
        for each in command.params
        if each.name != "help" and not getattr(each, "help", None)
    ]
    assert silent == []


def test_every_route_says_what_it_does() -> None:
    """A sentence for each, with what a sender must know."""
    rows = re.findall(r"^\| `([A-Z]+ /\S*)` \| [^|]+ \| *(.*?) *\|$", between("http.md")[1], re.M)
    assert rows
    assert [route for route, sentence in rows if not sentence] == []


def test_every_setting_is_read_somewhere() -> None:
    """A setting that nothing looks at is a promise nobody keeps."""
    code = "".join(path.read_text("utf-8") for path in modules("src") if path.name != "settings.py")
    through = {"secret_key_file": "key_file", "http_host": "address", "http_port": "address", "public_url": "address"}
    read = set(re.findall(r"settings\.(\w+)", code))
    assert [each.name for each in fields(Settings) if not {each.name, through.get(each.name)} & read] == []


def test_every_reason_has_its_place_in_the_reference() -> None:
    """In the published order, each with its number and what would have let the message pass."""
    sections = re.findall(r"^### `(\w+)` \((\d+)\)\n\n(.+?)(?=\n##|\Z)", page("reference/reasons.md"), re.M | re.S)
    assert [(name, int(number)) for name, number, _ in sections] == [(each.spoken, each.value) for each in Reason]
    for name, _, text in sections:
        assert "**What would let it pass:**" in text or name == "cleared", name


@pytest.mark.parametrize("tag", sorted(rule_types()))
def test_every_rule_has_a_page(tag: str) -> None:
    """docs/rules/<rule>.md names every field of its own, and what every counting rule must state."""
    text = page(f"rules/{tag.replace('_', '-')}.md")
    own = {each.name for each in msgspec.structs.fields(rule_types()[tag])}
    shared = {each.name for each in msgspec.structs.fields(Rule)}
    assert {name for name in own - shared if f"`{name}`" not in text} == set()
    assert f'type = "{tag}"' in text, "an example of the rule as it stands in a policy file"


@pytest.mark.parametrize("tag", sorted(rule_types()))
def test_the_example_of_a_rule_can_be_used_as_it_stands(tag: str) -> None:
    """What a page shows is taken by the policy reader, and is of that very type."""
    shown = re.findall(r"```toml\n(.*?)```", page(f"rules/{tag.replace('_', '-')}.md"), re.S)
    for example in shown:
        policy = msgspec.convert({"name": "example", **tomllib.loads(example)}, Policy)
        assert [type(rule) for rule in policy.rules] == [rule_types()[tag]]
    assert shown


def test_no_page_speaks_of_a_rule_that_is_gone() -> None:
    """Pages and rule types are the same list."""
    pages = {path.stem.replace("-", "_") for path in (DOCS / "rules").glob("*.md")} - {"README"}
    assert pages == set(rule_types())


def shown_commands() -> Iterator[tuple[str, list[str]]]:
    """(page, words after `onevoice`) of every line of a shell block that calls it."""
    for path in files():
        if path.suffix == ".md":
            for block in re.findall(r"```sh\n(.*?)```", path.read_text("utf-8"), re.S):
                for line in re.findall(r"(?:^|uv run )onevoice ([^#\n&|]+)", block, re.M):
                    yield short(path), line.split()


def test_every_command_shown_on_a_page_can_be_typed() -> None:
    """The command is there, and so is each option behind it."""
    found = dict(commands())
    wrong = []
    for where, words in shown_commands():
        name = next((n for n in (f"onevoice {' '.join(words[:2])}", f"onevoice {words[0]}") if n in found), "")
        options = {option for each in found[name].params for option in each.opts} if name else set()
        if not name or {word.split("=")[0] for word in words if word.startswith("--")} - options - {"--help"}:
            wrong.append(f"{where}: onevoice {' '.join(words)}")
    assert wrong == []


def test_every_link_between_pages_leads_somewhere() -> None:
    """A reader is never sent to a page or a picture that is not there."""
    broken = []
    for path in files():
        if path.suffix == ".md":
            text = re.sub(r"```.*?```", "", path.read_text("utf-8"), flags=re.S)
            for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
                if "://" not in target and not target.startswith("mailto:") and not (path.parent / target).exists():
                    broken.append(f"{short(path)} -> {target}")
    assert broken == []


def test_every_file_named_in_the_documents_is_there() -> None:
    """`src/…`, `docs/…`, `tests/…` written as code are files of this project; NAME stands for one of the reader's."""
    lost = []
    for path in files():
        if path.suffix == ".md":
            for name in re.findall(r"`((?:src|docs|tests|frontend|benchmarks)/[\w\-./]+)`", path.read_text("utf-8")):
                if "NAME" not in name and not (ROOT / name).exists():
                    lost.append(f"{short(path)} -> {name}")
    assert lost == []


def test_python_on_a_page_names_what_there_is() -> None:
    """Every block parses, and everything it imports from Onevoice can be imported."""
    for path in files():
        for block in re.findall(r"```python\n(.*?)```", path.read_text("utf-8"), re.S) if path.suffix == ".md" else []:
            for node in ast.walk(ast.parse(block)):
                if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("onevoice"):
                    module = importlib.import_module(node.module)
                    assert not [alias.name for alias in node.names if not hasattr(module, alias.name)], short(path)


def test_no_comment_leads_to_a_document_that_is_not_here() -> None:
    """Whoever reads the code has the same pages as whoever wrote it."""
    elsewhere = re.compile(r"\b(DESIGN|JUDGE|POLICY|SECURITY|SCENARIOS|STYLE|LIBRARIES)(\.md|,? (section|§)|\s§?\d)")
    cited = [
        f"{short(path)}:{number}"
        for path in files()
        if path.suffix in {".py", ".md", ".toml", ".js", ".css", ".html"}
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if elsewhere.search(line)
    ]
    assert cited == []
