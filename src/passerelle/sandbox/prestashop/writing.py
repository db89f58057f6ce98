"""POST, PUT and PATCH: from the XML sent to the rows stored, one entity after the other, without a transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lxml import etree

from passerelle.sandbox.prestashop import assortment, lifecycle, ordering
from passerelle.sandbox.prestashop.database import Database
from passerelle.sandbox.prestashop.errors import Crash, Report
from passerelle.sandbox.prestashop.render import Renderer
from passerelle.sandbox.prestashop.schema import Field, Resource
from passerelle.sandbox.prestashop.table import Row, Value
from passerelle.sandbox.prestashop.values import CHECKS, fault_of, number, slug, untagged

_REQUEST = "webservice/WebserviceRequest.php"
_ECHOED = {
    "categories": ("level_depth",),
    "product_options": ("position",),
    "product_option_values": ("position",),
    "product_features": ("position",),
    "product_feature_values": ("position",),
}
# Called with the number of entities stored so far: before the first one and after each.
Between = Callable[[int], None]


class Writer:
    """Handles the body of one writing request. `written` counts the entities that were stored."""

    def __init__(self, database: Database, *, resource: Resource, method: str, report: Report, api: str) -> None:
        self.database = database
        self.resource = resource
        self.method = method
        self.report = report
        self.renderer = Renderer(database, api=api)
        self.written = 0

    def run(self, body: bytes, *, between: Between | None = None) -> str:
        """Store the entities of the body and return their echo.

        Raises:
            Stop: the first error; what came before it is stored and stays.
            Crash: an exception that the shop does not catch.
        """
        entities = self._entities(body)
        self._check_ids(entities)
        after = between or _pass
        after(0)
        echoes = []
        for entity in entities:
            echoes.append(self._save(entity))
            after(self.written)
        return "".join(echoes)

    def _entities(self, body: bytes) -> list[etree._Element]:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
        try:
            root = etree.fromstring(body, parser)
        except etree.XMLSyntaxError:
            shown = body.decode("utf-8", "replace")
            for error in parser.error_log if body else ():
                first = f"Entity: line {error.line}: parser error : {error.message}"
                for line in (first, shown[:80], "       ^"):
                    self.report.warn(f"SimpleXMLElement::__construct(): {line}", file=_REQUEST, line=1510)
            words = f"XML error : String could not be parsed as XML\nXML length : {len(body)}\nOriginal XML : {shown}"
            raise self.report.refuse(500, 127, words) from None
        return list(_children(root))

    def _check_ids(self, entities: list[etree._Element]) -> None:
        idents = [text for one in entities if (text := one.findtext("id"))]
        if self.method == "POST":
            if idents:
                raise self.report.refuse(400, 91, "id is forbidden when adding a new resource")
            return
        if len({int(number(one)) for one in idents}) != len(idents):
            raise self.report.refuse(400, 89, "id is duplicate in request")
        if len(idents) != len(entities):
            raise self.report.refuse(400, 90, "id is required when modifying a resource")

    def _save(self, entity: etree._Element) -> str:
        sent = {str(one.tag): one for one in reversed(list(_children(entity)))}
        row = self._target(sent)
        values, touched = self._apply(row, sent)
        self._modify(row, values)
        if self.report.errors:
            return ""  # a PHP warning or a setter's error: nothing more is stored
        self._validate(row, values)
        self._store(row, values, touched)
        self.written += 1
        self._associate(row, sent.get("associations"))
        return self.renderer.entity(row, values=values, method=self.method)

    def _target(self, sent: dict[str, etree._Element]) -> Row:
        if self.method == "POST":
            return Row(self.resource, self.database.blank(self.resource))
        row = self.database[self.resource.name].get(int(number(sent["id"].text)))
        if row is None:
            raise self.report.refuse(404, 92, "Invalid ID")
        return row

    def _apply(self, row: Row, sent: dict[str, etree._Element]) -> tuple[list[Value], set[int]]:
        """The values as they would be echoed, and which of them were touched."""
        values = list(row.values) if self.method == "PATCH" else self.database.blank(self.resource)
        values[0] = row.values[0]
        touched = set(range(1, len(values)))
        if self.method == "PATCH":
            touched &= {position for name in sent if (position := self.resource.index.get(name)) is not None}
        for position in sorted(touched):
            field = self.resource.fields[position]
            element = sent.get(field.name)
            self._check_sent(field, element)
            if field.i18n:
                values[position] = self._translated(row.values[position], field, element)
            elif element is not None:
                self._set(row, field, values, element.text or "")
            elif not field.writable:
                values[position] = row.values[position]
        return values, touched

    def _check_sent(self, field: Field, element: etree._Element | None) -> None:
        if field.i18n:
            return
        if element is None and field.required:
            raise self.report.refuse(400, 41, f'parameter "{field.name}" required')
        if element is not None and not field.writable:
            words = f'parameter "{field.name}" not writable. Please remove this attribute of this XML'
            raise self.report.refuse(400, 93, words)

    def _translated(self, before: Value, field: Field, element: etree._Element | None) -> Value:
        """The texts sent by language; a plain text stands for all. An optional field forgets the languages not sent."""
        languages = [] if element is None else element.findall("language")
        if not languages:
            return None if element is None else element.text or ""
        keep = field.required and isinstance(before, tuple)
        texts = list(before) if keep and isinstance(before, tuple) else [""] * len(self.database.languages)
        for one in languages:
            ident = int(number(one.get("id")))
            if ident in self.database.languages:
                texts[self.database.languages.index(ident)] = one.text or ""
        return tuple(texts)

    def _set(self, row: Row, field: Field, values: list[Value], text: str) -> None:
        position = self.resource.index[field.name]
        if field.name == "position_in_category":
            self._place(row, values, text)
        elif field.name == "id_default_combination":
            self._set_default(row, values, text)
        elif field.kind == "nullbool":
            values[position] = text if number(text) or not text.isdigit() else None
        elif self.resource.name == "orders" and field.name == "current_state":
            ordering.check_state(self.database, row.id, state=int(number(text)))
            values[position] = text
        elif not field.computed or field.name == "shipping_number":
            values[position] = text

    def _set_default(self, row: Row, values: list[Value], text: str) -> None:
        """Done at once, whatever becomes of the rest of the entity."""
        if row.values[0] is not None:
            assortment.set_default(self.database, row.id, combination=int(number(text)))
            values[self.resource.index["cache_default_attribute"]] = text

    def _place(self, row: Row, values: list[Value], text: str) -> None:
        position = int(number(text))
        if position <= 0:
            self.report.add(500, 134, "You cannot set 0 or a negative position, the minimum is 1.")
            return
        category = int(number(str(values[self.resource.index["id_category_default"]] or "")))
        shelf = self.database.shelves.get(category, {})
        if position > len(shelf):
            words = "You cannot set a position greater than the total number of products in the category."
            self.report.add(500, 135, words)
        elif row.values[0] is not None and row.id in shelf:
            shelf[row.id] = position

    def _modify(self, row: Row, values: list[Value]) -> None:
        """On POST the link rewrite is made from the name, or made valid.

        A category that names no link rewrite by language trips over PHP's strings; a product does not.
        """
        if self.method != "POST" or not self.resource.modifies_slug:
            return
        name = values[self.resource.index["name"]]
        if not isinstance(name, tuple):
            line, file = (7752, "Product.php") if self.resource.name == "products" else (2071, "Category.php")
            self.report.warn("foreach() argument must be of type array|object, string given", file=file, line=line)
            return
        position = self.resource.index["link_rewrite"]
        before = values[position]
        if isinstance(before, tuple):
            values[position] = tuple(_slug(one, text) for one, text in zip(before, name, strict=True))
        elif self.resource.name == "products":
            values[position] = tuple(
                _letter(before or "", place=place) or slug(text) for place, text in enumerate(name, 1)
            )
        elif not before:
            for _ in name:
                words = "Only the first byte will be assigned to the string offset"
                self.report.warn(words, file="Category.php", line=2073)

    def _validate(self, row: Row, values: list[Value]) -> None:
        passed = row.checked or [None] * len(values)
        for position, field in self.resource.checked:
            value = values[position]
            if value is passed[position] and value is not None:
                continue
            fault = self._fault(field, value)
            if fault:
                raise self.report.refuse(400, 84 if field.i18n else 85, f'Validation error: "{fault}"')
        if self.method == "PATCH":
            row.checked = list(values)

    def _fault(self, field: Field, value: Value) -> str | None:
        class_name = self.resource.class_name
        before_9 = self.database.before_9
        if not isinstance(value, tuple):
            if field.i18n and field.required and self.method == "POST":
                value = None  # read by language, it is not there
            return fault_of(field, value, class_name=class_name, before_9=before_9)
        # Only the default language of a required field has to be filled.
        if field.required and not value[0]:
            return f"Property {class_name}->{field.name} is empty"
        faults = (fault_of(field, one, class_name=class_name, before_9=before_9) for one in value if one)
        return next((one for one in faults if one), None)

    def _store(self, row: Row, values: list[Value], touched: set[int]) -> None:
        self._stamp(values)
        settled = list(values)
        for position in touched:
            field, value = self.resource.fields[position], values[position]
            plain = untagged(value) if field.kind == "text" and isinstance(value, str) else value
            settled[position] = self.database.settled(field, plain)
        if self.method == "POST":
            settled[0] = None
            self._insert(row, settled)
            values[0] = row.values[0]
        else:
            self._update(row, settled)
        self._echo_computed(row, values)

    def _echo_computed(self, row: Row, values: list[Value]) -> None:
        """The few fields that the shop's object computes on saving, and so shows in the echo."""
        index = self.resource.index
        for name in _ECHOED.get(self.resource.name, ()):
            values[index[name]] = row.text(name)
        if "is_color_group" in index:  # a PHP boolean: false is shown as nothing
            values[index["is_color_group"]] = row.text("is_color_group").strip("0")
        if "unit_price_ratio" in index and self.method == "PUT" and values[index["unit_price_ratio"]] is None:
            values[index["unit_price_ratio"]] = "0"

    def _stamp(self, values: list[Value]) -> None:
        index, now = self.resource.index, self.database.now()
        if "date_upd" in index:
            values[index["date_upd"]] = now
        if "date_add" in index and (self.method == "POST" or not values[index["date_add"]]):
            values[index["date_add"]] = now

    def _insert(self, row: Row, settled: list[Value]) -> None:
        row.values = settled
        self._check_stored(row)
        self.database[self.resource.name].add(row)
        lifecycle.ADDED.get(self.resource.name, _nothing)(self.database, row)

    def _update(self, row: Row, settled: list[Value]) -> None:
        state = row.number("current_state") if self.resource.name == "orders" else 0
        self._check_stored(Row(self.resource, settled))
        self.database[self.resource.name].replace(row, settled)
        lifecycle.SAVED.get(self.resource.name, _nothing)(self.database, row)
        if self.resource.name == "orders" and row.number("current_state") != state:
            self._move_order(row, before=state)

    def _check_stored(self, row: Row) -> None:
        lifecycle.check_parents(self.database, row)
        if self.resource.name == "combinations" and assortment.second_default(self.database, row):
            if self.database.before_9:
                raise Crash
            raise self.report.refuse(500, 46, "Unable to save resource")

    def _move_order(self, row: Row, *, before: int) -> None:
        wanted = row.text("current_state")
        self.database.change(row, {"current_state": str(before)})
        self.database.insert("order_histories", {"id_order": str(row.id), "id_order_state": wanted})
        ordering.apply_state(self.database, row.id, state=int(wanted))

    def _associate(self, row: Row, associations: etree._Element | None) -> None:
        """Absent: kept. Present: replaced by what it holds. Unknown: refused, after the entity itself was stored."""
        for one in () if associations is None else _children(associations):
            name = str(one.tag)
            known = self.resource.by_association.get(name)
            if known is None:
                if name == "i18n":
                    continue
                raise self.report.refuse(400, 86, f'The association "{name}" does not exists')
            if known.stored:
                names = ("id", *(extra for extra, _ in known.fields))
                self._link(row, name, [tuple(item.findtext(part) or "" for part in names) for item in _children(one)])

    def _link(self, row: Row, name: str, rows: list[tuple[str, ...]]) -> None:
        if name == "product_features" and any(not one[1] for one in rows):
            self.report.warn('Undefined array key "id_feature_value"', file="Product.php", line=6010)
        link = lifecycle.LINKED.get((self.resource.name, name))
        if link is not None:
            link(self.database, row, rows)
        else:
            row.links[name] = tuple(rows)


def _children(element: etree._Element) -> Iterator[etree._Element]:
    return (one for one in element if isinstance(one.tag, str))


def _pass(written: int) -> None:
    """Nobody wants to know how far the batch is."""


def _nothing(database: Database, row: Row) -> None:
    """Most resources do nothing by themselves."""


def _letter(text: str, *, place: int) -> str:
    """What PHP finds at `text[place]`: a plain link rewrite is taken for its letters, one a language."""
    return text[place] if place < len(text) else ""


def _slug(sent: str, name: str) -> str:
    if not sent:
        return slug(name)
    return sent if CHECKS["isLinkRewrite"](sent) else slug(sent)
