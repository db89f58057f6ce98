"""Stock that orders take and give back."""

from __future__ import annotations

from passerelle.sandbox.woocommerce.database import Database
from passerelle.sandbox.woocommerce.product_view import full_title, shown_sku
from passerelle.sandbox.woocommerce.product_write import settle_stock, sync_parent
from passerelle.sandbox.woocommerce.rows import Line, Note, Order, Product

TAKING = frozenset({"processing", "completed", "on-hold"})
GIVING = frozenset({"cancelled", "pending"})


def holder(database: Database, line: Line) -> Product | None:
    """The row whose quantity a line moves: the variation, or its parent where that one manages the stock."""
    product = database.live_product(line.variation_id or line.product_id)
    if product and product.type == "variation" and not product.manage_stock:
        product = database.state.products.get(product.parent_id)
    return product if product and product.manage_stock else None


def move(database: Database, product: Product, pieces: int) -> tuple[int, int]:
    """Add pieces (or take them where negative); what there was and is. A quantity goes below zero freely."""
    before = product.stock_quantity or 0
    product.stock_quantity = before + pieces
    settle_stock(product)
    database.touch(product)
    parent = database.state.products.get(product.parent_id)
    if parent and parent.type == "variable":
        sync_parent(database, parent)
    return before, product.stock_quantity


def add_note(database: Database, order: Order, text: str, *, customer: bool = False, author: str = "") -> Note:
    note = Note(database.next_id("notes"), order.id, database.now(), text, customer, author or "WooCommerce")
    database.state.notes.append(note)
    return note


def follow_status(database: Database, order: Order) -> None:
    """Take or give back the stock of an order that has reached its status."""
    if order.status in TAKING and not order.stock_reduced:
        _shift(database, order, sign=-1, word="reduced")
    elif order.status in GIVING and order.stock_reduced:
        _shift(database, order, sign=1, word="increased")


def _shift(database: Database, order: Order, *, sign: int, word: str) -> None:
    order.stock_reduced = sign < 0
    changes = []
    for line in order.lines:
        product = holder(database, line) if line.kind == "line_items" else None
        pieces = line.quantity if sign < 0 else line.reduced
        line.reduced = pieces if sign < 0 and product else 0
        if product and pieces:
            before, after = move(database, product, sign * pieces)
            changes.append(f"{full_title(database, product)} ({shown_sku(database, product)}) {before}&rarr;{after}")
    if changes:
        add_note(database, order, f"Stock levels {word}: {', '.join(changes)}")


def adjust(database: Database, order: Order, line: Line) -> None:
    """Follow a changed, added or removed line of an order that has taken its stock."""
    product = holder(database, line)
    more = line.quantity - line.reduced - line.restocked
    if not order.stock_reduced or not product or not more:
        return
    before, after = move(database, product, -more)
    line.reduced += more
    add_note(
        database, order, f"Adjusted stock: {full_title(database, product)} ({before}&rarr;{after})", author="admin"
    )
