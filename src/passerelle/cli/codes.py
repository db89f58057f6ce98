"""Exit status: what a script that calls Passerelle may rely on."""

from __future__ import annotations

from collections.abc import Iterable

from passerelle import errors
from passerelle.app.services import Report

DONE, PARTLY, WRONG, HELD, CONNECTION, INTERNAL, BUSY, INTERRUPTED = 0, 1, 2, 3, 4, 5, 6, 130
WORST_FIRST = (INTERRUPTED, BUSY, INTERNAL, CONNECTION, HELD, WRONG, PARTLY, DONE)

_BY_CLASS: tuple[tuple[type[errors.PasserelleError], int], ...] = (
    (errors.LaneBusy, BUSY),
    (errors.LeaseLost, BUSY),
    (errors.PlanStale, HELD),
    (errors.PlanOutdated, HELD),
    (errors.PlanError, WRONG),
    (errors.ProfileError, WRONG),
    (errors.ConfigError, CONNECTION),
    (errors.StorageFull, INTERNAL),
    (errors.StoreBusy, INTERNAL),
    (errors.TransientError, CONNECTION),
    (errors.OutcomeUnknown, CONNECTION),
    (errors.RecordError, PARTLY),
)


def of_error(error: errors.PasserelleError) -> int:
    """The status of an error that ends a command."""
    return next((code for cls, code in _BY_CLASS if isinstance(error, cls)), INTERNAL)


def of_report(report: Report) -> int:
    """The status of one flow."""
    if report.failure is not None:
        return of_error(report.failure)
    if report.state == "held":
        return HELD
    return PARTLY if report.counts.get("parked") or report.counts.get("failed") else DONE


def worst(codes: Iterable[int]) -> int:
    """The status of a command that did several things."""
    found = set(codes)
    return next((code for code in WORST_FIRST if code in found), DONE)
