"""Simple articles that share a field's value become the variants of one product.

The record of a group is made of those of its articles: it changes when one of them does, comes or goes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from hashlib import blake2b

import msgspec
from msgspec.structs import replace

from passerelle.domain.catalogue import Product, Variant
from passerelle.domain.pricing import Price
from passerelle.errors import RecordError
from passerelle.planner.features import folded
from passerelle.planner.texts import cleaned, rendered
from passerelle.ports.erp import Record
from passerelle.profile.sections import VariantOptions

PAGE = 500
GROUP = "group:"  # begins the id of a product that is made of a group: it outlives its master
NO_PRICE = Price(Decimal(0), False)


class Together(msgspec.Struct, frozen=True):
    """Reads the articles of a group as one product with variants, whose sheet is the master's."""

    master: Record[Product]
    members: tuple[Record[Product], ...]
    erp_id: str
    options: dict[str, str]

    def __call__(self) -> Product:
        master = self.master.read()
        variants = tuple(_variant(member, member.read(), self.options) for member in self.members)
        return replace(master, erp_id=self.erp_id, gtin="", has_variants=True, variants=variants)


def grouped(pages: Iterator[list[Record[Product]]], *, options: VariantOptions) -> Iterator[list[Record[Product]]]:
    """The records that belong to no group as they come, then one for each group. Groups are held in memory meanwhile.

    An article with variants of its own stays alone, and so does one that cannot be read: planning tells why.
    """
    groups: dict[str, list[Record[Product]]] = {}
    for page in pages:
        alone: list[Record[Product]] = []
        for record in page:
            name = _group(record, options)
            (groups.setdefault(folded(name), []) if name else alone).append(record)
        if alone:
            yield alone
    made = [_together(name, members, options) for name, members in groups.items()]
    for start in range(0, len(made), PAGE):
        yield made[start : start + PAGE]


def is_group(record: Record[Product]) -> bool:
    """Whether a record is made of several articles: another master does not make it another product."""
    return isinstance(record.read, Together)


def is_of(record: Record[Product], key: str) -> bool:
    """Whether a record is that of an article, or of the group that holds it."""
    read = record.read
    return record.key == key or (isinstance(read, Together) and any(one.key == key for one in read.members))


def _group(record: Record[Product], options: VariantOptions) -> str:
    try:
        product = record.read()
    except RecordError:
        return ""
    return "" if product.has_variants else cleaned(product.fields.get(options.group_by, ""), markup=False)


def _together(name: str, members: Sequence[Record[Product]], options: VariantOptions) -> Record[Product]:
    """The master is the article whose reference is the group's own name, else the lowest reference."""
    ordered = sorted(members, key=lambda record: record.key)
    master = next((one for one in ordered if folded(one.key) == name), ordered[0])
    digest = blake2b(b"".join(one.digest for one in ordered), digest_size=16).digest()
    together = Together(master, tuple(ordered), f"{GROUP}{name}", options.options)
    return Record(key=master.key, erp_id=together.erp_id, digest=digest, read=together)


def _variant(record: Record[Product], product: Product, options: dict[str, str]) -> Variant:
    values = tuple((name, rendered(source, fields=product.fields)) for name, source in options.items())
    return Variant(
        sku=product.sku, erp_id=record.erp_id, options=values, gtin=product.gtin, tax=product.tax,
        price=product.price or NO_PRICE, weight=product.weight,
    )  # fmt: skip
