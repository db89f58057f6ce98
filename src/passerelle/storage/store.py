"""The store of one profile, on Django's database."""

from __future__ import annotations

from passerelle.errors import ProfileKeyChanged, ProfileKeyTaken
from passerelle.ports.clock import Clock
from passerelle.ports.store import StoredProfile
from passerelle.storage import models, sql
from passerelle.storage.runs import RunTables


def stored_profile(row: models.Profile) -> StoredProfile:
    """A profile as the ports say it."""
    return StoredProfile(id=row.id, name=row.name, key=row.key, toml=row.toml, created_at=row.created_at)


@sql.writes
def register(*, name: str, key: str, clock: Clock) -> StoredProfile:
    """The stored profile of this name, made when there is none.

    Raises ProfileKeyChanged when it has another key, ProfileKeyTaken when the key is another profile's.
    """
    found = models.Profile.objects.filter(name=name).first()
    if found is None:
        holder = models.Profile.objects.filter(key=key).first()
        if holder is not None:
            raise ProfileKeyTaken(key=key, other=holder.name)
        found = models.Profile.objects.create(name=name, key=key, created_at=clock.now())
    elif found.key != key:
        raise ProfileKeyChanged(name=name, old=found.key, new=key)
    return stored_profile(found)


class DjangoStore(RunTables):
    """Implements the port Store for one profile; `author` is who the journal names."""

    def __init__(self, profile: StoredProfile, *, clock: Clock, author: str) -> None:
        self.profile_id = profile.id
        self.profile_name = profile.name
        self.clock = clock
        self.author = author

    # --- facts ---

    def fact(self, name: str) -> bytes | None:
        """Something remembered."""
        found = sql.rows("SELECT value FROM storage_fact WHERE profile_id = %s AND name = %s", [self.profile_id, name])
        return sql.data(found[0][0]) if found else None

    @sql.writes
    def set_fact(self, name: str, *, value: bytes) -> None:
        """Remember something."""
        models.Fact.objects.update_or_create(
            profile_id=self.profile_id, name=name, defaults={"value": value, "at": self.clock.now()}
        )

    @sql.writes
    def drop_fact(self, name: str) -> None:
        """Forget something."""
        models.Fact.objects.filter(profile_id=self.profile_id, name=name).delete()
