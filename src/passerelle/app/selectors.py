"""The questions: what CLI and console show."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from passerelle.app.wiring import Opened
from passerelle.domain.facets import (
    Body,
    Brand,
    Categories,
    Facet,
    Facets,
    Features,
    Logistics,
    OrderStatus,
    Stock,
    StoredPrice,
    TaxRuleId,
    Texts,
    Tracking,
    VariantPrice,
    VariantSheet,
    Visibility,
)
from passerelle.domain.orders import SalesDocument
from passerelle.domain.parties import Customer
from passerelle.domain.texts import N_, Text
from passerelle.errors import RecordError, leaves
from passerelle.planner.actions import Action, decode_action, decode_facets
from passerelle.ports.store import IssueRow, JournalRow, RunRow, SpooledAction
from passerelle.storage import models, sql
from passerelle.storage.runs import run_row

Value = str | int | Decimal | bool | None
_LEAVES = {leaf.code(): leaf for leaf in leaves()}

LABELS = {
    "name": N_("name"),
    "summary": N_("summary"),
    "description": N_("description"),
    "meta_title": N_("meta title"),
    "meta_description": N_("meta description"),
    "tax": N_("tax rule"),
    "price_excl": N_("price excl. VAT"),
    "price_incl": N_("price incl. VAT"),
    "brand": N_("brand"),
    "categories": N_("categories"),
    "feature": N_("feature"),
    "sku": N_("reference"),
    "weight": N_("weight"),
    "gtin": N_("barcode"),
    "visible": N_("visible"),
    "stock": N_("stock"),
    "customer": N_("customer"),
    "customer_name": N_("name of the customer"),
    "order_line": N_("line"),
    "payment_method": N_("payment method"),
    "carrier": N_("carrier"),
    "status": N_("status"),
    "tracking": N_("tracking numbers"),
    "option": N_("option"),
    "default": N_("shown first"),
    "price_of_product": N_("at its article's price"),
    "price_difference": N_("price above its article's, excl. VAT"),
}


class Change(msgspec.Struct, frozen=True):
    """One field that changes; `field` is a key of LABELS, `language` "" where there is none, None is "not known"."""

    field: str
    language: str
    old: Value
    new: Value


def changes(new: Facets, *, old: Facets) -> list[Change]:
    """The field-level differences of an action or a journalled write."""
    found: list[Change] = []
    for facet in Facet:
        if facet not in new:
            continue
        before = dict(_fields(old[facet])) if facet in old else {}
        after = dict(_fields(new[facet]))
        found += [
            Change(field, language, before.get((field, language)), value)
            for (field, language), value in after.items()
            if facet not in old or before.get((field, language)) != value
        ]
    return found


def _fields(body: Body) -> Iterator[tuple[tuple[str, str], Value]]:
    match body:
        case Texts(values):
            for field, by_language in values.items():
                yield from (((field, language), value) for language, value in by_language.items())
        case TaxRuleId(rule):
            yield ("tax", ""), rule
        case StoredPrice(_, reference, tax_included):
            yield ("price_incl" if tax_included else "price_excl", ""), reference
        case Brand(name):
            yield ("brand", ""), name
        case Categories(path, label):
            yield ("categories", ""), label or " > ".join(path)
        case Features(values):
            yield from ((("feature", name), ", ".join(some)) for name, some in values.items())
        case Logistics():
            yield from _logistics(body)
        case Visibility(visible):
            yield ("visible", ""), visible
        case _:
            yield from _other_fields(body)


def _other_fields(body: Body) -> Iterator[tuple[tuple[str, str], Value]]:
    match body:
        case Stock(quantity):
            yield ("stock", ""), quantity
        case VariantSheet():
            yield from _sheet(body)
        case VariantPrice():
            yield from _variant_price(body)
        case OrderStatus(status):
            yield ("status", ""), status
        case Tracking(numbers):
            yield ("tracking", ""), ", ".join(numbers)
        case Customer():
            yield ("customer_name", ""), body.company or f"{body.first_name} {body.last_name}".strip()
        case SalesDocument():
            yield from _document(body)


def _variant_price(body: VariantPrice) -> Iterator[tuple[tuple[str, str], Value]]:
    if body.stored is None:
        yield ("price_of_product", ""), True
        return
    basis = "price_incl" if body.tax_included else "price_excl"
    yield (basis, ""), body.stored if body.reference is None else body.reference
    if body.base is not None:
        yield ("price_difference", ""), body.stored - body.base


def _sheet(body: VariantSheet) -> Iterator[tuple[tuple[str, str], Value]]:
    yield from ((("option", name), value) for name, value in body.options)
    yield ("sku", ""), body.sku
    if body.gtin:
        yield ("gtin", ""), body.gtin
    if body.weight is not None:
        yield ("weight", ""), body.weight
    if body.default:
        yield ("default", ""), True


def _document(document: SalesDocument) -> Iterator[tuple[tuple[str, str], Value]]:
    yield ("customer", ""), document.customer_code
    for number, line in enumerate(document.lines, start=1):
        basis = "price_incl" if line.tax_included else "price_excl"
        yield ("order_line", str(number)), f"{line.sku} × {line.quantity.normalize():f}"
        yield (basis, str(number)), line.unit_price
    if document.payment_method:
        yield ("payment_method", ""), document.payment_method
    if document.carrier:
        yield ("carrier", ""), document.carrier


def _logistics(body: Logistics) -> Iterator[tuple[tuple[str, str], Value]]:
    yield ("sku", ""), body.sku
    if body.weight is not None:
        yield ("weight", ""), body.weight
    if body.gtin:
        yield ("gtin", ""), body.gtin


class Planned(msgspec.Struct, frozen=True):
    """One action of a plan as it is shown."""

    number: int
    action: Action
    selected: bool
    state: str
    changes: list[Change]


def plan_of(opened: Opened, run_id: int) -> Iterator[Planned]:
    """The plan of a run, in its numbers' order."""
    for page in opened.store.actions(run_id):
        yield from map(_planned, page)


def _planned(spooled: SpooledAction) -> Planned:
    action = decode_action(spooled.body)
    return Planned(spooled.seq, action, spooled.selected, spooled.state, changes(action.new, old=action.old))


def journalled(row: JournalRow) -> list[Change]:
    """The differences of a journalled write."""
    return changes(decode_facets(row.new), old=decode_facets(row.old))


def issue_texts(issue: IssueRow) -> tuple[Text, Text]:
    """What happened and what to do, of an issue."""
    leaf = _LEAVES.get(issue.code, RecordError)
    return Text(issue.code, leaf.template(), issue.params), Text(f"{issue.code}_next", leaf.next_step, issue.params)


def runs(limit: int = 20) -> list[tuple[str, RunRow]]:
    """The latest runs of all profiles, newest first, each with its profile's name."""
    with sql.guarded():
        found = models.Run.objects.select_related("profile").order_by("-id")[:limit]
        return [(run.profile.name, run_row(run)) for run in found]


def held_texts(run: RunRow) -> list[Text]:
    """Why a run waits for approval."""
    return msgspec.convert(run.held_by, list[Text])
