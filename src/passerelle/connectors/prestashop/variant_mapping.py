"""What options, their values and combinations of the webservice mean, as our structs. Pure."""

from __future__ import annotations

from passerelle.connectors.prestashop.mapping import number, switch
from passerelle.connectors.prestashop.wire import Entity, field, linked, translations
from passerelle.domain.catalogue import ShopVariant, variant_shop_id
from passerelle.ports.shop import ShopOption, ShopOptionValue


def option(entity: Entity, *, language: str) -> ShopOption:
    """An option by its name in a language of the shop."""
    return ShopOption(field(entity, "id"), translations(entity, "name").get(language, ""))


def option_value(entity: Entity, *, language: str) -> ShopOptionValue:
    """A value of an option by its name in a language of the shop."""
    text = translations(entity, "name").get(language, "")
    return ShopOptionValue(field(entity, "id"), field(entity, "id_attribute_group"), text)


def shop_id(entity: Entity) -> str:
    """The id of a combination among all products and variants."""
    return variant_shop_id(field(entity, "id_product"), field(entity, "id"))


def variant(entity: Entity) -> ShopVariant:
    """A combination as the port gives it, its values in the order of their ids.

    Where no combination of a product says that it is the default, the shop opens with the first and none is said here.
    """
    return ShopVariant(
        shop_id=shop_id(entity),
        sku=field(entity, "reference"),
        gtin=field(entity, "ean13"),
        values=tuple(sorted((field(row, "id") for row in linked(entity, "product_option_values")), key=int)),
        price=number(entity, "price"),
        weight=number(entity, "weight"),
        default=switch(entity, "default_on"),
    )
