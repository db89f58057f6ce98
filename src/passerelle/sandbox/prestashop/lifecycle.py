"""What the shop does by itself when an entity is created, changed or deleted."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from passerelle.sandbox.prestashop import assortment, ordering
from passerelle.sandbox.prestashop.database import Database
from passerelle.sandbox.prestashop.errors import Crash
from passerelle.sandbox.prestashop.table import Row
from passerelle.sandbox.prestashop.values import number

Step = Callable[[Database, Row], None]


def _price_ratio(row: Row) -> str:
    unit = number(row.text("unit_price"))
    if not unit:
        return "0.000000"
    return f"{(number(row.text('price')) / unit).quantize(Decimal('0.000001')).normalize():f}"


def _product_saved(database: Database, row: Row) -> None:
    row.put("unit_price_ratio", _price_ratio(row))
    if row.text("active") == "1" and row.text("visibility") in ("both", "search"):
        row.put("indexed", "1")  # only products that can be found are indexed


def _product_added(database: Database, row: Row) -> None:
    _product_saved(database, row)
    database.insert(
        "stock_availables",
        {"id_product": str(row.id), "id_shop": "1", "quantity": "0", "out_of_stock": "2", "location": ""},
    )


def _category_saved(database: Database, row: Row) -> None:
    parent = database["categories"].get(row.number("id_parent"))
    row.put("level_depth", str(parent.number("level_depth") + 1 if parent else 0))


def _category_added(database: Database, row: Row) -> None:
    _category_saved(database, row)
    siblings = database["categories"].ids_by("id_parent", row.text("id_parent"))
    row.put("position", str(len(siblings) - 1))


def _history_added(database: Database, row: Row) -> None:
    ordering.apply_state(database, row.number("id_order"), state=row.number("id_order_state"))


def _tracked(database: Database, row: Row) -> None:
    """An order's own shipping number is that of its first parcel; neither moves the order's date."""
    order = database["orders"].get(row.number("id_order"))
    if order is not None and database["order_carriers"].ids_by("id_order", str(order.id))[:1] == [row.id]:
        order.put("shipping_number", row.text("tracking_number"))


def _order_saved(database: Database, row: Row) -> None:
    for parcel in database["order_carriers"].by("id_order", str(row.id))[:1]:
        if row.text("shipping_number"):
            parcel.put("tracking_number", row.text("shipping_number"))


def _product_deleted(database: Database, row: Row) -> None:
    """Combinations go one by one after the stock rows, which leaves a row of the product that no longer exists."""
    database.shelve(row, ())
    for stock in database["stock_availables"].ids_by("id_product", str(row.id)):
        database["stock_availables"].remove(stock)
    for combination in database["combinations"].by("id_product", str(row.id)):
        database["combinations"].remove(combination.id)
        assortment.combination_deleted(database, combination)


def _stock_saved(database: Database, row: Row) -> None:
    if row.number("id_product_attribute"):
        database.sum_stock(row.number("id_product"))


def _shelved(database: Database, row: Row, rows: assortment.LinkRows) -> None:
    database.shelve(row, [int(number(one[0])) for one in rows])


def _category_deleted(database: Database, row: Row) -> None:
    for ident in database.descendants(row.id):
        for product in list(database.shelves.pop(ident, ())):
            shelved = database["products"].rows[product]
            database.shelve(shelved, [one for one in shelved.linked("categories") if one != ident])
        if ident != row.id:
            database["categories"].remove(ident)


ADDED: dict[str, Step] = {
    "products": _product_added,
    "categories": _category_added,
    "order_histories": _history_added,
    "order_carriers": _tracked,
    "combinations": assortment.combination_added,
    "product_options": assortment.option_added,
    "product_option_values": assortment.value_added,
    "product_features": assortment.feature_added,
    "product_feature_values": assortment.feature_value_added,
}
SAVED: dict[str, Step] = {
    "products": _product_saved,
    "categories": _category_saved,
    "orders": _order_saved,
    "order_carriers": _tracked,
    "stock_availables": _stock_saved,
    "combinations": assortment.combination_saved,
    "product_options": assortment.option_saved,
}
# Called once the row is out of its table.
DELETED: dict[str, Step] = {
    "products": _product_deleted,
    "categories": _category_deleted,
    "combinations": assortment.combination_deleted,
    "product_options": assortment.option_deleted,
    "product_option_values": assortment.value_deleted,
    "product_features": assortment.feature_deleted,
    "product_feature_values": assortment.feature_value_deleted,
}
# What is done with the rows of an association; without an entry they are stored as sent.
LINKED: dict[tuple[str, str], Callable[[Database, Row, assortment.LinkRows], None]] = {
    ("products", "categories"): _shelved,
    ("products", "combinations"): assortment.keep_combinations,
    ("products", "product_features"): assortment.set_features,
    ("combinations", "product_option_values"): assortment.set_values,
    ("product_options", "product_option_values"): assortment.keep_values,
}


def check_parents(database: Database, row: Row) -> None:
    """Refuse what makes the real shop throw: a category without its parent, a history line of no order or state.

    Raises:
        Crash: an uncaught exception of the shop, answered 500 with an empty body.
    """
    parent = row.number("id_parent") if row.resource.name == "categories" else 0
    if parent and not database["categories"].get(parent):
        raise Crash  # a category without any parent is created, and hangs nowhere
    if row.resource.name == "order_histories":
        ordering.check_state(database, row.number("id_order"), state=row.number("id_order_state"))
