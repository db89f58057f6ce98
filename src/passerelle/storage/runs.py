"""Runs, their spooled plans, the journal and the issues."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from passerelle.errors import LeaseLost, RunUnknown
from passerelle.ports.clock import Clock
from passerelle.ports.store import (
    Intent,
    IssueRow,
    JournalRow,
    NewIssue,
    OrderMove,
    OrderState,
    RunRow,
    Settlement,
    SpooledAction,
    Verdict,
)
from passerelle.storage import models, sql
from passerelle.storage.links import pack, unpack
from passerelle.storage.orders import OrderTables

PAGE = 1000
JOURNAL = "id, run_id, seq, kind, key, shop_id, state, author, at, settled_at, old, new, detail"
JOINED = ", ".join(f"j.{name.strip()}" for name in JOURNAL.split(","))
UNFINISHED = ("planning", "running")


def run_row(run: models.Run) -> RunRow:
    """A run as the ports say it."""
    return RunRow(
        id=run.id,
        profile_id=run.profile_id,
        flow=run.flow,
        lane=run.lane,
        state=run.state,
        author=run.author,
        only=run.only,
        settings=run.settings,
        planned_at=run.planned_at,
        ended_at=run.ended_at,
        counts=run.counts,
        held_by=run.held_by,
        failure=run.failure,
        undoes=run.undoes,
    )


def _journal_row(row: tuple[Any, ...]) -> JournalRow:
    identity, run_id, seq, kind, key, shop_id, state, author, at, settled_at, old, new, detail = row
    begun = sql.aware(at)
    assert begun is not None
    return JournalRow(
        id=identity,
        run_id=run_id,
        seq=seq,
        kind=kind,
        key=key,
        shop_id=shop_id,
        state=state,
        author=author,
        at=begun,
        settled_at=sql.aware(settled_at),
        old=unpack(sql.data(old)) or b"",
        new=unpack(sql.data(new)) or b"",
        detail=detail,
    )


class RunTables(OrderTables):
    """The tables run, action, journal and issue of one profile."""

    profile_id: int
    profile_name: str
    author: str
    clock: Clock

    # --- runs ---

    @sql.writes
    def open_run(
        self, *, flow: str, lane: str, author: str, settings: str, only: str, undoes: int | None = None
    ) -> int:
        """A new run in the state `planning`."""
        run = models.Run.objects.create(
            profile_id=self.profile_id,
            flow=flow,
            lane=lane,
            state="planning",
            author=author,
            settings=settings,
            only=only,
            planned_at=self.clock.now(),
            undoes=undoes,
        )
        return run.id

    def run(self, run_id: int) -> RunRow:
        """A run of this profile. Raises RunUnknown."""
        found = models.Run.objects.filter(profile_id=self.profile_id, id=run_id).first()
        if found is None:
            raise RunUnknown(run=run_id)
        return run_row(found)

    @sql.writes
    def set_run(
        self,
        run_id: int,
        *,
        state: str,
        counts: dict[str, float] | None = None,
        held_by: list[dict[str, object]] | None = None,
        failure: dict[str, object] | None = None,
        ended: bool = False,
    ) -> None:
        """Change what is said of a run; None leaves it."""
        given: dict[str, Any] = {"counts": counts, "held_by": held_by, "failure": failure}
        change = {name: given[name] for name in given if given[name] is not None}
        if ended:
            change["ended_at"] = self.clock.now()
        models.Run.objects.filter(id=run_id).update(state=state, **change)

    def unfinished_runs(self, *, lane: str) -> list[RunRow]:
        """Runs of a lane that a process left in the middle."""
        found = models.Run.objects.filter(profile_id=self.profile_id, lane=lane, state__in=UNFINISHED).order_by("id")
        return [run_row(run) for run in found]

    # --- plans ---

    @sql.writes_soon
    def spool(self, run_id: int, *, actions: Iterable[SpooledAction]) -> None:
        """Add actions to the plan of a run."""
        sql.many(
            "INSERT INTO storage_action (run_id, seq, stage, kind, key, selected, state, body) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            [(run_id, a.seq, a.stage, a.kind, a.key, a.selected, a.state, a.body) for a in actions],
        )

    def actions(
        self, run_id: int, *, stage: int | None = None, pending: bool = False, number: int | None = None
    ) -> Iterator[list[SpooledAction]]:
        """The plan in the order of its numbers, by pages; `pending`: only what is selected and not done."""
        where = "run_id = %s AND seq > %s"
        given: list[Any] = []
        if stage is not None:
            where, given = f"{where} AND stage = %s", [*given, stage]
        if number is not None:
            where, given = f"{where} AND seq = %s", [*given, number]
        if pending:
            where, given = f"{where} AND selected = %s AND state = %s", [*given, True, "pending"]
        last = -1
        while page := self._page(where, [run_id, last, *given]):
            yield page
            last = page[-1].seq

    def _page(self, where: str, given: list[Any]) -> list[SpooledAction]:
        query = (
            f"SELECT seq, stage, kind, key, selected, state, body FROM storage_action WHERE {where} "
            f"ORDER BY seq LIMIT {PAGE}"
        )
        return [
            SpooledAction(
                seq=seq, stage=stage, kind=kind, key=key, selected=bool(selected), state=state, body=bytes(body)
            )
            for seq, stage, kind, key, selected, state, body in sql.rows(query, given)
        ]

    @sql.writes_soon
    def set_action_states(self, run_id: int, *, states: dict[int, str]) -> None:
        """Note what became of actions."""
        self._action_states(run_id, states)

    def _action_states(self, run_id: int, states: dict[int, str]) -> None:
        for state, numbers in sql.grouped((state, seq) for seq, state in states.items()):
            query = "UPDATE storage_action SET state = %s WHERE run_id = %s AND seq IN ({keys})"
            sql.execute_among(query, numbers, [state, run_id])

    @sql.writes
    def deselect_all_but(self, run_id: int, *, selected: frozenset[int]) -> None:
        """Untick every pending action that is not chosen."""
        models.Action.objects.filter(run_id=run_id, state="pending").update(selected=False)
        numbers = sorted(selected)
        sql.execute_among(
            "UPDATE storage_action SET selected = %s WHERE run_id = %s AND seq IN ({keys})", numbers, [True, run_id]
        )

    # --- the journal ---

    @sql.writes
    def intend(self, run_id: int, *, token: str, intents: Sequence[Intent]) -> list[int]:
        """Commit what is about to be written. Raises LeaseLost when the lease is no longer ours."""
        return self._intend(run_id, token, intents)

    @sql.writes
    def intend_orders(self, run_id: int, *, token: str, intents: Sequence[Intent]) -> list[int | None]:
        """Commit that documents of orders are about to be placed; None for one that is not due: nothing is written."""
        taken = [intent for intent in intents if self._take_order(intent.shop_id)]
        ids = dict(zip((intent.seq for intent in taken), self._intend(run_id, token, taken), strict=True))
        return [ids.get(intent.seq) for intent in intents]

    def _intend(self, run_id: int, token: str, intents: Sequence[Intent]) -> list[int]:
        held = "(SELECT COUNT(*) FROM storage_lease WHERE token = %s)"
        ours, last = sql.rows(f"SELECT {held}, (SELECT COALESCE(MAX(id), 0) FROM storage_journal)", [token])[0]
        if not ours:
            raise LeaseLost(profile=self.profile_name)
        first = int(last) + 1
        at = sql.moment(self.clock.now())
        sql.many(
            f"INSERT INTO storage_journal ({JOURNAL}) "
            "VALUES (%s, %s, %s, %s, %s, %s, 'intended', %s, %s, NULL, %s, %s, '')",
            [
                (first + i, run_id, n.seq, n.kind, n.key, n.shop_id, self.author, at, pack(n.old), pack(n.new))
                for i, n in enumerate(intents)
            ],
        )
        return list(range(first, first + len(intents)))

    @sql.writes_soon
    def settle(self, run_id: int, *, flow: str, settlement: Settlement) -> list[int]:
        """Store what became of a batch, all of it or nothing; gives the ids of the new links."""
        self._verdicts(settlement.verdicts)
        self._action_states(run_id, settlement.action_states)
        self._unlink(settlement.unlink)  # first: a stale link makes room for its successor
        sql.many("UPDATE storage_link SET erp_key = %s WHERE id = %s", [(k, i) for i, k in settlement.renamed.items()])
        new_ids = self._add_links(settlement.links, self.clock.now())
        self._put_sent(settlement.sent, new_ids, run_id)
        sql.many("UPDATE storage_link SET gone = %s WHERE id = %s", [(g, i) for i, g in settlement.gone.items()])
        self._remember(flow, settlement.seen)
        self._forget(flow, settlement.unseen)
        self._put_issues(run_id, flow, settlement.issues)
        self._heal(flow, settlement.healed)
        self._move_orders(settlement.orders)
        return new_ids

    @sql.writes
    def handed_over(self, journal_id: int, *, token: str, order: str = "") -> None:
        """Commit, and wait for the disk, that a file is about to be handed over; `order` is placed with it."""
        if not sql.value("SELECT COUNT(*) FROM storage_lease WHERE token = %s", [token]):
            raise LeaseLost(profile=self.profile_name)
        sql.execute("UPDATE storage_journal SET state = 'written' WHERE id = %s", [journal_id])
        if order:
            self._move_orders({order: OrderMove(OrderState.PLACED)})

    def _verdicts(self, verdicts: Sequence[Verdict]) -> None:
        at = sql.moment(self.clock.now())
        for (state, detail), ids in sql.grouped(((v.state, v.detail), v.journal_id) for v in verdicts):
            query = "UPDATE storage_journal SET state = %s, detail = %s, settled_at = %s WHERE id IN ({keys})"
            sql.execute_among(query, ids, [state, detail, at])
        made = [(v.shop_id, v.journal_id) for v in verdicts if v.shop_id]
        sql.many("UPDATE storage_journal SET shop_id = %s WHERE id = %s", made)
        renewed = [(pack(v.new), v.journal_id) for v in verdicts if v.new]
        sql.many("UPDATE storage_journal SET new = %s WHERE id = %s", renewed)

    def open_intents(self, *, lane: str) -> list[JournalRow]:
        """Writes of a lane of which nobody noted what became, oldest first."""
        return self._journalled(lane, "('intended', 'doubted')")

    def awaiting(self, *, lane: str) -> list[JournalRow]:
        """What was handed over and is not confirmed yet, oldest first."""
        return self._journalled(lane, "('written')")

    def _journalled(self, lane: str, states: str) -> list[JournalRow]:
        query = (
            f"SELECT {JOINED} FROM storage_journal j JOIN storage_run r ON r.id = j.run_id "
            f"WHERE r.profile_id = %s AND r.lane = %s AND j.state IN {states} ORDER BY j.id"
        )
        return [_journal_row(row) for row in sql.rows(query, [self.profile_id, lane])]

    def journal(self, *, key: str | None = None, run_id: int | None = None) -> Iterator[list[JournalRow]]:
        """Journalled writes of the profile, oldest first, by pages."""
        where, given = "r.profile_id = %s", [self.profile_id]
        if key is not None:
            where, given = f"{where} AND j.key = %s", [*given, key]  # type: ignore[list-item]
        if run_id is not None:
            where, given = f"{where} AND j.run_id = %s", [*given, run_id]
        query = (
            f"SELECT {JOINED} FROM storage_journal j JOIN storage_run r ON r.id = j.run_id "
            f"WHERE {where} AND j.id > %s ORDER BY j.id LIMIT {PAGE}"
        )
        last = 0
        while page := [_journal_row(row) for row in sql.rows(query, [*given, last])]:
            yield page
            last = page[-1].id

    # --- issues ---

    def issues(self, *, flow: str | None = None) -> list[IssueRow]:
        """Open issues, oldest first."""
        found = models.Issue.objects.filter(profile_id=self.profile_id).order_by("id")
        if flow is not None:
            found = found.filter(flow=flow)
        return [
            IssueRow(id=i.id, flow=i.flow, key=i.key, code=i.code, params=i.params, detail=i.detail, since=i.since)
            for i in found
        ]

    @sql.writes
    def put_issues(self, run_id: int, *, flow: str, issues: Sequence[NewIssue]) -> None:
        """Open issues; a record that has one keeps its number and its date."""
        self._put_issues(run_id, flow, issues)

    def _put_issues(self, run_id: int, flow: str, issues: Sequence[NewIssue]) -> None:
        self._forget(flow, [issue.key for issue in issues])  # even a record put back as it was is looked at again
        for chunk in _chunks(issues):
            models.Issue.objects.bulk_create(
                [
                    models.Issue(
                        profile_id=self.profile_id,
                        flow=flow,
                        key=n.key,
                        code=n.code,
                        params=n.params,
                        detail=n.detail,
                        run_id=run_id,
                        since=self.clock.now(),
                    )
                    for n in {issue.key: issue for issue in chunk}.values()
                ],
                update_conflicts=True,
                unique_fields=["profile", "flow", "key"],
                update_fields=["code", "params", "detail", "run_id"],
            )

    @sql.writes
    def heal(self, *, flow: str, keys: Sequence[str]) -> None:
        """Close the issues of these records."""
        self._heal(flow, keys)

    def _heal(self, flow: str, keys: Sequence[str]) -> None:
        some = "SELECT COUNT(*) FROM (SELECT 1 FROM storage_issue WHERE profile_id = %s AND flow = %s LIMIT 1) AS one"
        if keys and sql.value(some, [self.profile_id, flow]):  # mostly there is none, and every batch asks
            query = "DELETE FROM storage_issue WHERE profile_id = %s AND flow = %s AND key IN ({keys})"
            sql.execute_among(query, keys, [self.profile_id, flow])


def _chunks(issues: Sequence[NewIssue]) -> Iterator[list[NewIssue]]:
    rest = iter(issues)
    while chunk := list(islice(rest, 100)):
        yield chunk
