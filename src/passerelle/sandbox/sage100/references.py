"""References and bar codes as twenty years of data entry leave them."""

from __future__ import annotations

from typing import Final

# Real bases hold references like these; the last three use characters that some shops forbid.
ODD_REFERENCES: Final = (
    "VIS 4/40", "0012", "É-CROU.6", "A&B-12", "[PROMO]1", "REF|02", "LAME+2", "00745-B", "CLÉ À ŒIL 13", "Ø8*60",
    '12"-BOA', "L'ÉTAU 100", "50%LIN", "N°7", "a-115 bis", "HS?1", "#9", "X<10", "PACK;3", "KIT=2",
)  # fmt: skip
_FIRST_ODD, _ODD_STEP = 5, 37


def reference(prefix: str, *, style: int, number: int, index: int) -> str:
    """One of six ways of numbering; unique for a (prefix, number) and for an index. At most 18 characters."""
    odd, rest = divmod(index - _FIRST_ODD, _ODD_STEP)
    if rest == 0 and 0 <= odd < len(ODD_REFERENCES):
        return ODD_REFERENCES[odd]
    styles = (
        f"{prefix}-{number:04d}",
        f"{prefix}{number:05d}",
        f"{prefix} {number:03d}",
        f"{prefix}/{number:03d}",
        f"{index:06d}",
        f"{prefix}.{number:04d}-{'ABCDEFGH'[number % 8]}",
    )
    return styles[style % len(styles)]


def ean13(number: int) -> str:
    """The EAN-13 of an item number below 100 million, its check digit included."""
    digits = f"3700{number:08d}"
    weighted = sum(int(digit) * (3 if position % 2 else 1) for position, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"
