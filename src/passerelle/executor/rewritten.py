"""The HTML that a shop writes its own way (colours spelt out, tags closed).

How it keeps what was just sent is noted, so that reconciling compares with that.
"""

from __future__ import annotations

from collections.abc import Sequence

from passerelle.domain.facets import Facet, Ownership, Texts, encode, fingerprint
from passerelle.executor.run import Run
from passerelle.planner.actions import STAGES, Action, ActionKind, decode_action
from passerelle.planner.reconcile import rewritten
from passerelle.ports.store import NewSent, Settlement

WRITING = (ActionKind.CREATE_PRODUCT, ActionKind.UPDATE_PRODUCT, ActionKind.UPDATE_RANGED)
PAGE = 200  # products read back at a time


def note_rewritten(run: Run) -> None:
    """Read back the HTML texts that this run wrote. Costs nothing where none was."""
    if not _sends_html(run) or Facet.TEXTS not in run.shop.manifest.reads_back:
        return
    for kind in WRITING:
        for page in run.store.actions(run.id, stage=STAGES[kind]):
            done = [decode_action(spooled.body) for spooled in page if spooled.state == "done"]
            written = [action for action in done if Facet.TEXTS in action.new]
            for start in range(0, len(written), PAGE):
                _note(run, written[start : start + PAGE])


def _sends_html(run: Run) -> bool:
    texts = run.rules.options.texts
    return texts is not None and any(
        limit.html and getattr(texts, field, None) for field, limit in run.rules.context.limits.items()
    )


def _note(run: Run, actions: Sequence[Action]) -> None:
    links = run.store.links(kind="product", keys=[action.key for action in actions])
    found = {one.shop_id: one for one in run.shop.read_products([link.shop_id for link in links.values()])}
    rows = []
    for action in actions:
        link, texts = links.get(action.key), action.new[Facet.TEXTS]
        if link is None or link.shop_id not in found or not isinstance(texts, Texts):
            continue
        kept = rewritten(texts, found=found[link.shop_id], limits=run.rules.context.limits)
        if kept is not None:
            rows.append(
                NewSent(
                    link=link.id, facet=Facet.TEXTS_KEPT, ownership=Ownership.ERP,
                    fingerprint=fingerprint(encode(texts)), body=encode(kept),
                )
            )  # fmt: skip
    if rows:
        run.store.settle(run.id, flow=run.flow, settlement=Settlement(sent=rows))
