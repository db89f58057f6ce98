"""The catalogue of translations: `python scripts/messages.py extract | compile | check`.

extract  brings the .po of each language up to date with the sources; new sentences have no translation yet
compile  writes the .mo files that are committed
check    fails when a sentence has no translation, or when a file is not what the two others would write
"""

from __future__ import annotations

import ast
import io
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from passerelle import errors
from passerelle.app.state import configure
from passerelle.cli.language import DOMAIN, LOCALE, SPOKEN
from passerelle.ports.manifest import Capability
from passerelle.profile.declared import options
from passerelle.profile.sections import TextOptions

SOURCES = LOCALE.parent
SILENT = ("sandbox", "testing")  # folders whose texts no merchant reads
TEMPLATES = ("template", "why")  # the names of parameters that take a sentence
ERRORS = frozenset(leaf.__name__ for leaf in errors.leaves())
RUN_STATES = ("planning", "planned", "held", "running", "done", "failed", "cancelled", "interrupted")
VERBS = ("read", "view", "add", "modify", "patch", "delete", "use")


def languages() -> list[str]:
    """The languages that have a catalogue; English is the text of the sources itself."""
    return sorted(path.name for path in LOCALE.iterdir() if path.is_dir())


def files(language: str) -> tuple[Path, Path]:
    """The .po and the .mo of a language."""
    folder = LOCALE / language / "LC_MESSAGES"
    return folder / f"{DOMAIN}.po", folder / f"{DOMAIN}.mo"


def messages() -> dict[str | tuple[str, str], set[str]]:
    """Every sentence and word for people, with the files it stands in; a pair is a singular and its plural."""
    found: dict[str | tuple[str, str], set[str]] = {}
    for leaf in errors.leaves():
        for template in (leaf.template(), leaf.next_step):
            found.setdefault(template, set()).add("errors.py")
    for sentence in helps():
        found.setdefault(sentence, set()).add("cli/commands.py")
    for word in words():
        found.setdefault(word, set()).add("words")
    trees = {path.relative_to(SOURCES).as_posix(): ast.parse(path.read_text("utf-8")) for path in _python_files()}
    known = dict(places(trees.values()))
    for name, tree in trees.items():
        for message in marked(tree, places=known):
            found.setdefault(message, set()).add(name)
    forms = {form for message in found if isinstance(message, tuple) for form in message}
    return {message: names for message, names in found.items() if message not in forms}


def helps() -> list[str]:
    """What the command line says of its commands and options."""
    configure()
    from passerelle.cli.commands import cli
    from passerelle.cli.helping import every_help

    return [said for _, said in every_help(cli)]


def words() -> list[str]:
    """Single words that stand in a sentence as a parameter."""
    texts = [declared.name for declared in options(TextOptions, prefix="texts")]
    return [*map(str, Capability), *texts, *RUN_STATES, *VERBS]


def _python_files() -> list[Path]:
    return sorted(path for path in SOURCES.rglob("*.py") if path.relative_to(SOURCES).parts[0] not in SILENT)


def places(trees: Iterable[ast.AST]) -> Iterator[tuple[str, int]]:
    """The functions that take a template or a reason, and at which position, `self` not counted."""
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                names = [arg.arg for arg in node.args.args if arg.arg != "self"]
                yield from ((node.name, place) for place, name in enumerate(names) if name in TEMPLATES)


def marked(tree: ast.AST, *, places: dict[str, int]) -> Iterator[str | tuple[str, str]]:
    """The messages of one module; `places` as `places()` gives them, for all modules."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple):
            yield from _pair(node)
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name == "plural" and len(node.args) == 3:
            yield from zip(_texts(node.args[0]), _texts(node.args[1]), strict=True)
        elif name == "progress" and node.args:
            yield from _texts(node.args[0])
        elif name in places and len(node.args) > places[name]:
            yield from _texts(node.args[places[name]])
        for keyword in node.keywords if name in ERRORS else ():
            if keyword.arg in SPOKEN:
                yield from _texts(keyword.value)


def _pair(node: ast.Tuple) -> Iterator[tuple[str, str]]:
    """Two marked templates of a number side by side are a singular and its plural."""
    marks = [item.args[0] for item in node.elts if isinstance(item, ast.Call) and getattr(item.func, "id", "") == "N_"]
    forms = [text for mark in marks for text in _texts(mark) if "{n}" in text]
    if len(node.elts) == len(forms) == 2:
        yield forms[0], forms[1]


def _texts(node: ast.expr) -> Iterator[str]:
    """The sentences that an argument may be; the values of an f-string become named fields."""
    if isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _speaks(node.value):
        yield node.value
    elif isinstance(node, ast.JoinedStr) and _speaks("".join(_literal(part) for part in node.values)):
        yield "".join(_literal(part) or f"{{{_name(part)}}}" for part in node.values)


def _literal(part: ast.expr) -> str:
    return str(part.value) if isinstance(part, ast.Constant) else ""


def _name(part: ast.expr) -> str:
    value = part.value if isinstance(part, ast.FormattedValue) else part
    return value.attr if isinstance(value, ast.Attribute) else getattr(value, "id", "value").lower()


def _speaks(text: str) -> bool:
    return any(letter.isalpha() for letter in text)


def updated(language: str) -> Catalog:
    """The catalogue of a language as `extract` would write it."""
    old = _read(language)
    new = Catalog(
        locale=language,
        domain=DOMAIN,
        project="Passerelle",
        fuzzy=False,
        header_comment=f"# {language}: the sentences of Passerelle. Keys are the English templates of the sources.",
    )
    for message, standing in sorted(messages().items(), key=lambda item: (sorted(item[1])[0], str(item[0]))):
        known = old.get(message if isinstance(message, str) else message[0])
        new.add(
            message,
            known.string if known and known.pluralizable == isinstance(message, tuple) else None,
            locations=[(place, 0) for place in sorted(standing)],
        )
    return new


def _read(language: str) -> Catalog:
    po, _ = files(language)
    if not po.exists():
        return Catalog(locale=language)
    with po.open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN)


def po_bytes(catalogue: Catalog) -> bytes:
    """The .po file; without dates, so that the same sentences give the same file."""
    out = io.BytesIO()
    write_po(out, catalogue, width=120, include_lineno=False, omit_header=True)
    plural = f'"Plural-Forms: {catalogue.plural_forms}\\n"'
    header = (
        f'{catalogue.header_comment}\nmsgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n{plural}\n\n'
    )
    return header.encode() + out.getvalue()


def mo_bytes(language: str) -> bytes:
    """The .mo file of the .po as it stands."""
    catalogue = _read(language)
    out = io.BytesIO()
    write_mo(out, _without_dates(catalogue))
    return out.getvalue()


def _without_dates(catalogue: Catalog) -> Catalog:
    plain = Catalog(locale=catalogue.locale, domain=DOMAIN, fuzzy=False, creation_date=_EPOCH, revision_date=_EPOCH)
    for message in catalogue:
        if message.id:
            plain.add(message.id, message.string)
    return plain


_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)  # a fixed date, so that the same sentences give the same file


def untranslated(language: str) -> list[str]:
    """The messages of the sources that a language lacks."""
    catalogue = updated(language)
    return [str(message.id) for message in catalogue if message.id and not _complete(message.string)]


def _complete(string: object) -> bool:
    return all(string) if isinstance(string, (tuple, list)) else bool(string)


def faults() -> list[str]:
    """What `check` has to say, one line each."""
    said: list[str] = []
    for language in languages():
        po, mo = files(language)
        said += [f"{language}: not translated: {message}" for message in untranslated(language)]
        if po.read_bytes() != po_bytes(updated(language)):
            said.append(f"{po.name} ({language}) is not up to date: run `python scripts/messages.py extract`")
        if not mo.exists() or mo.read_bytes() != mo_bytes(language):
            said.append(f"{mo.name} ({language}) is not up to date: run `python scripts/messages.py compile`")
    return said


def main(command: str) -> int:
    """Run one of the three commands; the exit status is 1 when `check` finds something."""
    if command == "check":
        found = faults()
        print("\n".join(found) or "translations: complete and up to date")
        return 1 if found else 0
    for language in languages():
        po, mo = files(language)
        if command == "extract":
            po.write_bytes(po_bytes(updated(language)))
        else:
            mo.write_bytes(mo_bytes(language))
    return 0


if __name__ == "__main__":
    if sys.argv[1:] not in (["extract"], ["compile"], ["check"]):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
