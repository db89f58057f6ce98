"""The store of one profile, on Django's database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from passerelle.domain.orders import ShopOrder
from passerelle.errors import ProfileKeyChanged, ProfileKeyTaken
from passerelle.ports.clock import Clock
from passerelle.ports.store import StoredProfile
from passerelle.storage import models, sql
from passerelle.storage.runs import RunTables

PAGE = 500
_order_encoder = msgspec.msgpack.Encoder()
_order_decoder = msgspec.msgpack.Decoder(ShopOrder)


def stored_profile(row: models.Profile) -> StoredProfile:
    """A profile as the ports say it."""
    return StoredProfile(id=row.id, name=row.name, key=row.key, toml=row.toml, created_at=row.created_at)


@sql.writes
def register(*, name: str, key: str, clock: Clock) -> StoredProfile:
    """The stored profile of this name, made when there is none.

    Raises ProfileKeyChanged when it has another key, ProfileKeyTaken when the key is another profile's.
    """
    found = models.Profile.objects.filter(name=name).first()
    if found is None:
        holder = models.Profile.objects.filter(key=key).first()
        if holder is not None:
            raise ProfileKeyTaken(key=key, other=holder.name)
        found = models.Profile.objects.create(name=name, key=key, created_at=clock.now())
    elif found.key != key:
        raise ProfileKeyChanged(name=name, old=found.key, new=key)
    return stored_profile(found)


class DjangoStore(RunTables):
    """Implements the port Store for one profile; `author` is who the journal names."""

    def __init__(self, profile: StoredProfile, *, clock: Clock, author: str) -> None:
        self.profile_id = profile.id
        self.profile_name = profile.name
        self.clock = clock
        self.author = author

    # --- facts ---

    def fact(self, name: str) -> bytes | None:
        """Something remembered."""
        found = sql.rows("SELECT value FROM storage_fact WHERE profile_id = %s AND name = %s", [self.profile_id, name])
        return sql.data(found[0][0]) if found else None

    @sql.writes
    def set_fact(self, name: str, *, value: bytes) -> None:
        """Remember something."""
        models.Fact.objects.update_or_create(
            profile_id=self.profile_id, name=name, defaults={"value": value, "at": self.clock.now()}
        )

    @sql.writes
    def drop_fact(self, name: str) -> None:
        """Forget something."""
        models.Fact.objects.filter(profile_id=self.profile_id, name=name).delete()

    # --- orders ---

    def orders(self, *, holding: bool | None = None) -> Iterator[list[ShopOrder]]:
        """Known orders, by pages; `holding`: only those that (do not) hold stock."""
        where, given = "profile_id = %s", [self.profile_id]
        if holding is not None:
            where, given = f"{where} AND holds_stock = %s", [*given, holding]
        query = (
            f"SELECT shop_order_id, body FROM storage_order WHERE {where} AND shop_order_id > %s "
            f"ORDER BY shop_order_id LIMIT {PAGE}"
        )
        last = ""
        while page := sql.rows(query, [*given, last]):
            yield [_order_decoder.decode(bytes(body)) for _, body in page]
            last = page[-1][0]

    def orders_by_id(self, ids: Sequence[str]) -> dict[str, ShopOrder]:
        """Known orders among these."""
        query = "SELECT shop_order_id, body FROM storage_order WHERE profile_id = %s AND shop_order_id IN ({keys})"
        return {key: _order_decoder.decode(bytes(body)) for key, body in sql.among(query, ids, [self.profile_id])}

    @sql.writes
    def put_orders(self, orders: Sequence[ShopOrder], *, touched: Sequence[str]) -> None:
        """Store changed orders and mark the stock of the products they touch as unknown."""
        sql.many(
            "INSERT INTO storage_order (profile_id, shop_order_id, state, body, updated_at, holds_stock) "
            "VALUES (%s, %s, 'seen', %s, %s, %s) ON CONFLICT (profile_id, shop_order_id) DO UPDATE SET "
            "body = excluded.body, updated_at = excluded.updated_at, holds_stock = excluded.holds_stock",
            [
                (self.profile_id, o.shop_id, _order_encoder.encode(o), sql.moment(o.updated_at), o.holds_stock)
                for o in orders
            ],
        )
        self._stock_unknown(touched)
