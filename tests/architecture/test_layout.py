"""The house keeps its rooms."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "passerelle"
FORBIDDEN = {"utils", "helpers", "common", "core", "base", "manager"}
CONNECTOR_FILES = {
    "README.md",
    "quality.toml",
    "manifest.py",
    "config.py",
    "client.py",
    "wire.py",
    "mapping.py",
    "adapter.py",
}
MODULES = sorted(SOURCE.rglob("*.py"))


def _functions() -> list[tuple[str, int]]:
    found = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.end_lineno is not None:
                found.append((f"{path.relative_to(SOURCE)}:{node.name}", node.end_lineno - node.lineno + 1))
    return found


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert not [path for path in MODULES if path.stem in FORBIDDEN or path.parent.name in FORBIDDEN]


def test_no_vendor_is_named_where_all_of_them_must_fit() -> None:
    """The registry lists the connectors; nothing else of these layers knows that there is one."""
    folders = {path.parent.name for path in (SOURCE / "connectors").glob("*/manifest.py")}
    vendors = sorted(one.removesuffix("100") for one in folders if not one.startswith("memory_"))
    named = re.compile(rf"(?<![a-z])(?:{'|'.join(vendors)})", re.IGNORECASE)
    layers = ("domain", "planner", "executor", "ports", "transport", "app")
    for path in (path for layer in layers for path in (SOURCE / layer).rglob("*.py") if path.stem != "registry"):
        found = named.findall(path.read_text(encoding="utf-8"))
        assert not found, f"{path.relative_to(SOURCE)} names {found}"


def test_functions_are_small() -> None:
    lengths = sorted(length for _, length in _functions())
    assert lengths[len(lengths) // 2] < 12
    assert lengths[len(lengths) * 9 // 10] <= 35


def test_every_connector_has_the_same_files() -> None:
    for folder in (path for path in (SOURCE / "connectors").iterdir() if path.is_dir() and path.name != "__pycache__"):
        missing = CONNECTOR_FILES - {path.name for path in folder.iterdir()}
        assert not missing, f"{folder.name} lacks {missing}"


def test_every_public_class_and_function_says_what_it_is() -> None:
    silent = []
    for path in MODULES:
        if {"migrations", "sandbox"} & set(path.parts):
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if (
                isinstance(node, (ast.FunctionDef, ast.ClassDef))
                and not node.name.startswith("_")
                and not ast.get_docstring(node)
            ):
                silent.append(f"{path.relative_to(SOURCE)}:{node.name}")
    assert not silent


@pytest.mark.parametrize("folder", ["src", "docs", "tests", "bench", "scripts"])
def test_nothing_points_outside_the_project(folder: str) -> None:
    pattern = re.compile(r"(?<![\w.])/work/|(?<![\w.])/tmp/|\.\./shared|DESIGN §|SPEC §|DESIGN\.md|SPEC\.md")
    found = []
    for path in (ROOT / folder).rglob("*"):
        if path.suffix in {".py", ".md", ".toml", ".json", ".po"} and path != Path(__file__):
            text = path.read_text(encoding="utf-8")
            found += [f"{path.relative_to(ROOT)}: {match.group()}" for match in pattern.finditer(text)]
    assert not found
