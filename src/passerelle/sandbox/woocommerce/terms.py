"""Categories, brands, tags, global attributes and their terms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from passerelle.sandbox.woocommerce.database import UNCATEGORIZED, Database
from passerelle.sandbox.woocommerce.errors import Refusal
from passerelle.sandbox.woocommerce.listing import Call, Page, cut, ids_of
from passerelle.sandbox.woocommerce.rows import Attribute, Term
from passerelle.sandbox.woocommerce.starting_data import RESERVED
from passerelle.sandbox.woocommerce.values import kses, slug, term_name, truth, whole

_LONGEST_SLUG = 28
_TREES = ("categories", "brands")


def _taxonomy(database: Database, kind: str, call: Call) -> dict[int, Term]:
    attribute = int(call.ids.get("attribute_id") or 0)
    if kind == "terms" and attribute not in database.state.attributes:
        raise Refusal("woocommerce_rest_taxonomy_invalid", "Taxonomy does not exist.", status=404)
    return database.taxonomy(kind, attribute=attribute)


def counts(database: Database, kind: str, attribute: int = 0) -> Counter[int]:
    """How many products each term has."""
    products = [one for one in database.parents.values() if one.status == "publish"]
    if kind != "terms":
        return Counter(ident for product in products for ident in getattr(product, kind))
    options = (option for product in products for option in product.attributes if option.id == attribute)
    return Counter(ident for option in options for ident in option.options)


def _shown(term: Term, kind: str, *, count: int) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": term.id, "name": term.name, "slug": term.slug}
    if kind in _TREES:
        shown |= {"parent": term.parent, "description": term.description, "display": term.display, "image": None}
    else:
        shown["description"] = term.description
    if kind != "tags":
        shown["menu_order"] = term.menu_order
    return {**shown, "count": count}


def list_terms(kind: str) -> Callable[[Database, Call], Page]:
    """The list of a taxonomy, by name."""

    def run(database: Database, call: Call) -> Page:
        given, found = call.given, list(_taxonomy(database, kind, call).values())
        if given.get("parent") not in (None, ""):
            found = [one for one in found if one.parent == whole(given["parent"])]
        if given.get("slug"):
            found = [one for one in found if one.slug == given["slug"]]
        if given.get("search"):
            found = [one for one in found if str(given["search"]).lower() in one.name.lower()]
        if given.get("include"):
            found = [one for one in found if one.id in ids_of(given["include"])]
        counted = counts(database, kind, int(call.ids.get("attribute_id") or 0))
        if truth(given.get("hide_empty", False)):
            found = [one for one in found if counted[one.id]]
        by = "id" if given.get("orderby") == "id" else "name"
        found.sort(
            key=lambda one: (one.id if by == "id" else one.name.lower(), one.id), reverse=given.get("order") == "desc"
        )
        return Page([_shown(one, kind, count=counted[one.id]) for one in cut(found, given)], len(found))

    return run


def read_term(kind: str) -> Callable[[Database, Call], dict[str, Any]]:
    def run(database: Database, call: Call) -> dict[str, Any]:
        return _counted(database, kind, call, _found(database, kind, call))

    return run


def _counted(database: Database, kind: str, call: Call, term: Term) -> dict[str, Any]:
    return _shown(term, kind, count=counts(database, kind, int(call.ids.get("attribute_id") or 0))[term.id])


def _found(database: Database, kind: str, call: Call) -> Term:
    term = _taxonomy(database, kind, call).get(call.ident)
    if not term:
        raise Refusal("woocommerce_rest_term_invalid", "Resource does not exist.", status=404)
    return term


def create_term(kind: str) -> Callable[[Database, Call], dict[str, Any]]:
    """A term; one of the same name below the same parent is named in the refusal."""

    def run(database: Database, call: Call) -> dict[str, Any]:
        terms, given = _taxonomy(database, kind, call), call.given
        name, parent = term_name(given.get("name") or ""), whole(given.get("parent")) if kind in _TREES else 0
        if not name:
            raise Refusal("empty_term_name", "A name is required for this term.")
        if parent and parent not in terms:
            raise Refusal("woocommerce_rest_term_invalid", "Parent resource does not exist.", status=404)
        wanted = slug(str(given.get("slug") or ""))
        _refuse_twin(terms, name, parent=parent, wanted=wanted, is_tree=kind in _TREES)
        term = database.add_term(terms, name, slug_text=wanted, parent=parent)
        _change(term, given)
        return _shown(term, kind, count=0)

    return run


def _refuse_twin(terms: Mapping[int, Term], name: str, *, parent: int, wanted: str, is_tree: bool) -> None:
    twin = next((one for one in terms.values() if one.name.lower() == name.lower() and one.parent == parent), None)
    if twin and (not wanted or any(one.slug == wanted for one in terms.values())):
        where = "with this parent" if is_tree else "in this taxonomy"
        message = f"A term with the name provided already exists {where}."
        raise Refusal("term_exists", message, resource_id=twin.id)


def _change(term: Term, given: Mapping[str, Any]) -> None:
    if given.get("description") is not None:
        term.description = kses(given["description"])
    if given.get("display") is not None:
        term.display = str(given["display"])
    if given.get("menu_order") is not None:
        term.menu_order = whole(given["menu_order"])


def update_term(kind: str) -> Callable[[Database, Call], dict[str, Any]]:
    def run(database: Database, call: Call) -> dict[str, Any]:
        term, given = _found(database, kind, call), call.given
        if given.get("name"):
            term.name = term_name(given["name"])
        if given.get("slug"):
            term.slug = slug(str(given["slug"]))
        if given.get("parent") is not None and kind in _TREES:
            term.parent = whole(given["parent"])
        _change(term, given)
        return _counted(database, kind, call, term)

    return run


def delete_term(kind: str) -> Callable[[Database, Call], dict[str, Any]]:
    """Only for good; products that lose their last category have none."""

    def run(database: Database, call: Call) -> dict[str, Any]:
        need_force(call, "Resource does not support trashing.")
        term = _found(database, kind, call)
        if kind == "categories" and term.id == UNCATEGORIZED:
            raise Refusal("woocommerce_rest_cannot_delete", "Default product category cannot be deleted.", status=500)
        shown = _counted(database, kind, call, term)
        del _taxonomy(database, kind, call)[term.id]
        for product in database.parents.values() if kind != "terms" else ():
            idents = getattr(product, kind)
            if term.id in idents:
                idents.remove(term.id)
        return shown

    return run


def need_force(call: Call, message: str) -> None:
    if not truth(call.given.get("force", False)):
        raise Refusal("woocommerce_rest_trash_not_supported", message, status=501)


# global attributes


def _shown_attribute(attribute: Attribute) -> dict[str, Any]:
    return {
        "id": attribute.id,
        "name": attribute.name,
        "slug": attribute.slug,
        "type": attribute.type,
        "order_by": attribute.order_by,
        "has_archives": attribute.has_archives,
    }


def list_attributes(database: Database, call: Call) -> Page:
    """All of them: this list has no pages."""
    return Page([_shown_attribute(one) for one in database.state.attributes.values()])


def _found_attribute(database: Database, call: Call) -> Attribute:
    found = database.state.attributes.get(call.ident)
    if not found:
        raise Refusal("woocommerce_rest_attribute_invalid", "Resource does not exist.", status=404)
    return found


def read_attribute(database: Database, call: Call) -> dict[str, Any]:
    return _shown_attribute(_found_attribute(database, call))


def create_attribute(database: Database, call: Call) -> dict[str, Any]:
    name = term_name(call.given.get("name") or "")
    if not name:
        raise _cannot_create("Please, provide an attribute name.")
    wanted = _free_slug(database, str(call.given.get("slug") or name))
    attribute = Attribute(database.next_id("attributes"), name, wanted)
    _change_attribute(attribute, call.given)
    database.state.attributes[attribute.id] = attribute
    return _shown_attribute(attribute)


def _free_slug(database: Database, text: str) -> str:
    bare = slug(text).removeprefix("pa_")
    if len(bare) > _LONGEST_SLUG:
        raise _cannot_create(f'Slug "{bare}" is too long (28 characters max). Shorten it, please.')
    if bare in RESERVED:
        raise _cannot_create(f'Slug "{bare}" is not allowed because it is a reserved term. Change it, please.')
    if any(one.slug == f"pa_{bare}" for one in database.state.attributes.values()):
        raise _cannot_create(f'Slug "{bare}" is already in use. Change it, please.')
    return f"pa_{bare}"


def _cannot_create(message: str) -> Refusal:
    return Refusal("woocommerce_rest_cannot_create", message)


def _change_attribute(attribute: Attribute, given: Mapping[str, Any]) -> None:
    if given.get("name"):
        attribute.name = term_name(given["name"])
    if given.get("order_by"):
        attribute.order_by = str(given["order_by"])
    if given.get("has_archives") is not None:
        attribute.has_archives = truth(given["has_archives"])


def update_attribute(database: Database, call: Call) -> dict[str, Any]:
    attribute = _found_attribute(database, call)
    _change_attribute(attribute, call.given)
    return _shown_attribute(attribute)


def delete_attribute(database: Database, call: Call) -> dict[str, Any]:
    need_force(call, "Resource does not support trashing.")
    attribute = _found_attribute(database, call)
    del database.state.attributes[attribute.id]
    database.state.terms.pop(attribute.id, None)
    return _shown_attribute(attribute)
