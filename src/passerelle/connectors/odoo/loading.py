"""`load`: rows under external ids, made once and changed by the same ids; it answers instead of raising.

The one way to create that survives a lost answer and a race: `ir.model.data` is unique by module and name. All values
are texts: a number crashes Odoo's converters (seen on Odoo 18.0).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from passerelle.connectors.odoo import wire
from passerelle.connectors.odoo.client import OdooClient, Raced, Refused
from passerelle.connectors.odoo.company import Company
from passerelle.connectors.odoo.manifest import TITLE
from passerelle.errors import Unavailable, WriteUnanswered
from passerelle.ports.clock import Clock

T = TypeVar("T")

TRIES: Final = 6
PAUSE: Final = 0.2  # seconds before the second try; twice as many before each other
VAT_SIGNS: Final = ("VAT", "TVA")
LONGEST: Final = 300  # characters of a reason


class NotLoaded(Exception):
    """Odoo refuses a record, and nothing was written. `fields` are those it blames; `text` is its own reason."""

    def __init__(self, messages: Sequence[Mapping[str, Any]]) -> None:
        told = [wire.plain(one.get("message")) for one in messages]
        named = [wire.plain(one.get("field")) for one in messages]
        self.fields = set(filter(None, named)) | {"vat" for text in told if any(sign in text for sign in VAT_SIGNS)}
        self.text = reason(told[0] if told else "")
        super().__init__(self.text)


def reason(text: str) -> str:
    """Why Odoo refuses something, in its own words, on one line and without e-mail addresses."""
    return wire.without_addresses(" ".join(text.split()))[:LONGEST]


def external(name: str) -> str:
    """The external id of something of ours: Odoo wants neither dots nor spaces in its name."""
    plain = re.sub(r"[^A-Za-z0-9_-]", lambda found: f"~{ord(found[0]):x}~", name)
    return f"passerelle.{plain}"


class Loader:
    """Loads records in one company."""

    def __init__(self, client: OdooClient, company: Company, *, clock: Clock) -> None:
        self._client = client
        self._company = company
        self._clock = clock

    def load(self, model: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
        """The id of the one record that the rows make.

        Raises NotLoaded, Raced where another transaction was in the way, WriteUnanswered.
        """
        data = [list(row) for row in rows]
        try:
            said = self._client.write(model, "load", fields=list(columns), data=data, context=self._company.context())
        except Refused as refused:
            raise NotLoaded([{"message": refused.text}]) from None
        if not isinstance(said, dict) or "ids" not in said:
            raise WriteUnanswered(system=TITLE, detail=f"load of {model} answers {type(said).__name__}")
        if said["ids"]:
            return int(said["ids"][0])
        messages = said.get("messages") or []
        if any(wire.raced(wire.plain(one.get("message"))) for one in messages):
            raise Raced(model)
        raise NotLoaded(messages)

    def tried(self, act: Callable[[], T]) -> T:
        """What `act` gives, tried again while other transactions are in the way. Raises Unavailable."""
        pause = PAUSE
        for _ in range(TRIES - 1):
            try:
                return act()
            except Raced:
                self._clock.sleep(pause)
                pause *= 2
        try:
            return act()
        except Raced as raced:
            raise Unavailable(system=TITLE, detail=f"{raced}: other transactions were in the way") from None
