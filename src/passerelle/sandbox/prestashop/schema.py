"""What a resource of the webservice looks like: its fields, their validators, their links and associations."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One field of a resource; compared by identity, so that what is known of it can be remembered cheaply.

    `kind` decides how a value is stored (int, nullint, bool, nullbool, decimal, decimal3, decimal2, text, html, date,
    datetime); `check` names the shop's validator; `computed` fields come from a getter and cannot be filtered;
    `default` is what an absent field becomes on POST and PUT where the shop's class has a default of its own;
    `choices` are all that a field takes beside the empty value.
    """

    name: str
    kind: str = "text"
    check: str = ""
    max_size: int = 0
    required: bool = False
    i18n: bool = False
    link: str = ""
    computed: bool = False
    writable: bool = True
    default: str | None = None
    indexed: bool = False
    choices: tuple[str, ...] = ()
    opening: str = field(init=False)  # what stands around a value without a link
    closing: str = field(init=False)
    shown_as_stored: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "shown_as_stored", not (self.i18n or self.computed))
        object.__setattr__(self, "opening", f"\t<{self.name}><![CDATA[")
        object.__setattr__(self, "closing", f"]]></{self.name}>\n")


@dataclass(frozen=True, slots=True)
class Association:
    """A list of linked entities; `fields` are shown beside the id (name, resource it links to).

    A `bare` one declares no fields in the shop: where `display` names it, its entries have a link and no id.
    """

    name: str
    node: str
    api: str
    fields: tuple[tuple[str, str], ...] = ()
    required: tuple[str, ...] = ("id",)
    link_on_id: bool = False
    link_on_node: bool = True
    stored: bool = False
    virtual: bool = False
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource: plural name, node name, class name used in error messages, fields in output order."""

    name: str
    node: str
    class_name: str
    fields: tuple[Field, ...]
    associations: tuple[Association, ...] = ()
    forbidden: frozenset[str] = frozenset()
    dated: bool = False
    shop_owned: bool = False
    modifies_slug: bool = False
    index: dict[str, int] = field(init=False, default_factory=dict, compare=False)
    by_association: dict[str, Association] = field(init=False, default_factory=dict, compare=False)
    checked: list[tuple[int, Field]] = field(init=False, default_factory=list, compare=False)  # in the shop's order

    def __post_init__(self) -> None:
        self.index.update({one.name: position for position, one in enumerate(self.fields)})
        self.by_association.update({one.name: one for one in self.associations})
        stored = [(position, one) for position, one in enumerate(self.fields) if not one.computed]
        self.checked.extend(sorted(stored, key=lambda pair: not pair[1].i18n))  # translated ones first

    def __getitem__(self, name: str) -> Field:
        return self.fields[self.index[name]]


def ident(name: str, *, link: str = "", required: bool = False, indexed: bool = False) -> Field:
    """A foreign key, stored as an unsigned integer."""
    return Field(name, "int", "isUnsignedId", link=link, required=required, indexed=indexed)


def flag(name: str, *, required: bool = False) -> Field:
    """A boolean, 0 or 1."""
    return Field(name, "bool", "isBool", required=required)


def whole(name: str, *, check: str = "isUnsignedInt", required: bool = False) -> Field:
    """A whole number."""
    return Field(name, "int", check, required=required)


def money(name: str, *, required: bool = False, check: str = "isPrice") -> Field:
    """A decimal with six places."""
    return Field(name, "decimal", check, required=required)


def text(name: str, check: str = "isString", max_size: int = 0, *, required: bool = False) -> Field:
    """A plain text."""
    return Field(name, "text", check, max_size, required=required)


def words(name: str, check: str = "isGenericName", max_size: int = 255, *, required: bool = False) -> Field:
    """A translated text."""
    kind = "html" if check == "isCleanHtml" else "text"
    return Field(name, kind, check, max_size, required=required, i18n=True)


def computed(name: str, *, writable: bool = False, link: str = "") -> Field:
    """A field read through a getter: not stored under that name, not filterable."""
    return Field(name, computed=True, writable=writable, link=link)


def stamps() -> tuple[Field, Field]:
    """date_add and date_upd, in shop local time."""
    return Field("date_add", "datetime", "isDate"), Field("date_upd", "datetime", "isDate")


ID = Field("id", "int")
HTML_SIZE = 4194303
