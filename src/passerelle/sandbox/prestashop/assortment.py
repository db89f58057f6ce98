"""What the shop does by itself with combinations, options and features, as seen on a real 8.2.0 and a 9.1.4.

A product's default is the combination with `default_on`, else its first one. Whatever is written to a combination
makes its product one of type `combinations` again and refreshes `cache_default_attribute`, but not its date_upd.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from passerelle.sandbox.prestashop.database import Database
from passerelle.sandbox.prestashop.errors import Crash
from passerelle.sandbox.prestashop.table import Row, Value
from passerelle.sandbox.prestashop.values import number

LinkRows = list[tuple[str, ...]]
_VALUES, _FEATURES = "product_option_values", "product_features"


# --- what is read -----------------------------------------------------------------------------------------------------


def default_of(database: Database, product: int) -> int:
    """The id of a product's default combination, 0 without combinations."""
    table = database["combinations"]
    idents = table.ids_by("id_product", str(product))
    position = table.resource.index["default_on"]
    for one in idents:
        if table.rows[one].values[position] == "1":
            return one
    return idents[0] if idents else 0


def second_default(database: Database, combination: Row) -> bool:
    """Whether the row claims to be the default beside another one."""
    if combination.text("default_on") != "1":
        return False
    others = database["combinations"].by("id_product", combination.text("id_product"))
    return any(one.text("default_on") == "1" and one.id != combination.number("id") for one in others)


def shown_values(database: Database, combination: Row) -> LinkRows:
    """A combination's option values by id. One that never existed is stored, and not shown."""
    known = range(1, database[_VALUES].next_id)
    return [(str(one),) for one in sorted(combination.linked(_VALUES)) if one in known]


def values_of_product(database: Database, product: Row) -> LinkRows:
    """Every option value that the product's combinations name; one without any adds an empty id."""
    rows = database["combinations"].by("id_product", str(product.id))
    return list(dict.fromkeys(one for row in rows for one in row.links.get(_VALUES) or (("",),)))


def price_of(product: Row, combination: Row | None) -> Decimal:
    """The price excl. VAT: the combination's is an impact on its product's."""
    return number(product.text("price")) + (number(combination.text("price")) if combination else Decimal(0))


def choices_of(database: Database, combination: Row) -> list[tuple[str, str]]:
    """(public name of the option, name of the value) in the default language, in the options' order."""
    found = []
    for ident in sorted(combination.linked(_VALUES)):
        value = database[_VALUES].get(ident)
        option = database["product_options"].get(value.number("id_attribute_group")) if value else None
        if value and option:
            found.append((option.number("position"), first(option, "public_name"), first(value, "name")))
    return [(option, value) for _, option, value in sorted(found, key=lambda one: one[0])]


def features_of(database: Database, product: Row) -> list[tuple[str, str]]:
    """(feature, value) in the default language, as the product sheet shows them."""
    found = []
    for feature_id, value_id in product.links.get(_FEATURES, ()):
        feature, value = (
            database[_FEATURES].get(int(number(feature_id))),
            database["product_feature_values"].get(int(number(value_id))),
        )
        if feature and value:
            found.append((first(feature, "name"), first(value, "value")))
    return found


def first(row: Row, name: str) -> str:
    """A translated text in the shop's default language."""
    value = row.values[row.resource.index[name]]
    return value[0] if isinstance(value, tuple) else value or ""


# --- combinations -----------------------------------------------------------------------------------------------------


def combination_added(database: Database, row: Row) -> None:
    """A stock row of 0 for it. Before PrestaShop 9 the product's own row keeps what it held until the next write."""
    product = row.number("id_product")
    database.add_stock_row(product, combination=row.id)
    if not database.before_9:
        database.sum_stock(product)
    combination_saved(database, row)


def combination_saved(database: Database, row: Row) -> None:
    refresh(database, row.number("id_product"))


def combination_deleted(database: Database, row: Row) -> None:
    """Its stock row goes too; orders keep what they copied.

    Where it was the default, the product opens with its first one, and no combination says that it is the default.
    """
    stock = database["stock_availables"]
    for one in stock.ids_by("id_product_attribute", str(row.id)):
        stock.remove(one)
    database.sum_stock(row.number("id_product"))
    refresh(database, row.number("id_product"))


def refresh(database: Database, product: int) -> None:
    """The two fields of a product that follow its combinations."""
    row = database["products"].get(product)
    if row is not None:
        row.put("cache_default_attribute", str(default_of(database, product)))
        row.put("product_type", "combinations")


def set_default(database: Database, product: int, *, combination: int) -> None:
    """The shop forgets the old default first: with an id that is not the product's, it has none of its own."""
    for row in database["combinations"].by("id_product", str(product)):
        row.put("default_on", "1" if row.id == combination else None)


def keep_combinations(database: Database, product: Row, rows: LinkRows) -> None:
    """The product has exactly these: the others are deleted, another product's moves here, its stock row does not."""
    table = database["combinations"]
    wanted = [int(number(one[0])) for one in rows]
    touched = {product.id}
    for row in table.by("id_product", str(product.id)):
        if row.id not in wanted:
            table.remove(row.id)
            combination_deleted(database, row)
    for row in (table.rows[one] for one in wanted if one in table.rows):
        touched.add(row.number("id_product"))
        database.change(row, {"id_product": str(product.id)})
    for one in touched if wanted else ():
        refresh(database, one)


def set_values(database: Database, combination: Row, rows: LinkRows) -> None:
    """Replace the set; the same value twice breaks the one statement that stores it.

    Raises:
        Crash: a value named twice; the combination is then left without any.
    """
    combination.links[_VALUES] = ()
    if len(set(rows)) < len(rows):
        raise Crash
    combination.links[_VALUES] = tuple(sorted(rows, key=lambda one: number(one[0])))


# --- what an order takes of them ------------------------------------------------------------------------------------


def bought(database: Database, product: int, *, combination: int) -> Row | None:
    """The combination bought, None for 0.

    Raises:
        KeyError: an unknown one, or one of another product.
    """
    if not combination:
        return None
    row = database["combinations"].rows[combination]
    if row.number("id_product") != product:
        raise KeyError(f"combination {combination} of product {product}")
    return row


def line_values(database: Database, product: Row, *, combination: Row, quantity: int) -> dict[str, Value]:
    """What a line copies of a combination: its codes where it has any, else those of the product stay."""
    codes = {f"product_{name}": combination.text(name) for name in ("reference", "ean13", "isbn", "upc", "mpn")}
    kept: dict[str, Value] = {name: code for name, code in codes.items() if code}
    chosen = " - ".join(f"{option}: {value}" for option, value in choices_of(database, combination))
    cost = combination.text("wholesale_price")
    if number(cost):
        kept |= {"original_wholesale_price": cost, "purchase_supplier_price": cost}
    return {
        **kept,
        "product_attribute_id": str(combination.id),
        "product_name": f"{first(product, 'name')} ({chosen})",
        "product_weight": str(number(product.text("weight")) + number(combination.text("weight"))),
        "product_quantity_in_stock": str(min(quantity, database.stock(product.id, combination=combination.id))),
        "original_product_price": str(price_of(product, combination)),
    }


# --- options ----------------------------------------------------------------------------------------------------------


def option_saved(database: Database, row: Row) -> None:
    row.put("is_color_group", str(int(row.text("group_type") == "color")))


def option_added(database: Database, row: Row) -> None:
    option_saved(database, row)
    _number(row, [one for one in database["product_options"].rows if one != row.id], database)


def value_added(database: Database, row: Row) -> None:
    """Positions count within the option."""
    siblings = database[_VALUES].ids_by("id_attribute_group", row.text("id_attribute_group"))
    _number(row, [one for one in siblings if one != row.id], database)


def value_deleted(database: Database, row: Row) -> None:
    """Every combination that uses the value goes with it; a product whose default went gets its first one as such."""
    table = database["combinations"]
    gone = [one for one in table if row.id in one.linked(_VALUES)]
    for one in gone:
        table.remove(one.id)
        combination_deleted(database, one)
    for product in {one.number("id_product") for one in gone if one.text("default_on") == "1"}:
        set_default(database, product, combination=default_of(database, product))


def option_deleted(database: Database, row: Row) -> None:
    """Its values are gone; the combinations stay, with what other options gave them."""
    gone = set(database[_VALUES].ids_by("id_attribute_group", str(row.id)))
    for one in gone:
        database[_VALUES].remove(one)
    for combination in database["combinations"]:
        kept = [link for link in combination.links.get(_VALUES, ()) if int(number(link[0])) not in gone]
        combination.links[_VALUES] = tuple(kept)


def keep_values(database: Database, option: Row, rows: LinkRows) -> None:
    """The option has exactly these values: the others are deleted, combinations go on naming them."""
    table = database[_VALUES]
    wanted = [int(number(one[0])) for one in rows]
    for one in set(table.ids_by("id_attribute_group", str(option.id))) - set(wanted):
        table.remove(one)
    for row in (table.rows[one] for one in wanted if one in table.rows):
        database.change(row, {"id_attribute_group": str(option.id)})


def _number(row: Row, siblings: Iterable[int], database: Database) -> None:
    last = max(siblings, default=0)
    before = database[row.resource.name].get(last)
    row.put("position", str(before.number("position") + 1 if before else 0))


# --- features ---------------------------------------------------------------------------------------------------------


def feature_added(database: Database, row: Row) -> None:
    _number(row, [one for one in database[_FEATURES].rows if one != row.id], database)


def feature_value_added(database: Database, row: Row) -> None:
    siblings = database["product_feature_values"].ids_by("id_feature", row.text("id_feature"))
    _number(row, [one for one in siblings if one != row.id], database)


def feature_value_deleted(database: Database, row: Row) -> None:
    _drop_features(database, column=1, gone={row.id})


def feature_deleted(database: Database, row: Row) -> None:
    for one in database["product_feature_values"].ids_by("id_feature", str(row.id)):
        database["product_feature_values"].remove(one)
    _drop_features(database, column=0, gone={row.id})


def _drop_features(database: Database, *, column: int, gone: set[int]) -> None:
    for product in database["products"]:
        links = product.links.get(_FEATURES, ())
        if links:
            product.links[_FEATURES] = tuple(one for one in links if int(number(one[column])) not in gone)


def set_features(database: Database, product: Row, rows: LinkRows) -> None:
    """Replace all, one by one: unknown ids are stored as sent, a missing value as 0.

    Raises:
        Crash: a pair named twice; what came before it is stored.
    """
    stored: dict[tuple[str, ...], None] = {}
    for feature, value in rows:
        pair = (str(int(number(feature))), str(int(number(value))))
        if pair in stored:
            break
        stored[pair] = None
    product.links[_FEATURES] = tuple(sorted(stored, key=lambda one: (int(one[0]), int(one[1]))))
    if len(stored) < len(rows):
        raise Crash
