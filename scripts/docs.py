"""Writes the generated parts of the documentation: `python scripts/docs.py [--check]`.

A generated part stands between `<!-- generated: NAME -->` and `<!-- end -->`; everything else is written by hand.
With --check nothing is written, and the exit status is 1 when a file is not up to date.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import groupby
from pathlib import Path

import passerelle
from passerelle import errors
from passerelle.app.registry import ERP_CONFIGS, SHOP_CONFIGS
from passerelle.connectors.odoo.manifest import MANIFEST as ODOO
from passerelle.connectors.prestashop.manifest import MANIFEST as PRESTASHOP
from passerelle.connectors.sage100.manifest import MANIFEST as SAGE100
from passerelle.connectors.tryton.manifest import MANIFEST as TRYTON
from passerelle.connectors.woocommerce.manifest import MANIFEST as WOOCOMMERCE
from passerelle.planner.capabilities import NEEDS, Need, able
from passerelle.ports.manifest import Manifest
from passerelle.profile.template import Row, rows

DOCS = Path(__file__).parent.parent / "docs"
PROMISES = DOCS.parent / "tests" / "docs" / "promises.toml"
CONNECTORS = Path(passerelle.__file__).parent / "connectors"
EVERY_PROFILE = "options"  # in the file of promises, the table of the options that no connector owns
PART = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
ERPS = {"sage100": SAGE100, "odoo": ODOO, "tryton": TRYTON}
SHOPS = {"prestashop": PRESTASHOP, "woocommerce": WOOCOMMERCE}
MANIFESTS = {**ERPS, **SHOPS}
REHEARSAL = "memory_"  # connectors that exist for tests and are in no merchant's profile

FAMILIES: dict[type[errors.PasserelleError], str] = {
    errors.ProfileError: "The profile is wrong: nothing runs until it is corrected.",
    errors.ConnectionFault: "A connection or a mapping is wrong: the run stops until its owner corrects it.",
    errors.TransientError: "Something does not answer for the moment: wait, then run again.",
    errors.OutcomeUnknown: "Something was sent and no answer came back: Passerelle looks before it sends again.",
    errors.RecordError: "One record is put aside with its reason; all others go through. It heals once corrected.",
    errors.PlanError: "A person decides.",
    errors.ProtocolError: "The other system answered something nobody expects: the run stops and keeps the evidence.",
}


def options() -> str:
    """One table for each table of a profile."""
    kept = promises()
    parts: list[str] = []
    for heading, group in groupby(documented(), key=_heading):
        here = list(group)
        table = _table(("option", "type", "default", "meaning"), map(_option, here))
        parts.append(f"## {heading}\n\n{table}\n{_proofs(here, kept)}")
    return "\n".join(parts)


def promises() -> dict[tuple[str, str], tuple[str, ...]]:
    """The tests that prove what an option promises, as "path::name", by the table of the file and the option's key."""
    tables = tomllib.loads(PROMISES.read_text("utf-8"))
    return {
        (table, key): (named,) if isinstance(named, str) else tuple(named)
        for table, lines in tables.items()
        for key, named in lines.items()
    }


def promised(row: Row) -> tuple[str, str]:
    """Where the promise of an option stands."""
    return row.connector or EVERY_PROFILE, row.key


def _proofs(group: list[Row], kept: dict[tuple[str, str], tuple[str, ...]]) -> str:
    """Below a table, a line for each option: what its tests say, in their own words."""
    lines = []
    for row in group:
        said = "; ".join(_sentence(test) for test in kept.get(promised(row), ()))
        lines.append(f"- `{_last(row.key)}`: {said}.\n")
    return "Tested:\n\n" + "".join(lines)


def _sentence(test: str) -> str:
    """The name of a test as a sentence: `a.py::test_an_article_s_price` is "an article's price"."""
    name = test.rpartition("::")[2].removeprefix("test_").replace("_", " ")
    return re.sub(r" s\b", "'s", name)


def documented() -> Iterator[Row]:
    """Every option of the reference, those of one table together."""
    chosen = [
        {name: config for name, config in configs.items() if not name.startswith(REHEARSAL)}
        for configs in (ERP_CONFIGS, SHOP_CONFIGS)
    ]
    found = rows(erp_configs=chosen[0], shop_configs=chosen[1])
    return (row for row in sorted(found, key=lambda row: _order(row, found)))


def _order(row: Row, found: list[Row]) -> int:
    """A table's options stand together, where the first of them is declared."""
    heading = _heading(row)
    return next(place for place, other in enumerate(found) if _heading(other) == heading)


def _heading(row: Row) -> str:
    table = row.key.rpartition(".")[0]
    return f'`[{table}]` with `connector = "{row.connector}"`' if row.connector else f"`[{table}]`"


def _option(row: Row) -> tuple[str, ...]:
    said = [f"**{row.label}.** {row.help}".strip()]
    if row.allowed:
        said.append(f"Allowed: {row.allowed}.")
    if row.needs:
        said.append(f"{'On with' if row.default == 'on' else 'Waits for'} `{row.needs}`.")
    default = row.default if row.default in ("", "on", "off", "required") else f"`{row.default}`"
    return f"`{_last(row.key)}`", row.type, default, " ".join(said)


def _last(key: str) -> str:
    return key.rpartition(".")[2]


def error_tables() -> str:
    """One table for each family of errors."""
    parts: list[str] = []
    for family, meaning in FAMILIES.items():
        lines = ((f"`{leaf.code()}`", leaf.template(), leaf.next_step) for leaf in errors.leaves(family))
        title = (family.__doc__ or "").rstrip(".")
        parts.append(f"## {title}\n\n{meaning}\n\n{_table(('code', 'what it says', 'what to do'), lines)}")
    return "\n".join(parts)


def declared(name: str) -> str:
    """What a connector says of itself: what it can do, and what it was run on."""
    manifest = MANIFESTS[name]
    can = ", ".join(f"`{one}`" for one in sorted(manifest.capabilities))
    lines = [f"- **Declares:** {can}."]
    if manifest.max_batch:
        sizes = ", ".join(f"{size} ({what.replace('_', ' ')})" for what, size in manifest.max_batch.items())
        lines.append(f"- **In one batch:** {sizes}.")
    if manifest.most_variants:
        lines.append(f"- **Variants of one product:** {manifest.most_variants} at most.")
    lines.append(f"- **Tested with:** {'; '.join(manifest.tested_with)}.")
    lines.append(f"- **Never run on:** {'; '.join(manifest.never_run_on)}.")
    return "\n".join(lines) + "\n"


def matrix() -> str:
    """What each option asks of an ERP and of a shop, flow by flow, and which connector can."""
    titles = ("flow", "option", *(one.title for one in MANIFESTS.values()))
    asked = [(manifest, "erp") for manifest in ERPS.values()] + [(manifest, "shop") for manifest in SHOPS.values()]
    lines = (
        (f"`{need.flow}`", f"`{need.option}`", *(_able(need, manifest, side) for manifest, side in asked))
        for need in NEEDS
    )
    return _table(titles, lines)


def _able(need: Need, manifest: Manifest, side: str) -> str:
    return {True: "yes", False: "**no**", None: ""}[able(need, manifest=manifest, side=side)]


def readme(name: str) -> str:
    """The README of a connector, without its title."""
    title, _, text = (CONNECTORS / name / "README.md").read_text("utf-8").partition("\n")
    if not title.startswith("# "):
        raise ValueError(f"the README of {name} has no title")
    return text.strip() + "\n"


def _table(titles: tuple[str, ...], lines: Iterable[tuple[str, ...]]) -> str:
    shown = [titles, ("---",) * len(titles), *(tuple(map(_cell, line)) for line in lines)]
    return "".join(f"| {' | '.join(line)} |\n" for line in shown)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


PARTS: dict[str, Callable[[], str]] = {
    "options": options,
    "errors": error_tables,
    "matrix": matrix,
    **{f"{name}_declared": partial(declared, name) for name in MANIFESTS},
    **{f"{name}_readme": partial(readme, name) for name in MANIFESTS},
}


def updated(text: str) -> str:
    """A page with its generated parts written anew. Raises KeyError for a part nobody generates."""
    return PART.sub(lambda found: f"{found[1]}\n{PARTS[found[2]]()}\n{found[3]}", text)


def stale() -> list[Path]:
    """The pages that are not up to date."""
    return [page for page in pages() if page.read_text("utf-8") != updated(page.read_text("utf-8"))]


def pages() -> list[Path]:
    """All pages."""
    return sorted(DOCS.rglob("*.md"))


def main(*, check: bool) -> int:
    """Write, or check, all pages."""
    found = stale()
    for page in found:
        if check:
            print(f"{page.relative_to(DOCS.parent)} is not up to date: run `python scripts/docs.py`")
        else:
            page.write_text(updated(page.read_text("utf-8")), "utf-8")
    return 1 if check and found else 0


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
