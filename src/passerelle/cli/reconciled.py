"""How a comparison with the shop is shown: what drifted, what must be looked at, what could not be compared."""

from __future__ import annotations

from typing import Any

import click

from passerelle.app import selectors
from passerelle.app.services import Report
from passerelle.app.wiring import Opened
from passerelle.cli.show import Screen
from passerelle.domain.texts import N_
from passerelle.executor.reconcile_strangers import is_told
from passerelle.planner.actions import ActionKind

MOST = 50  # lines; --json shows them all


def show(screen: Screen, opened: Opened, report: Report) -> None:
    """The whole report of one comparison."""
    if screen.json:
        screen.line(_as_json(screen, opened, report))
        return
    if report.flow == "orders":
        _lines(screen, opened, report)
    elif report.held_by:
        screen.plan(opened, report.run)
        screen.say(N_("Before: what the shop holds now. After: what it was last sent."))
    else:
        _lines(screen, opened, report)
    report.issues = []  # those of the flow itself: `passerelle issues` shows them
    screen.report(report)
    for note in report.notes:
        click.echo(f"  ! {screen.language.text(note)}")
    if _clean(report):
        screen.say(_verdict(report))


def _clean(report: Report) -> bool:
    return report.failure is None and not report.held_by and not report.counts.get("parked")


def _verdict(report: Report) -> str:
    """Never that all is well where something could not be compared."""
    if report.counts.get("skipped") or not all(map(is_told, report.notes)):
        return N_("What could be compared is as it should be; see above for the rest.")
    if report.flow == "orders":
        return N_("Every order to import is in the ERP, to the cent.")
    return N_("No drift: the shop holds what it was sent.")


def _lines(screen: Screen, opened: Opened, report: Report) -> None:
    """What a person reads, line by line, each with what there is to do about it, if anything."""
    total = 0
    for planned in selectors.plan_of(opened, report.run):
        total += 1
        if total <= MOST and planned.action.reason is not None:
            click.echo(f"  {screen.language.text(planned.action.reason)}")
            if planned.action.next_step is not None:
                click.echo(f"       → {screen.language.text(planned.action.next_step)}")
    if total > MOST:
        screen.say(N_("… and {count} more; --json shows them all."), count=total - MOST)


def _as_json(screen: Screen, opened: Opened, report: Report) -> dict[str, Any]:
    """The line of a comparison, whose keys scripts rely on."""
    said: dict[str, list[dict[str, Any]]] = {"drift": [], "gone": [], "told": []}
    for planned in selectors.plan_of(opened, report.run):
        action = planned.action
        said["drift"] += [
            {
                "number": planned.number, "key": action.key, "field": change.field, "language": change.language,
                "sent": change.new, "found": change.old,
            }
            for change in planned.changes
        ]  # fmt: skip
        if action.kind is ActionKind.UNLINK:
            said["gone"].append({"number": planned.number, "key": action.key, "shop_id": action.shop_id})
        elif action.reason is not None:
            step = screen.language.text(action.next_step) if action.next_step else ""
            said["told"].append({
                "key": action.key, "code": action.reason.code, "message": screen.language.text(action.reason),
                "next_step": step,
            })  # fmt: skip
    notes = [{"code": note.code, "message": screen.language.text(note)} for note in report.notes]
    line = {key: value for key, value in screen.as_json(report, number=1).items() if key not in ("pass", "issues")}
    return line | said | {"notes": notes}
