"""What is sent of variants: options, their values and combinations as XML entities. Pure.

The shop stores the price and the weight of a combination as differences from its product's. A value named twice would
be a 500 after the combination was stored, and so would a second default beside the first one be a 500 without a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from msgspec.structs import replace

from passerelle.connectors.prestashop.bodies import CONTROL, decimal, entity_of, is_exact, whole
from passerelle.connectors.prestashop.context import PRICE_MAX
from passerelle.connectors.prestashop.mapping import Languages
from passerelle.connectors.prestashop.wire import Entity, is_sendable, tag
from passerelle.domain.catalogue import split_shop_id
from passerelle.domain.facets import VariantPrice, number
from passerelle.errors import AmountRefused, RecordError, ReferenceRefused, RefusedByShop, TextRefused
from passerelle.ports.shop import OptionValueWrite, OptionWrite, VariantWrite

LIST = "select"  # how the buyer chooses: from a list


def new_option(write: OptionWrite, *, languages: Languages) -> str:
    """An option, chosen from a list; buyers read the same name as the back office."""
    name = dict.fromkeys(languages.all, write.name)
    return entity_of("product_option", {"group_type": LIST}, {"name": name, "public_name": name}, "")


def new_option_value(write: OptionValueWrite, *, languages: Languages) -> str:
    """A value of an option."""
    names = {"name": dict.fromkeys(languages.all, write.text)}
    return entity_of("product_option_value", {"id_attribute_group": write.option}, names, "")


def product_of(write: VariantWrite) -> str:
    """The id of its product, whether it is to be made or changed."""
    return split_shop_id(write.shop_id)[0]


def price_impact(price: VariantPrice) -> Decimal:
    """What a variant costs more than its product. Raises ValueError without the product's price."""
    if price.stored is None:
        return number(Decimal(0))
    if price.base is None:
        raise ValueError("the price of a variant is a difference: it needs its product's")
    return number(price.stored - price.base)


def weight_impact(write: VariantWrite) -> Decimal:
    """What a variant weighs more than its product, of which nothing said is nothing."""
    if write.weight is None:
        return number(Decimal(0))
    return number(write.weight - (write.base_weight or Decimal(0)))


def problem(write: VariantWrite) -> RecordError | None:
    """What cannot be put in a request at all, or would be refused in the middle of a batch."""
    if not is_sendable(write.sku or ""):
        return ReferenceRefused(key=write.key, why=CONTROL)
    if "<" in (write.sku or ""):  # cut there without a word, and the answer shows it whole
        return ReferenceRefused(key=write.key, why="<")
    if not is_sendable(write.gtin or ""):
        return TextRefused(key=write.key, field="barcode", why=CONTROL)
    price = write.price or VariantPrice(stored=None)
    for name, amounts in (("price", (price.stored, price.base)), ("weight", (write.weight, write.base_weight))):
        for value in amounts:
            if value is not None and not value.is_finite():
                return AmountRefused(key=write.key, field=name, value=value)
    for name, impact in (("price", price_impact(price)), ("weight", weight_impact(write))):
        if abs(impact) >= PRICE_MAX or not is_exact(impact):
            return AmountRefused(key=write.key, field=name, value=impact)
    return None


def defaults_of(items: Iterable[VariantWrite]) -> dict[str, VariantWrite]:
    """Product id → the first of the items that becomes its default."""
    found: dict[str, VariantWrite] = {}
    for item in items:
        if item.default:
            found.setdefault(product_of(item), item)
    return found


def rival(write: VariantWrite, *, chosen: Mapping[str, VariantWrite]) -> RecordError | None:
    """A product has one default: a second one in a batch is refused."""
    if not write.default or chosen[product_of(write)] is write:
        return None
    return RefusedByShop(key=write.key, why="another variant of its product becomes the default at the same time")


def creation(write: VariantWrite) -> str:
    """A whole new combination; without a default the shop takes a product's first one."""
    default = {"default_on": "1"} if write.default else {}
    fields = {"id_product": write.shop_id, "minimal_quantity": "1", **_plain(write), **default}
    return entity_of("combination", fields, {}, _values(write))


def in_order(items: Sequence[VariantWrite], *, holders: Iterable[str]) -> list[VariantWrite]:
    """The items, and one for each of the `holders` (ids) that is no longer a default: those first, new defaults last.

    The shop works through a batch in order and bears no second default at any moment.
    """
    held = set(holders)
    freed = [replace(item, default=False) if item.shop_id in held and item.default is None else item for item in items]
    others = held - {item.shop_id for item in items}
    added = [VariantWrite(key=id, shop_id=id, default=False) for id in sorted(others)]
    return sorted([*added, *freed], key=lambda item: bool(item.default))


def changes(write: VariantWrite) -> str:
    """Only what changes, for a shop that has PATCH."""
    fields = {"id": split_shop_id(write.shop_id)[1], **_plain(write), **_default(write)}
    return entity_of("combination", fields, {}, _values(write))


def replacement(write: VariantWrite, *, current: Entity) -> str:
    """The whole combination as the shop has it, changed: PUT empties what is left out.

    What is empty is left out: sent as nothing, a threshold of stock that was never set would become one of 0.
    """
    fields, texts = whole(current)
    fields = {name: value for name, value in fields.items() if value} | _plain(write) | _default(write)
    return entity_of("combination", fields, texts, _values(write))


def _plain(write: VariantWrite) -> dict[str, str]:
    fields: dict[str, str] = {}
    if write.sku is not None:
        fields["reference"] = write.sku
    if write.gtin is not None:
        fields["ean13"] = write.gtin
    if write.weight is not None:
        fields["weight"] = decimal(weight_impact(write))
    if write.price is not None:
        fields["price"] = decimal(price_impact(write.price))
    return fields


def _default(write: VariantWrite) -> dict[str, str]:
    return {} if write.default is None else {"default_on": str(int(write.default))}


def _values(write: VariantWrite) -> str:
    """The whole set; without any the shop keeps those it has."""
    if write.values is None:
        return ""
    rows = "".join(
        f"<product_option_value>{tag('id', id)}</product_option_value>" for id in dict.fromkeys(write.values)
    )
    return f"<associations><product_option_values>{rows}</product_option_values></associations>"
