"""The commands: what CLI and console do."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field

from passerelle.app.mappings import check_mappings, filter_matches, located
from passerelle.app.wiring import Opened, open_profile, read_profile
from passerelle.domain.facets import Facet
from passerelle.domain.texts import Text
from passerelle.errors import (
    ConfigError,
    FlowUnavailable,
    IssueUnknown,
    PasserelleError,
    PlanOutdated,
    PlanStale,
    ProtocolError,
    RunNotHeld,
    RunNotUndoable,
    RunUnknown,
    SelectionInvalid,
)
from passerelle.executor import flows
from passerelle.executor import reconcile as reconciling
from passerelle.executor.run import Progress, Run, silent
from passerelle.executor.settle import settle_doubts
from passerelle.planner.rules import product_query
from passerelle.ports.manifest import Finding, Severity
from passerelle.ports.store import IssueRow, OrderState, RunRow
from passerelle.storage import leases, models, sql
from passerelle.storage.runs import run_row
from passerelle.transport.http import Tally

STALE_AFTER = 15 * 60  # seconds: stock moves too fast for an older plan
NEEDS = {
    "catalogue": "articles.export",
    "prices": "articles.prices",
    "stocks": "articles.stocks",
    "orders": "orders.import",
    "statuses": "orders.status_updates",
}
APPROVABLE = ("planned", "held")
ENDED = ("done", "failed", "interrupted")


@dataclass
class Report:
    """What became of one flow."""

    flow: str
    run: int
    state: str
    counts: dict[str, float] = field(default_factory=dict)
    requests: int = 0
    writes: int = 0
    seconds: float = 0.0
    held_by: list[Text] = field(default_factory=list)
    issues: list[IssueRow] = field(default_factory=list)
    failure: PasserelleError | None = None
    undoes: int | None = None  # the run whose writes this one takes back
    notes: list[Text] = field(default_factory=list)  # what a person is told beside the plan


def unavailable(opened: Opened, flow: str) -> str | None:
    """The option that a flow waits for, None when it is on."""
    articles, orders = opened.profile.articles, opened.profile.orders
    on = {
        "catalogue": articles.export,
        "prices": articles.prices is not None,
        "stocks": articles.stocks is not None,
        "orders": orders.import_ is not None,
        "statuses": orders.status_updates is not None,
    }
    return None if on[flow] else NEEDS[flow]


def available_flows(opened: Opened) -> list[str]:
    """The flows that `all` runs, in its order."""
    return [flow for flow in flows.FLOWS if unavailable(opened, flow) is None]


def pending(opened: Opened) -> int:
    """How many orders are on their way into the ERP and wait for nobody: due, handed over, or without their status."""
    states = (OrderState.DUE, OrderState.INTENDED, OrderState.PLACED, OrderState.CONFIRMED)
    parked = {issue.key for issue in opened.store.issues(flow="orders")}
    return sum(entry.shop_id not in parked for page in opened.store.ledger(states=states) for entry in page)


@contextmanager
def lane(opened: Opened, flow: str) -> Iterator[str]:
    """Hold the lane of a flow. Raises LaneBusy."""
    with leases.held(opened.stored, lane=flows.LANES[flow], clock=opened.clock) as token:
        yield token


def run_flow(
    opened: Opened, flow: str, *, only: str | None = None, preview: bool = False, progress: Progress = silent
) -> Report:
    """Plan a flow, and execute it unless it is a preview or a guard holds it.

    Raises FlowUnavailable, LaneBusy. What goes wrong later is in the report.
    """
    needs = unavailable(opened, flow)
    if needs is not None:
        raise FlowUnavailable(flow=flow, profile=opened.profile.profile.name, needs=needs)
    with lane(opened, flow) as token:
        return _run(opened, flow, token=token, only=only, preview=preview, progress=progress)


def reconcile(opened: Opened, flow: str, *, progress: Progress = silent) -> Report:
    """Compare the shop with what it was sent; what drifted is held as a plan that `approve` executes.

    Of orders nothing is ever planned: the run's actions tell what a person must look at. Raises as `run_flow` does.
    """
    needs = unavailable(opened, flow)
    if needs is not None:
        raise FlowUnavailable(flow=flow, profile=opened.profile.profile.name, needs=needs)
    with lane(opened, flow) as token:
        return _run(opened, flow, token=token, only=None, preview=False, progress=progress, compares=True)


def undo(opened: Opened, row: RunRow, *, progress: Progress = silent) -> Report:
    """Plan the inverse of a run: a held run, or one that is done when nothing can be taken back.

    Raises RunNotUndoable, LaneBusy.
    """
    with lane(opened, row.flow) as token:
        row = opened.store.run(row.id)
        stopped = row.state in ("planning", "running")  # its process is gone, or this lane could not have been taken
        if row.state not in ENDED and not stopped:
            raise RunNotUndoable(run=row.id, state=row.state)
        return _run(opened, row.flow, token=token, only=None, preview=False, progress=progress, undoes=row.id)


def release(opened: Opened, *, only: str | None = None) -> int:
    """Let the ERP's values go again over what was undone; gives how many products that concerns."""
    return opened.store.release(only=only)


TAKEN: Mapping[str, tuple[Facet, ...]] = {
    "texts": (Facet.TEXTS,),
    "categories": (Facet.CATEGORIES,),
    "all": (Facet.TEXTS, Facet.CATEGORIES),
}


def take_over(opened: Opened, *, only: str | None = None, what: str = "all") -> int:
    """Let the ERP decide texts, categories or both (a key of TAKEN) of products that were adopted; gives how many.

    Nothing is sent: the next plan of the catalogue shows what changes.
    """
    return opened.store.take_over(TAKEN[what], only=only)


def _run(
    opened: Opened, flow: str, *, token: str, only: str | None, preview: bool, progress: Progress,
    undoes: int | None = None, compares: bool = False,
) -> Report:  # fmt: skip
    store = opened.store
    run_id = store.open_run(
        flow=flow, lane=flows.LANES[flow], author=store.author, settings=opened.settings, only=only or "",
        undoes=undoes,
    )  # fmt: skip
    work = _Work(opened, flow, run_id, token=token, only=only, progress=progress, undoes=undoes)
    with work.reporting() as report, opened.connections(tally=work.tally, context=opened.kept_context()) as sides:
        run = work.run(*sides)
        _leave_interrupted(opened, run)
        watch = opened.watch(run)
        plan = reconciling.plan if compares else flows.plan
        report.held_by = plan(run, watch=watch, since=opened.stored.created_at)
        report.notes = [*(_scope(run) if preview else ()), *run.notes]
        if preview or report.held_by:
            report.state = "held" if report.held_by else "planned"
        elif compares:
            report.state = "done"
        else:
            store.set_run(run_id, state="running")
            flows.execute(run, watch=watch)
            report.state = "done"
    return work.finish(report)


def _scope(run: Run) -> list[Text]:
    """How many articles the filter leaves to a flow that reads articles."""
    if run.flow in flows.ABOUT_ORDERS or not run.profile.articles.filter.strip():
        return []
    return [filter_matches(run.erp, query=product_query(run.profile, flow=run.flow, only=run.only))]


def _leave_interrupted(opened: Opened, run: Run) -> None:
    """What a stopped process left: its open writes are settled, and its run is over."""
    lane_name = flows.LANES[run.flow]
    settle_doubts(run, lane=lane_name)
    for other in opened.store.unfinished_runs(lane=lane_name):
        if other.id != run.id:
            opened.store.set_run(other.id, state="interrupted", ended=True)


class _Work:
    """The bookkeeping around one run."""

    def __init__(
        self,
        opened: Opened,
        flow: str,
        run_id: int,
        *,
        token: str,
        only: str | None,
        progress: Progress,
        approved: bool = False,
        undoes: int | None = None,
    ) -> None:
        self.opened, self.flow, self.run_id = opened, flow, run_id
        self.token, self.only, self.progress, self.approved = token, only, progress, approved
        self.undoes = undoes
        self.tally = Tally()
        self.started = time.monotonic()
        self.current: Run | None = None

    def run(self, erp: object, shop: object) -> Run:
        """The run itself, once both sides are open."""
        from typing import cast

        from passerelle.ports.erp import ErpSource
        from passerelle.ports.shop import Shop

        erp, shop = cast(ErpSource, erp), cast(Shop, shop)
        self.current = Run(
            id=self.run_id, flow=self.flow, profile=self.opened.profile, rules=self.opened.rules(erp, shop), erp=erp,
            shop=shop, store=self.opened.store, clock=self.opened.clock, token=self.token, only=self.only,
            approved=self.approved, undoes=self.undoes, progress=self.progress,
        )  # fmt: skip
        return self.current

    @contextmanager
    def reporting(self) -> Iterator[Report]:
        """A report that also takes down what ends the run."""
        report = Report(self.flow, self.run_id, "failed", undoes=self.undoes)
        try:
            yield report
        except PasserelleError as error:
            report.failure = located(error, articles=self.opened.profile.articles)
            report.state = "failed"
            if isinstance(error, (ConfigError, ProtocolError)):
                self.opened.drop_context()

    def finish(self, report: Report) -> Report:
        """Store and complete the report."""
        store = self.opened.store
        counts = asdict(self.current.counts) if self.current else {}
        report.counts, report.requests, report.writes = counts, self.tally.requests, self.tally.writes
        report.seconds = round(time.monotonic() - self.started, 3)
        failure = report.failure
        store.set_run(
            self.run_id, state=report.state, ended=report.state not in APPROVABLE,
            counts={**counts, "requests": report.requests, "writes": report.writes, "seconds": report.seconds},
            held_by=[{"code": t.code, "template": t.template, "params": t.params} for t in report.held_by],
            failure={"code": failure.code(), "params": failure.params, "detail": failure.detail} if failure else None,
        )  # fmt: skip
        report.issues = store.issues(flow=self.flow)
        return report


# --- approval --------------------------------------------------------------------------------------------------------


def find_run(run_id: int) -> tuple[RunRow, str]:
    """A run of any profile, and its profile's name. Raises RunUnknown."""
    with sql.guarded():
        found = models.Run.objects.select_related("profile").filter(id=run_id).first()
    if found is None:
        raise RunUnknown(run=run_id)
    return run_row(found), found.profile.name


def approve(opened: Opened, run: RunRow, *, selection: str = "", progress: Progress = silent) -> Report:
    """Execute a held or previewed run exactly as it was planned, or go on with one that was stopped.

    Raises RunNotHeld, PlanOutdated, PlanStale, SelectionInvalid, LaneBusy.
    """
    with lane(opened, run.flow) as token:
        run = opened.store.run(run.id)
        _approvable(opened, run)
        if selection:
            _select(opened, run, selection)
        return _approved(opened, run, token=token, progress=progress)


def _approved(opened: Opened, row: RunRow, *, token: str, progress: Progress) -> Report:
    work = _Work(
        opened, row.flow, row.id, token=token, only=row.only or None, progress=progress, approved=True,
        undoes=row.undoes,
    )  # fmt: skip
    with work.reporting() as report, opened.connections(tally=work.tally, context=opened.kept_context()) as sides:
        run = work.run(*sides)
        settle_doubts(run, lane=row.lane)
        opened.store.set_run(row.id, state="running")
        run.counts.planned = int(row.counts.get("planned", 0))
        flows.execute(run, watch=opened.watch(run))
        report.state = "done"
    return work.finish(report)


def _approvable(opened: Opened, run: RunRow) -> None:
    resumed = run.state == "running"  # its process is gone, or this lane could not have been taken
    if run.state not in APPROVABLE and not resumed:
        raise RunNotHeld(run=run.id, state=run.state)
    if run.settings != opened.settings:
        raise PlanOutdated(profile=opened.profile.profile.name, run=run.id)
    age = (opened.clock.now() - run.planned_at).total_seconds()
    if run.flow == "stocks" and run.undoes is None and age > STALE_AFTER:
        raise PlanStale(run=run.id, minutes=round(age / 60))


def _select(opened: Opened, run: RunRow, selection: str) -> None:
    numbers = parse_selection(selection, run=run.id)
    known = {action.seq for page in opened.store.actions(run.id) for action in page}
    if not numbers <= known:
        raise SelectionInvalid(selection=selection, run=run.id)
    opened.store.deselect_all_but(run.id, selected=numbers)


def parse_selection(selection: str, *, run: int) -> frozenset[int]:
    """The action numbers of "1-20,35". Raises SelectionInvalid."""
    chosen: set[int] = set()
    for part in selection.split(","):
        first, _, last = part.strip().partition("-")
        if not first.isdecimal() or (last and not last.isdecimal()) or int(last or first) - int(first) > 1_000_000:
            raise SelectionInvalid(selection=selection, run=run)
        chosen |= set(range(int(first), int(last or first) + 1))
    return frozenset(chosen)


def cancel(opened: Opened, run: RunRow) -> None:
    """Give a held or previewed run up. Raises RunNotHeld."""
    if run.state not in APPROVABLE:
        raise RunNotHeld(run=run.id, state=run.state)
    opened.store.set_run(run.id, state="cancelled", ended=True)


# --- issues ----------------------------------------------------------------------------------------------------------


def flows_to_retry(opened: Opened, issue_ids: tuple[int, ...]) -> list[tuple[str, str | None]]:
    """The flows to run again for these issues (all of them without ids), with the record when it is a single one.

    Raises IssueUnknown.
    """
    issues = opened.store.issues()
    known = {issue.id: issue for issue in issues}
    for number in issue_ids:
        if number not in known:
            raise IssueUnknown(issue=number, profile=opened.profile.profile.name)
    chosen = [known[number] for number in issue_ids] if issue_ids else issues
    keys: dict[str, set[str]] = {}
    for issue in chosen:
        keys.setdefault(issue.flow, set()).add(issue.key)
    return [(flow, next(iter(found)) if len(found) == 1 else None) for flow, found in keys.items()]


# --- check -----------------------------------------------------------------------------------------------------------


def check(opened: Opened) -> list[Finding]:
    """Test both connections and every mapping; changes nothing on either side."""
    findings: list[Finding] = [Finding(Severity.WARNING, warning) for warning in opened.loaded.warnings]
    opened.drop_context()
    with opened.connections(tally=Tally()) as (erp, shop):
        erp_ok = _checked(findings, erp.check)
        shop_ok = _checked(findings, shop.check)
        if erp_ok and shop_ok:
            _checked(findings, lambda: _mappings(opened, erp, shop))
    return findings


def _checked(findings: list[Finding], ask: object) -> bool:
    """Add what a check finds, or what stops it; whether there is no error among it."""
    assert callable(ask)
    try:
        found: list[Finding] = ask()
    except PasserelleError as error:
        found = [finding_of(error)]
    findings.extend(found)
    return all(finding.severity is not Severity.ERROR for finding in found)


def finding_of(error: PasserelleError) -> Finding:
    """A finding that says an error."""
    step = Text(f"{error.code()}_next", error.next_step, error.params)
    return Finding(Severity.ERROR, Text.of(error), step)


def _mappings(opened: Opened, erp: object, shop: object) -> list[Finding]:
    return check_mappings(opened, erp, shop)  # type: ignore[arg-type]


# --- stored profiles -------------------------------------------------------------------------------------------------


def import_profile(path: str) -> str:
    """Store a profile file under its name; every change is a version. Gives the name."""
    opened = open_profile(path)
    _, text = read_profile(path, environ=_environ())
    with sql.guarded():
        models.Profile.objects.filter(id=opened.stored.id).update(toml=text)
        models.ProfileVersion.objects.create(
            profile_id=opened.stored.id, toml=text, author=opened.store.author, at=opened.clock.now()
        )
    return opened.stored.name


def export_profile(name: str) -> str:
    """The text of a stored profile. Raises ProfileUnknown."""
    return read_profile(name, environ=_environ())[1]


def _environ() -> dict[str, str]:
    import os

    return dict(os.environ)
