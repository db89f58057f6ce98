"""How a defect is written down: what is wrong, in which connector, and the obligation that must notice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest


@dataclass(frozen=True)
class Defect:
    """`broken` is a connector with one defect; `given` are the parameters of the obligation, `needs` of the harness.

    `raises` is the error that the defect itself lets through, where it is not an assertion of the kit that fails.
    """

    obligation: str
    broken: type
    given: dict[str, Any] = field(default_factory=dict)
    needs: dict[str, Any] = field(default_factory=dict)
    raises: type[BaseException] = AssertionError

    def __str__(self) -> str:
        return f"{self.broken.__name__}-{self.obligation}"


def obligations(contract: type) -> set[str]:
    """The names of the tests of a contract."""
    return {name for name in dir(contract) if name.startswith("test_")}


def fails(contract: type, defect: Defect, *, harness: Any) -> bool:
    """Whether a connector fails an obligation as the defect says; one that is skipped proves nothing."""
    act: Callable[..., None] = getattr(contract(), defect.obligation)
    try:
        act(harness, **defect.given)
    except pytest.skip.Exception as reason:
        raise RuntimeError(f"{defect.obligation} was skipped: {reason}") from reason
    except (defect.raises, pytest.fail.Exception):
        return True
    return False
