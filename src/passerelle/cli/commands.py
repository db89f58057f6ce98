"""The commands; their names are fixed, scripts rely on them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from passerelle import __version__
from passerelle.app import registry, selectors, services, state, wiring
from passerelle.cli import codes, demonstration, reconciled
from passerelle.cli.demo_erps import ERPS
from passerelle.cli.demo_shops import SHOPS
from passerelle.cli.helping import translate
from passerelle.cli.show import Screen
from passerelle.domain.texts import N_
from passerelle.errors import PasserelleError
from passerelle.executor.flows import FLOWS
from passerelle.executor.reconcile import RECONCILED
from passerelle.ports.manifest import Severity
from passerelle.profile.template import template

as_json = click.option("--json", "json", is_flag=True, help="JSON Lines, for scripts.")
only_one = click.option("--only", metavar="REF", default=None, help="One record only.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="passerelle")
def cli() -> None:
    """Keeps a shop and an ERP in step."""


def main() -> None:
    """The entry point: every expected error is two sentences and an exit status."""
    screen = Screen(json="--json" in sys.argv)
    translate(cli, language=screen.language)
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        screen.say(N_("Interrupted; run it again to go on where it stopped."))
        sys.exit(codes.INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(codes.WRONG)
    except PasserelleError as error:
        screen.error(error)
        sys.exit(codes.of_error(error))
    except KeyboardInterrupt:
        sys.exit(codes.INTERRUPTED)


def leave(code: int) -> None:
    """End the command with a status."""
    raise SystemExit(code)


REHEARSAL = "memory_"  # connectors that exist for tests and are in no merchant's profile
OFFERED = {
    side: [name for name in configs if not name.startswith(REHEARSAL)]
    for side, configs in (("erp", registry.ERP_CONFIGS), ("shop", registry.SHOP_CONFIGS))
}


@cli.command()
@click.argument("file", required=False)
@click.option("--erp", type=click.Choice(OFFERED["erp"]), default="sage100", help="The ERP.")
@click.option("--shop", type=click.Choice(OFFERED["shop"]), default="prestashop", help="The shop.")
def init(file: str | None, erp: str, shop: str) -> None:
    """Print a commented profile, or write it to FILE."""
    screen = Screen()
    text = template(
        erp=(erp, registry.ERP_CONFIGS[erp]), shop=(shop, registry.SHOP_CONFIGS[shop]),
        translate=screen.language.gettext,
    )  # fmt: skip
    if file is None:
        click.echo(text)
        return
    try:
        with Path(file).open("x", encoding="utf-8") as written:
            written.write(text)
    except FileExistsError:
        raise click.UsageError(screen.language.gettext(N_("This file exists already; choose another name."))) from None
    screen.say(N_("{file} is written. Fill it in, then: passerelle check {file}"), file=file)


@cli.command()
@click.argument("profile")
@as_json
def check(profile: str, json: bool) -> None:
    """Test both connections and every mapping; changes nothing."""
    screen = Screen(json=json)
    state.prepare()
    findings = services.check(wiring.open_profile(profile))
    screen.findings(findings)
    leave(codes.CONNECTION if any(f.severity is Severity.ERROR for f in findings) else codes.DONE)


@cli.command()
@click.argument("flow", type=click.Choice(FLOWS))
@click.argument("profile")
@only_one
@as_json
def plan(flow: str, profile: str, only: str | None, json: bool) -> None:
    """Show what a flow would do, field by field; nothing is sent."""
    screen = Screen(json=json)
    state.prepare()
    opened = wiring.open_profile(profile)
    with screen.progress(flow) as progress:
        report = services.run_flow(opened, flow, only=only, preview=True, progress=progress)
    _planned(screen, opened, report)
    if not json and report.state == "planned" and report.counts.get("planned"):
        screen.say(N_("  → To send exactly this: passerelle approve {run}"), run=report.run)
    leave(codes.of_error(report.failure) if report.failure else codes.HELD if report.state == "held" else codes.DONE)


def _planned(screen: Screen, opened: wiring.Opened, report: services.Report) -> None:
    if screen.json:
        screen.report(report, plan=screen.plan_json(opened, report.run))
    else:
        screen.plan(opened, report.run)
        for note in report.notes:
            click.echo(screen.language.text(note))
        screen.report(report)


@cli.command()
@click.argument("words", nargs=-1, required=True, metavar="FLOW... PROFILE")
@only_one
@as_json
def run(words: tuple[str, ...], only: str | None, json: bool) -> None:
    """Run flows (or `all`) of a profile."""
    *names, profile = words
    unknown = [name for name in names if name not in (*FLOWS, "all")]
    if not names or unknown:
        raise click.UsageError(f"{', '.join(unknown) or 'FLOW'}: {', '.join(FLOWS)}, all")
    screen = Screen(json=json)
    state.prepare()
    opened = wiring.open_profile(profile)
    leave(codes.worst(run_flows(screen, opened, _named(opened, names), only=only)))


def _named(opened: wiring.Opened, names: list[str]) -> list[str]:
    return services.available_flows(opened) if "all" in names else names


def run_flows(
    screen: Screen, opened: wiring.Opened, names: list[str], *, only: str | None = None, number: int = 1
) -> list[int]:
    """Run flows one after the other; a connection that fails ends them. Gives the exit status of each."""
    found: list[int] = []
    for flow in names:
        with screen.progress(flow) as progress:
            report = services.run_flow(opened, flow, only=only, progress=progress)
        screen.report(report, number=number)
        found.append(codes.of_report(report))
        if report.failure is not None:
            break
    return found


def _with_run(action: Callable[[Screen, wiring.Opened, Any], int], number: int, *, json: bool) -> None:
    screen = Screen(json=json)
    state.prepare()
    row, name = services.find_run(number)
    leave(action(screen, wiring.open_profile(wiring.source_of(name)), row))


@cli.command()
@click.argument("flow", type=click.Choice(RECONCILED))
@click.argument("profile")
@as_json
def reconcile(flow: str, profile: str, json: bool) -> None:
    """Compare the shop with what it was sent; what drifted waits for approval."""
    screen = Screen(json=json)
    state.prepare()
    opened = wiring.open_profile(profile)
    with screen.progress(flow) as progress:
        report = services.reconcile(opened, flow, progress=progress)
    reconciled.show(screen, opened, report)
    leave(codes.of_report(report))


@cli.command()
@click.argument("number", metavar="RUN", type=int)
@click.argument("selection", required=False, default="")
@as_json
def approve(number: int, selection: str, json: bool) -> None:
    """Execute a held or previewed run exactly as it was planned; SELECTION such as 1-20,35."""

    def act(screen: Screen, opened: wiring.Opened, row: Any) -> int:
        with screen.progress(row.flow) as progress:
            report = services.approve(opened, row, selection=selection, progress=progress)
        screen.report(report)
        return codes.of_report(report)

    _with_run(act, number, json=json)


@cli.command()
@click.argument("number", metavar="RUN", type=int)
@as_json
def cancel(number: int, json: bool) -> None:
    """Give a held or previewed run up."""

    def act(screen: Screen, opened: wiring.Opened, row: Any) -> int:
        services.cancel(opened, row)
        if not json:
            screen.say(N_("Run {run} is cancelled; nothing was sent."), run=number)
        return codes.DONE

    _with_run(act, number, json=json)


@cli.command()
@click.argument("number", metavar="RUN", type=int)
@as_json
def undo(number: int, json: bool) -> None:
    """Show how what a run wrote would be taken back; `approve` sends it."""

    def act(screen: Screen, opened: wiring.Opened, row: Any) -> int:
        with screen.progress(row.flow) as progress:
            report = services.undo(opened, row, progress=progress)
        _planned(screen, opened, report)
        return codes.of_error(report.failure) if report.failure else codes.DONE

    _with_run(act, number, json=json)


@cli.command()
@click.argument("profile")
@only_one
@as_json
def release(profile: str, only: str | None, json: bool) -> None:
    """Let the ERP's values go again over what was undone."""
    screen = Screen(json=json)
    state.prepare()
    freed = services.release(wiring.open_profile(profile), only=only)
    if json:
        screen.line({"released": freed})
    else:
        screen.released(freed)


@cli.command("take-over")
@click.argument("profile")
@only_one
@click.option("--facet", type=click.Choice(tuple(services.TAKEN)), default="all", help="What the ERP decides from now.")
@as_json
def take_over(profile: str, only: str | None, facet: str, json: bool) -> None:
    """Let the ERP decide the texts and categories of products that the shop had before."""
    screen = Screen(json=json)
    state.prepare()
    opened = wiring.open_profile(profile)
    taken = services.take_over(opened, only=only, what=facet)
    if json:
        screen.line({"taken_over": taken})
    else:
        screen.taken_over(taken, profile=profile)


@cli.command()
@click.argument("profile")
@as_json
def issues(profile: str, json: bool) -> None:
    """What waits for you, with the reason and the cure."""
    screen = Screen(json=json)
    state.prepare()
    screen.issues(wiring.open_profile(profile).store.issues())


@cli.command()
@click.argument("profile")
@click.argument("numbers", metavar="[ISSUE]...", nargs=-1, type=int)
@as_json
def retry(profile: str, numbers: tuple[int, ...], json: bool) -> None:
    """Try the records of these issues again, or of all."""
    screen = Screen(json=json)
    state.prepare()
    opened = wiring.open_profile(profile)
    found = []
    for flow, key in services.flows_to_retry(opened, numbers):
        found += run_flows(screen, opened, [flow], only=key)
    if not found and not json:
        screen.say(N_("Nothing waits for you."))
    leave(codes.worst(found))


@cli.command()
@click.argument("profile")
@click.option("--key", metavar="REF", default=None, help="One record only.")
@as_json
def journal(profile: str, key: str | None, json: bool) -> None:
    """What was written, when, by whom, old and new."""
    screen = Screen(json=json)
    state.prepare()
    for page in wiring.open_profile(profile).store.journal(key=key):
        for row in page:
            screen.journal(row)


@cli.command()
@as_json
def status(json: bool) -> None:
    """The latest runs, and those that wait for approval."""
    screen = Screen(json=json)
    state.prepare()
    screen.runs(selectors.runs())


@cli.group()
def profile() -> None:
    """Stored profiles."""


@profile.command("import")
@click.argument("file")
def import_(file: str) -> None:
    """Store a profile file under its name."""
    state.prepare()
    Screen().say(N_("The profile {name} is stored."), name=services.import_profile(file))


@profile.command("export")
@click.argument("name")
def export(name: str) -> None:
    """Print a stored profile."""
    state.prepare()
    click.echo(services.export_profile(name), nl=False)


@profile.command("list")
@as_json
def list_(json: bool) -> None:
    """The profiles that are known."""
    screen = Screen(json=json)
    state.prepare()
    for stored in wiring.stored_profiles():
        if json:
            screen.line(
                {"name": stored.name, "key": stored.key, "stored": bool(stored.toml), "since": stored.created_at}
            )
        else:
            click.echo(f"{stored.name}  ({stored.key})")


@cli.command()
@click.option("--once", is_flag=True, help="Run every flow twice, print the table, exit.")
@as_json
@click.option("--port", type=int, default=0, help="Port of the simulated shop (any free one).")
@click.option("--erp", type=click.Choice(list(ERPS)), default="sage100", help="The sandbox ERP.")
@click.option("--shop", type=click.Choice(list(SHOPS)), default="prestashop", help="The sandbox shop.")
def demo(once: bool, json: bool, port: int, erp: str, shop: str) -> None:
    """A sandbox company and a sandbox shop, every flow, then the shop to look at."""
    leave(demonstration.demonstrate(Screen(json=json), erp=erp, shop=shop, once=once, port=port))
