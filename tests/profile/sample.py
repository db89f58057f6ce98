"""Two connectors' options and a profile to try the loader with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from passerelle.domain.texts import N_
from passerelle.errors import ProfileError
from passerelle.profile.load import Loaded, load, problems
from passerelle.profile.option import option


@dataclass(frozen=True, kw_only=True)
class LedgerConfig:
    """An ERP reached by an address with a password."""

    url: str = option(label=N_("Address"), secret=True, example="mssql://reader:${ERP_PASSWORD}@erp.test/BASE")
    company: int = option(1, label=N_("Company"))
    patience: float = option(2.5, label=N_("Patience"))
    folder: str = option("", label=N_("Folder"))


@dataclass(frozen=True, kw_only=True)
class BoutiqueConfig:
    """A shop reached with a key."""

    url: str = option(label=N_("Address"), example="https://shop.example/api")
    key: str = option(label=N_("Key"), secret=True, example="${SHOP_KEY}")
    extra: dict[str, str] = option({}, label=N_("Extra"))


ERPS = {"ledger": LedgerConfig}
SHOPS = {"boutique": BoutiqueConfig}
ENVIRON = {"ERP_PASSWORD": "s3cret", "SHOP_KEY": "K3Y"}

HEAD = """
[profile]
name = "maison"
key = "MD"
[erp]
connector = "ledger"
url = "mssql://reader:${ERP_PASSWORD}@erp.test/BASE"
[shop]
connector = "boutique"
url = "https://shop.example/api"
key = "${SHOP_KEY}"
"""


def loaded(text: str, *, environ: Mapping[str, str] = ENVIRON) -> Loaded:
    """The profile of a whole file."""
    return load(text, source="maison.toml", erp_configs=ERPS, shop_configs=SHOPS, environ=environ)


def wrong(text: str, *, environ: Mapping[str, str] = ENVIRON) -> list[ProfileError]:
    """What is wrong with a whole file."""
    return problems(text, source="maison.toml", erp_configs=ERPS, shop_configs=SHOPS, environ=environ)
