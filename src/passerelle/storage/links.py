"""Links, sent facets, and the records a flow has nothing left to do for."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from passerelle.domain.catalogue import split_shop_id
from passerelle.domain.facets import Facet, Ownership
from passerelle.ports.store import TAKEN_OVER, LinkRow, NewLink, NewSent, SentRow
from passerelle.storage import sql

LINK = "id, kind, erp_key, erp_id, shop_id, origin, gone"
PAGE = 1000
_FACETS = {facet.value: facet for facet in Facet}  # a fifth of the cost of calling the enumeration
_OWNERSHIPS = {ownership.value: ownership for ownership in Ownership}
COMPRESS_FROM = 200  # bytes; below, zlib only adds


def pack(body: bytes | None) -> bytes | None:
    """A body as stored: compressed when that saves anything; the first byte tells."""
    if body is None:
        return None
    return b"z" + zlib.compress(body, 6) if len(body) >= COMPRESS_FROM else b"r" + body


def unpack(stored: bytes | None) -> bytes | None:
    """A stored body, as it was."""
    if stored is None:
        return None
    return zlib.decompress(stored[1:]) if stored[:1] == b"z" else stored[1:]


def _link(row: tuple[Any, ...]) -> LinkRow:
    identity, kind, erp_key, erp_id, shop_id, origin, gone = row
    return LinkRow(
        id=identity, kind=kind, erp_key=erp_key, erp_id=erp_id, shop_id=shop_id, origin=origin, gone=bool(gone)
    )


class LinkTables:
    """The tables link, sent and seen of one profile."""

    profile_id: int

    def seen(self, *, flow: str, keys: Sequence[str]) -> dict[str, bytes]:
        """Digests of the records of `keys` that need nothing."""
        query = "SELECT erp_key, digest FROM storage_seen WHERE profile_id = %s AND flow = %s AND erp_key IN ({keys})"
        return {key: bytes(digest) for key, digest in sql.among(query, keys, [self.profile_id, flow])}

    def links(self, *, kind: str, keys: Sequence[str]) -> dict[str, LinkRow]:
        """Links by ERP key."""
        query = f"SELECT {LINK} FROM storage_link WHERE profile_id = %s AND kind = %s AND erp_key IN ({{keys}})"
        return {row.erp_key: row for row in map(_link, sql.among(query, keys, [self.profile_id, kind]))}

    def links_by_erp_id(self, *, kind: str, erp_ids: Sequence[str]) -> dict[str, LinkRow]:
        """Links by the ERP's own id."""
        query = f"SELECT {LINK} FROM storage_link WHERE profile_id = %s AND kind = %s AND erp_id IN ({{keys}})"
        return {row.erp_id: row for row in map(_link, sql.among(query, erp_ids, [self.profile_id, kind]))}

    def links_by_shop_id(self, *, kind: str, shop_ids: Sequence[str]) -> dict[str, LinkRow]:
        """Links by shop id."""
        query = f"SELECT {LINK} FROM storage_link WHERE profile_id = %s AND kind = %s AND shop_id IN ({{keys}})"
        return {row.shop_id: row for row in map(_link, sql.among(query, shop_ids, [self.profile_id, kind]))}

    def variant_links(self, product_ids: Sequence[str]) -> dict[str, list[LinkRow]]:
        """The variants of these products, by the product's shop id; those without any are left out.

        Their shop ids begin with the product's and a slash: an interval of the index of shop ids, "0" coming after "/".
        """
        query = (
            f"WITH wanted(product, low, high) AS (VALUES {{keys}}) SELECT wanted.product, {LINK} FROM wanted "
            "CROSS JOIN storage_link WHERE profile_id = %s AND kind = 'variant' AND shop_id > low AND shop_id < high "
            "ORDER BY id"
        )
        found: dict[str, list[LinkRow]] = {}
        bounds = [(product, f"{product}/", f"{product}0") for product in product_ids]
        for row in sql.beside(query, bounds, [self.profile_id]):
            found.setdefault(row[0], []).append(_link(row[1:]))
        return found

    def linked_keys(self, *, kind: str) -> Iterator[dict[str, int]]:
        """ERP key → link id of every link of a kind, in pages by key: an index holds just this, in this order."""
        last = ""
        query = (
            "SELECT erp_key, id FROM storage_link WHERE profile_id = %s AND kind = %s AND erp_key > %s "
            f"ORDER BY erp_key LIMIT {PAGE}"
        )
        while page := dict(sql.rows(query, [self.profile_id, kind, last])):
            yield page
            last = next(reversed(page))

    def all_links(self, *, kind: str) -> Iterator[list[LinkRow]]:
        """Every link of a kind, in pages by key."""
        last = ""
        query = (
            f"SELECT {LINK} FROM storage_link WHERE profile_id = %s AND kind = %s AND erp_key > %s "
            f"ORDER BY erp_key LIMIT {PAGE}"
        )
        while page := [_link(row) for row in sql.rows(query, [self.profile_id, kind, last])]:
            yield page
            last = page[-1].erp_key

    def sent(self, link_ids: Sequence[int], *, facet: Facet | None = None) -> dict[int, dict[Facet, SentRow]]:
        """What was sent for each link; of one facet, if one is named."""
        found: dict[int, dict[Facet, SentRow]] = {}
        where, given = ("facet = %s AND ", [facet.value]) if facet else ("", [])
        columns = "link_id, facet, ownership, fingerprint, body, pin, run_id"
        query = f"SELECT {columns} FROM storage_sent WHERE {where}link_id IN ({{keys}})"
        for link_id, name, ownership, fingerprint, body, pin, run_id in sql.among(query, link_ids, given):
            row = SentRow(_OWNERSHIPS[ownership], sql.data(fingerprint), unpack(sql.data(body)), sql.data(pin), run_id)
            found.setdefault(link_id, {})[_FACETS[name]] = row
        return found

    def count_links(self, *, kind: str, gone: bool = False) -> int:
        """How many links of a kind are (not) gone."""
        query = "SELECT COUNT(*) FROM storage_link WHERE profile_id = %s AND kind = %s AND gone = %s"
        return int(sql.value(query, [self.profile_id, kind, gone]))

    def count_sent(self, *, facet: Facet, other_than: bytes | None = None) -> int:
        """How many products have this facet sent, with a fingerprint other than the one given."""
        query = (
            "SELECT COUNT(*) FROM storage_sent s JOIN storage_link l ON l.id = s.link_id "
            "WHERE l.profile_id = %s AND s.facet = %s AND s.fingerprint IS NOT NULL AND s.fingerprint <> %s"
        )
        return int(sql.value(query, [self.profile_id, facet.value, other_than or b""]))

    def created_without(self, facet: Facet) -> list[LinkRow]:
        """The products and variants we created that never had this facet sent, as far as anybody knows.

        Where the shop owns the facet there is nothing to send.
        """
        query = (
            f"SELECT {LINK} FROM storage_link l WHERE l.profile_id = %s AND l.kind IN ('product', 'variant') "
            "AND l.origin = 'created' AND l.gone = %s AND NOT EXISTS (SELECT 1 FROM storage_sent s "
            "WHERE s.link_id = l.id AND s.facet = %s AND (s.body IS NOT NULL OR s.ownership = 'shop'))"
        )
        return [_link(row) for row in sql.rows(query, [self.profile_id, False, facet.value])]

    @sql.writes
    def unpin(self, pins: Sequence[tuple[int, Facet]]) -> None:
        """The ERP says something else now of these facets: an undo holds them back no more."""
        free = "UPDATE storage_sent SET pin = NULL WHERE link_id = %s AND facet = %s"
        sql.many(free, [(link_id, facet.value) for link_id, facet in pins])

    @sql.writes
    def release(self, *, only: str | None = None) -> int:
        """Free every facet, or those of one product, that an undo holds back; gives how many products that frees."""
        where, given = ("", []) if only is None else (" AND l.erp_key = %s", [only])
        query = (
            "SELECT DISTINCT l.id, l.erp_key, l.shop_id, l.kind FROM storage_sent s JOIN storage_link l "
            "ON l.id = s.link_id "
            f"WHERE l.profile_id = %s AND s.pin IS NOT NULL{where}"
        )
        held = sql.rows(query, [self.profile_id, *given])
        sql.execute_among("UPDATE storage_sent SET pin = NULL WHERE link_id IN ({keys})", [row[0] for row in held])
        keys = [row[1] for row in held]
        parents = self._products_of([row[2] for row in held if row[3] == "variant"])
        sql.execute_among(
            "DELETE FROM storage_seen WHERE profile_id = %s AND erp_key IN ({keys})",
            [*keys, *(link.erp_key for link in parents)], [self.profile_id],
        )  # fmt: skip
        return len(held)

    @sql.writes
    def take_over(self, facets: Sequence[Facet], *, only: str | None = None) -> int:
        """The ERP owns these facets of adopted products from now on; gives how many products that concerns."""
        where, given = ("", []) if only is None else (" AND l.erp_key = %s", [only])
        query = (
            "SELECT l.id, l.erp_key FROM storage_link l WHERE l.profile_id = %s AND l.kind = 'product' "
            "AND EXISTS (SELECT 1 FROM storage_sent s WHERE s.link_id = l.id AND s.ownership = 'erp_once' "
            f"AND s.facet IN ({', '.join(['%s'] * len(facets))})){where}"
        )
        names = [facet.value for facet in facets]
        held = sql.rows(query, [self.profile_id, *names, *given])
        for name in names:
            sql.execute_among(
                "UPDATE storage_sent SET ownership = 'erp', fingerprint = %s, body = NULL "
                "WHERE facet = %s AND ownership = 'erp_once' AND link_id IN ({keys})",
                [row[0] for row in held], [TAKEN_OVER, name],
            )  # fmt: skip
        self._forget("catalogue", [row[1] for row in held])
        return len(held)

    def _products_of(self, variant_ids: Sequence[str]) -> list[LinkRow]:
        """The products that these variants belong to."""
        products = sorted({split_shop_id(shop_id)[0] for shop_id in variant_ids})
        return list(self.links_by_shop_id(kind="product", shop_ids=products).values())

    @sql.writes_soon
    def remember(self, *, flow: str, seen: dict[str, bytes]) -> None:
        """Note records that need nothing."""
        self._remember(flow, seen)

    @sql.writes
    def forget(self, *, flow: str, keys: Sequence[str] | None = None) -> None:
        """Have these records (all, without keys) looked at again."""
        if keys is None:
            sql.execute("DELETE FROM storage_seen WHERE profile_id = %s AND flow = %s", [self.profile_id, flow])
        else:
            self._forget(flow, keys)

    @sql.writes
    def stock_unknown(self, shop_ids: Sequence[str]) -> None:
        """The shop changed the stock of these products itself."""
        self._stock_unknown(shop_ids)

    def _stock_unknown(self, shop_ids: Sequence[str]) -> None:
        touched = [
            row
            for kind in ("product", "variant")
            for row in self.links_by_shop_id(kind=kind, shop_ids=shop_ids).values()
        ]
        query = (
            f"UPDATE storage_sent SET fingerprint = NULL WHERE facet = '{Facet.STOCK.value}' AND link_id IN ({{keys}})"
        )
        sql.execute_among(query, [row.id for row in touched])
        self._forget("stocks", [row.erp_key for row in touched])

    def _forget(self, flow: str, keys: Sequence[str]) -> None:
        query = "DELETE FROM storage_seen WHERE profile_id = %s AND flow = %s AND erp_key IN ({keys})"
        sql.execute_among(query, keys, [self.profile_id, flow])

    def _remember(self, flow: str, seen: dict[str, bytes]) -> None:
        sql.many(
            "INSERT INTO storage_seen (profile_id, flow, erp_key, digest) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (profile_id, flow, erp_key) DO UPDATE SET digest = excluded.digest",
            [(self.profile_id, flow, key, digest) for key, digest in seen.items()],
        )

    def _add_links(self, links: Sequence[NewLink], at: datetime) -> list[int]:
        """Insert links; the one whose ERP key or shop id is taken already keeps the older row, whose id is given."""
        if not links:
            return []
        stamp = sql.moment(at)
        sql.many(
            "INSERT INTO storage_link (profile_id, kind, erp_key, erp_id, shop_id, origin, gone, created_at) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [(self.profile_id, n.kind, n.erp_key, n.erp_id, n.shop_id, n.origin, False, stamp) for n in links],
        )
        stored: dict[tuple[str, str], int] = {}
        for kind in {link.kind for link in links}:
            for row in self.links(kind=kind, keys=[n.erp_key for n in links if n.kind == kind]).values():
                stored[kind, row.erp_key] = row.id
        return [stored.get((n.kind, n.erp_key), 0) for n in links]

    def _put_sent(self, sent: Sequence[NewSent], new_ids: Sequence[int], run_id: int) -> None:
        def row(entry: NewSent) -> tuple[object, ...]:
            link_id = entry.link if entry.link > 0 else new_ids[-entry.link - 1]
            body = pack(entry.body)
            return link_id, entry.facet.value, entry.ownership.value, entry.fingerprint, body, run_id, entry.pin

        sql.many(
            "INSERT INTO storage_sent (link_id, facet, ownership, fingerprint, body, run_id, pin) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (link_id, facet) DO UPDATE SET "
            "ownership = excluded.ownership, fingerprint = excluded.fingerprint, body = excluded.body, "
            "run_id = excluded.run_id, pin = excluded.pin",
            [values for values in map(row, sent) if values[0]],
        )

    def _unlink(self, link_ids: Sequence[int]) -> None:
        """Forget links with all that was sent; the variants of a product go with it, and a variant's product is
        looked at afresh.
        """
        if not link_ids:
            return
        query = "SELECT shop_id FROM storage_link WHERE kind = 'product' AND id IN ({keys})"
        products = [str(row[0]) for row in sql.among(query, link_ids)]
        of_variants = "SELECT shop_id FROM storage_link WHERE kind = 'variant' AND id IN ({keys})"
        parents = self._products_of([str(row[0]) for row in sql.among(of_variants, link_ids)])
        for flow in ("catalogue", "prices"):
            self._forget(flow, [link.erp_key for link in parents])
        under = [row.id for rows in self.variant_links(products).values() for row in rows]
        self._unlink_only([*link_ids, *under])

    def _unlink_only(self, link_ids: Sequence[int]) -> None:
        seen = (
            "DELETE FROM storage_seen WHERE profile_id = %s AND erp_key IN "
            "(SELECT erp_key FROM storage_link WHERE kind IN ('product', 'variant') AND id IN ({keys}))"
        )
        sql.execute_among(seen, link_ids, [self.profile_id])  # in every flow: what was linked is looked at afresh
        sql.execute_among("DELETE FROM storage_sent WHERE link_id IN ({keys})", link_ids)
        sql.execute_among("DELETE FROM storage_link WHERE id IN ({keys})", link_ids)
