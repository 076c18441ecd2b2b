"""The commands and their options; what each does is imported when it runs, so that `onevoice --help` is quick."""

from pathlib import Path
from typing import Annotated

import typer

from onevoice import __version__
from onevoice.doors.cli.beside import anywhere

app = typer.Typer(
    name="onevoice",
    help="One book of every message a company sends and hears, and one gate that decides each once.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
policy_app = typer.Typer(
    help="The contact policy: check a file, put it in force, ask what it does.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(policy_app, name="policy")

Json = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
PolicyFile = Annotated[Path, typer.Argument(help="A policy file (TOML).", exists=True, dir_okay=False)]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _whole(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """One book of every message a company sends and hears, and one gate that decides each once."""


@app.command()
def setup(
    folder: Annotated[Path | None, typer.Argument(help="The setup folder of TOML and CSV files.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Tell every fault of the folder; write nothing.")] = False,
    export: Annotated[bool, typer.Option("--export", help="Write the folder from the store instead.")] = False,
    password: Annotated[
        str, typer.Option("--password", metavar="EMAIL", help="Give this member of staff a password.")
    ] = "",
    reset_second_step: Annotated[
        str,
        typer.Option(
            "--reset-second-step", metavar="EMAIL", help="Forget this member's second step; they set up another."
        ),
    ] = "",
    as_json: Json = False,
) -> None:
    """Load a company from one folder, or write that folder."""
    from onevoice.doors.cli import setup as command

    if reset_second_step and folder is None and not (check or export or password):
        anywhere(command.reset_second_step)(reset_second_step, as_json=as_json)
    elif password and folder is None and not (check or export):
        anywhere(command.password)(password, command.ask_password(), as_json=as_json)
    elif folder is None or password or reset_second_step or (check and export):
        raise typer.BadParameter(
            "Name a folder, with at most one of --check and --export; or --password or --reset-second-step EMAIL alone."
        )
    elif export:
        anywhere(command.export)(folder, as_json=as_json)
    else:
        anywhere(command.load)(folder, checking=check, as_json=as_json)


@app.command("import")
def import_logs(
    files: Annotated[list[Path] | None, typer.Argument(help="Exported logs: files, folders or archives.")] = None,
    guess: Annotated[bool, typer.Option("--guess", help="Propose a mapping file for a table; import nothing.")] = False,
    mapping: Annotated[
        Path | None, typer.Option("--mapping", help="How to read a table (TOML).", exists=True, dir_okay=False)
    ] = None,
    reader: Annotated[str, typer.Option("--reader", help="The kind of log, where it is not seen by itself.")] = "",
    source: Annotated[str, typer.Option("--source", help="Who says so; the reader's name if not given.")] = "",
    unit: Annotated[str, typer.Option("--unit", help="The unit that spoke, where the log does not say.")] = "",
    platform: Annotated[str, typer.Option("--platform", help="The platform the log comes from.")] = "",
    category: Annotated[str, typer.Option("--category", help="What the messages are.")] = "",
    purpose: Annotated[str, typer.Option("--purpose", help="What permissions in it are for.")] = "",
    campaign: Annotated[str, typer.Option("--campaign", help="The campaign it belongs to.")] = "",
    ours: Annotated[
        list[str] | None, typer.Option("--ours", help="An address or domain of the company; may be repeated.")
    ] = None,
    inbox: Annotated[str, typer.Option("--inbox", help="Whose mailbox it is: company or customer.")] = "company",
    replay: Annotated[
        bool, typer.Option("--replay", help="Decide each message as of its own time, by its platform's mode.")
    ] = False,
    parked: Annotated[
        bool, typer.Option("--parked", help="List what earlier imports could not take in, of --source or of all.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Take in exported logs; without files, tell which logs are known."""
    from onevoice.doors.cli import imports as command
    from onevoice.nouns.observation import Given

    if parked:
        anywhere(command.waiting)(source, as_json=as_json)
    elif not files:
        command.readers(as_json=as_json)
    elif guess:
        command.guess(files[0], as_json=as_json)
    else:
        given = Given(
            unit=unit,
            platform=platform,
            category=category,
            purpose=purpose,
            campaign=campaign,
            ours=tuple(one.lower() for one in ours or ()),
            inbox=inbox,
        )
        anywhere(command.load)(
            files, reader=reader, mapping=mapping, source=source, given=given, replay=replay, as_json=as_json
        )


@app.command()
def serve(as_json: Json = False) -> None:
    """Serve the console and the API, and do by itself what is due."""
    from onevoice.doors.cli import serve as command

    command.serve(as_json=as_json)


@app.command()
def key(
    name: Annotated[
        str, typer.Argument(help="The system that will use the new key; without one, keys are listed.")
    ] = "",
    unit: Annotated[str, typer.Option("--unit", help="The unit the key belongs to.")] = "",
    may: Annotated[
        list[str] | None,
        typer.Option("--may", help="propose, observe, ask, setup, erase or policy; may be given several times."),
    ] = None,
    revoke: Annotated[int, typer.Option("--revoke", min=0, help="The number of a key that shall open nothing.")] = 0,
    as_json: Json = False,
) -> None:
    """Make, list and revoke the API keys of systems."""
    from onevoice.doors.cli import key as command

    if revoke:
        anywhere(command.revoke)(revoke, as_json=as_json)
    elif not name:
        anywhere(command.listed)(as_json=as_json)
    elif not (unit and may):
        raise typer.BadParameter("Say with --unit whose key it is, and with --may what it may do.")
    else:
        anywhere(command.make)(name, unit, may, as_json=as_json)


@app.command()
def doctor(
    rebuild_check: Annotated[
        bool, typer.Option("--rebuild-check", help="Make every contact state anew from its entries and compare.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Say whether settings, store, policy and book are well, and what to do."""
    from onevoice.doors.cli import care as command

    anywhere(command.doctor)(rebuild=rebuild_check, as_json=as_json)


@app.command()
def erase(
    reference: Annotated[str, typer.Argument(help="The company's own id of the customer.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again. It cannot be undone.")] = False,
    as_json: Json = False,
) -> None:
    """Forget a customer, as the law gives them the right to ask."""
    from onevoice.doors.cli import care as command

    if not yes:
        command.ask_sure(reference)
    anywhere(command.erase)(reference, as_json=as_json)


@app.command()
def access(reference: Annotated[str, typer.Argument(help="The company's own id of the customer.")]) -> None:
    """Tell everything held about a customer, as JSON lines, for a subject access request."""
    from onevoice.doors.cli import care as command

    anywhere(command.access)(reference)


@app.command()
def work(as_json: Json = False) -> None:
    """Do once what is due: holds, leases, sending, sealing. `onevoice serve` does it by itself."""
    from onevoice.doors.cli import care as command

    anywhere(command.work)(as_json=as_json)


@app.command()
def demo(
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65_535, help="The port to listen on; 0 takes any free one.")
    ] = None,
    data: Annotated[Path, typer.Option("--data", help="The folder the demo is made in, and kept.")] = Path(
        "onevoice-demo"
    ),
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Make it, say how to sign in, and end.")] = False,
    as_json: Json = False,
) -> None:
    """Make up a group of companies with a month of messages, and serve it. Needs no network."""
    from onevoice.doors.cli import demo as command

    command.demo(data, port=port, serving=not no_serve, as_json=as_json)


@policy_app.command("check")
def policy_check(file: PolicyFile, as_json: Json = False) -> None:
    """Tell every fault of a policy file."""
    from onevoice.doors.cli import policy as command

    anywhere(command.check)(file, as_json=as_json)


@policy_app.command("activate")
def policy_activate(file: PolicyFile, as_json: Json = False) -> None:
    """Put a policy file in force, as the next version."""
    from onevoice.doors.cli import policy as command

    anywhere(command.activate)(file, as_json=as_json)


@policy_app.command("show")
def policy_show(
    version: Annotated[int, typer.Option("--version", min=0, help="Another version than the one in force.")] = 0,
    as_json: Json = False,
) -> None:
    """Show the policy in force, as its file."""
    from onevoice.doors.cli import policy as command

    anywhere(command.show)(version, as_json=as_json)


@policy_app.command("explain")
def policy_explain(
    unit: Annotated[str, typer.Option("--unit", help="The unit that would speak.")],
    channel: Annotated[str, typer.Option("--channel", help="email, sms, push ...")],
    category: Annotated[str, typer.Option("--category", help="safety, legal, service or marketing.")],
    customer: Annotated[str, typer.Option("--customer", help="The company's own id of the customer.")] = "",
    address: Annotated[str, typer.Option("--address", help="An address of the customer.")] = "",
    purpose: Annotated[str, typer.Option("--purpose", help="What the permission must be for.")] = "",
    platform: Annotated[str, typer.Option("--platform", help="The platform that would send.")] = "",
    contact_point: Annotated[str, typer.Option("--contact-point", help="Where it would come from.")] = "",
    campaign: Annotated[str, typer.Option("--campaign", help="The campaign it belongs to.")] = "",
    topic: Annotated[
        list[str] | None, typer.Option("--topic", help="What it is about; may be given several times.")
    ] = None,
    offer: Annotated[str, typer.Option("--offer", help="The offer it makes.")] = "",
    content: Annotated[str, typer.Option("--content", help="Its text, where the same text may not go twice.")] = "",
    as_json: Json = False,
) -> None:
    """Say what would be decided now about one message, and why. Nothing is written."""
    from onevoice.doors.cli import policy as command

    if not customer and not address:
        raise typer.BadParameter("Say for whom: --customer, --address, or both.")
    told = {
        "unit": unit,
        "channel": channel,
        "category": category,
        "customer": customer,
        "address": address,
        "purpose": purpose,
        "platform": platform,
        "contact_point": contact_point,
        "campaign": campaign,
        "offer": offer,
        "content": content,
    }
    anywhere(command.explain)(told, tuple(topic or ()), as_json=as_json)


@policy_app.command("simulate")
def policy_simulate(
    file: PolicyFile,
    since: Annotated[str, typer.Option("--since", help="The first day of the period, as 2026-01-31 (UTC).")],
    until: Annotated[str, typer.Option("--until", help="The day after its last; today if not given.")] = "",
    as_json: Json = False,
) -> None:
    """Judge the decisions of a period again under a draft; nothing is written."""
    from onevoice.doors.cli import policy as command

    anywhere(command.simulate)(file, since, until, as_json=as_json)


@policy_app.command("profiles")
def policy_profiles(
    since: Annotated[str, typer.Option("--since", help="The first day of the period, as 2026-01-31 (UTC).")],
    until: Annotated[str, typer.Option("--until", help="The day after its last; today if not given.")] = "",
    decided_only: Annotated[
        bool, typer.Option("--decided-only", help="Leave out messages that were only told of in logs.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Go through a period as Braze, Adobe Journey Optimizer, Iterable, MoEngage, HubSpot and Unica would have."""
    from onevoice.doors.cli import policy as command

    anywhere(command.profiles)(since, until, decided_only, as_json=as_json)


def main() -> None:
    """The program `onevoice`."""
    app()
