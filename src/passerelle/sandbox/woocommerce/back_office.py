"""What people do in the back office with products, their variations, terms and stock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from passerelle.sandbox.woocommerce import product_write, variations
from passerelle.sandbox.woocommerce.database import Database
from passerelle.sandbox.woocommerce.rows import Attribute, Customer, Product, TaxRate, Term
from passerelle.sandbox.woocommerce.values import fixed, slug, term_name


class BackOffice:
    """Catalogue and accounts of a shop; `FakeWoocommerce` is one."""

    database: Database

    @property
    def products(self) -> dict[int, Product]:
        """Products and variations by id, fields as stored: `shop.products[10].regular_price == "12.5"`."""
        return self.database.state.products

    @property
    def categories(self) -> dict[int, Term]:
        return self.database.state.categories

    @property
    def brands(self) -> dict[int, Term]:
        return self.database.state.brands

    @property
    def attributes(self) -> dict[int, Attribute]:
        return self.database.state.attributes

    @property
    def terms(self) -> dict[int, dict[int, Term]]:
        """The terms of each attribute."""
        return self.database.state.terms

    @property
    def customers(self) -> dict[int, Customer]:
        return self.database.state.customers

    @property
    def tax_rates(self) -> dict[int, TaxRate]:
        return self.database.state.tax_rates

    @property
    def tax_classes(self) -> dict[str, str]:
        """Names by slug, the standard class left out."""
        return self.database.state.tax_classes

    @property
    def settings(self) -> dict[str, str]:
        """Options by name, live: `shop.settings["woocommerce_prices_include_tax"] = "yes"`."""
        return self.database.state.settings

    @property
    def remote_files(self) -> dict[str, bytes]:
        """What stands at addresses from which the shop may download images."""
        return self.database.remote_files

    def product_by_sku(self, sku: str) -> list[Product]:
        """Products and variations with exactly this SKU, those in the trash too."""
        return [one for one in self.database.with_sku(sku) if one.sku == sku]

    def add_product(
        self, sku: str, *, name: str, price: str = "0", stock: int | None = None, gtin: str = "", **fields: Any
    ) -> int:
        """A published product made in the back office; `fields` as the API takes them. Returns its id.

        `stock` None is a product whose stock is not managed.
        """
        given = {
            "sku": sku,
            "name": name,
            "regular_price": price,
            "global_unique_id": gtin,
            **_stocked(stock),
            **fields,
        }
        with self.database.lock:
            return product_write.create(self.database, given).id

    def add_variation(
        self,
        product: int,
        *,
        options: Mapping[str, str],
        sku: str = "",
        price: str = "",
        stock: int | None = None,
        gtin: str = "",
        **fields: Any,
    ) -> int:
        """A variation of a product, `options` by name of attribute: {"Taille": "S"}. Returns its id.

        The product becomes variable, and lists the attributes and values that it does not list yet: those of a global
        attribute where there is one of that name.
        """
        with self.database.lock:
            self._list_options(self.products[product], options)
            wanted = [{**self._attribute_named(name), "option": value} for name, value in options.items()]
            given = {"sku": sku, "regular_price": price, "global_unique_id": gtin, "attributes": wanted}
            return variations.create(self.database, product, {**given, **_stocked(stock), **fields}).id

    def _attribute_named(self, name: str) -> dict[str, Any]:
        found = next((one for one in self.attributes.values() if one.name == name), None)
        return {"id": found.id} if found else {"name": name}

    def _list_options(self, parent: Product, options: Mapping[str, str]) -> None:
        listed = {}
        for option in parent.attributes:
            attribute = self.attributes.get(option.id)
            names = [self.terms[option.id][one].name for one in option.options] if option.id else list(option.options)
            listed[attribute.name if attribute else option.name] = names
        for name, value in options.items():
            values = listed.setdefault(name, [])
            if value not in values:
                values.append(value)
        flags = {"visible": True, "variation": True}
        given = [{**self._attribute_named(name), **flags, "options": values} for name, values in listed.items()]
        product_write.update(self.database, parent, {"type": "variable", "attributes": given})

    def edit_product(self, ident: int, **fields: Any) -> None:
        """Someone edits a product or a variation; fields as the API takes them."""
        product = self.products[ident]
        change = variations.update if product.type == "variation" else product_write.update
        with self.database.lock:
            change(self.database, product, fields)

    def delete_product(self, ident: int, *, force: bool = True) -> None:
        """Someone deletes a product, with its variations; without `force` it goes to the trash."""
        with self.database.lock:
            product = self.products[ident]
            (product_write.delete if force else product_write.trash)(self.database, product)

    def trash_product(self, ident: int) -> None:
        """Someone puts a product in the trash: its SKU stays taken."""
        self.delete_product(ident, force=False)

    def stock_of(self, ident: int) -> int | None:
        """The quantity of a product or a variation; None where it is not managed."""
        return self.products[ident].stock_quantity

    def set_stock(self, ident: int, quantity: int) -> None:
        """Someone counts a product or a variation."""
        self.edit_product(ident, manage_stock=True, stock_quantity=quantity)

    def add_category(self, name: str, *, parent: int = 0) -> int:
        """A category made in the back office. Returns its id."""
        with self.database.lock:
            return self.database.add_term(self.categories, term_name(name), parent=parent).id

    def add_brand(self, name: str) -> int:
        """A brand made in the back office. Returns its id."""
        with self.database.lock:
            return self.database.add_term(self.brands, term_name(name)).id

    def add_attribute(self, name: str, terms: Iterable[str] = ()) -> int:
        """A global attribute with its terms. Returns its id."""
        with self.database.lock:
            ident = self.database.next_id("attributes")
            self.attributes[ident] = Attribute(ident, term_name(name), f"pa_{slug(name)}")
            for one in terms:
                self.add_term(ident, one)
            return ident

    def add_term(self, attribute: int, name: str) -> int:
        """A further term of a global attribute. Returns its id."""
        with self.database.lock:
            terms = self.database.taxonomy("terms", attribute=attribute)
            return self.database.add_term(terms, term_name(name)).id

    def add_tax_class(self, name: str) -> str:
        """A further tax class. Returns its slug."""
        self.tax_classes[slug(name)] = name
        return slug(name)

    def add_tax_rate(self, rate: str, *, country: str, name: str, tax_class: str = "", shipping: bool = True) -> int:
        """A rate in percent of a class in a country. Returns its id."""
        with self.database.lock:
            ident = self.database.next_id("rates")
            self.tax_rates[ident] = TaxRate(ident, country, fixed(Decimal(rate), 4), name, tax_class, shipping=shipping)
            return ident


def _stocked(stock: int | None) -> dict[str, Any]:
    return {} if stock is None else {"manage_stock": True, "stock_quantity": stock}
