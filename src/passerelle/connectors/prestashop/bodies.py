"""What is sent: products, categories, brands and stock lines as XML entities, and what XML cannot hold. Pure.

The shop blanks the languages that a write leaves out of a translated field, so every language is always there. Fields
that the shop refuses to take back are never sent, and associations only when they are meant: a subset removes the rest.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from decimal import Decimal

from passerelle.connectors.prestashop.mapping import TEXT_FIELDS, Languages
from passerelle.connectors.prestashop.wire import (
    SYSTEM,
    Entity,
    field,
    is_sendable,
    linked,
    tag,
    translated,
    translations,
)
from passerelle.errors import AmountRefused, AnswerIncomplete, RecordError, ReferenceRefused, TextRefused
from passerelle.ports.shop import BrandWrite, CategoryWrite, FeatureValueWrite, FeatureWrite, ProductWrite

# Refused with code 93, or, for the position, 134 when the product is not in its default category.
# Which variant is the default is theirs: sent back with the product, it would be set anew, and a subset of its
# combinations, among the associations, would delete the others.
NOT_WRITABLE = frozenset(
    {"manufacturer_name", "quantity", "position_in_category", "id_default_combination", "associations"}
)
# Left out, they are 0: the product would be in no list of the back office and could not be bought.
AS_THE_BACK_OFFICE = {
    "state": "1",
    "available_for_order": "1",
    "show_price": "1",
    "minimal_quantity": "1",
    "visibility": "both",
    "condition": "new",
    "product_type": "standard",
}
SLUG = "link_rewrite"
FEATURES = "product_features[id,id_feature_value]"  # as `display` names them
SLUG_LENGTH = 128
SIGNIFICANT = 14  # digits of an amount
CONTROL = "it holds a control character"

_LIGATURES = str.maketrans(
    {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l"}
)


def slugs(texts: Mapping[str, str], *, fallback: str) -> dict[str, str]:
    """A valid address part for each text: ASCII letters, digits and dashes, never empty."""
    return {id: slug(text) or slug(fallback) or "x" for id, text in texts.items()}


def slug(text: str) -> str:
    """The address part of a text; empty when nothing of it is left."""
    plain = unicodedata.normalize("NFKD", text.translate(_LIGATURES)).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:SLUG_LENGTH].strip("-")


def is_exact(value: Decimal) -> bool:
    """Whether the shop stores an amount as it is: PHP keeps 14 significant digits and rounds the rest silently."""
    return value.is_finite() and len(value.normalize().as_tuple().digits) <= SIGNIFICANT


def decimal(value: Decimal) -> str:
    """A number as the shop takes it: digits and a dot."""
    return format(value, "f")


def texts_of(write: ProductWrite) -> dict[str, dict[str, str]]:
    """The shop's field → our language code → text, of what this write gives."""
    texts = {TEXT_FIELDS[name]: by for name, by in (write.texts or {}).items()}
    return texts if write.slug is None else {**texts, SLUG: write.slug}


def needed(write: ProductWrite, *, languages: Languages) -> set[str]:
    """What of the product must be read to be sent back, as `display` names it."""
    features = set() if write.features is None else {FEATURES}
    return lacking(write, languages=languages) | features


def lacking(write: ProductWrite, *, languages: Languages) -> set[str]:
    """The shop's fields of which this write does not give every language."""
    every = set(languages.all)
    return {name for name, by in texts_of(write).items() if set(languages.theirs(by)) < every}


def problem(write: ProductWrite) -> RecordError | None:
    """What cannot be put in a request at all."""
    if write.sku is not None and not is_sendable(write.sku):
        return ReferenceRefused(key=write.key, why=CONTROL)
    texts = {**(write.texts or {}), "slug": write.slug or {}, "barcode": {"": write.gtin or ""}}
    for name, by in texts.items():
        if not all(is_sendable(text) for text in by.values()):
            return TextRefused(key=write.key, field=name, why=CONTROL)
    for name, value in (("price", write.price), ("weight", write.weight)):
        if value is not None and not is_exact(value):
            return AmountRefused(key=write.key, field=name, value=value)
    return None


def unsendable(key: str, *names: str) -> RecordError | None:
    """A name that cannot be put in a request at all."""
    if all(is_sendable(name) for name in names):
        return None
    return TextRefused(key=key, field="name", why=CONTROL)


def creation(write: ProductWrite, *, languages: Languages, home: str) -> str:
    """A whole new product, as the back office would make it; hidden unless it says otherwise."""
    names = _everywhere(write.texts.get("name", {}) if write.texts else {}, languages=languages)
    texts = {name: _everywhere(by, languages=languages) for name, by in texts_of(write).items()}
    texts[SLUG] = slugs(texts.get(SLUG, names), fallback=write.sku or write.key)
    categories = write.categories or (write.default_category or home,)
    fields = {
        **AS_THE_BACK_OFFICE,
        "price": "0",
        "active": "0",
        "id_category_default": categories[-1],
        **_plain(write),
    }
    shelves = _categories(categories, write.default_category)
    return entity_of("product", fields, texts, _linked(shelves, _features(write.features or {})))


def changes(write: ProductWrite, *, languages: Languages, current: Entity | None) -> str:
    """Only what changes, for a shop that has PATCH. `current` holds what is lacking as the shop has it."""
    held = {name: translations(current, name) for name in lacking(write, languages=languages)}
    fields = {"id": write.shop_id, **_plain(write)}
    texts = _texts(write, languages=languages, current=held)
    return entity_of("product", fields, texts, _associations(write, current=current))


def replacement(write: ProductWrite, *, languages: Languages, current: Entity) -> str:
    """The whole product as the shop has it, changed: PUT empties what is left out."""
    fields, texts = whole(current)
    fields.update(_plain(write))
    texts.update(_texts(write, languages=languages, current=texts))
    if not all(texts[SLUG].values()):  # products made by other tools; the shop refuses them now
        texts[SLUG] = _filled(texts[SLUG], texts["name"], fallback=write.key)
    return entity_of("product", fields, texts, _associations(write, current=current))


def whole(entity: Entity) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Every field of an entity that may be sent back: plain ones, translated ones."""
    fields: dict[str, str] = {}
    texts: dict[str, dict[str, str]] = {}
    for child in entity:
        if child.tag in NOT_WRITABLE:
            continue
        if child.find("language") is None:
            fields[child.tag] = child.text or ""
        else:
            texts[child.tag] = translations(entity, child.tag)
    return fields, texts


def stock_line(stock_ref: str, quantity: int) -> str:
    """A stock line, for a shop that has PATCH."""
    return f"<stock_available><id>{stock_ref}</id><quantity>{quantity}</quantity></stock_available>"


def whole_stock_line(entity: Entity, quantity: int) -> str:
    """The whole stock line as the shop has it, with another quantity: without its shop, PUT would lose it."""
    fields = {child.tag: child.text or "" for child in entity}
    return entity_of("stock_available", {**fields, "quantity": str(quantity)}, {}, "")


def new_category(write: CategoryWrite, *, languages: Languages) -> str:
    """A category, visible."""
    names = _everywhere(write.names, languages=languages)
    texts = {"name": names, SLUG: slugs(names, fallback=write.key)}
    return entity_of("category", {"id_parent": write.parent, "active": "1"}, texts, "")


def new_brand(write: BrandWrite) -> str:
    """A brand, visible."""
    return entity_of("manufacturer", {"name": write.name, "active": "1"}, {}, "")


def _plain(write: ProductWrite) -> dict[str, str]:
    given = {
        "reference": write.sku,
        "id_tax_rules_group": write.tax_rule,
        "price": None if write.price is None else decimal(write.price),
        "id_manufacturer": None if write.brand is None else write.brand or "0",
        "id_category_default": write.default_category,
        "weight": None if write.weight is None else decimal(write.weight),
        "ean13": write.gtin,
        "active": None if write.visible is None else str(int(write.visible)),
    }
    return {name: value for name, value in given.items() if value is not None}


def _everywhere(by: Mapping[str, str], *, languages: Languages) -> dict[str, str]:
    """A text in every language of the shop; the main one, or else the first given, stands in for those not given."""
    given = languages.theirs(by)
    spare = by.get(languages.main) or next(iter(by.values()), "")
    return {id: given.get(id, spare) for id in languages.all}


def _texts(
    write: ProductWrite, *, languages: Languages, current: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    found = {}
    for name, by in texts_of(write).items():
        given = {**current.get(name, {}), **languages.theirs(by)}
        if unread := set(languages.all) - set(given):
            raise AnswerIncomplete(system=SYSTEM, what=f"{name} in language {', '.join(sorted(unread))}")
        found[name] = {id: given[id] for id in languages.all}
        if name == SLUG:
            found[name] = _filled(found[name], languages.theirs(by), fallback=write.key)
    return found


def _filled(links: Mapping[str, str], names: Mapping[str, str], *, fallback: str) -> dict[str, str]:
    spare = next((text for text in links.values() if text), "")
    made = slugs({id: names.get(id, "") for id in links}, fallback=spare or fallback)
    return {id: text or made[id] for id, text in links.items()}


def _associations(write: ProductWrite, *, current: Entity | None) -> str:
    parts = [] if write.categories is None else [_categories(write.categories, write.default_category)]
    if write.features is not None:
        parts.append(_features(write.features, held=features_of(current)))
    return _linked(*parts)


def _linked(*parts: str) -> str:
    return f"<associations>{''.join(parts)}</associations>" if any(parts) else ""


def _categories(ids: tuple[str, ...], default: str | None) -> str:
    every = dict.fromkeys([*ids, *([default] if default else [])])
    rows = "".join(f"<category>{tag('id', id)}</category>" for id in every)
    return f"<categories>{rows}</categories>"


def features_of(entity: Entity) -> list[tuple[str, str]]:
    """The features of a product: (feature, value) ids."""
    rows = linked(entity, "product_features")
    return [(field(row, "id"), field(row, "id_feature_value")) for row in rows]


def _features(wanted: Mapping[str, tuple[str, ...]], *, held: Iterable[tuple[str, str]] = ()) -> str:
    """All features of a product: those that are given, beside those of the shop that are not.

    The shop answers the same pair twice with an empty 500.
    """
    pairs = [(feature, value) for feature, value in held if feature not in wanted]
    pairs += [(feature, value) for feature, values in wanted.items() for value in values]
    rows = "".join(
        f"<product_feature>{tag('id', feature)}{tag('id_feature_value', value)}</product_feature>"
        for feature, value in dict.fromkeys(pairs)
    )
    return f"<product_features>{rows}</product_features>"


def new_feature(write: FeatureWrite, *, languages: Languages) -> str:
    """A feature."""
    return entity_of("product_feature", {}, {"name": dict.fromkeys(languages.all, write.name)}, "")


def new_feature_value(write: FeatureValueWrite, *, languages: Languages) -> str:
    """A value that products share."""
    texts = {"value": dict.fromkeys(languages.all, write.text)}
    return entity_of("product_feature_value", {"id_feature": write.feature, "custom": "0"}, texts, "")


def entity_of(name: str, fields: Mapping[str, str], texts: Mapping[str, Mapping[str, str]], associations: str) -> str:
    """An entity of plain fields, of texts by language, and of associations that are XML already ("" for none)."""
    plain = "".join(tag(field, value) for field, value in fields.items())
    spoken = "".join(translated(field, by) for field, by in texts.items())
    return f"<{name}>{plain}{spoken}{associations}</{name}>"
