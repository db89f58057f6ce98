"""What people do in the back office with variants and features: the part of the simulated shop that is theirs."""

from __future__ import annotations

from collections.abc import Iterable

from passerelle.sandbox.prestashop import assortment, lifecycle
from passerelle.sandbox.prestashop.database import Database
from passerelle.sandbox.prestashop.table import Row, Value


class Assortment:
    """Options, combinations and features of a shop; `FakePrestashop` is one."""

    database: Database

    def add_option(self, name: str, values: Iterable[str] = (), *, group_type: str = "select") -> int:
        """An option ("Taille") with its values, in order. Returns its id; see `option_values`."""
        with self.database.lock:
            option = self._added("product_options", {"name": name, "public_name": name, "group_type": group_type})
            for value in values:
                self.add_option_value(option.id, value)
            return option.id

    def add_option_value(self, option: int, name: str) -> int:
        """A further value of an option, after those it has. Returns its id."""
        with self.database.lock:
            return self._added("product_option_values", {"id_attribute_group": str(option), "name": name}).id

    def option_values(self, option: int) -> dict[str, int]:
        """Ids of an option's values by name in the default language; of two with one name, the later."""
        rows = self.database["product_option_values"].by("id_attribute_group", str(option))
        return {assortment.first(row, "name"): row.id for row in rows}

    def add_combination(
        self,
        id_product: int,
        *,
        values: Iterable[int | str],
        reference: str = "",
        price: str = "0",
        stock: int = 0,
        **fields: Value,
    ) -> int:
        """A combination made in the back office; `price` is its impact excl. VAT. Returns its id.

        `values` are ids, or names where only one value of the shop has that name.

        Raises:
            KeyError: an unknown product, value or field, a name that several values have.
        """
        with self.database.lock:
            product = self.database["products"].rows[id_product]
            links = tuple((str(self._value(one)),) for one in values)
            given: dict[str, Value] = {"id_product": str(product.id), "reference": reference, "price": price}
            row = self.database.insert("combinations", {**given, "minimal_quantity": "1", **fields})
            assortment.set_values(self.database, row, list(links))
            lifecycle.ADDED["combinations"](self.database, row)
            self.set_stock(id_product, stock, combination=row.id)
            return row.id

    def combinations_of(self, id_product: int) -> dict[int, Row]:
        """The combinations of a product by id, fields as stored."""
        return {row.id: row for row in self.database["combinations"].by("id_product", str(id_product))}

    def combination_names(self, combination: int) -> dict[str, str]:
        """What a buyer chooses: {"Taille": "S", "Couleur": "Bleu"}."""
        return dict(assortment.choices_of(self.database, self.database["combinations"].rows[combination]))

    def default_combination(self, id_product: int) -> int:
        """The id of the combination that the product page opens with, 0 without any."""
        return assortment.default_of(self.database, id_product)

    def delete_combination(self, combination: int) -> None:
        """Someone deletes a combination in the back office."""
        with self.database.lock:
            row = self.database["combinations"].rows[combination]
            self.database["combinations"].remove(combination)
            lifecycle.DELETED["combinations"](self.database, row)

    def add_feature(self, name: str, values: Iterable[str] = ()) -> int:
        """A feature ("Matière") with its predefined values. Returns its id."""
        with self.database.lock:
            feature = self._added("product_features", {"name": name})
            for value in values:
                self._added("product_feature_values", {"id_feature": str(feature.id), "value": value})
            return feature.id

    def features_of(self, id_product: int) -> list[tuple[str, str]]:
        """(feature, value) of a product in the default language, as its page shows them."""
        return assortment.features_of(self.database, self.database["products"].rows[id_product])

    def stock_row(self, id_product: int, *, combination: int = 0) -> Row:
        """The stock row of a product, or of one of its combinations.

        Raises:
            KeyError: there is none.
        """
        for row in self.database["stock_availables"].by("id_product", str(id_product)):
            if row.number("id_product_attribute") == combination:
                return row
        raise KeyError(f"stock of {id_product}, {combination}")

    def stock_of(self, id_product: int, *, combination: int = 0) -> int:
        """What the shop can sell: a row without id_shop does not count."""
        return self.database.stock(id_product, combination=combination)

    def set_stock(self, id_product: int, quantity: int, *, combination: int = 0) -> None:
        """Someone types a quantity in the back office."""
        with self.database.lock:
            row = self.stock_row(id_product, combination=combination)
            self.database.change(row, {"quantity": str(quantity)})
            lifecycle.SAVED["stock_availables"](self.database, row)

    def _added(self, resource: str, values: dict[str, Value]) -> Row:
        row = self.database.insert(resource, values)
        lifecycle.ADDED[resource](self.database, row)
        return row

    def _value(self, wanted: int | str) -> int:
        table = self.database["product_option_values"]
        if isinstance(wanted, int):
            return table.rows[wanted].id
        found = [row.id for row in table if assortment.first(row, "name") == wanted]
        if len(found) != 1:
            raise KeyError(f"{len(found)} option values are named {wanted}")
        return found[0]
