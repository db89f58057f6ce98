"""From the name of a profile to everything a run needs."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path

import msgspec

from passerelle import __version__
from passerelle.app import registry
from passerelle.errors import ProfileUnknown, ProfileUnreadable
from passerelle.executor.orders import OrderWatch
from passerelle.executor.run import Run
from passerelle.planner.capabilities import check_options
from passerelle.planner.rules import Rules, rules_of
from passerelle.ports.clock import Clock, SystemClock
from passerelle.ports.erp import ErpSource
from passerelle.ports.shop import Shop, ShopContext
from passerelle.ports.store import StoredProfile
from passerelle.profile.dump import digest
from passerelle.profile.load import Loaded, load
from passerelle.profile.sections import Profile
from passerelle.storage import models, sql
from passerelle.storage.store import DjangoStore, register, stored_profile
from passerelle.transport.http import Tally

CONTEXT = "shop.context"
CONTEXT_AGE = timedelta(hours=24)


class KeptContext(msgspec.Struct, frozen=True):
    """The shop's context as remembered: for which connection, since when."""

    connection: str
    at: datetime
    context: ShopContext


def author() -> str:
    """Who the journal names."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "passerelle"


def read_profile(target: str, *, environ: Mapping[str, str]) -> tuple[Loaded, str]:
    """A profile file, or a stored profile's name; the profile and its text.

    Raises ProfileUnknown, ProfileUnreadable, and what `load` raises.
    """
    path = Path(target)
    if path.suffix == ".toml" or path.is_file():
        try:
            text, source = path.read_text(encoding="utf-8-sig"), path.name
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            raise ProfileUnreadable(file=target, why=why) from error
    else:
        row = models.Profile.objects.filter(name=target).exclude(toml="").first()
        if row is None:
            raise ProfileUnknown(name=target)
        text, source = row.toml, row.name
    loaded = load(
        text, source=source, erp_configs=registry.ERP_CONFIGS, shop_configs=registry.SHOP_CONFIGS, environ=environ
    )
    return loaded, text


@dataclass
class Opened:
    """A profile with its store and the makers of its connections."""

    loaded: Loaded
    stored: StoredProfile
    store: DjangoStore
    clock: Clock

    @property
    def profile(self) -> Profile:
        """The typed options."""
        return self.loaded.profile

    @property
    def settings(self) -> str:
        """Identifies the settings a plan was made with."""
        return digest(self.loaded)

    def _connection(self) -> str:
        said = f"{__version__} {self.loaded.shop_connector} {self.profile.shop!r} "  # a version knows its own facts
        said += repr(sorted(self.profile.profile.languages.items()))
        return blake2b(said.encode(), digest_size=16).hexdigest()

    @contextmanager
    def connections(self, *, tally: Tally, context: ShopContext | None = None) -> Iterator[tuple[ErpSource, Shop]]:
        """Both adapters, closed afterwards."""
        tools = registry.Tools(self.clock, tally, self.profile.profile.languages, context)
        erp = registry.ERPS[self.loaded.erp_connector][1](self.profile.erp, tools)
        shop = registry.SHOPS[self.loaded.shop_connector][1](self.profile.shop, tools)
        try:
            yield erp, shop
        finally:
            for adapter in (erp, shop):
                close = getattr(adapter, "close", None)
                if close is not None:
                    close()

    def kept_context(self) -> ShopContext | None:
        """What is remembered of this shop, if it is of this connection and of today."""
        stored = self.store.fact(CONTEXT)
        if stored is None:
            return None
        kept = msgspec.json.decode(stored, type=KeptContext)
        fresh = self.clock.now() - kept.at < CONTEXT_AGE and kept.connection == self._connection()
        return kept.context if fresh else None

    def keep_context(self, context: ShopContext) -> None:
        """Remember the shop's context."""
        kept = KeptContext(self._connection(), self.clock.now(), context)
        self.store.set_fact(CONTEXT, value=msgspec.json.encode(kept))

    def drop_context(self) -> None:
        """Ask the shop again next time."""
        self.store.drop_fact(CONTEXT)

    def rules(self, erp: ErpSource, shop: Shop) -> Rules:
        """The rules of a run. Raises what the shop, the ERP and the mapping raise."""
        check_options(self.profile, erp=erp.manifest, shop=shop.manifest)
        context = self.kept_context()
        if context is None:
            context = shop.context()
            self.keep_context(context)
        return rules_of(self.profile, context=context, erp_currency=erp.currency())

    def watch(self, run: Run) -> OrderWatch | None:
        """The shop's orders, where stocks are on."""
        return OrderWatch(run, since=self.stored.created_at) if self.profile.articles.stocks is not None else None


def open_profile(target: str, *, clock: Clock | None = None, environ: Mapping[str, str] | None = None) -> Opened:
    """Load and register a profile."""
    clock = clock or SystemClock()
    loaded, _ = read_profile(target, environ=os.environ if environ is None else environ)
    identity = loaded.profile.profile
    stored = register(name=identity.name, key=identity.key, clock=clock)
    if Path(target).is_file():
        _remember_source(stored, Path(target).resolve())
    return Opened(loaded, stored, DjangoStore(stored, clock=clock, author=author()), clock)


@sql.writes
def _remember_source(stored: StoredProfile, path: Path) -> None:
    models.Profile.objects.filter(id=stored.id).exclude(source=str(path)).update(source=str(path))


def source_of(name: str) -> str:
    """How a profile is opened again: the file it was last opened from, else its stored name."""
    row = models.Profile.objects.get(name=name)
    return row.source or row.name


def stored_profiles() -> list[StoredProfile]:
    """Every registered profile."""
    return [stored_profile(row) for row in models.Profile.objects.order_by("name")]
