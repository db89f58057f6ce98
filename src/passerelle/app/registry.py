"""Every connector, one line each. The only place that imports them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from passerelle.connectors.memory_erp.adapter import MemoryErp
from passerelle.connectors.memory_erp.config import MemoryErpConfig
from passerelle.connectors.memory_shop.adapter import MemoryShop
from passerelle.connectors.memory_shop.config import MemoryShopConfig
from passerelle.connectors.odoo.adapter import Odoo
from passerelle.connectors.odoo.config import OdooConfig
from passerelle.connectors.prestashop.adapter import Prestashop
from passerelle.connectors.prestashop.config import PrestashopConfig
from passerelle.connectors.sage100.adapter import Sage100
from passerelle.connectors.sage100.config import Sage100Config
from passerelle.connectors.tryton.adapter import Tryton
from passerelle.connectors.tryton.config import TrytonConfig
from passerelle.connectors.woocommerce.adapter import Woocommerce
from passerelle.connectors.woocommerce.config import WoocommerceConfig
from passerelle.ports.clock import Clock
from passerelle.ports.erp import ErpSource
from passerelle.ports.shop import Shop, ShopContext
from passerelle.transport.http import Tally
from passerelle.transport.limiter import MemoryLimiter


@dataclass(frozen=True)
class Tools:
    """What a connector is given."""

    clock: Clock
    tally: Tally
    languages: Mapping[str, str]
    context: ShopContext | None = None


def _limiter(config: Any, tools: Tools) -> MemoryLimiter:
    return MemoryLimiter(clock=tools.clock, per_second=getattr(config, "requests_per_second", None))


def _shop(adapter: Any) -> Callable[[Any, Tools], Shop]:
    def opened(config: Any, tools: Tools) -> Shop:
        made: Shop = adapter(
            config, languages=dict(tools.languages), clock=tools.clock, limiter=_limiter(config, tools),
            tally=tools.tally, context=tools.context,
        )  # fmt: skip
        return made

    return opened


def _erp(adapter: Any) -> Callable[[Any, Tools], ErpSource]:
    def opened(config: Any, tools: Tools) -> ErpSource:
        made: ErpSource = adapter(config, clock=tools.clock)
        return made

    return opened


def _erp_over_http(adapter: Any) -> Callable[[Any, Tools], ErpSource]:
    def opened(config: Any, tools: Tools) -> ErpSource:
        made: ErpSource = adapter(config, clock=tools.clock, limiter=_limiter(config, tools), tally=Tally())
        return made

    return opened


ERPS: dict[str, tuple[type, Callable[[Any, Tools], ErpSource]]] = {
    "sage100": (Sage100Config, _erp(Sage100)),
    "odoo": (OdooConfig, _erp_over_http(Odoo)),
    "tryton": (TrytonConfig, _erp_over_http(Tryton)),
    "memory_erp": (MemoryErpConfig, _erp(MemoryErp)),
}
SHOPS: dict[str, tuple[type, Callable[[Any, Tools], Shop]]] = {
    "prestashop": (PrestashopConfig, _shop(Prestashop)),
    "woocommerce": (WoocommerceConfig, _shop(Woocommerce)),
    "memory_shop": (MemoryShopConfig, _shop(MemoryShop)),
}

ERP_CONFIGS = {name: config for name, (config, _) in ERPS.items()}
SHOP_CONFIGS = {name: config for name, (config, _) in SHOPS.items()}
