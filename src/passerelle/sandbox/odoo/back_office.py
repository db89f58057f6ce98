"""What people do in Odoo's back office, without its API: products, stock, partners, orders, deliveries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from passerelle.sandbox.odoo import changes, methods, sales, stock_schema, transfers
from passerelle.sandbox.odoo.database import MOMENT, Database, Record
from passerelle.sandbox.odoo.environment import Env
from passerelle.sandbox.odoo.starting_data import FRENCH, country
from passerelle.sandbox.odoo.variants import variants_of

Named = Record | int
Quantity = float | int | str


class BackOffice:
    """Mixed into FakeOdoo. Records are given and taken as such or as ids."""

    store: Database
    company: int
    version: int

    def env(self, **context: Any) -> Env:
        raise NotImplementedError

    def change(self, **context: Any) -> AbstractContextManager[Env]:
        raise NotImplementedError

    # looking

    def records(self, model: str) -> list[Record]:
        """Every record of a model, archived ones too, by id."""
        return list(self.store[model].rows.values())

    def record(self, model: str, named: Named) -> Record:
        return named if isinstance(named, Record) else self.store[model].rows[named]

    @property
    def products(self) -> dict[int, Record]:
        """Variants by id."""
        return self.store["product.product"].rows

    @property
    def warehouses(self) -> dict[str, Record]:
        """By name."""
        return {one.values["name"]: one for one in self.records("stock.warehouse")}

    @property
    def taxes(self) -> list[Record]:
        return self.records("account.tax")

    def tax(self, rate: float, *, included: bool = False, use: str = "sale", company: int = FRENCH) -> int:
        """The id of a tax by its rate; one that prices include is activated by its first use."""
        with self.change() as env:
            for one in env.table("account.tax").by("company_id", company):
                values = one.values
                if (values["amount"], values["type_tax_use"], bool(values.get("price_include"))) == (
                    rate, use, included,
                ):  # fmt: skip
                    if not values["active"]:
                        env.write([one], {"active": True})
                    return one.id
        raise KeyError(rate)

    def product_by_code(self, default_code: str) -> list[Record]:
        """Every variant with this reference: Odoo allows doubles."""
        return self.store["product.product"].by("default_code", default_code)

    def orders(self) -> list[Record]:
        return self.records("sale.order")

    def documents_with(self, reference: str) -> list[Record]:
        """The orders whose customer reference is this, whatever became of them."""
        return self.store["sale.order"].by("client_order_ref", reference)

    def pickings_of(self, order: Named) -> list[Record]:
        return self.store["stock.picking"].by("sale_id", self.record("sale.order", order).id)

    def external_ids(self, model: str) -> dict[str, int]:
        """module.name → id of the records that have one."""
        rows = (one.values for one in self.records("ir.model.data"))
        return {f"{one['module']}.{one['name']}": one["res_id"] for one in rows if one["model"] == model}

    # changing records

    def create(self, model: str, values: Mapping[str, Any], **context: Any) -> Record:
        with self.change(**context) as env:
            return env.create(model, values)

    def write(
        self, model: str, records: Named | Iterable[Named], values: Mapping[str, Any], *, at: datetime | None = None,
        **context: Any,
    ) -> None:  # fmt: skip
        """Change records as a person does. `at` is when the transaction began that commits only now."""
        with self.change(**context) as env:
            if at is not None:
                self.store.started_at = at.astimezone(at.tzinfo).strftime(MOMENT)
            found = [records] if isinstance(records, (Record, int)) else list(records)
            env.write([self.record(model, one) for one in found], values)

    def archive(self, product: Named) -> None:
        self.write("product.product", product, {"active": False})

    def unlink(self, record: Named, *, model: str = "product.product") -> None:
        with self.change() as env:
            env.unlink([self.record(model, record)])

    # products

    def category(self, path: str | Sequence[str]) -> int:
        """The id of a category by its path, "Outillage/Marteaux"; made where it is missing. Empty: the first one."""
        names = [one for one in (path.split("/") if isinstance(path, str) else path) if one]
        parent = 0
        with self.change() as env:
            for name in names:
                found = [one for one in env.table("product.category").by("parent_id", parent or False)
                         if one.values["name"] == name]  # fmt: skip
                values = {"name": name, "parent_id": parent or False}
                parent = found[0].id if found else env.create("product.category", values).id
        return parent or 1

    def add_product(
        self, default_code: str | None, *, name: str | Mapping[str, str], list_price: Quantity = 0,
        category: str | Sequence[str] = "", taxes: Iterable[int] | None = None, published: bool = True,
        stock: Mapping[str, Quantity] | None = None, storable: bool = True, **values: Any,
    ) -> int:  # fmt: skip
        """A product with one variant, whose id is returned. `name` may be {"fr_FR": …, "en_US": …}.

        `taxes` None is the sale tax at 20 %. `published` is sale_ok, and is_published where there is a web site.
        """
        template = self._template(
            name=name, list_price=list_price, category=category, taxes=taxes, published=published, storable=storable,
            values={"default_code": default_code or False, **values},
        )  # fmt: skip
        product = variants_of(self.env(), template)[0]
        for warehouse, quantity in (stock or {}).items():
            self.set_stock(product, warehouse, quantity)
        return product.id

    def add_template(
        self, name: str | Mapping[str, str], *, attributes: Mapping[str, Sequence[str]], list_price: Quantity = 0,
        extras: Mapping[str, Quantity] | None = None, codes: Mapping[Sequence[str] | str, str] | None = None,
        category: str | Sequence[str] = "", taxes: Iterable[int] | None = None, published: bool = True,
        storable: bool = True, **values: Any,
    ) -> int:  # fmt: skip
        """A template with a variant for each combination of {"Taille": ["S", "M"]}. Returns the template's id.

        `extras` is the price_extra of a value; `codes` the default_code of a variant, by its values in order.
        """
        with self.change() as env:
            lines = [(0, 0, self._attribute_line(env, axis, found)) for axis, found in attributes.items()]
        template = self._template(
            name=name, list_price=list_price, category=category, taxes=taxes, published=published, storable=storable,
            values={"attribute_line_ids": lines, **values},
        )  # fmt: skip
        for value, extra in (extras or {}).items():
            self.set_extra(template, value, extra)
        for chosen, code in (codes or {}).items():
            self.write("product.product", self.variant(template, chosen), {"default_code": code})
        return template.id

    def _template(
        self, *, name: str | Mapping[str, str], list_price: Quantity, category: str | Sequence[str],
        taxes: Iterable[int] | None, published: bool, storable: bool, values: Mapping[str, Any],
    ) -> Record:  # fmt: skip
        kind = {"type": "consu", "is_storable": storable} if self.version >= 18 else {
            "detailed_type": "product" if storable else "consu"}  # fmt: skip
        chosen = list(taxes) if taxes is not None else [self.tax(20.0)]
        full: dict[str, Any] = {
            "name": name, "list_price": float(list_price), "categ_id": self.category(category),
            "taxes_id": [(6, 0, chosen)], "sale_ok": published, **kind, **values,
        }  # fmt: skip
        if "is_published" in self.store["product.template"].model.fields and "is_published" not in values:
            full |= {"is_published": published, "sale_ok": values.get("sale_ok", True)}
        return self.create("product.template", full)

    @staticmethod
    def _attribute_line(env: Env, axis: str, values: Sequence[str]) -> dict[str, Any]:
        known = [one for one in env.table("product.attribute").rows.values() if env.value(one, "name") == axis]
        attribute = known[0] if known else env.create("product.attribute", {"name": axis})
        found = {env.value(one, "name"): one.id
                 for one in env.table("product.attribute.value").by("attribute_id", attribute.id)}  # fmt: skip
        for value in values:
            if value not in found:
                made = env.create("product.attribute.value", {"name": value, "attribute_id": attribute.id})
                found[value] = made.id
        return {"attribute_id": attribute.id, "value_ids": [(6, 0, [found[value] for value in values])]}

    def variants(self, template: Named) -> list[Record]:
        """Archived ones too, by id."""
        return variants_of(self.env(), self.record("product.template", template))

    def variant(self, template: Named, values: Sequence[str] | str) -> Record:
        """The variant that has these values, in the order of the template's attributes."""
        wanted = [values] if isinstance(values, str) else list(values)
        for one in self.variants(template):
            ids = one.values.get("product_template_attribute_value_ids") or ()
            rows = self.store["product.template.attribute.value"].rows
            if [rows[ident].name for ident in ids] == wanted:
                return one
        raise KeyError(wanted)

    def set_extra(self, template: Named, value: str, extra: Quantity) -> None:
        """price_extra of one value of a template; the variants do not notice."""
        ident = self.record("product.template", template).id
        rows = self.store["product.template.attribute.value"].by("product_tmpl_id", ident)
        self.write("product.template.attribute.value", [one for one in rows if one.name == value],
                   {"price_extra": float(extra)})  # fmt: skip

    def add_pricelist(self, name: str, *, items: Iterable[Mapping[str, Any]] = (), **values: Any) -> int:
        """A price list of the company with its rules, fields of product.pricelist.item."""
        rules = [(0, 0, dict(one)) for one in items]
        return self.create("product.pricelist", {
            "name": name, "company_id": self.company, "item_ids": rules, **values,
        }).id  # fmt: skip

    # stock

    def set_stock(self, product: Named, warehouse: str | Named, quantity: Quantity) -> None:
        """An inventory: so much is there."""
        with self.change() as env:
            quant = transfers.quant_of(env, self.record("product.product", product).id, self._place(warehouse))
            transfers.set_on_hand(env, quant, float(quantity))

    def stock_of(self, product: Named, *, warehouse: str | Named | None = None) -> float:
        """What is on hand, in one warehouse or in all of the company."""
        named = {} if warehouse is None else {"location": self._place(warehouse)}
        return float(self.env(**named).value(self.record("product.product", product), "qty_available"))

    def _place(self, warehouse: str | Named) -> int:
        found = self.warehouses[warehouse] if isinstance(warehouse, str) else self.record("stock.warehouse", warehouse)
        return int(found.values["lot_stock_id"])

    # partners and orders

    def add_partner(self, name: str, *, country_code: str = "FR", **values: Any) -> int:
        with self.change() as env:
            return env.create("res.partner", {"name": name, "country_id": country(env, country_code), **values}).id

    def add_carrier(self, name: str, *, price: Quantity = 0) -> int:
        """A delivery method with its service product."""
        kind: dict[str, Any] = {"type" if self.version >= 18 else "detailed_type": "service"}
        code = f"Delivery_{len(self.records('delivery.carrier')) + 1:03d}"
        product = self.add_product(code, name=name, list_price=price, published=False, storable=False, **kind)
        return self.create("delivery.carrier", {"name": name, "product_id": product, "fixed_price": float(price)}).id

    def place_order(
        self, partner: Named, lines: Iterable[tuple[Named, Quantity]], *, reference: str = "", **values: Any
    ) -> Record:  # fmt: skip
        """An order as a salesperson enters it, at the prices of Odoo: a quotation until it is confirmed."""
        rows = [(0, 0, {"product_id": self.record("product.product", product).id, "product_uom_qty": float(quantity)})
                for product, quantity in lines]  # fmt: skip
        return self.create("sale.order", {
            "partner_id": self.record("res.partner", partner).id, "client_order_ref": reference or False,
            "company_id": self.company, "order_line": rows, **values,
        })  # fmt: skip

    def confirm(self, order: Named) -> None:
        self._call("sale.order", order, sales.action_confirm)

    def cancel(self, order: Named) -> None:
        self._call("sale.order", order, sales.action_cancel, disable_cancel_warning=True)

    def _call(self, model: str, record: Named, method: Any, **context: Any) -> Any:
        with self.change(**context) as env:
            return method(env, methods.Records(env, model, [self.record(model, record).id]))

    def deliver(
        self, order: Named, *, tracking: str = "", only: float | Mapping[int, Quantity] | None = None
    ) -> Record:
        """Validate the order's open transfer; returns it. `only` is a share of each line, or {product: quantity}:
        what is left goes to a backorder.
        """
        picking = next(one for one in self.pickings_of(order) if one.values["state"] not in ("done", "cancel"))
        with self.change() as env:
            for move in transfers.moves_of(env, picking):
                wanted = move.values["product_uom_qty"]
                part = wanted if only is None else (
                    float(only.get(move.values["product_id"], 0)) if isinstance(only, Mapping)
                    else round(wanted * only))  # fmt: skip
                env.write([move], {transfers.done_field(env): part})
            if tracking:
                env.write([picking], {"carrier_tracking_ref": tracking})
            stock_schema.deliver(env, picking)
        return picking

    def invoice(self, order: Named) -> Record:
        """A posted invoice of the whole order."""
        from passerelle.sandbox.odoo import account_schema

        with self.change() as env:
            move = sales.invoice(env, self.record("sale.order", order))
            account_schema.action_post(env, methods.Records(env, "account.move", [move.id]))
            return move

    def touch(self, model: str, record: Named) -> None:
        """Someone saves a record without changing it."""
        with self.change() as env:
            changes.touch(env, self.record(model, record))
