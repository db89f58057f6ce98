"""Who decides what: the fields of a product that the ERP may write, at its creation and afterwards.

What is planned for a product that exists holds, of the fields that are not the ERP's, what was last sent: so nothing
seems to have changed. Those fields are left out of what is written, and of what is compared with the shop.
"""

from __future__ import annotations

from msgspec.structs import replace

from passerelle.domain.catalogue import ShopProduct
from passerelle.domain.facets import Body, Brand, Facet, Facets, Logistics, Texts
from passerelle.planner.products import Sent, last_sent
from passerelle.ports.shop import ProductWrite
from passerelle.profile.ownership import ERP_OWNS, OwnershipOptions

FACETS = {
    Facet.BRAND: "brand",
    Facet.CATEGORIES: "categories",
    Facet.FEATURES: "custom_fields",
    Facet.VISIBILITY: "visibility",
}


def of_the_erp(facet: Facet, *, owners: OwnershipOptions) -> bool:
    """Whether the ERP decides this facet of a product that exists, or at least a part of it."""
    return _owner(facet, owners) == "erp"


def at_creation(bodies: Facets, *, owners: OwnershipOptions) -> Facets:
    """What a new product gets: what the shop decides is left out; a brand of none is nothing to say."""
    return {
        facet: _created_with(body, owners)
        for facet, body in bodies.items()
        if _owner(facet, owners) != "shop" and body != Brand("")
    }


def for_existing(bodies: Facets, *, sent: Sent, owners: OwnershipOptions, gone: bool = False) -> Facets:
    """What a product that exists should hold. One that was hidden because its article was `gone` is shown again.

    A brand is taken off only where we had put one.
    """
    return {
        facet: _updated_with(body, sent, owners)
        for facet, body in bodies.items()
        if of_the_erp(facet, owners=owners) or (gone and facet is Facet.VISIBILITY)
        if body != Brand("") or isinstance(last_sent(sent.get(Facet.BRAND)), Brand)
    }


def written(change: ProductWrite, *, owners: OwnershipOptions) -> ProductWrite:
    """The change of a product that exists, without the fields that are not the ERP's."""
    if owners == ERP_OWNS:
        return change
    texts = {field: by for field, by in (change.texts or {}).items() if _text_owner(field, owners) == "erp"}
    return replace(
        change,
        texts=texts or None,
        weight=change.weight if owners.weight == "erp" else None,
        gtin=change.gtin if owners.barcode == "erp" else None,
    )


def overlooked(found: ShopProduct, *, sent: Sent, owners: OwnershipOptions) -> ShopProduct:
    """A product as the shop holds it, but for the fields that are not the ERP's: those are as they were last sent."""
    if owners == ERP_OWNS:
        return found
    texts, logistics = last_sent(sent.get(Facet.TEXTS)), last_sent(sent.get(Facet.LOGISTICS))
    if isinstance(texts, Texts):
        theirs = {f: found.texts.get(f, {}) | by for f, by in _others(texts, owners).items()}
        found = replace(found, texts={**found.texts, **theirs})
    if isinstance(logistics, Logistics) and owners.weight != "erp":
        found = replace(found, weight=logistics.weight)
    if isinstance(logistics, Logistics) and owners.barcode != "erp":
        found = replace(found, gtin=logistics.gtin)
    return found


def _owner(facet: Facet, owners: OwnershipOptions) -> str:
    return str(getattr(owners, FACETS[facet])) if facet in FACETS else "erp"


def _text_owner(field: str, owners: OwnershipOptions) -> str:
    return str(getattr(owners, field, "erp"))


def _others(texts: Texts, owners: OwnershipOptions) -> dict[str, dict[str, str]]:
    return {field: by for field, by in texts.values.items() if _text_owner(field, owners) != "erp"}


def _created_with(body: Body, owners: OwnershipOptions) -> Body:
    match body:
        case Texts(values):
            return Texts({field: by for field, by in values.items() if _text_owner(field, owners) != "shop"})
        case Logistics(sku, weight, gtin):
            return Logistics(sku, None if owners.weight == "shop" else weight, "" if owners.barcode == "shop" else gtin)
        case _:
            return body


def _updated_with(body: Body, sent: Sent, owners: OwnershipOptions) -> Body:
    if owners == ERP_OWNS:
        return body
    match body:
        case Texts(values):
            ours = {field: by for field, by in values.items() if _text_owner(field, owners) == "erp"}
            last = last_sent(sent.get(Facet.TEXTS))
            return Texts({**ours, **(_others(last, owners) if isinstance(last, Texts) else {})})
        case Logistics(sku, weight, gtin):
            last = last_sent(sent.get(Facet.LOGISTICS))
            held = last if isinstance(last, Logistics) else Logistics(sku, None, "")
            return Logistics(
                sku, weight if owners.weight == "erp" else held.weight, gtin if owners.barcode == "erp" else held.gtin
            )
        case _:
            return body
