"""How an option is declared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Check = Callable[[Any], str | None]


@dataclass(frozen=True, slots=True)
class Option:
    """What is said of an option beside its name, type and default, which the dataclass field says.

    `label` and `help` are English templates marked for extraction; `allowed` is shown when a value is refused;
    `check` gives the reason why a well-typed value is not allowed, or None. `needs` names the options it waits for, all
    of them; one entry may hold alternatives ("a | b"). An `implied` table is on without being written once what it
    needs is on. `example` is what `init` prints; a bool whose example is True is switched on there.
    A `secret` is never shown: not in messages, not in the repr of its section.
    """

    label: str
    help: str = ""
    allowed: str = ""
    check: Check | None = None
    needs: tuple[str, ...] = ()
    example: Any = None
    secret: bool = False
    implied: bool = False


def option(
    default: Any = ...,
    *,
    label: str,
    help: str = "",
    allowed: str = "",
    check: Check | None = None,
    needs: tuple[str, ...] = (),
    example: Any = None,
    secret: bool = False,
    implied: bool = False,
) -> Any:
    """A dataclass field that is an option; without a default it must be given. Mutable defaults are copied."""
    meta = {"option": Option(label, help, allowed, check, needs, example, secret, implied)}
    if default is ...:
        return field(metadata=meta, repr=not secret)
    if isinstance(default, (dict, list)):
        return field(default_factory=lambda: type(default)(default), metadata=meta, repr=not secret)
    return field(default=default, metadata=meta, repr=not secret)


def option_of(declared: Any) -> Option | None:
    """The Option of a dataclass field, None for a plain one."""
    found = declared.metadata.get("option")
    return found if isinstance(found, Option) else None
