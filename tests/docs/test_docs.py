from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest
from scripts import docs

from passerelle import errors
from passerelle.app.registry import ERP_CONFIGS, SHOP_CONFIGS
from passerelle.profile.load import load
from passerelle.profile.template import rows

ROOT = docs.DOCS.parent
PAGES = docs.pages()
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")


def page(name: str) -> str:
    return (docs.DOCS / name).read_text("utf-8")


def test_the_generated_parts_are_up_to_date() -> None:
    assert docs.stale() == []


def test_every_option_is_in_the_reference() -> None:
    text = page("options.md")
    for row in rows(erp_configs=ERP_CONFIGS, shop_configs=SHOP_CONFIGS):
        if not row.connector.startswith(docs.REHEARSAL):
            assert f"| `{row.key.rpartition('.')[2]}` | {row.type} |" in text


def test_every_option_has_a_promise_and_only_options_have() -> None:
    options = {docs.promised(row) for row in docs.documented()}
    assert sorted(options - docs.promises().keys()) == [], "name a test that proves what these options promise"
    assert sorted(docs.promises().keys() - options) == [], "no such option"


@pytest.mark.parametrize(("promise", "tests"), docs.promises().items(), ids=lambda value: str(value[-1]))
def test_the_tests_of_a_promise_exist(promise: tuple[str, str], tests: tuple[str, ...]) -> None:
    assert tests
    for test in tests:
        path, _, name = test.partition("::")
        assert path.startswith("tests/"), test
        assert (ROOT / path).is_file(), f"{promise[1]}: {path} does not exist"
        assert name in _tests_of(ROOT / path), f"{promise[1]}: {path} has no {name}"


def _tests_of(path: Path) -> set[str]:
    """The names of a file's own tests."""
    tree = ast.parse(path.read_text("utf-8"))
    return {one.name for one in tree.body if isinstance(one, ast.FunctionDef) and one.name.startswith("test_")}


@pytest.mark.parametrize("name", docs.MANIFESTS)
def test_a_connector_has_a_page_that_says_what_it_was_never_run_on(name: str) -> None:
    text = page(f"connectors/{name}.md")
    manifest = docs.MANIFESTS[name]
    assert all(one in text for one in (*manifest.tested_with, *manifest.never_run_on))
    assert docs.readme(name) in text


def test_every_error_is_in_the_reference_with_its_next_step() -> None:
    lines = page("errors.md").splitlines()
    for leaf in errors.leaves():
        (line,) = [line for line in lines if line.startswith(f"| `{leaf.code()}` |")]
        assert leaf.next_step.replace("<", "&lt;").replace("|", "\\|") in line


def test_the_families_of_the_reference_cover_every_error_once() -> None:
    listed = [leaf for family in docs.FAMILIES for leaf in errors.leaves(family)]
    assert sorted(leaf.__name__ for leaf in listed) == sorted(leaf.__name__ for leaf in errors.leaves())


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_link_leads_to_a_file(path: Path) -> None:
    for target in LINK.findall(path.read_text("utf-8")):
        assert (path.parent / target).exists(), target


def test_every_page_is_in_the_navigation() -> None:
    navigation = (ROOT / "mkdocs.yml").read_text("utf-8")
    assert [path for path in PAGES if path.relative_to(docs.DOCS).as_posix() not in navigation] == []


@pytest.mark.parametrize("path", [path for path in PAGES if path.parent.name == "decisions"], ids=lambda p: p.name)
def test_a_decision_fits_on_a_page_and_says_why(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 50
    assert text.startswith(f"# {int(path.name[:4])}. ")
    assert "**Decision.**" in text
    assert "**Why" in text


def test_the_profile_of_the_french_guide_loads() -> None:
    first, *more = re.findall(r"```toml\n(.*?)```", page("fr/guide.md"), re.DOTALL)
    bare = first.replace("export = true", "").replace('[articles.texts]\nname = "AR_Design"', "")
    sample = first
    for addition in more:  # what its chapter adds to the profile: lines of [erp] or [articles], then its own tables
        parts = re.fullmatch(r"(\[(?:erp|articles)\]\n)?(.*?)((?:^\[.*)?)", addition, re.DOTALL | re.MULTILINE)
        table, lines, rest = parts.groups()  # type: ignore[union-attr]
        sample = (sample.replace(table, table + lines, 1) if table else sample) + rest
    environ = {"SAGE_PASSWORD": "x", "PRESTASHOP_KEY": "y"}
    loaded = load(sample, source="guide.md", erp_configs=ERP_CONFIGS, shop_configs=SHOP_CONFIGS, environ=environ)
    assert loaded.warnings == ()
    assert tomllib.loads(sample)["articles"]["tax"]["rules"] == {"20": 1, "5.5": 3}
    assert not load(
        bare, source="guide.md", erp_configs=ERP_CONFIGS, shop_configs=SHOP_CONFIGS, environ=environ
    ).profile.articles.export


def test_the_french_guide_is_typeset_as_french() -> None:
    prose = re.sub(r"```.*?```|^    .*$|`[^`]*`", "", page("fr/guide.md"), flags=re.DOTALL | re.MULTILINE)
    assert not re.search(r"\b(tu|ton|tes)\b", prose)
    assert not re.search(r"[^\u202f][;?!:»](\s|$)", prose)
