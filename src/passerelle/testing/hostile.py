"""Values that real catalogues hold and that careless code breaks on."""

from __future__ import annotations

from decimal import Decimal

# Printable texts: where the limits declared allow them, they must be stored as they are.
TEXTS = (
    "Écrou à œillet – 8 µm, 12,5 €",
    "Boîte d’étanchéité « IP65 »",
    "Perceuse 🔧 et visseuse 👷🏽‍♂️",
    "Scie <sauteuse> & lame",
    "L'outil \"pro\" d'Aurélien",
    "fin de section ]]> et <![CDATA[ début",
    "déjà échappé &amp; &lt;b&gt; &#39;",
    "100 % {coton} [lot] | 2+1 = 3; # ~ ^ \\ /",
    "Ключ 扳手 مفتاح",
    "e\u0301crou de\u0301compose\u0301",
    "000123",
    "1e3",
    "NULL",
    "'; DROP TABLE articles; --",
    "a" * 64,
)

# Longer than any shop's name, or not printable: refused, or stored as they are, never altered and never a crash.
BEYOND = (
    "long " * 60 + "fin",
    "commande\x0bverticale",
    "nul\x00dedans",
    "seul\ud800",
)

# References: kept as text, found again exactly.
REFERENCES = (
    "00042",
    "42",
    "0.50",
    "1E5",
    "AbC-dEf",
    "A B",
    "A|B",
    "A[B",
    "A[B]",
    "[1,5]",
    "A+B",
    "50%",
    "%",
    "_",
    "A_B",
    "A&B",
    "A,B|C [x] 10%",
    "É-12",
    "L'OR",
    'P"2',
    "A/B\\C",
    "A#B?C",
    "🔧-1",
    "A" * 18,
)

# Unit prices with as many places as shops and ERPs keep.
PRICES = tuple(map(Decimal, ("0.000001", "0.01", "0.1", "1.005", "8.325000", "16.658333", "99999.999999", "1234567.1")))

QUANTITIES = (0, 1, -3, 999_999)
