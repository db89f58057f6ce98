"""Options of the memory ERP."""

from __future__ import annotations

from dataclasses import dataclass

from passerelle.domain.texts import N_
from passerelle.ports.manifest import Capability
from passerelle.profile.option import option


def _capabilities(value: tuple[str, ...]) -> str | None:
    known = {str(capability) for capability in Capability}
    return None if known.issuperset(value) else N_("names of capabilities")


@dataclass(frozen=True, kw_only=True)
class MemoryErpConfig:
    """An ERP in memory."""

    path: str = option("", label=N_("File"), help=N_("Where the ERP's data are kept; empty: in memory only."))
    later: bool = option(
        False,
        label=N_("Takes documents later"),
        help=N_("Documents and customers wait until the ERP takes them, as with import files."),
    )
    without: tuple[str, ...] = option(
        (), label=N_("Missing capabilities"), allowed=", ".join(Capability), check=_capabilities
    )
