"""Options that contradict each other although each is right by itself."""

from __future__ import annotations

from passerelle.domain.texts import N_
from passerelle.errors import InvalidOption, OptionNeeds, ProfileError
from passerelle.profile.ownership import ERP_OWNS
from passerelle.profile.sections import ArticleOptions
from passerelle.profile.toml import inline

HIDING = ("hide", "delete")  # what Passerelle did not create it hides, even where it deletes the rest
OF_VARIANTS = ("weight", "barcode")  # each variant has its own, which is the difference from the product's or beside it


def contradictions(articles: ArticleOptions) -> list[ProfileError]:
    """What cannot be meant together."""
    owners = articles.ownership or ERP_OWNS
    found: list[ProfileError] = []
    if articles.export and articles.gone == "zero_stock" and articles.stocks is None:
        found.append(OptionNeeds(key="articles.gone = zero_stock", needs="articles.stocks"))
    if articles.export and articles.gone in HIDING and owners.visibility != "erp":
        allowed = N_("zero_stock or leave, as long as articles.ownership.visibility is not erp")
        found.append(InvalidOption(key="articles.gone", value=inline(articles.gone), allowed=allowed))
    for field in OF_VARIANTS if articles.variants is not None else ():
        owner = getattr(owners, field)
        if owner != "erp":
            allowed = N_("erp, as long as articles.variants is on")
            found.append(InvalidOption(key=f"articles.ownership.{field}", value=inline(owner), allowed=allowed))
    return found
