"""The XML that the webservice answers, built by concatenation: a DOM would cost ten times the time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from passerelle.sandbox.prestashop import assortment
from passerelle.sandbox.prestashop.database import Database
from passerelle.sandbox.prestashop.resources import DESCRIPTIONS, VERBS, WITHOUT_SCHEMA
from passerelle.sandbox.prestashop.schema import Association, Field, Resource
from passerelle.sandbox.prestashop.table import Row, Value
from passerelle.sandbox.prestashop.values import slug

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<prestashop xmlns:xlink="http://www.w3.org/1999/xlink">\n'
TAIL = "</prestashop>\n"
EMPTY = "<![CDATA[]]>"
_NOWHERE = (None, "", "0")  # a field that holds this links to nothing

# Association rows as shown: the id first, then the extra fields.
LinkRows = Iterable[tuple[str, ...]]


def page(body: str) -> bytes:
    """A whole document."""
    return f"{HEAD}{body}{TAIL}".encode()


def errors_page(errors: Iterable[tuple[int, str]]) -> bytes:
    """The error document: code and message of each error, in order."""
    items = "".join(
        f"<error>\n<code><![CDATA[{code}]]></code>\n<message><![CDATA[{message}]]></message>\n</error>\n"
        for code, message in errors
    )
    return page(f"<errors>\n{items}</errors>\n")


class Renderer:
    """Writes rows of one database as XML whose links start with `api` ("http://127.0.0.1:1234/api")."""

    def __init__(self, database: Database, *, api: str, languages: tuple[int, ...] = ()) -> None:
        self.database = database
        self.api = api
        self._openings = [
            (place, f'<language id="{one}" xlink:href="{api}/languages/{one}"><![CDATA[')
            for place, one in enumerate(database.languages)
            if one in (languages or database.languages)
        ]

    def entity(self, row: Row, *, values: list[Value] | None = None, method: str = "GET") -> str:
        """One entity in full. `values` are those of a write's echo: as sent, not as stored."""
        return self._node(row, names=None, associations=row.resource.associations, values=values, method=method)

    def selection(self, row: Row, *, names: frozenset[str], associations: Iterable[Association]) -> str:
        """One entity with the fields that `display` names, in the resource's own order."""
        return self._node(row, names=names, associations=tuple(associations), values=None, method="GET")

    def stub(self, row: Row) -> str:
        """The entity in a list without `display`."""
        resource = row.resource
        return f'<{resource.node} id="{row.id}" xlink:href="{self.api}/{resource.name}/{row.id}"/>\n'

    def _node(
        self,
        row: Row,
        *,
        names: frozenset[str] | None,
        associations: tuple[Association, ...],
        values: list[Value] | None,
        method: str,
    ) -> str:
        shown = row.values if values is None else values
        parts = [f"<{row.resource.node}>\n"]
        for field, value in zip(row.resource.fields, shown, strict=True):
            if names is not None and field.name not in names:
                continue
            if field.shown_as_stored and (not field.link or value in _NOWHERE):
                parts.append(f"{field.opening}{value or ''}{field.closing}")
            else:
                parts.append(self._field(row, field, value, method))
        if associations:
            parts.append("<associations>\n")
            parts.extend(self._association(row, one, bare=one.bare and names is not None) for one in associations)
            parts.append("</associations>\n")
        parts.append(f"</{row.resource.node}>\n")
        return "".join(parts)

    def _field(self, row: Row, field: Field, value: Value, method: str) -> str:
        name = field.name
        if field.shown_as_stored:
            return f'\t<{name} xlink:href="{self.api}/{field.link}/{value}"><![CDATA[{value}{field.closing}'
        if field.i18n:
            return f"\t<{name}>{self._languages(value)}</{name}>\n"
        told = computed_value(self.database, row, name=name, method=method)
        link = ""
        if field.link and told not in _NOWHERE:
            owner = f"{row.id}/" if name == "id_default_image" else ""
            link = f' xlink:href="{self.api}/{field.link}/{owner}{told}"'
        return f'\t<{name}{link} notFilterable="true"><![CDATA[{told}{field.closing}'

    def _languages(self, value: Value) -> str:
        # A translated field that the request left out carries no links in the echo of a write.
        if value is None:
            return "".join(f'<language id="{one}">{EMPTY}</language>' for one in self.database.languages)
        texts = value if isinstance(value, tuple) else (value,) * len(self.database.languages)
        return "".join([f"{opening}{texts[place]}]]></language>" for place, opening in self._openings])

    def _association(self, row: Row, association: Association, *, bare: bool) -> str:
        kind = 'virtualEntity="true"' if association.virtual else f'api="{association.api}"'
        opening = f'<{association.name} nodeType="{association.node}" {kind}'
        items = "".join(
            [self._linked(association, one, bare=bare) for one in link_rows(self.database, row, name=association.name)]
        )
        return f"{opening}>\n{items}</{association.name}>\n" if items else f"{opening}/>\n"

    def _linked(self, association: Association, row: tuple[str, ...], *, bare: bool) -> str:
        href = f' xlink:href="{self.api}/{association.api}/{row[0]}"'
        own = "" if bare else f"\t<id{href if association.link_on_id else ''}><![CDATA[{row[0]}]]></id>\n"
        extra = "".join(
            f"\t<{name}{f' xlink:href={chr(34)}{self.api}/{link}/{value}{chr(34)}' if link else ''}>"
            f"<![CDATA[{value}]]></{name}>\n"
            for (name, link), value in zip(association.fields, row[1:], strict=True)
        )
        return (
            f"\t<{association.node}{href if association.link_on_node else ''}>\n{own}{extra}\t</{association.node}>\n"
        )


def computed_value(database: Database, row: Row, *, name: str, method: str) -> str:
    """A field that the shop reads through a getter. `quantity` is always 0, and empty in the echo of POST and PUT."""
    if name == "quantity":
        return "0" if method in ("GET", "PATCH") else ""
    if name == "nb_products_recursive" and method == "POST":
        return "-1"
    getter = _GETTERS.get((row.resource.name, name))
    return getter(database, row) if getter else ""


def _position(database: Database, row: Row) -> str:
    found = database.position(row)
    return "" if found is None else str(found)


def _brand_name(database: Database, row: Row) -> str:
    brand = database["manufacturers"].get(row.number("id_manufacturer"))
    return brand.text("name") if brand else ""


def _currency_name(database: Database, row: Row) -> str:
    names = row.values[row.resource.index["names"]]
    return names[0] if isinstance(names, tuple) else ""


def _products_below(database: Database, row: Row) -> str:
    shelves = database.shelves
    return str(len({product for one in database.descendants(row.id) for product in shelves.get(one, ())}))


_GETTERS: Mapping[tuple[str, str], Callable[[Database, Row], str]] = {
    ("products", "position_in_category"): _position,
    ("products", "manufacturer_name"): _brand_name,
    ("products", "type"): lambda database, row: "simple",
    ("products", "id_default_combination"): lambda database, row: str(assortment.default_of(database, row.id)),
    ("categories", "nb_products_recursive"): _products_below,
    ("currencies", "name"): _currency_name,
    ("orders", "shipping_number"): lambda database, row: row.text("shipping_number"),
    ("manufacturers", "link_rewrite"): lambda database, row: slug(row.text("name")),
}


def link_rows(database: Database, row: Row, *, name: str) -> LinkRows:
    """The rows of an association: stored ones as written, the others looked up."""
    looked_up = _LOOKED_UP.get((row.resource.name, name))
    return looked_up(database, row) if looked_up else row.links.get(name, ())


def _accessories(database: Database, row: Row) -> LinkRows:
    return [one for one in row.links.get("accessories", ()) if database["products"].get(int(one[0] or 0))]


_LOOKED_UP: Mapping[tuple[str, str], Callable[[Database, Row], LinkRows]] = {
    ("products", "stock_availables"): lambda database, row: [
        (str(one.id), one.text("id_product_attribute")) for one in database.stock_rows(row.id)
    ],
    ("products", "accessories"): _accessories,
    ("products", "combinations"): lambda database, row: [
        (str(one),) for one in database["combinations"].ids_by("id_product", str(row.id))
    ],
    ("products", "product_option_values"): assortment.values_of_product,
    ("combinations", "product_option_values"): assortment.shown_values,
    ("product_options", "product_option_values"): lambda database, row: [
        (str(one),) for one in database["product_option_values"].ids_by("id_attribute_group", str(row.id))
    ],
    ("categories", "categories"): lambda database, row: [
        (str(one),) for one in database["categories"].ids_by("id_parent", str(row.id))
    ],
    ("categories", "products"): lambda database, row: [(str(one),) for one in database.shelves.get(row.id, ())],
    ("orders", "order_rows"): lambda database, row: [
        _order_row(one) for one in database["order_details"].by("id_order", str(row.id))
    ],
}


def _order_row(line: Row) -> tuple[str, ...]:
    names = (
        "id product_id product_attribute_id product_quantity product_name product_reference product_ean13 product_isbn"
        " product_upc product_price id_customization unit_price_tax_incl unit_price_tax_excl"
    )
    return tuple(line.text(name) for name in names.split())


def blank_schema(database: Database, resource: Resource, *, synopsis: bool, api: str) -> str:
    """`schema=blank` (an empty entity) or `schema=synopsis` (required, sizes, formats)."""
    fields = "".join(
        _schema_field(database, one, synopsis=synopsis, api=api)
        for one in resource.fields
        if (one.name != "id" if synopsis else one.writable or not one.computed)
    )
    lists = "".join(_schema_association(one, synopsis=synopsis, api=api) for one in resource.associations)
    associations = f"<associations>\n{lists}</associations>\n" if lists else ""
    return f"<{resource.node}>\n{fields}{associations}</{resource.node}>\n"


def _schema_field(database: Database, field: Field, *, synopsis: bool, api: str) -> str:
    attributes = ""
    if synopsis:
        attributes += ' required="true"' if field.required else ""
        attributes += f' maxSize="{field.max_size}"' if field.max_size else ""
        attributes += f' format="{field.check}"' if field.check else ""
        attributes += ' notFilterable="true"' if field.computed else ""
        attributes += "" if field.writable else ' read_only="true" readOnly="true"'
    content = _schema_languages(database, synopsis=synopsis, api=api) if field.i18n else EMPTY
    return f"\t<{field.name}{attributes}>{content}</{field.name}>\n"


def _schema_languages(database: Database, *, synopsis: bool, api: str) -> str:
    details = {
        one: f' xlink:href="{api}/languages/{one}" format="isUnsignedId" ' if synopsis else ""
        for one in database.languages
    }
    return "".join(f'<language id="{one}"{detail}>{EMPTY}</language>' for one, detail in details.items())


def _schema_association(association: Association, *, synopsis: bool, api: str) -> str:
    kind = f' nodeType="{association.node}" api="{association.api}"' if synopsis else ""
    fields = "".join(
        f"\t<{name}{' required=' + chr(34) + 'true' + chr(34) if synopsis and name in association.required else ''}>"
        f"{EMPTY}</{name}>\n"
        for name in ("id", *(name for name, _ in association.fields))
    )
    return (
        f"<{association.name}{kind}>\n\t<{association.node}>\n{fields}\t</{association.node}>\n</{association.name}>\n"
    )


def root(rights: Mapping[str, frozenset[str]], *, api: str, shop_name: str, patch: bool) -> str:
    """GET /api: what the key may do with each resource. A shop without PATCH does not name it."""
    verbs = [verb for verb in VERBS if patch or verb != "PATCH"]
    blocks = "".join(_root_block(name, rights[name], api=api, verbs=verbs) for name in DESCRIPTIONS if name in rights)
    return f'<api shopName="{shop_name}">\n{blocks}</api>\n'


def _root_block(name: str, granted: frozenset[str], *, api: str, verbs: list[str]) -> str:
    marks = "".join(f' {verb.lower()}="{"true" if verb in granted else "false"}"' for verb in verbs)
    head = f'xlink:href="{api}/{name}"{marks}'
    schemas = "".join(
        f'<schema xlink:href="{api}/{name}?schema={kind}" type="{kind}"/>\n'
        for kind in ("blank", "synopsis")
        if name not in WITHOUT_SCHEMA
    )
    return f"<{name} {head}>\n<description {head}>\n{DESCRIPTIONS[name]}</description>\n{schemas}</{name}>\n"
