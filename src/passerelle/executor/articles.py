"""The articles that a flow reads: one record a product, those of a group put together."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from passerelle.domain.catalogue import Product
from passerelle.executor.run import Run
from passerelle.planner.grouping import grouped, is_of
from passerelle.planner.rules import product_query
from passerelle.ports.erp import Record


def articles(run: Run) -> Iterator[list[Record[Product]]]:
    """Pages of records. Of a group nothing can be told before all its articles are read: it comes at the end."""
    query = product_query(run.profile, flow=run.flow, only=run.only)
    options = run.rules.options.variants
    if options is None or not options.group_by:
        yield from run.erp.products(query)
        return
    for page in grouped(run.erp.products(replace(query, only=None)), options=options):
        wanted = page if run.only is None else [record for record in page if is_of(record, run.only)]
        if wanted:
            yield wanted
