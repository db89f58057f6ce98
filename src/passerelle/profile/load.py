"""A profile file becomes typed options, or a list of what is wrong with it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from passerelle.domain.texts import N_, Text, text
from passerelle.errors import (
    InvalidOption,
    MissingOption,
    OptionNeeds,
    ProfileError,
    ProfileSyntax,
    SecretMissing,
    UnknownOption,
)
from passerelle.profile import environment
from passerelle.profile.agreement import contradictions
from passerelle.profile.declared import Declared, options, sections, walk
from passerelle.profile.nearest import nearest
from passerelle.profile.sections import Profile
from passerelle.profile.toml import inline
from passerelle.profile.values import Unfit, typed

Connectors = Mapping[str, type]
_A_TABLE = N_("a table; enabled = false switches it off")
_SHOWN = 80  # characters of a refused value in a message


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A profile and what its file said beside it.

    `raw` holds, by dotted key, the values written with `${…}`, as written; `off` holds the content of the tables that
    `enabled = false` switches off. Both are written back by `dump`.
    """

    profile: Profile
    erp_connector: str
    shop_connector: str
    warnings: tuple[Text, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)
    off: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def load(
    text: str, *, source: str, erp_configs: Connectors, shop_configs: Connectors, environ: Mapping[str, str]
) -> Loaded:
    """Read a profile. `source` names it in messages; the configs are the option dataclasses by connector name.

    Raises the first of `problems`.
    """
    loaded, found = _read(text, source=source, configs={"erp": erp_configs, "shop": shop_configs}, environ=environ)
    if loaded is None:
        raise found[0]
    return loaded


def problems(
    text: str, *, source: str, erp_configs: Connectors, shop_configs: Connectors, environ: Mapping[str, str]
) -> list[ProfileError]:
    """Everything that is wrong with a profile, misspelt names first; empty when it can be loaded."""
    return _read(text, source=source, configs={"erp": erp_configs, "shop": shop_configs}, environ=environ)[1]


def _read(
    text: str, *, source: str, configs: Mapping[str, Connectors], environ: Mapping[str, str]
) -> tuple[Loaded | None, list[ProfileError]]:
    try:
        data = tomllib.loads(text.removeprefix("\ufeff"), parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        return None, [_syntax(text, source=source, error=error)]
    reading = _Reading(data, configs=configs, environ=environ)
    profile = reading.profile()
    if profile is None or reading.problems:
        return None, sorted(reading.problems, key=lambda problem: not isinstance(problem, UnknownOption))
    return (
        Loaded(
            profile=profile,
            erp_connector=reading.connectors["erp"],
            shop_connector=reading.connectors["shop"],
            warnings=tuple(reading.warnings),
            raw=reading.raw,
            off=reading.off,
        ),
        [],
    )


def _syntax(text: str, *, source: str, error: tomllib.TOMLDecodeError) -> ProfileSyntax:
    place = re.search(r"at line (\d+)", str(error))
    line = place[1] if place else len(text.splitlines())
    return ProfileSyntax(file=source, line=line, detail=str(error))


class _Reading:
    """One pass over the tables of a file; it gathers problems and warnings instead of stopping at the first."""

    def __init__(self, data: dict[str, Any], *, configs: Mapping[str, Connectors], environ: Mapping[str, str]) -> None:
        self.data = data
        self.environ = environ
        self.problems: list[ProfileError] = []
        self.warnings: list[Text] = []
        self.raw: dict[str, Any] = {}
        self.off: dict[str, dict[str, Any]] = {}
        self.connectors: dict[str, str] = {}
        found = {side: self._connector(side, configs=known) for side, known in configs.items()}
        self.sections = sections(erp=found["erp"], shop=found["shop"])
        self.known = {
            declared.key: declared for name, section in self.sections.items() for declared in walk(section, prefix=name)
        }

    def profile(self) -> Profile | None:
        """The typed profile; None when a part of it could not be built."""
        self._refuse_unknown(self.data, allowed={"profile", "erp", "shop", *self.sections}, prefix="")
        built = {
            name: self._section(section, written=self._top_table(name), prefix=name)
            for name, section in self.sections.items()
        }
        if self.problems:
            return None
        profile = Profile(**built)
        self._check_languages(profile)
        self.problems += contradictions(profile.articles)
        return profile

    def _top_table(self, name: str) -> dict[str, Any]:
        written = self.data.get(name, {})
        if not isinstance(written, dict):
            self._refuse(name, value=written, allowed=N_("a table"))
            return {}
        return {key: value for key, value in written.items() if not (name in self.connectors and key == "connector")}

    def _connector(self, side: str, *, configs: Connectors) -> type | None:
        written = self.data.get(side)
        name = written.get("connector") if isinstance(written, dict) else None
        if name is None:
            self.problems.append(MissingOption(key=f"{side}.connector"))
        elif not isinstance(name, str) or name not in configs:
            self._refuse(f"{side}.connector", value=name, allowed=", ".join(sorted(configs)))
        else:
            self.connectors[side] = name
            return configs[name]
        return None

    def _section(self, section: type, *, written: dict[str, Any], prefix: str, complete: bool = True) -> Any:
        declared_here = options(section, prefix=prefix)
        self._refuse_unknown(written, allowed={declared.name for declared in declared_here}, prefix=f"{prefix}.")
        values: dict[str, Any] = {}
        before = len(self.problems)
        for declared in declared_here:
            if declared.table is not None:
                values[declared.attribute] = self._table(declared, written=written.get(declared.name))
            elif declared.name in written:
                values[declared.attribute] = self._value(declared, written=written[declared.name])
            elif declared.required and complete:
                self.problems.append(MissingOption(key=declared.key))
        return section(**values) if complete and len(self.problems) == before else None

    def _table(self, declared: Declared, *, written: Any) -> Any:
        assert declared.table is not None
        if written is None:
            implied = declared.required or (declared.option.implied and self._waits_for(declared) is None)
            return self._section(declared.table, written={}, prefix=declared.key) if implied else None
        if not isinstance(written, dict):
            return self._refuse(declared.key, value=written, allowed=_A_TABLE)
        content = {key: value for key, value in written.items() if key != "enabled" or declared.required}
        if not self._switch(declared, written=written):
            self._section(declared.table, written=content, prefix=declared.key, complete=False)
            self.off[declared.key] = content
            return None
        if self._waits(declared):
            return None
        return self._section(declared.table, written=content, prefix=declared.key)

    def _switch(self, declared: Declared, *, written: dict[str, Any]) -> bool:
        enabled = written.get("enabled", True)
        if not isinstance(enabled, bool):
            self._refuse(f"{declared.key}.enabled", value=enabled, allowed=N_("true or false"))
        return declared.required or enabled is not False

    def _value(self, declared: Declared, *, written: Any) -> Any:
        self._waits(declared)
        given = self._from_environment(declared, written=written)
        try:
            value = typed(given, hint=declared.hint)
        except Unfit as unfit:
            return self._refuse_value(declared, written=written, allowed=unfit.allowed)
        reason = declared.option.check(value) if declared.option.check else None
        return value if reason is None else self._refuse_value(declared, written=written, allowed=reason)

    def _from_environment(self, declared: Declared, *, written: Any) -> Any:
        if declared.key.partition(".")[0] not in ("erp", "shop"):
            return written
        if environment.in_clear(written, secret=declared.option.secret):
            self.warnings.append(_in_clear(declared.key))
        if environment.refers(written):
            self.raw[declared.key] = written
        try:
            return environment.expand(written, environ=self.environ)
        except environment.VariableMissing as missing:
            self.problems.append(SecretMissing(key=declared.key, variable=missing.variable))
            return written

    def _waits(self, declared: Declared) -> bool:
        waits_for = self._waits_for(declared)
        if waits_for is not None:
            self.problems.append(OptionNeeds(key=declared.key, needs=waits_for.replace(" | ", " / ")))
        return waits_for is not None

    def _waits_for(self, declared: Declared) -> str | None:
        for need in declared.option.needs:
            if not any(self._is_on(key) for key in need.split(" | ")):
                return need
        return None

    def _is_on(self, key: str) -> bool:
        declared = self.known[key]
        written: Any = self.data
        for part in key.split("."):
            written = written.get(part) if isinstance(written, dict) else None
        if declared.table is None:
            return bool(declared.default if written is None else written)
        if written is None:
            return declared.option.implied and self._waits_for(declared) is None
        return isinstance(written, dict) and written.get("enabled", True) is not False

    def _refuse_unknown(self, written: dict[str, Any], *, allowed: set[str], prefix: str) -> None:
        for name in written:
            if name not in allowed:
                key = f"{prefix}{name}"
                names = nearest(key, among=[*self.known, *self.sections]) or [
                    f"{prefix}{name}" for name in sorted(allowed)
                ]
                self.problems.append(UnknownOption(key=key, nearest=", ".join(names)))

    def _refuse_value(self, declared: Declared, *, written: Any, allowed: str) -> None:
        value = environment.shown(written, secret=declared.option.secret)
        self._refuse(declared.key, value=value, allowed=declared.option.allowed or allowed)

    def _refuse(self, key: str, *, value: Any, allowed: str) -> None:
        self.problems.append(InvalidOption(key=key, value=_short(inline(value)), allowed=allowed))

    def _check_languages(self, profile: Profile) -> None:
        for key, declared in self.known.items():
            if key.startswith("articles.texts.") and profile.articles.texts is not None:
                source = getattr(profile.articles.texts, declared.attribute)
                strange = set(source) - set(profile.profile.languages) if isinstance(source, dict) else set()
                for language in sorted(strange):
                    self._refuse(key, value=language, allowed=", ".join(profile.profile.languages))


def _short(value: str) -> str:
    return value if len(value) <= _SHOWN else f"{value[: _SHOWN - 1]}…"


def _in_clear(key: str) -> Text:
    return text(
        "secret_in_clear",
        N_("{key} is written in clear in the profile: put it in an environment variable, here write ${{ITS_NAME}}."),
        key=key,
    )
