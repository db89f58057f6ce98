"""Options of the memory ERP."""

from __future__ import annotations

from dataclasses import dataclass

from passerelle.domain.texts import N_
from passerelle.profile.option import option


@dataclass(frozen=True, kw_only=True)
class MemoryErpConfig:
    """An ERP in memory."""

    path: str = option("", label=N_("File"), help=N_("Where the ERP's data are kept; empty: in memory only."))
