"""The declarations of sections.py and of the connectors, read as one list of dotted keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from typing import Any, get_args, get_type_hints

from passerelle.profile.option import Option, option_of
from passerelle.profile.sections import Profile


@dataclass(frozen=True, slots=True)
class Declared:
    """One option. `key` is dotted, `default` MISSING when it must be given, `table` set for a table of options.

    `attribute` is the field's own name: a name that Python keeps for itself, such as import, has a _ behind it.
    """

    key: str
    name: str
    attribute: str
    option: Option
    hint: Any
    default: Any
    table: type | None

    @property
    def required(self) -> bool:
        """Whether a profile must give it."""
        return self.default is MISSING


@cache
def options(section: type, *, prefix: str) -> tuple[Declared, ...]:
    """The options of one section, in the order they are declared."""
    hints = get_type_hints(section)
    return tuple(
        Declared(f"{prefix}.{name}", name, declared.name, found, hints[declared.name], _default(declared), table)
        for declared in fields(section)
        if (found := option_of(declared)) is not None
        for name, table in [(declared.name.rstrip("_"), _table(hints[declared.name]))]
    )


def walk(section: type, *, prefix: str) -> Iterator[Declared]:
    """All options of a section, those of its tables after each table."""
    for declared in options(section, prefix=prefix):
        yield declared
        if declared.table is not None:
            yield from walk(declared.table, prefix=declared.key)


def sections(*, erp: type | None, shop: type | None) -> Mapping[str, type]:
    """The top tables of a profile, in file order; a connector that is not known yet is left out."""
    hints = get_type_hints(Profile) | {"erp": erp, "shop": shop}
    return {declared.name: hints[declared.name] for declared in fields(Profile) if hints[declared.name] is not None}


def _default(declared: Any) -> Any:
    return declared.default if declared.default_factory is MISSING else declared.default_factory()


def _table(hint: Any) -> type | None:
    found = [arm for arm in (hint, *get_args(hint)) if isinstance(arm, type) and is_dataclass(arm)]
    return found[0] if found else None
