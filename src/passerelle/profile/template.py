"""The options of a profile for people: the commented file that `init` prints, and the rows of the reference."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from passerelle.domain.texts import N_
from passerelle.profile.declared import Declared, options, sections, walk
from passerelle.profile.toml import inline, key

Translate = Callable[[str], str]
_WIDTH = 100
_INTRODUCTION = N_(
    "A Passerelle profile: one company of the ERP and one shop. A line that begins with # is a default or an example: "
    "remove the # to change it. A table such as [articles.stocks] is on when it is there; remove what you do not want. "
    "${NAME} is replaced by the environment variable NAME: keep passwords and keys out of this file."
)


@dataclass(frozen=True, slots=True)
class Row:
    """One option as the reference shows it, in English; `connector` is empty for the options every profile has."""

    key: str
    connector: str
    type: str
    default: str
    label: str
    help: str
    allowed: str
    needs: str


def rows(*, erp_configs: Mapping[str, type], shop_configs: Mapping[str, type]) -> list[Row]:
    """Every option there is, in file order; the options of each connector stand where its table does."""
    found: list[Row] = []
    for name, section in sections(erp=object, shop=object).items():
        tables = {"erp": erp_configs, "shop": shop_configs}.get(name, {"": section})
        for connector, table in tables.items():
            found += [_row(declared, connector=connector) for declared in walk(table, prefix=name)]
    return found


def template(*, erp: tuple[str, type], shop: tuple[str, type], translate: Translate) -> str:
    """A commented profile for two connectors, each given by name and options.

    An option that has a default is commented out; the others hold their example, so that the file loads once the
    environment variables of the examples are set.
    """
    connectors = {"erp": erp[0], "shop": shop[0]}
    blocks = [
        block
        for name, section in sections(erp=erp[1], shop=shop[1]).items()
        for block in _blocks(section, prefix=name, connector=connectors.get(name), translate=translate)
    ]
    return "\n".join([*_commented(translate(_INTRODUCTION)), "", *blocks])


def _blocks(section: type, *, prefix: str, connector: str | None, translate: Translate) -> Iterator[str]:
    lines = [f"[{prefix}]"]
    if connector is not None:
        lines.append(f"connector = {inline(connector)}")
    tables: list[Declared] = []
    for declared in options(section, prefix=prefix):
        if declared.table is None:
            lines += ["", *_remark(declared, translate=translate), _line(declared)]
        else:
            tables.append(declared)
    yield "\n".join([*lines, ""])
    for table in tables:
        assert table.table is not None
        inner = _blocks(table.table, prefix=table.key, connector=None, translate=translate)
        yield "\n".join([*_remark(table, translate=translate), next(inner)])
        yield from inner


def _line(declared: Declared) -> str:
    example = declared.option.example
    shown = declared.default if example is None else example
    line = f"{key(declared.name)} = {'' if shown is None else inline(shown)}".rstrip()
    return line if declared.required or example is True else f"# {line}"


def _remark(declared: Declared, *, translate: Translate) -> list[str]:
    said = _sentence(declared, translate=translate)
    for pattern, value in _facts(declared):
        said += " " + translate(pattern).format(value=translate(value))
    return _commented(said)


def _commented(said: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(said, _WIDTH, break_on_hyphens=False, break_long_words=False)]


def _sentence(declared: Declared, *, translate: Translate) -> str:
    label = translate(declared.option.label)
    if not declared.option.help:
        return f"{label}."
    return translate(N_("{label}: {help}")).format(label=label, help=translate(declared.option.help))


def _facts(declared: Declared) -> Iterator[tuple[str, str]]:
    if declared.option.allowed:
        yield N_("Allowed: {value}."), declared.option.allowed
    if declared.option.needs and declared.option.implied:
        yield N_("On with {value}, unless enabled = false stands here."), _needs(declared)
    elif declared.option.needs:
        yield N_("Waits for: {value}."), _needs(declared)


def _needs(declared: Declared) -> str:
    return ", ".join(need.replace(" | ", " / ") for need in declared.option.needs)


def _row(declared: Declared, *, connector: str) -> Row:
    said = declared.option
    kind = "table" if declared.table else _kind(declared.hint)
    return Row(declared.key, connector, kind, _default(declared), said.label, said.help, said.allowed, _needs(declared))


def _default(declared: Declared) -> str:
    if declared.table is not None:
        return "on" if declared.option.implied else "off"
    if declared.default is MISSING:
        return "required"
    return "" if declared.default is None else inline(declared.default)


def _kind(hint: Any) -> str:
    arms = [arm for arm in get_args(hint) if arm is not NoneType]
    origin = get_origin(hint)
    if origin is Literal or (isinstance(hint, type) and issubclass(hint, StrEnum)):
        return "choice"
    if origin is dict:
        return f"table of {_kind(arms[1])}"
    if origin is tuple:
        return f"list of {_kind(arms[0])}"
    return " or ".join(_kind(arm) for arm in arms) if arms else _KINDS[hint]


_KINDS = {str: "text", bool: "true or false", int: "whole number", Decimal: "number", float: "number", date: "date"}
