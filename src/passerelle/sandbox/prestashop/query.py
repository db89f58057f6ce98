"""The query string of a list or of an entity: filter, sort, limit, display, checked as the webservice checks it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from passerelle.sandbox.prestashop.errors import Crash, Report, closest
from passerelle.sandbox.prestashop.filters import Condition, condition
from passerelle.sandbox.prestashop.schema import Association, Field, Resource

_REQUEST = "webservice/WebserviceRequest.php"
_FILTER = re.compile(r"filter\[([^\[\]]*)\]")
_NESTED = re.compile(r"filter\[[^\[\]]*\]\[.*")
# The commas that are not inside an association's own brackets.
_COMMAS = re.compile(r",(?![^\[]*\])")


@dataclass(slots=True)
class Query:
    """Parameters as PHP reads them: the last of a repeated name counts."""

    parameters: dict[str, str]
    filters: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Display:
    """What a list shows: stubs, everything, or a choice."""

    names: frozenset[str] = frozenset()
    associations: tuple[Association, ...] = ()
    full: bool = False
    stub: bool = False


def parse(query: str) -> Query:
    """Split a query string."""
    parameters = dict(parse_qsl(query, keep_blank_values=True))
    filters = {found.group(1): value for name, value in parameters.items() if (found := _FILTER.fullmatch(name))}
    return Query(parameters, filters)


def filterable(resource: Resource, *, dated: bool) -> tuple[list[str], list[str]]:
    """Names of the fields that filters accept: plain ones, translated ones. Dates need `date=1`."""
    dates = ("date_add", "date_upd")
    plain = [one.name for one in resource.fields if not one.i18n and (dated or one.name not in dates)]
    return plain, [one.name for one in resource.fields if one.i18n]


def conditions(query: Query, resource: Resource, report: Report) -> list[Condition]:
    """The filters of the query.

    Raises:
        Stop: unknown filter (32), empty value (33), dynamic field (34).
    """
    if any(_NESTED.fullmatch(name) for name in query.parameters):
        raise Crash  # a filter on a linked table is an array where the shop expects a text
    if "filter" in query.parameters:
        report.warn("foreach() argument must be of type array|object, string given", file=_REQUEST, line=1184)
    plain, translated = filterable(resource, dated=query.parameters.get("date", "") not in ("", "0"))
    found = []
    for name, value in query.filters.items():
        if name in ("sort", "limit"):
            continue
        if name not in plain and not (value and name in translated):
            words = f'This filter does not exist. Did you mean: "{closest(name, plain)}"? The full list is: '
            raise report.refuse(400, 32, words + ", ".join(f'"{one}"' for one in plain))
        if not value:
            raise report.refuse(400, 33, f'The filter "{name}" is malformed.')
        if resource[name].computed:
            words = f'The field "{name}" is dynamic. It is not possible to filter GET query with this field.'
            raise report.refuse(400, 34, words)
        if (one := condition(resource[name], value)) is not None:
            found.append(one)
    return found


def display(query: Query, resource: Resource, report: Report) -> Display:
    """What is to be shown.

    Raises:
        Stop: unknown field (35), wrong syntax (36).
    """
    asked = query.parameters.get("display")
    if asked is None or asked == "minimum":
        return Display(stub=True)
    if asked == "full":
        return Display(full=True)
    available = ", ".join(one.name for one in resource.fields)
    if not (asked.startswith("[") and asked.endswith("]")):
        words = "The 'display' syntax is wrong. You can set 'full' or '[field_1,field_2,field_3,...]'."
        raise report.refuse(400, 36, f"{words} These are available: {available}")
    parts = _displayed(asked[1:-1])
    for name, sub in parts.items():
        if not _displayable(resource, name, sub):
            words = f'Unable to display this field "{name}". However, these are available: '
            raise report.refuse(400, 35, words + available)
    names = frozenset(name for name, sub in parts.items() if sub is None)
    return Display(names, tuple(resource.by_association[name] for name, sub in parts.items() if sub is not None))


def _displayed(inner: str) -> dict[str, list[str] | None]:
    """Names asked for; an association comes with the fields in its own brackets."""
    found = {}
    for part in _COMMAS.split(inner) if inner else ():
        name, bracket, sub = part.partition("[")
        found[name.strip()] = sub.removesuffix("]").split(",") if bracket else None
    return found


def _displayable(resource: Resource, name: str, parts: list[str] | None) -> bool:
    if parts is None:
        return name in resource.index
    association = resource.by_association.get(name)
    return association is not None and set(parts) <= {"id", *(extra for extra, _ in association.fields)}


def sorts(query: Query, resource: Resource, report: Report) -> list[tuple[Field, bool]]:
    """Fields to sort by, each with True for descending.

    Raises:
        Stop: wrong syntax (37), field that cannot be sorted by (38).
    """
    asked = query.parameters.get("sort")
    if asked is None:
        return []
    plain, translated = filterable(resource, dated=query.parameters.get("date", "") not in ("", "0"))
    inner = asked[1:-1] if asked.startswith("[") and asked.endswith("]") else asked
    found = []
    for one in inner.split(","):
        name, _, direction = one.rpartition("_")
        if direction.upper() not in ("ASC", "DESC") or not name:
            words = 'The "sort" value has to be formed as this example: "field_ASC" or \'[field_1_DESC,field_2_ASC,'
            raise report.refuse(400, 37, words + 'field_3_ASC,...]\' ("field" has to be an available field)')
        if name not in plain and name not in translated:
            words = f"Unable to filter by this field. However, these are available: {', '.join(plain)}"
            raise report.refuse(400, 38, f"{words}, for i18n fields:{', '.join(translated)}")
        found.append((resource[name], direction.upper() == "DESC"))
    return found


def limit(query: Query, report: Report) -> tuple[int, int] | None:
    """(offset, count). A text that is no number counts as 0, so `limit=abc` shows nothing.

    Raises:
        Stop: more than two numbers (39).
        Crash: a negative one, which the database refuses.
    """
    asked = query.parameters.get("limit")
    if asked is None:
        return None
    numbers = [_leading_int(one) for one in asked.split(",")]
    if min(numbers) < 0:
        raise Crash
    if len(numbers) > 2:
        raise report.refuse(400, 39, 'The "limit" value has to be formed as this example: "5,25" or "10"')
    return (numbers[0], numbers[1]) if len(numbers) == 2 else (0, numbers[0])


def _leading_int(text: str) -> int:
    found = re.match(r"\s*(-?\d+)", text)
    return int(found.group(1)) if found else 0


def languages(query: Query, known: tuple[int, ...], report: Report) -> tuple[int, ...]:
    """The languages to show: `language=1`, `[1|2]` or `[1,2]`; all without the parameter.

    Raises:
        Stop: wrong syntax (79), languages that the shop does not have (81).
    """
    asked = query.parameters.get("language")
    if asked is None:
        return known
    found = re.fullmatch(r"(\d+)|\[(\d+(?:[|,]\d+)*)\]", asked)
    if found is None:
        report.add(400, 79, "language value is wrong")
    numbers = [int(one) for one in re.findall(r"\d+", asked)] if found else []
    wanted = range(numbers[0], numbers[-1] + 1) if "," in asked and numbers else numbers
    shown = tuple(one for one in known if one in wanted)
    if not shown:
        raise report.refuse(400, 81, "language is not available")
    return shown


def warn_of_broken_list(report: Report) -> None:
    """A list goes on with `false` where its filters should be, and PHP warns four times."""
    for line in range(1299, 1303):
        words = "Trying to access array offset on value of type bool"
        report.warn(words, file=_REQUEST, line=line)
