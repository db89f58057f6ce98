"""Batches: up to 100 items one after the other, unchecked, an outcome for each, 200 whatever happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from passerelle.sandbox.woocommerce.database import Database
from passerelle.sandbox.woocommerce.errors import Refusal
from passerelle.sandbox.woocommerce.listing import Call
from passerelle.sandbox.woocommerce.resources import Resource
from passerelle.sandbox.woocommerce.values import whole

_MOST = 100
_VERBS = ("create", "update", "delete")
Outcome = dict[str, Any]


def run_batch(
    database: Database, resource: Resource, call: Call, *, between: Callable[[int], None]
) -> dict[str, list[Outcome]]:
    """The outcomes by verb. `between` runs before each item with the number of those done, and may raise.

    Raises:
        Refusal: 413, more than 100 items; nothing is done.
    """
    asked = {verb: call.given[verb] for verb in _VERBS if isinstance(call.given.get(verb), list)}
    if sum(map(len, asked.values())) > _MOST:
        message = f"Unable to accept more than {_MOST} items for this request."
        raise Refusal("woocommerce_rest_request_entity_too_large", message, status=413)
    found: dict[str, list[Outcome]] = {}
    done = 0
    for verb, items in asked.items():
        found[verb] = []
        for item in items:
            if verb == "delete" and not whole(item) and not resource.deletes_objects:
                continue
            between(done)
            found[verb].append(_outcome(database, resource, call, verb=verb, item=item))
            done += 1
    between(done)
    return found


def _outcome(database: Database, resource: Resource, call: Call, *, verb: str, item: Any) -> Outcome:
    """The object, or the refusal beside the id as it was given: 0 for a creation, null where there is none."""
    operation = {"create": resource.create, "update": resource.update, "delete": resource.delete}[verb]
    assert operation
    given = {"force": True} if verb == "delete" else item if isinstance(item, dict) else {}
    ident = item if verb == "delete" else given.get("id")
    inner = Call(call.ids if verb == "create" else {**call.ids, "id": whole(ident)}, given)
    try:
        return operation(database, inner)
    except Refusal as refusal:
        if verb == "create":
            ident = 0
        elif verb == "delete" and resource.deletes_objects:
            ident = {"id": ident, **{name: whole(one) for name, one in call.ids.items()}, "force": True}
        return {"id": ident, "error": refusal.as_json()}
