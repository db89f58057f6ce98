"""Tables only: what is asked of them stands in the store.

Where another index or key begins with the foreign key, it has no index of its own (`db_index=False`): these tables are
written by the thousand, and every index is paid for each row.
"""

from __future__ import annotations

from django.db import models

OPEN_STATES = ("intended", "doubted", "written")


class Profile(models.Model):
    """One ERP company joined with one shop. `key` never changes."""

    name = models.CharField(max_length=60, unique=True)
    key = models.CharField(max_length=4, unique=True)
    toml = models.TextField(default="")  # empty: the profile lives in its own file
    source = models.TextField(default="")  # the file it was last opened from
    created_at = models.DateTimeField()


class ProfileVersion(models.Model):
    """What a stored profile said before and after each change."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE)
    toml = models.TextField()
    author = models.CharField(max_length=80)
    at = models.DateTimeField()


class Fact(models.Model):
    """Something remembered for a profile: the shop's context, cursors, answers given by a person."""

    pk = models.CompositePrimaryKey("profile_id", "name")
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE)
    name = models.CharField(max_length=40)
    value = models.BinaryField()
    at = models.DateTimeField()


class Link(models.Model):
    """ERP key ↔ shop id, for products, variants, categories, brands…, and shop ids that belong to them (stock rows)."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, db_index=False)
    kind = models.CharField(max_length=12)
    erp_key = models.CharField(max_length=200)
    erp_id = models.CharField(max_length=40)
    shop_id = models.CharField(max_length=40)
    origin = models.CharField(max_length=8)
    gone = models.BooleanField(default=False)  # left the scope and was hidden by us
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["profile", "kind", "erp_key"], name="one_link_per_erp_key"),
            models.UniqueConstraint(fields=["profile", "kind", "shop_id"], name="one_link_per_shop_id"),
        )
        indexes = (models.Index(fields=["profile", "kind", "erp_id"], name="link_by_erp_id"),)


class Sent(models.Model):
    """What we last wrote of a facet, and who owns it. No fingerprint: what the shop holds is not known.

    `pin` is the fingerprint of the ERP's value that an undo took back; while the ERP still says it, it is not sent.
    """

    pk = models.CompositePrimaryKey("link_id", "facet")
    link = models.ForeignKey(Link, on_delete=models.CASCADE, db_index=False)
    facet = models.CharField(max_length=16)
    ownership = models.CharField(max_length=8)
    fingerprint = models.BinaryField(null=True)
    body = models.BinaryField(null=True)
    run_id = models.BigIntegerField(null=True)
    pin = models.BinaryField(null=True)


class Seen(models.Model):
    """The hash of an ERP record that a flow has nothing left to do for."""

    pk = models.CompositePrimaryKey("profile_id", "flow", "erp_key")
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, db_index=False)
    flow = models.CharField(max_length=12)
    erp_key = models.CharField(max_length=200)
    digest = models.BinaryField()


class Run(models.Model):
    """One flow of one profile, planned and perhaps executed; `undoes` is the run that it brings back, if any."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE)
    flow = models.CharField(max_length=12)
    lane = models.CharField(max_length=8)
    state = models.CharField(max_length=12)
    author = models.CharField(max_length=80)
    only = models.CharField(max_length=200, default="")
    settings = models.CharField(max_length=64)
    planned_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)
    held_by = models.JSONField(default=list)
    failure = models.JSONField(null=True)
    undoes = models.BigIntegerField(null=True)


class Action(models.Model):
    """The plan of a run, in the order of execution (stage, seq)."""

    pk = models.CompositePrimaryKey("run_id", "seq")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, db_index=False)
    seq = models.IntegerField()
    stage = models.SmallIntegerField()
    kind = models.CharField(max_length=24)
    key = models.CharField(max_length=200)
    selected = models.BooleanField(default=True)
    state = models.CharField(max_length=10, default="pending")
    body = models.BinaryField()

    class Meta:
        indexes = (models.Index(fields=["run", "stage", "seq"], name="action_order"),)


class Journal(models.Model):
    """Write-ahead: committed as `intended` before each call, settled after it.

    `written` is a file handed over to an ERP that takes it later: it is never written again.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE)
    seq = models.IntegerField()
    kind = models.CharField(max_length=24)
    key = models.CharField(max_length=200)
    shop_id = models.CharField(max_length=40)
    state = models.CharField(max_length=10)
    author = models.CharField(max_length=80)
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    old = models.BinaryField()
    new = models.BinaryField()
    detail = models.TextField(default="")

    class Meta:
        indexes = (
            models.Index(
                fields=["run"], name="journal_open", condition=models.Q(state__in=("intended", "doubted", "written"))
            ),
            models.Index(fields=["run", "key"], name="journal_key"),  # by key alone, each run would dirty all of it
        )


class Issue(models.Model):
    """Why a record waits for a person: an error's code and parameters."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE)
    flow = models.CharField(max_length=12)
    key = models.CharField(max_length=200)
    code = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    detail = models.TextField(default="")
    run_id = models.BigIntegerField()
    since = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["profile", "flow", "key"], name="one_issue_per_record"),)


class Lease(models.Model):
    """Who runs a lane of a profile."""

    pk = models.CompositePrimaryKey("profile_id", "lane")
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE)
    lane = models.CharField(max_length=8)
    token = models.CharField(max_length=32)
    host = models.CharField(max_length=120)
    pid = models.IntegerField()
    taken_at = models.DateTimeField()
    expires_at = models.DateTimeField()


class Order(models.Model):
    """The ledger of shop orders: seen → due → intended → placed → confirmed → acknowledged.

    One row an order, whatever happens: that is what makes it one document. `imported` is the order as it was when its
    document was journalled, `number` the ERP's.
    """

    pk = models.CompositePrimaryKey("profile_id", "shop_order_id")
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE)
    shop_order_id = models.CharField(max_length=40)
    state = models.CharField(max_length=12, default="seen")
    body = models.BinaryField()
    updated_at = models.DateTimeField()
    holds_stock = models.BooleanField()
    state_at = models.DateTimeField(null=True)
    number = models.CharField(max_length=40, default="")
    imported = models.BinaryField(null=True)
