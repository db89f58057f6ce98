"""Who decides each field of a product, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from passerelle.domain.texts import N_
from passerelle.profile.option import option

Owner = Literal["erp", "erp_once", "shop"]
_ANY = "erp, erp_once, shop"


@dataclass(frozen=True, kw_only=True)
class OwnershipOptions:
    """Who decides: `erp`; `erp_once`, the ERP when it creates the product; `shop`: that field is never written."""

    name: Literal["erp", "erp_once"] = option(
        "erp", label=N_("Name"), allowed=N_("erp, erp_once: no product is created without a name")
    )
    summary: Owner = option("erp", label=N_("Summary"), allowed=_ANY)
    description: Owner = option("erp", label=N_("Description"), allowed=_ANY)
    meta_title: Owner = option("erp", label=N_("Meta title"), allowed=_ANY)
    meta_description: Owner = option("erp", label=N_("Meta description"), allowed=_ANY)
    brand: Owner = option("erp", label=N_("Brand"), allowed=_ANY)
    categories: Owner = option(
        "erp",
        label=N_("Categories"),
        help=N_("shop: new products land in the default category."),
        allowed=_ANY,
    )
    custom_fields: Owner = option("erp", label=N_("Custom fields"), allowed=_ANY)
    visibility: Owner = option(
        "erp",
        label=N_("Visibility"),
        help=N_("shop: products are created hidden, and showing them is left to a person."),
        allowed=_ANY,
    )
    weight: Owner = option(
        "erp", label=N_("Weight"), help=N_("With variants, the ERP decides the weight."), allowed=_ANY
    )
    barcode: Owner = option(
        "erp", label=N_("Barcode"), help=N_("With variants, the ERP decides the barcode."), allowed=_ANY
    )
    price: Literal["erp"] = option(
        "erp",
        label=N_("Price"),
        allowed=N_("erp; the shop owns its prices where there is no [articles.prices] table"),
    )


ERP_OWNS = OwnershipOptions()
