"""An order's way into Tryton: a sale made, quoted, confirmed, and only then called by its order key.

Until its last call a sale is called `MD-12*`, and `documents` does not count it: what was interrupted is due again. It
is then made anew while nothing has come of it, or finished where it was confirmed. Tryton answers nothing to a
transition that is not possible: what became of it is read.
"""

from __future__ import annotations

from typing import Any, Final

from passerelle.connectors.tryton.catalogue import chosen_warehouses
from passerelle.connectors.tryton.client import Refused, TrytonClient
from passerelle.connectors.tryton.documents import Documents
from passerelle.connectors.tryton.manifest import TITLE
from passerelle.connectors.tryton.mapping import UNFINISHED, number_of, tax_uses
from passerelle.connectors.tryton.parties import Parties
from passerelle.connectors.tryton.pricing import Rounding, TaxUse, shop_order, tax_of, totals, unit_price
from passerelle.connectors.tryton.wire import LocationRow, SaleRow, SoldRow, TaxRow
from passerelle.domain.orders import DocumentTotals, SalesDocument, SalesLine
from passerelle.domain.stock import DocumentKind
from passerelle.errors import (
    AnswerUnreadable,
    CustomerUnknown,
    OrderCurrency,
    OrderFieldRefused,
    OrderLineUnknown,
    OrderUnsupported,
)

SALE: Final = "sale.sale"
NEXT: Final = {"draft": "quote", "quotation": "confirm", "confirmed": "process"}
WANTED: Final = {
    DocumentKind.QUOTATION: ("quotation", "confirmed", "processing", "done"),
    DocumentKind.ORDER: ("processing", "done"),
}
STARTED: Final = ("draft", "quotation")


class Placing:
    """Prices and places documents. `warehouse` is that of documents which name none."""

    def __init__(self, client: TrytonClient, *, documents: Documents, parties: Parties, warehouse: str) -> None:
        self._client = client
        self._documents = documents
        self._parties = parties
        self._warehouse = warehouse

    def price(self, document: SalesDocument) -> DocumentTotals:
        """Raises OrderUnmapped, OrderCurrency."""
        return totals(document, taxes=self._taxes(), rounding=self._rounding(document))

    def place(self, document: SalesDocument) -> str:
        """The number of the sale, which is made where there is none. Raises RecordErrors, each with its reason."""
        key = shop_order(document.order_key)
        sale = self._found(document)
        if sale is None:
            values = self._values(document)
            sale = self._sale(self._made(values, key=key))
        sale = self._advanced(sale, document)
        if sale.reference != document.order_key:
            self._call("write", [sale.id], {"reference": document.order_key}, key=key)
        return number_of(sale)

    def _found(self, document: SalesDocument) -> SaleRow | None:
        """The sale to go on with; one that was only begun is taken away, its order may have been corrected since."""
        found = self._documents.sales(document.order_key)
        alive = [one for one in found if one.state != "cancelled"]
        if found and not alive:
            why = f"its sale {number_of(found[0])} was cancelled in Tryton"
            raise OrderFieldRefused(key=shop_order(document.order_key), field="document", why=why)
        for sale in alive:
            if sale.reference == document.order_key or sale.state not in STARTED:
                return sale
        for sale in alive:
            self._call("delete", [sale.id], key=shop_order(document.order_key))
        return None

    def _advanced(self, sale: SaleRow, document: SalesDocument) -> SaleRow:
        """The sale in the state wanted. One that is called by its key is the house's own: it is left as it is."""
        key = shop_order(document.order_key)
        while sale.reference != document.order_key and sale.state not in WANTED[document.kind]:
            before = sale.state
            self._call(NEXT[before], [sale.id], key=key)
            sale = self._sale(sale.id)
            if sale.state == before:
                raise _unplaceable(key, f"the sale {number_of(sale)} stays in the state {before}")
        return sale

    def _sale(self, id: int) -> SaleRow:
        found = self._client.rows(SALE, SaleRow, [["id", "=", id]])
        if not found:
            raise AnswerUnreadable(system=TITLE, why=f"the sale {id} is not there any more")
        return found[0]

    def _made(self, values: dict[str, Any], *, key: str) -> int:
        return int(self._call("create", [values], key=key)[0])

    def _call(self, method: str, *params: Any, key: str) -> Any:
        try:
            return self._client.write(f"{SALE}.{method}", *params)
        except Refused as refused:
            raise _unplaceable(key, refused.text) from None

    # --- what a sale is made of ---

    def _values(self, document: SalesDocument) -> dict[str, Any]:
        """Raises OrderUnsupported, CustomerUnknown, OrderLineUnknown, OrderUnmapped and what addresses raise."""
        key = shop_order(document.order_key)
        if document.kind not in WANTED or document.series:
            what = "a numbering series" if document.series else f"a document of the kind {document.kind}"
            raise OrderUnsupported(key=key, what=what)
        rounding, taxes = self._rounding(document), self._taxes()
        lines = [self._line(document, line, taxes=taxes, rounding=rounding) for line in document.lines]
        party = self._party(document)
        remarks = [document.remark, document.carrier, document.payment_method]
        return {
            "company": self._client.company,
            "party": party,
            "reference": f"{document.order_key}{UNFINISHED}",
            "description": document.reference or None,
            "comment": "\n".join(filter(None, remarks)) or None,
            "sale_date": document.dated_on,
            **self._addresses(document, party),
            **self._place_of(document),
            "lines": [["create", lines]],
        }

    def _party(self, document: SalesDocument) -> int:
        found = self._parties.with_code(document.customer_code)
        if not found:
            raise CustomerUnknown(key=shop_order(document.order_key), code=document.customer_code)
        return found[0].id

    def _addresses(self, document: SalesDocument, party: int) -> dict[str, int]:
        """The customer's own address for the invoice, the order's for the goods; either serves for both."""
        key, known = shop_order(document.order_key), self._parties.addresses(party)
        if document.delivery_address is not None:
            delivery = self._parties.address(party, document.delivery_address, key=key)
        elif known:
            delivery = known[0].id
        else:
            raise OrderFieldRefused(key=key, field="address", why="neither the order nor its customer has one")
        return {"invoice_address": known[0].id if known else delivery, "shipment_address": delivery}

    def _place_of(self, document: SalesDocument) -> dict[str, int]:
        """The warehouse, left to Tryton where nobody names one."""
        wanted = document.warehouse or self._warehouse
        if not wanted:
            return {}
        known = self._client.rows("stock.location", LocationRow, [["type", "=", "warehouse"]])
        return {"warehouse": chosen_warehouses([wanted], known=known)[0]}

    def _line(
        self, document: SalesDocument, line: SalesLine, *, taxes: dict[str, TaxUse], rounding: Rounding
    ) -> dict[str, Any]:
        tax = tax_of(document, line, taxes=taxes)
        sold = self._sold(line, key=shop_order(document.order_key))
        return {
            "type": "line",
            "product": sold.id,
            "unit": sold.default_uom,
            "quantity": float(line.quantity),
            "unit_price": unit_price(line, tax=tax, rounding=rounding),
            "taxes": [["add", [tax.id]]],
            "description": line.label,
        }

    def _sold(self, line: SalesLine, *, key: str) -> SoldRow:
        """The variant that a line sells: the only one of its article, else the one with this code."""
        domain: list[Any] = ["OR", ["code", "=", line.sku], ["template.code", "=", line.sku]]
        if line.erp_id.isdigit():
            domain.append(["template", "=", int(line.erp_id)])
        found = self._client.rows("product.product", SoldRow, domain)
        of_article = [one for one in found if str(one.template) == line.erp_id]
        for some in (of_article, [one for one in found if one.code == line.sku], found):
            if len(some) == 1:
                return some[0]
        if not found:
            raise OrderLineUnknown(key=key, name=line.label, sku=line.sku)
        why = f"the article {line.sku} has variants, and the line does not say which one"
        raise OrderFieldRefused(key=key, field="article", why=why)

    # --- how the company counts ---

    def _taxes(self) -> dict[str, TaxUse]:
        return tax_uses(self._client.rows("account.tax", TaxRow, [["company", "=", self._client.company]]))

    def _rounding(self, document: SalesDocument) -> Rounding:
        """Raises OrderCurrency for a document in another currency than the company's."""
        code, cent = currency_of(self._client)
        if document.currency != code:
            raise OrderCurrency(key=shop_order(document.order_key), currency=document.currency, erp=code)
        [said] = self._client.ask("account.configuration.read", [1], ["tax_rounding"])
        return Rounding(cent, price_places(self._client), said["tax_rounding"] == "line")


def currency_of(client: TrytonClient) -> tuple[str, Any]:
    """The code of the company's currency and its smallest amount."""
    paths = ["currency.code", "currency.rounding"]
    [row] = client.raw("company.company", [["id", "=", client.company]], paths)
    return str(row["currency."]["code"]), row["currency."]["rounding"]


def price_places(client: TrytonClient) -> int:
    """The decimals of a unit price, a setting of the server: `price_decimal`, 4 unless it says otherwise."""
    said = str(client.fields("sale.line")["unit_price"].get("digits"))  # "[16, 4]"
    places = said.rpartition(",")[2].strip(" ])")
    if not places.isdigit():
        raise AnswerUnreadable(system=TITLE, why="it does not say how many decimals a price has", detail=said)
    return int(places)


def _unplaceable(key: str, why: str) -> OrderFieldRefused:
    return OrderFieldRefused(key=key, field="document", why=why)
