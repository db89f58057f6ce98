"""What an order is loaded from: its columns and rows of texts, everything that it names looked up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from passerelle.connectors.odoo import wire
from passerelle.connectors.odoo.articles import PRODUCT, Articles
from passerelle.connectors.odoo.company import Company, Place, chosen_places
from passerelle.connectors.odoo.config import OdooConfig
from passerelle.connectors.odoo.customers import Customers
from passerelle.connectors.odoo.loading import external
from passerelle.connectors.odoo.totals import PricedLine, shop_order
from passerelle.connectors.odoo.wire import Row, moment
from passerelle.domain.orders import SalesDocument, SalesLine
from passerelle.errors import OrderFieldRefused, OrderLineUnknown, OrderUnmapped

LINE: Final = "order_line/"
# Not the company, which the context says: written on an order that is there, it puts the taxes of its lines back to
# those of their products (seen on Odoo 19.0).
HEAD: Final = (
    "id", "partner_id/.id", "partner_shipping_id/.id", "date_order", "origin", "fiscal_position_id/.id",
)  # fmt: skip
CHOSEN: Final = ("warehouse_id/.id", "carrier_id/.id")  # left to Odoo where nobody says
BODY: Final = ("id", "product_id/.id", "name", "product_uom_qty", "price_unit", "discount", "display_type")

Cells = dict[str, str]  # by column


class Sheet(list[Cells]):
    """The rows of one order: the first with its head, the others with lines alone."""


@dataclass
class Sheets:
    """Makes the sheets of one company. What many orders share is looked up once."""

    company: Company
    articles: Articles
    customers: Customers
    config: OdooConfig
    _places: list[Place] | None = None
    _named: dict[str, list[Row]] = field(default_factory=dict)

    def of(self, document: SalesDocument, lines: Sequence[PricedLine]) -> Sheet:
        """The rows of an order.

        Raises CustomerUnknown, CustomerRefused, OrderUnmapped, OrderLineUnknown, OrderFieldRefused, WarehouseUnknown.
        """
        head = self._head(document)
        body = self._body(document, lines, carrier=head.get("carrier_id/.id", ""))
        first, *more = body or [{}]
        return Sheet([head | first, *more])

    # --- the head ---

    def _head(self, document: SalesDocument) -> Cells:
        key = shop_order(document.order_key)
        if document.series:
            raise OrderFieldRefused(key=key, field="series", why="Odoo numbers its orders by itself")
        partner = self.customers.of_order(document.customer_code, key=key)
        head = {
            "id": external(document.order_key),
            "partner_id/.id": str(partner["id"]),
            "date_order": moment(document.dated_on),
            "origin": document.order_key,
            "fiscal_position_id/.id": self._fiscal_position(document.tax_category, key=key),
        }
        if warehouse := document.warehouse or self.config.warehouse:
            head["warehouse_id/.id"] = str(self._warehouse(warehouse))
        if document.carrier:
            head["carrier_id/.id"] = str(self._carrier(document.carrier, key=key)["id"])
        to = self.customers.delivery(partner, document.delivery_address, key=key)  # last: it may write
        return head | {"partner_shipping_id/.id": str(to)}

    def _warehouse(self, name: str) -> int:
        if self._places is None:
            self._places = self.company.places()
        return chosen_places([name], places=self._places)[0].id

    def _carrier(self, name: str, *, key: str) -> Row:
        found = self._found("delivery.carrier", name)
        if found is None:
            raise OrderUnmapped(key=key, what="carrier", value=name, option="orders.import.carriers")
        return found

    def _fiscal_position(self, name: str, *, key: str) -> str:
        """By name; a number is a category of other ERPs, and none of Odoo's. None is said, or Odoo chooses one."""
        if not name.strip() or name.strip().isdigit():
            return ""
        found = self._found("account.fiscal.position", name)
        if found is None:
            raise OrderUnmapped(key=key, what="fiscal position", value=name, option="orders.import.tax_categories")
        return str(found["id"])

    def _found(self, model: str, name: str) -> Row | None:
        """The one record with this name, else with this number."""
        if model not in self._named:
            self._named[model] = self.company.rows(model, [self.company.ours], fields=("name", "product_id"))
        rows, wanted = self._named[model], name.strip()
        found = [row for row in rows if row["name"] == wanted] or [row for row in rows if str(row["id"]) == wanted]
        return found[0] if len(found) == 1 else None

    # --- lines ---

    def _body(self, document: SalesDocument, lines: Sequence[PricedLine], *, carrier: str) -> list[Cells]:
        delivered_by = self._delivery_product(carrier)
        rows = [
            self._line(document, number, line, product=product, delivery=product == delivered_by)
            for number, (line, product) in enumerate(zip(lines, self._products(document), strict=True), start=1)
        ]
        return rows + self._note(document)

    def _line(
        self, document: SalesDocument, number: int, line: PricedLine, *, product: int, delivery: bool
    ) -> Cells:  # fmt: skip
        cells = {
            "id": external(f"{document.order_key}_{number}"),
            "product_id/.id": str(product),
            "name": document.lines[number - 1].label,
            "product_uom_qty": f"{line.quantity:f}",
            "price_unit": f"{line.unit_price:f}",
            "discount": f"{line.discount:f}",
            f"{self._tax_field()}/.id": str(line.tax.id),
        }
        if self._has("is_delivery"):
            cells["is_delivery"] = "1" if delivery else "0"
        return {f"{LINE}{name}": value for name, value in cells.items()}

    def _note(self, document: SalesDocument) -> list[Cells]:
        """Vouchers, the buyer's message and the payment method, as a line without an article."""
        said = "\n".join(filter(None, (document.remark, document.payment_method)))
        if not said:
            return []
        cells = {"id": external(f"{document.order_key}_note"), "name": said, "display_type": "line_note"}
        return [{f"{LINE}{name}": value for name, value in cells.items()}]

    def columns(self) -> list[str]:
        """Every column that a sheet may fill, in an order of its own: rows of orders are told apart by the first."""
        body = [*BODY, f"{self._tax_field()}/.id", *(["is_delivery"] if self._has("is_delivery") else [])]
        return [*HEAD, *CHOSEN, *(f"{LINE}{name}" for name in body)]

    def _tax_field(self) -> str:
        """`tax_id` up to Odoo 18, `tax_ids` since."""
        return "tax_ids" if self._has("tax_ids") else "tax_id"

    def _has(self, name: str) -> bool:
        return self.company.has("sale.order.line", name)

    def _delivery_product(self, carrier: str) -> int | None:
        """The service that stands for a carrier's cost."""
        rows = self._named.get("delivery.carrier", []) if carrier else []
        return next((wire.ref(row["product_id"]) for row in rows if str(row["id"]) == carrier), None)

    # --- articles ---

    def _products(self, document: SalesDocument) -> list[int]:
        """The product of each line."""
        key = shop_order(document.order_key)
        owners = self.articles.owners(sorted({line.sku for line in document.lines if line.sku}))
        by_id = self._by_ids([line.erp_id for line in document.lines if line.erp_id])
        return [by_id.get(line.erp_id) or self._by_sku(line, owners=owners, key=key) for line in document.lines]

    def _by_ids(self, erp_ids: Sequence[str]) -> dict[str, int]:
        """The products of ids of ours: those of variants, and of articles that are sold as they are."""
        products = [int(one) for one in erp_ids if one.isdigit()]
        found: dict[str, int] = {}
        if products:
            domain = [["id", "in", products], self.company.ours]
            found = {str(row["id"]): row["id"] for row in self.company.rows(PRODUCT, domain, fields=("default_code",))}
        for article in self.articles.of_templates([int(one[1:]) for one in erp_ids if one[1:].isdigit()]).values():
            product = wire.ref(article.template.get("product_variant_id"))
            if article.erp_id in erp_ids and not article.ranged and product is not None:
                found[article.erp_id] = product
        return found

    def _by_sku(self, line: SalesLine, *, owners: Mapping[str, Sequence[Row]], key: str) -> int:
        known = owners.get(line.sku, ())
        if len(known) > 1:
            sku, times = line.sku, len(known)
            raise OrderFieldRefused(key=key, field="article", why=f"the ERP has the reference {sku} {times} times")
        if known:
            return int(known[0]["id"])
        made = self.articles.made_of(line.sku, within=[self.company.ours])
        if made is None:
            raise OrderLineUnknown(key=key, name=line.label, sku=line.sku)
        return int(made[1]["id"])


def rows_of(sheets: Sequence[Sheet], *, columns: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    """The columns that some sheet fills, and the rows of all of them."""
    filled = [name for name in columns if any(name in row for sheet in sheets for row in sheet)]
    return filled, [[row.get(name, "") for name in filled] for sheet in sheets for row in sheet]
