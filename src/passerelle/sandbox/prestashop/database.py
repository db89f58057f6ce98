"""The shop's data: one table per resource, what is in which category, the shop's clock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from passerelle.sandbox.prestashop.resources import RESOURCES
from passerelle.sandbox.prestashop.schema import Field, Resource
from passerelle.sandbox.prestashop.table import Row, Table, Value
from passerelle.sandbox.prestashop.values import stored_text

SHOP_ZONE = ZoneInfo("Europe/Paris")
ROOT_CATEGORY = 1
HOME_CATEGORY = 2


def utc_now() -> datetime:
    """The default clock."""
    return datetime.now(UTC)


class Database:
    """Everything the shop stores. `lock` is held while a request is handled."""

    def __init__(self, *, languages: int, before_9: bool = False) -> None:
        self.lock = threading.RLock()
        self.before_9 = before_9
        self.clock: Callable[[], datetime] = utc_now
        self.languages = tuple(range(1, languages + 1))
        self.tables = {name: Table(resource) for name, resource in RESOURCES.items()}
        # category id -> product id -> position
        self.shelves: dict[int, dict[int, int]] = {}

    def __getitem__(self, name: str) -> Table:
        return self.tables[name]

    def now(self) -> str:
        """Shop local time with a resolution of one second; a naive clock is taken to be local already."""
        moment = self.clock()
        if moment.tzinfo is not None:
            moment = moment.astimezone(SHOP_ZONE)
        return moment.strftime("%Y-%m-%d %H:%M:%S")

    def settled(self, field: Field, value: Value) -> Value:
        """What the database holds once the value was written."""
        if not field.i18n:
            return stored_text(field.kind, value if isinstance(value, str) else None)
        if isinstance(value, tuple):
            return tuple(stored_text(field.kind, one) or "" for one in value)
        return (stored_text(field.kind, value) or "",) * len(self.languages)

    def blank(self, resource: Resource) -> list[Value]:
        """An entity of which nothing was sent: NULL everywhere."""
        return [one.default for one in resource.fields]

    def insert(self, name: str, values: dict[str, Value]) -> Row:
        """Add a row from inside the shop: not validated, dates set, one text stands for all languages."""
        resource = RESOURCES[name]
        unknown = set(values) - set(resource.index)
        if unknown:
            raise KeyError(f"{name} has no field {sorted(unknown)}")
        now = self.now()
        dates: dict[str, Value] = {one: now for one in ("date_add", "date_upd") if one in resource.index}
        given = {**dates, **values}
        filled = [self.settled(one, given.get(one.name, one.default)) for one in resource.fields]
        return self.tables[name].add(Row(resource, filled))

    def change(self, row: Row, values: dict[str, Value]) -> None:
        """Change fields from inside the shop."""
        changed = list(row.values)
        for name, value in values.items():
            changed[row.resource.index[name]] = self.settled(row.resource[name], value)
        self.tables[row.resource.name].replace(row, changed)

    def touch(self, row: Row) -> None:
        """Move date_upd."""
        row.put("date_upd", self.now())

    def setting(self, name: str) -> str:
        """A configuration value, '' when unknown."""
        found = self["configurations"].by("name", name)
        return found[0].text("value") if found else ""

    # what is on which shelf

    def shelve(self, product: Row, categories: Iterable[int]) -> None:
        """Put the product in exactly these categories; unknown ones are dropped without a word."""
        wanted = [one for one in dict.fromkeys(categories) if self["categories"].get(one)]
        for gone in set(product.linked("categories")) - set(wanted):
            self.shelves.get(gone, {}).pop(product.id, None)
        for one in wanted:
            shelf = self.shelves.setdefault(one, {})
            shelf.setdefault(product.id, len(shelf) + 1)
        product.links["categories"] = tuple((str(one),) for one in wanted)

    def position(self, product: Row) -> int | None:
        """The product's place in its default category, None when it is not in it."""
        return self.shelves.get(product.number("id_category_default"), {}).get(product.id)

    def descendants(self, category: int) -> list[int]:
        """The category and everything below it."""
        found = [category]
        for one in found:
            found.extend(child for child in self["categories"].ids_by("id_parent", str(one)) if child not in found)
        return found

    def stock_rows(self, product: int) -> list[Row]:
        """The stock rows that belong to a shop: a row that lost its id_shop counts nowhere."""
        return [row for row in self["stock_availables"].by("id_product", str(product)) if row.number("id_shop")]

    def stock(self, product: int, *, combination: int = 0) -> int:
        """What can be sold of a product, or of one of its combinations."""
        return sum(row.number("quantity") for row in self._stock_of(product, combination))

    def add_stock_row(self, product: int, *, combination: int = 0) -> Row:
        """A row of 0 for a combination, with the product's own word on selling what is not there."""
        own = self._stock_of(product, 0)
        policy = own[0].text("out_of_stock") if own else "0"
        values: dict[str, Value] = {
            "id_product": str(product),
            "id_product_attribute": str(combination),
            "id_shop": "1",
        }
        return self.insert("stock_availables", {**values, "quantity": "0", "out_of_stock": policy})

    def sum_stock(self, product: int) -> None:
        """The product's own row becomes the sum of its combinations' rows; it is made anew where it is missing."""
        index = RESOURCES["stock_availables"].index
        place, quantity, shop = index["id_product_attribute"], index["quantity"], index["id_shop"]
        own, total = None, 0
        for row in self["stock_availables"].by("id_product", str(product)):
            values = row.values
            if values[shop] == "0":
                continue  # a row that lost its id_shop counts nowhere
            if values[place] == "0":
                own = own or row
            else:
                total += int(str(values[quantity]))
        (own or self.add_stock_row(product)).put("quantity", str(total))

    def move_stock(self, product: int, quantity: int, *, combination: int = 0) -> None:
        """Add to a stock, without touching any date. A deleted combination gets a stock row again."""
        rows = self._stock_of(product, combination)
        if not rows and combination and product in self["products"].rows:
            rows = [self.add_stock_row(product, combination=combination)]
        for row in rows[:1]:
            row.put("quantity", str(row.number("quantity") + quantity))
            if combination:
                self.sum_stock(product)

    def _stock_of(self, product: int, combination: int) -> list[Row]:
        return [row for row in self.stock_rows(product) if row.number("id_product_attribute") == combination]
