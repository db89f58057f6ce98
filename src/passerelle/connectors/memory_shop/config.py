"""Options of the memory shop."""

from __future__ import annotations

from dataclasses import dataclass

from passerelle.domain.texts import N_
from passerelle.ports.manifest import Capability
from passerelle.profile.option import option


def _at_least_one(value: int) -> str | None:
    return None if value >= 1 else N_("1 or more")


def _capabilities(value: tuple[str, ...]) -> str | None:
    known = {str(capability) for capability in Capability}
    return None if known.issuperset(value) else N_("names of capabilities")


@dataclass(frozen=True, kw_only=True)
class MemoryShopConfig:
    """A shop in memory."""

    path: str = option("", label=N_("File"), help=N_("Where the shop is kept; empty: in memory only."))
    key: str = option("", label=N_("Key"), help=N_("The key the shop asks for; empty: none."), secret=True)
    max_batch: int = option(50, label=N_("Entities per request"), allowed=N_("1 or more"), check=_at_least_one)
    without: tuple[str, ...] = option(
        (), label=N_("Missing capabilities"), allowed=", ".join(Capability), check=_capabilities
    )
