"""How things are printed: sentences and tables for a person, one JSON object a line for a script."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from passerelle.app import selectors
from passerelle.app.services import Report
from passerelle.app.wiring import Opened
from passerelle.cli.language import Translator, translator
from passerelle.domain.texts import N_
from passerelle.errors import PasserelleError, fill
from passerelle.executor.run import Progress as OnProgress
from passerelle.executor.run import silent
from passerelle.planner.actions import ActionKind
from passerelle.ports.manifest import Finding, Severity
from passerelle.ports.store import IssueRow, JournalRow, RunRow

COUNTS = ("planned", "created", "updated", "unchanged", "skipped", "parked", "failed")
FLOW_NAMES = {
    "catalogue": N_("Articles"),
    "prices": N_("Prices"),
    "stocks": N_("Stocks"),
    "orders": N_("Orders"),
    "statuses": N_("Order statuses"),
}
STATES = {
    "planning": N_("planning"),
    "planned": N_("previewed"),
    "held": N_("waiting for approval"),
    "running": N_("under way"),
    "done": N_("done"),
    "failed": N_("stopped"),
    "interrupted": N_("interrupted"),
    "cancelled": N_("cancelled"),
}
JOURNAL_STATES = {
    "intended": N_("under way"),
    "confirmed": N_("written"),
    "parked": N_("put aside"),
    "postponed": N_("left for the next run"),
    "doubted": N_("to be looked up"),
    "written": N_("handed to the ERP"),
    "undone": N_("not written"),
}
KINDS = {
    ActionKind.CREATE_CATEGORY: N_("create category"),
    ActionKind.CREATE_BRAND: N_("create brand"),
    ActionKind.CREATE_FEATURE: N_("create feature"),
    ActionKind.CREATE_FEATURE_VALUE: N_("create feature value"),
    ActionKind.CREATE_OPTION: N_("create option"),
    ActionKind.CREATE_OPTION_VALUE: N_("create option value"),
    ActionKind.CREATE_VARIANT: N_("create variant"),
    ActionKind.UPDATE_VARIANT: N_("update variant"),
    ActionKind.REMOVE_VARIANT: N_("delete variant"),
    ActionKind.UPDATE_RANGED: N_("update"),
    ActionKind.SHOW_PRODUCT: N_("show"),
    ActionKind.CREATE_PRODUCT: N_("create"),
    ActionKind.UPDATE_PRODUCT: N_("update"),
    ActionKind.HIDE_PRODUCT: N_("hide"),
    ActionKind.DELETE_PRODUCT: N_("delete"),
    ActionKind.LINK: N_("link"),
    ActionKind.UNLINK: N_("gone from the shop"),
    ActionKind.SET_STOCK: N_("stock"),
    ActionKind.PLACE_CUSTOMER: N_("customer"),
    ActionKind.PLACE_ORDER: N_("order"),
    ActionKind.SET_STATUS: N_("status"),
    ActionKind.ADD_TRACKING: N_("tracking"),
    ActionKind.SKIP: N_("not sent"),
    ActionKind.PARK: N_("put aside"),
}
MARKS = {Severity.OK: "✓", Severity.WARNING: "!", Severity.ERROR: "✗"}
WIDTH = 130  # of a table that is not shown on a terminal
LONGEST = 60  # characters of a text shown in a table


class Screen:
    """Prints for one person in one language."""

    def __init__(self, *, json: bool = False, language: Translator | None = None) -> None:
        self.json = json
        self.language = language or translator()
        self.out = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH)

    def say(self, template: str, **params: object) -> None:
        """One sentence."""
        click.echo(fill(self.language.gettext(template), {name: str(value) for name, value in params.items()}))

    def line(self, data: dict[str, Any]) -> None:
        """One JSON object."""
        click.echo(msgspec.json.encode(data, enc_hook=_plain).decode())

    def error(self, error: PasserelleError) -> None:
        """What went wrong and what to do, on stderr."""
        if self.json:
            self.line({"error": self._error(error)})
        else:
            click.echo(f"{self.language.error(error)}\n→ {self.language.next_step(error)}", err=True)

    def _error(self, error: PasserelleError) -> dict[str, Any]:
        return {
            "code": error.code(), "message": self.language.error(error), "next_step": self.language.next_step(error),
            "detail": error.detail,
        }  # fmt: skip

    # --- reports ---

    def report(self, report: Report, *, number: int = 1, plan: list[dict[str, Any]] | None = None) -> None:
        """What became of one flow."""
        if self.json:
            planned = {} if plan is None else {"actions": plan, "notes": self.notes_json(report)}
            self.line(self.as_json(report, number=number) | planned)
            return
        self.say(
            N_("{flow}: {state}. Run {run}, {seconds} s, {requests} requests to the shop, of which {writes} writes."),
            flow=self.flow(report.flow, undoes=report.undoes), state=self.state(report.state), run=report.run,
            seconds=self.language.number(Decimal(str(round(report.seconds, 1)))), requests=report.requests,
            writes=report.writes,
        )  # fmt: skip
        self.counts(report.counts)
        for reason in report.held_by:
            click.echo(f"  ! {self.language.text(reason)}")
        if report.state == "held":
            self.say(
                N_("  → Nothing was sent. Look at it, then: passerelle approve {run} (or cancel {run})."),
                run=report.run,
            )
        if report.failure is not None:
            self.error(report.failure)
        self.issues_of(report)

    def notes_json(self, report: Report) -> list[dict[str, str]]:
        """What a person is told beside a plan."""
        return [{"code": note.code, "message": self.language.text(note)} for note in report.notes]

    def table(self, reports: list[tuple[int, Report]]) -> None:
        """Several passes side by side."""
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column(self.language.gettext(N_("Pass")))
        table.add_column(self.language.gettext(N_("Flow")))
        for title in (
            N_("created"), N_("updated"), N_("unchanged"), N_("not sent"), N_("put aside"),
            N_("requests"), N_("writes"), N_("seconds"),
        ):  # fmt: skip
            table.add_column(self.language.gettext(title), justify="right")
        for number, report in reports:
            values = [report.counts.get(name, 0) for name in ("created", "updated", "unchanged", "skipped", "parked")]
            numbers = [*values, report.requests, report.writes, round(report.seconds, 1)]
            cells = [self.language.number(Decimal(str(value))) for value in numbers]
            table.add_row(str(number), self.flow(report.flow), *cells)
        self.out.print(table)

    def counts(self, counts: dict[str, float]) -> None:
        """The counts of a run, those that are not 0."""
        words = {
            "planned": (N_("{n} planned"), N_("{n} planned")),
            "created": (N_("{n} created"), N_("{n} created")),
            "updated": (N_("{n} updated"), N_("{n} updated")),
            "unchanged": (N_("{n} unchanged"), N_("{n} unchanged")),
            "skipped": (N_("{n} not sent"), N_("{n} not sent")),
            "parked": (N_("{n} put aside"), N_("{n} put aside")),
            "failed": (N_("{n} left over"), N_("{n} left over")),
        }
        said = [self.language.plural(*words[name], int(counts[name])) for name in COUNTS if counts.get(name)]
        click.echo("  " + (", ".join(said) if said else self.language.gettext(N_("nothing to do"))))

    def issues_of(self, report: Report, most: int = 10) -> None:
        """The issues of a flow, the first of them."""
        for issue in report.issues[:most]:
            self._issue(issue)
        if len(report.issues) > most:
            self.say(N_("  … and {count} more: passerelle issues shows them all."), count=len(report.issues) - most)

    def as_json(self, report: Report, *, number: int) -> dict[str, Any]:
        """The line of a flow, whose keys scripts rely on."""
        counts = {name: int(report.counts.get(name, 0)) for name in COUNTS}
        held = [{"code": text.code, "message": self.language.text(text)} for text in report.held_by]
        return {
            "run": report.run, "flow": report.flow, "pass": number, "state": report.state, "undoes": report.undoes,
            **counts,
            "requests": report.requests, "writes": report.writes, "seconds": report.seconds, "held_by": held,
            "error": self._error(report.failure) if report.failure else None,
            "issues": [self._issue_json(issue) for issue in report.issues],
        }  # fmt: skip

    # --- issues ---

    def issues(self, issues: list[IssueRow]) -> None:
        """Open issues."""
        for issue in issues:
            if self.json:
                self.line(self._issue_json(issue))
            else:
                self._issue(issue)
        if not issues and not self.json:
            self.say(N_("Nothing waits for you."))

    def _issue(self, issue: IssueRow) -> None:
        message, step = selectors.issue_texts(issue)
        click.echo(f"  [{issue.id}] {self.language.text(message)}\n       → {self.language.text(step)}")

    def _issue_json(self, issue: IssueRow) -> dict[str, Any]:
        message, step = selectors.issue_texts(issue)
        return {
            "id": issue.id, "flow": issue.flow, "key": issue.key, "code": issue.code,
            "message": self.language.text(message), "next_step": self.language.text(step),
            "since": issue.since.isoformat(timespec="seconds"),
        }  # fmt: skip

    # --- plans ---

    def plan_json(self, opened: Opened, run_id: int) -> list[dict[str, Any]]:
        """A plan as data."""
        return [
            {
                "number": p.number, "kind": p.action.kind.value, "key": p.action.key, "label": p.action.label,
                "selected": p.selected, "state": p.state,
                "changes": [{"field": c.field, "language": c.language, "old": c.old, "new": c.new} for c in p.changes],
                "reason": self.language.text(p.action.reason) if p.action.reason else None,
            }
            for p in selectors.plan_of(opened, run_id)
        ]  # fmt: skip

    def plan(self, opened: Opened, run_id: int, most: int = 200) -> None:
        """A plan as a table of old → new."""
        currency = context.currency if (context := opened.kept_context()) else "EUR"
        table = Table(box=None, pad_edge=False, header_style="bold")
        for title in (N_("No."), N_("What"), N_("Record"), N_("Field"), N_("Before"), N_("After")):
            table.add_column(self.language.gettext(title), overflow="fold")
        shown = total = 0
        for planned in selectors.plan_of(opened, run_id):
            total += 1
            if shown < most:
                shown += 1
                self._rows(table, planned, currency)
        self.out.print(table)
        if total > shown:
            self.say(N_("… and {count} more actions; --json shows them all."), count=total - shown)

    def _rows(self, table: Table, planned: selectors.Planned, currency: str) -> None:
        what = self.language.gettext(KINDS[planned.action.kind])
        head = (
            str(planned.number),
            what,
            planned.action.key if planned.action.target in ("product", "variant") else planned.action.label,
        )
        if planned.action.reason is not None and not planned.changes:
            table.add_row(*head, "", "", self.language.text(planned.action.reason))
        elif not planned.changes:
            table.add_row(*head, "", "", planned.action.label)
        for index, change in enumerate(planned.changes):
            table.add_row(*(head if not index else ("", "", "")), *self.change(change, currency))

    def change(self, change: selectors.Change, currency: str) -> tuple[str, str, str]:
        """Field, old and new value, for a person."""
        field = self.language.gettext(selectors.LABELS[change.field])
        label = f"{field} ({change.language})" if change.language else field
        return label, self._value(change.field, change.old, currency), self._value(change.field, change.new, currency)

    def _value(self, field: str, value: selectors.Value, currency: str) -> str:
        if value is None:
            return "–"
        if isinstance(value, bool):
            return self.language.gettext(N_("yes") if value else N_("no"))
        if field.startswith("price") and isinstance(value, Decimal):
            return self.language.money(value, currency=currency)
        if isinstance(value, (Decimal, int)):
            return self.language.number(Decimal(value).normalize() if isinstance(value, Decimal) else Decimal(value))
        text = " ".join(str(value).split())
        return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"

    # --- the rest ---

    def findings(self, findings: list[Finding]) -> None:
        """The lines of a check."""
        for finding in findings:
            said = self.language.text(finding.text)
            step = self.language.text(finding.next_step) if finding.next_step else ""
            if self.json:
                self.line(
                    {"severity": finding.severity.value, "code": finding.text.code, "message": said, "next_step": step}
                )
            else:
                click.echo(f"{MARKS[finding.severity]} {said}" + (f"\n  → {step}" if step else ""))

    def journal(self, row: JournalRow) -> None:
        """One journalled write."""
        changed = selectors.journalled(row)
        if self.json:
            data = [{"field": c.field, "language": c.language, "old": c.old, "new": c.new} for c in changed]
            self.line({
                "id": row.id, "run": row.run_id, "at": row.at, "by": row.author, "kind": row.kind, "key": row.key,
                "shop_id": row.shop_id, "state": row.state, "changes": data, "detail": row.detail,
            })  # fmt: skip
            return
        state = self.language.gettext(JOURNAL_STATES[row.state])
        kind = self.language.gettext(KINDS[ActionKind(row.kind)])
        click.echo(f"{self.language.moment(row.at)}  {row.author}  #{row.run_id}  {kind}  {row.key}  ({state})")
        for change in changed:
            click.echo("    {}: {} → {}".format(*self.change(change, "EUR")))

    def runs(self, runs: list[tuple[str, RunRow]]) -> None:
        """The latest runs."""
        if self.json:
            for name, run in runs:
                self.line({"profile": name, **msgspec.to_builtins(run)})
            return
        table = Table(box=None, pad_edge=False, header_style="bold")
        for title in (N_("Run"), N_("Profile"), N_("Flow"), N_("State"), N_("Started"), N_("Written"), N_("Put aside")):
            table.add_column(self.language.gettext(title))
        for name, run in runs:
            written = int(run.counts.get("created", 0) + run.counts.get("updated", 0))
            table.add_row(
                str(run.id), name, self.flow(run.flow, undoes=run.undoes), self.state(run.state),
                self.language.moment(run.planned_at), str(written), str(int(run.counts.get("parked", 0))),
            )  # fmt: skip
        self.out.print(table)

    def released(self, freed: int) -> None:
        """How many products an undo holds back no more."""
        if freed:
            one, many = (
                N_("{n} article is free: the next run sends it what the ERP says."),
                N_("{n} articles are free: the next run sends them what the ERP says."),
            )
            click.echo(self.language.plural(one, many, freed))
        else:
            self.say(N_("Nothing is held back by an undo."))

    def taken_over(self, taken: int, *, profile: str) -> None:
        """Of how many products the ERP decides the sheet from now on."""
        if not taken:
            self.say(N_("No product is left to take over."))
            return
        one, many = (
            N_("The ERP decides the sheet of {n} product from now on; nothing was sent yet."),
            N_("The ERP decides the sheets of {n} products from now on; nothing was sent yet."),
        )
        click.echo(self.language.plural(one, many, taken))
        self.say(N_("  → To see what will change: passerelle plan catalogue {profile}"), profile=profile)

    def flow(self, flow: str, *, undoes: int | None = None) -> str:
        """A flow's name for a person."""
        name = self.language.gettext(FLOW_NAMES[flow])
        if undoes is None:
            return name
        return fill(self.language.gettext(N_("{name}, undo of run {run}")), {"name": name, "run": str(undoes)})

    def state(self, state: str) -> str:
        """A run's state for a person."""
        return self.language.gettext(STATES[state])

    @contextmanager
    def progress(self, flow: str) -> Iterator[OnProgress]:
        """A bar on a terminal, one plain line elsewhere."""
        if self.json:
            yield silent
            return
        if not sys.stderr.isatty():
            click.echo(f"{self.flow(flow)}…", err=True)
            yield silent
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(self.flow(flow), total=None)

            def show(what: str, done: int, total: int) -> None:
                words = f"{self.flow(flow)} – {self.language.gettext(what)}"
                bar.update(task, description=words, completed=done, total=total or None)

            yield show


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    raise NotImplementedError(type(value).__name__)
