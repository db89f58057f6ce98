"""A profile as a TOML file, and as one number that tells whether it changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, is_dataclass
from typing import Any

from passerelle.profile import environment
from passerelle.profile.declared import Declared, options, sections
from passerelle.profile.load import Loaded
from passerelle.profile.toml import inline, key

_CONNECTED = ("erp", "shop")


def dump(loaded: Loaded) -> str:
    """The TOML file of a profile: what must be given, what differs from its default, and every table that is on.

    Values that came from the environment are written as they were, `${…}`; loading the result gives an equal profile.
    """
    blocks = [
        block
        for name, section in _sections(loaded).items()
        for block in _blocks(section, value=getattr(loaded.profile, name), prefix=name, loaded=loaded)
    ]
    return "\n".join(blocks)


def digest(loaded: Loaded) -> str:
    """A stable hash of everything that changes what a run would plan: all options but guards and passwords."""
    lines = [
        line
        for name, section in _sections(loaded).items()
        if name != "guards"
        for line in _digested(section, value=getattr(loaded.profile, name), prefix=name)
    ]
    connectors = [f"erp {loaded.erp_connector}", f"shop {loaded.shop_connector}"]
    return hashlib.blake2b("\n".join(connectors + lines).encode(), digest_size=16).hexdigest()


def _sections(loaded: Loaded) -> Mapping[str, type]:
    return sections(erp=type(loaded.profile.erp), shop=type(loaded.profile.shop))


def _blocks(section: type, *, value: Any, prefix: str, loaded: Loaded) -> Iterator[str]:
    lines = list(_connector(prefix, loaded=loaded))
    inner: list[str] = []
    for declared in options(section, prefix=prefix):
        held = getattr(value, declared.attribute)
        if declared.table is None:
            lines += _line(declared, held=held, loaded=loaded)
        elif held is None:
            inner += _switched_off(declared, loaded=loaded)
        else:
            inner += _blocks(declared.table, value=held, prefix=declared.key, loaded=loaded)
    if lines or "." in prefix:
        yield "\n".join([f"[{_header(prefix)}]", *lines, ""])
    yield from inner


def _connector(prefix: str, *, loaded: Loaded) -> Iterator[str]:
    if prefix in _CONNECTED:
        yield f"connector = {inline(loaded.erp_connector if prefix == 'erp' else loaded.shop_connector)}"


def _line(declared: Declared, *, held: Any, loaded: Loaded) -> list[str]:
    if declared.key in loaded.raw:
        return [f"{key(declared.name)} = {inline(loaded.raw[declared.key])}"]
    if held is None or (declared.default is not MISSING and held == declared.default):
        return []
    connected = declared.key.partition(".")[0] in _CONNECTED
    return [f"{key(declared.name)} = {inline(environment.escaped(held) if connected else held)}"]


def _switched_off(declared: Declared, *, loaded: Loaded) -> list[str]:
    content = loaded.off.get(declared.key)
    if content is None and not _would_be_on(declared, loaded=loaded):
        return []
    lines = [f"{key(name)} = {inline(item)}" for name, item in (content or {}).items()]
    return ["\n".join([f"[{_header(declared.key)}]", "enabled = false", *lines, ""])]


def _would_be_on(declared: Declared, *, loaded: Loaded) -> bool:
    met = (any(_is_on(one, loaded=loaded) for one in need.split(" | ")) for need in declared.option.needs)
    return declared.option.implied and all(met)


def _is_on(dotted: str, *, loaded: Loaded) -> bool:
    value: Any = loaded.profile
    for part in dotted.split("."):
        value = getattr(value, part, None) or getattr(value, f"{part}_", None)
    return value is True or is_dataclass(value)


def _header(dotted: str) -> str:
    return ".".join(key(part) for part in dotted.split("."))


def _digested(section: type, *, value: Any, prefix: str) -> Iterator[str]:
    for declared in options(section, prefix=prefix):
        held = getattr(value, declared.attribute)
        if declared.table is not None and held is not None:
            yield declared.key
            yield from _digested(declared.table, value=held, prefix=declared.key)
        elif held is not None:
            yield f"{declared.key} = {inline(environment.shown(held, secret=declared.option.secret))}"
