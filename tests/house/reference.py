"""Writes the lists in docs/reference from the code: `python -m tests.house.reference`; a test compares them."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from onevoice.settings import Settings
from tests.house.tree import DOCS

BEGIN = "<!-- written by: python -m tests.house.reference -->\n\n"
END = "\n<!-- until here -->"


def settings_list() -> str:
    """Key, default and sentence, in the order of the code."""
    defaults = Settings()
    rows = ["| key | default | what it is |", "|---|---|---|"]
    for each in fields(Settings):
        chosen = getattr(defaults, each.name)
        rows.append(f"| `{each.name}` | {f'`{chosen}`' if chosen else '*empty*'} | {each.metadata['says']} |")
    return "\n".join(rows) + "\n"


def routes_list() -> str:
    """Every method and path that is served, who may use it, and what it says of itself."""
    from onevoice.doors.http.permissions import PERMISSIONS
    from onevoice.doors.http.routes import ROUTES

    sentences = {each.name: each.says for each in ROUTES}
    rows = ["| route | who | what |", "|---|---|---|"]
    rows += [
        f"| `{name}` | {who} | {sentences.get(name, '' if '/v1/' in name else 'A page.')} |"
        for name, who in PERMISSIONS.items()
    ]
    return "\n".join(rows) + "\n"


def commands() -> Iterator[tuple[str, Any]]:
    """(`onevoice policy check`, its command) of every command of the command line."""
    import typer.main

    from onevoice.doors.cli.main import app

    def below(name: str, command: Any) -> Iterator[tuple[str, Any]]:
        if inner := getattr(command, "commands", None):
            for word, each in sorted(inner.items()):
                yield from below(f"{name} {word}", each)
        else:
            yield name, command

    yield from below("onevoice", typer.main.get_command(app))


def commands_list() -> str:
    """A section for each command: its help, its arguments and options."""
    sections = []
    for name, command in commands():
        lines = [f"## `{name}`", "", paragraph(command.help or ""), ""]
        lines += [parameter_row(each) for each in command.params if not getattr(each, "hidden", False)]
        sections.append("\n".join(lines).rstrip() + "\n")
    return "\n".join(sections)


def parameter_row(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        written = parameter.name.upper()
    else:
        written = "`, `".join([*parameter.opts, *parameter.secondary_opts])
    return f"- `{written}`: {paragraph(getattr(parameter, 'help', None) or '')}".rstrip(": ")


def paragraph(text: str) -> str:
    return " ".join(text.split())


LISTS = {"settings.md": settings_list, "http.md": routes_list, "commands.md": commands_list}


def between(name: str) -> tuple[str, str, str]:
    """A page of docs/reference in three parts: before its list, the list, after it."""
    text = (DOCS / "reference" / name).read_text("utf-8")
    before, found, rest = text.partition(BEGIN)
    written, ended, after = rest.partition(END)
    assert found and ended, f"{name} has lost the marks around its list"
    return before, written, after


def main() -> None:
    for name, made in LISTS.items():
        before, _, after = between(name)
        (DOCS / "reference" / name).write_text(before + BEGIN + made() + END + after, "utf-8")


if __name__ == "__main__":
    main()
