"""The names someone probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

_ALIKE = 0.6


def nearest(word: str, *, among: Iterable[str], count: int = 3) -> list[str]:
    """Up to `count` names that resemble the word, best first; a dotted name is also compared by its last part."""
    scored = [(_likeness(word.casefold(), name.casefold()), name) for name in sorted(set(among))]
    scored.sort(key=lambda pair: -pair[0])
    return [name for score, name in scored[:count] if score >= _ALIKE]


def _likeness(word: str, name: str) -> float:
    whole = _ratio(word, name)
    tail = _ratio(word.rpartition(".")[2], name.rpartition(".")[2])
    return max(whole, (whole + 2 * tail) / 3)


def _ratio(left: str, right: str) -> float:
    return SequenceMatcher(None, left, right, autojunk=False).ratio()
