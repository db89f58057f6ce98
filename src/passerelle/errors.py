"""Every error of the project, in six families named for what happens next.

The docstring of a leaf is its default message: an English template whose named fields are filled from the keyword
arguments of the constructor. `next_step` says what a person does about it. Both are translated where they are shown.
`detail` is for the people who maintain a connection (status codes, vendor texts); it never holds a secret.
"""

from __future__ import annotations

import inspect
from typing import Any, ClassVar


class PasserelleError(Exception):
    """Something went wrong."""

    next_step: ClassVar[str] = "Look at the detail of this error in the journal."
    family: ClassVar[str] = "error"

    def __init__(self, *, detail: str = "", **params: Any) -> None:
        self.params: dict[str, str] = {name: str(value) for name, value in params.items()}
        self.detail = detail
        super().__init__(self.message)

    @classmethod
    def code(cls) -> str:
        """The stable name of this error in journals, issues and JSON."""
        name = cls.__name__
        return "".join(f"_{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))

    @classmethod
    def template(cls) -> str:
        """The English message, with its named fields unfilled, on one line."""
        return " ".join(inspect.cleandoc(cls.__doc__ or "").split())

    @property
    def message(self) -> str:
        """The English message, filled in."""
        return fill(self.template(), self.params)


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"


def fill(template: str, params: dict[str, str]) -> str:
    """Fill the named fields of a template; a field nobody filled shows as "?", never as an exception."""
    return template.format_map(_Blank(params))


def leaves(family: type[PasserelleError] = PasserelleError) -> list[type[PasserelleError]]:
    """All concrete errors of a family, in the order they are written."""
    below = family.__subclasses__()
    return [leaf for sub in below for leaf in leaves(sub)] if below else [family]


# --- the owner fixes something; the connection pauses until then -----------------------------------------------------


class ConfigError(PasserelleError):
    """A setting is wrong."""

    family = "config"


class ProfileError(ConfigError):
    """The profile cannot be used."""


class ProfileUnreadable(ProfileError):
    """The profile {file} cannot be read: {why}."""

    next_step = "Correct the file at the place named, then run the command again."


class ProfileSyntax(ProfileError):
    """The profile {file} is not written as it should be on line {line}."""

    next_step = "Correct line {line} of {file}; a text that holds a \\ is written between single quotes."


class ProfileUnknown(ProfileError):
    """There is no profile named {name}."""

    next_step = "List the stored profiles with `passerelle profile list`, or give the path of a TOML file."


class UnknownOption(ProfileError):
    """{key} is not an option of Passerelle. The nearest names are: {nearest}."""

    next_step = "Correct the name {key} or remove it; `passerelle init` prints every option."


class InvalidOption(ProfileError):
    """{key} = {value} is not allowed. What is: {allowed}."""

    next_step = "Give {key} one of the allowed values."


class MissingOption(ProfileError):
    """{key} is missing."""

    next_step = "Add {key} to the profile; `passerelle init` shows an example."


class OptionNeeds(ProfileError):
    """{key} waits for {needs}."""

    next_step = "Switch on {needs}, or remove {key}."


class SecretMissing(ProfileError):
    """{key} is taken from the environment variable {variable}, which is not set."""

    next_step = "Set {variable} where Passerelle runs."


class ProfileKeyTaken(ProfileError):
    """The profile key {key} already belongs to the profile {other}."""

    next_step = "Give this profile another key of 2 to 4 letters or digits; the key is what tells its orders apart."


class ProfileKeyChanged(ProfileError):
    """The profile {name} was created with the key {old}; its file now says {new}."""

    next_step = "Put the key {old} back: it is written in order numbers and never changes."


class FilterInvalid(ProfileError):
    """The filter articles.filter cannot be used: {why}."""

    next_step = "Write articles.filter as one condition on the article's columns, such as FA_CodeFamille <> 'SERVICE'."


class FieldUnknown(ProfileError):
    """{key} names the field {field}, which the ERP does not have. Nearest names: {nearest}."""

    next_step = "Choose one of the ERP's fields for {key}."


class TaxKeyAmbiguous(ProfileError):
    """The tax mapping "{key}" is both a tax code of the ERP at {rate} % and a rate."""

    next_step = "Name the ERP's tax codes one by one in articles.tax.rules."


class OptionUnsupported(ProfileError):
    """The profile asks for {option}, which {system} cannot do ({capability})."""

    next_step = "Switch {option} off or give it another value; the page of each connector lists what it can do."


class PrecisionTooLow(ProfileError):
    """{places} decimals are too few: the ERP's price includes VAT and the shop stores it without."""

    next_step = "Set articles.prices.precision to 4 or more, or remove it."


class ConnectionFault(ConfigError):
    """A connection cannot be used as it is set."""


class CredentialsRefused(ConnectionFault):
    """{system} refuses the key or the login."""

    next_step = "Check the key or the password in the settings of this connection, and that it is active."


class RightMissing(ConnectionFault):
    """{system} does not let this key {verb} {resource}."""

    next_step = "Give the key the right to {verb} {resource}, then run the check again."


class AddressRedirects(ConnectionFault):
    """{url} sends its callers elsewhere."""

    next_step = "Enter the address that the shop itself shows, with its exact host name."


class ServiceDisabled(ConnectionFault):
    """The webservice of {system} is switched off."""

    next_step = "Switch the webservice on in the shop's advanced parameters."


class MultishopRefused(ConnectionFault):
    """{system} holds {count} shops; Passerelle does not yet know which one to serve."""

    next_step = "Connect an installation that holds a single shop."


class AddressInvalid(ConnectionFault):
    """{key} cannot be used: {why}."""

    next_step = "Correct {key} in the settings of this connection."


class NotThisSystem(ConnectionFault):
    """{system} was reached, but it is not what the profile says: {why}."""

    next_step = "Check the address and the name of the database or shop."


class SchemaIncomplete(ConnectionFault):
    """{system}: the database has no {what}, which every version has."""

    next_step = (
        "Check that the address names the company's own database, and let the login read {what}; add it to a view."
    )


class WarehouseUnknown(ConnectionFault):
    """The warehouse "{name}" does not exist in the ERP. It has: {existing}."""

    next_step = "Choose the warehouses again in articles.stocks.warehouses."


class WarehouseMissing(ConnectionFault):
    """No warehouse is chosen, so no stock can be counted."""

    next_step = "Name at least one warehouse in articles.stocks.warehouses."


class StatusUnknown(ConnectionFault):
    """The shop has no order status {status}, which {option} names."""

    next_step = "Choose one of the shop's statuses in {option}: {known}."


class ArticleUnknown(ConnectionFault):
    """The ERP has no article {sku}, which {option} names."""

    next_step = "Create {sku} in the ERP, or correct {option}."


class FolderUnusable(ConnectionFault):
    """The ERP's import folder cannot be used ({why})."""

    next_step = "Check that the folder of orders_folder exists and that Passerelle may write to it."


class TaxRuleUnknown(ConnectionFault):
    """The tax rule {rule} named for "{key}" does not exist in the shop."""

    next_step = "Choose one of the shop's tax rules: {existing}."


class PriceCategoryUnknown(ConnectionFault):
    """The price category "{name}" does not exist in the ERP. It has: {existing}."""

    next_step = "Choose another base price in articles.prices.base_price."


class CategoryUnknown(ConnectionFault):
    """The default category {category} does not exist in the shop."""

    next_step = "Choose one of the shop's categories in articles.categories.default."


class LanguageUnknown(ConnectionFault):
    """The language "{language}" does not exist in the shop. It has: {existing}."""

    next_step = "Correct profile.languages."


class CurrencyDiffers(ConnectionFault):
    """The ERP counts in {erp} and the shop in {shop}."""

    next_step = "Set the same currency on both sides: amounts are never converted silently."


class CapabilityMissing(ConnectionFault):
    """{system} cannot do this: {capability}."""

    next_step = "Switch the option off, or use a system that can."


# --- wait and try again ----------------------------------------------------------------------------------------------


class TransientError(PasserelleError):
    """Something does not answer for the moment."""

    family = "transient"


class Unavailable(TransientError):
    """{system} does not answer."""

    next_step = "Wait a few minutes and run it again; what was not done is taken up where it stopped."


class RateLimited(TransientError):
    """{system} asks for fewer requests."""

    next_step = "Wait {seconds} seconds; lower the requests per second of this connection if it happens often."


class StorageFull(TransientError):
    """Passerelle cannot write its own data: the disk is full."""

    next_step = "Free some space on the disk, then run it again; nothing was sent without being written down first."


class StoreBusy(TransientError):
    """Passerelle's own data is locked by another program."""

    next_step = "Close what holds the file open, then run it again."


# --- ask before trying again -----------------------------------------------------------------------------------------


class OutcomeUnknown(PasserelleError):
    """Something was sent and no answer came back."""

    family = "unknown"


class WriteUnanswered(OutcomeUnknown):
    """{system} did not answer after a write; it may or may not have been done."""

    next_step = "Run it again: Passerelle looks at the other side before it sends anything a second time."


# --- park this record, go on -----------------------------------------------------------------------------------------


class RecordError(PasserelleError):
    """A record cannot be sent."""

    family = "record"


class PriceMissing(RecordError):
    """{key}: its price is 0, which is never sent."""

    next_step = "Give {key} a price in the ERP."


class VatUnmapped(RecordError):
    """{key}: its VAT ({tax}) is not linked to any tax rule of the shop."""

    next_step = 'Add "{tax}" to articles.tax.rules: {key} and all others at this rate follow with the next run.'


class VatMissing(RecordError):
    """{key}: the ERP gives it no VAT for this accounting category."""

    next_step = "Set the VAT of {key} or of its family in the ERP."


class VatRateDiffers(RecordError):
    """{key}: its VAT is {erp} % in the ERP, but the tax rule "{rule}" charges {shop} %."""

    next_step = 'Correct the tax rule "{rule}" in the shop, or the entry that {key} uses in articles.tax.rules.'


class ReferenceRefused(RecordError):
    """{key}: the shop does not accept this reference ({why})."""

    next_step = "Correct the reference {key} in the ERP; Passerelle never alters one."


class ReferenceTaken(RecordError):
    """{key}: product {shop_id} of the shop holds this reference."""

    next_step = "Delete product {shop_id} in the shop, or change its reference there: {key} follows with the next run."


class ReferenceInBin(RecordError):
    """{key}: product {shop_id}, in the shop's bin, holds this reference."""

    next_step = "Empty the shop's bin of product {shop_id}, or restore it there: {key} follows with the next run."


class ReferenceStuck(RecordError):
    """{key}: the shop says that {shop_id} holds this reference, and shows no product under that number."""

    next_step = (
        "Have the record {shop_id} deleted in the shop's database, or by a clean-up plugin (orphaned variations), "
        "or give {key} another reference in the ERP."
    )


class NameMissing(RecordError):
    """{key}: it has no name."""

    next_step = "Give {key} a name in the ERP."


class TextRefused(RecordError):
    """{key}: the shop does not accept its {field} ({why})."""

    next_step = "Correct the {field} of {key} in the ERP."


class AmountRefused(RecordError):
    """{key}: {field} = {value} is not a number the shop can hold."""

    next_step = "Correct the {field} of {key} in the ERP."


class MatchAmbiguous(RecordError):
    """{key}: {count} products of the shop could be this article ({candidates})."""

    next_step = "Leave one product with the reference {key} in the shop."


class MatchContradicts(RecordError):
    """{key}: product {shop_id} of the shop has the same barcode but the reference "{other}"."""

    next_step = "Correct the barcode or the reference of {key} on one of the two sides."


class MatchTaken(RecordError):
    """{key}: product {shop_id} of the shop already belongs to the article {other}."""

    next_step = "Check {key} and {other} in the ERP: the two references differ only by case or spaces."


class ReferenceTwice(RecordError):
    """{key}: the ERP has this reference twice ({others})."""

    next_step = "Keep one article {key} in the ERP."


class VariantsOff(RecordError):
    """{key}: it has ranges, and variants are switched off."""

    next_step = "Add [articles.variants] to the profile, or unpublish {key} in the ERP."


class VariantsDiffer(RecordError):
    """{key}: product {shop_id} of the shop has variants and the article has none."""

    next_step = "Give {key} its ranges in the ERP, or take its variants off the product in the shop."


class VariantIncomplete(RecordError):
    """{key}: the ERP no longer has its value of the range "{option}"."""

    next_step = "Restore the value in the ERP, or put the variant {key} to sleep there."


class VariantTwice(RecordError):
    """{key}: the variant {other} has the same {what} ({value})."""

    next_step = "Correct one of the two in the ERP: {key} or {other}."


class VariantTaxDiffers(RecordError):
    """{key}: its VAT is not that of {other}, with which it is put together as one product."""

    next_step = "Give {key} and {other} the same VAT in the ERP, or take {key} out of the group."


class VariantsTooMany(RecordError):
    """{key}: it has {count} variants, and the shop bears {limit} a product."""

    next_step = "Put variants of {key} that are not sold online to sleep in the ERP, or split the article."


class OptionMissing(RecordError):
    """{key}: the option "{option}" could not be created in the shop."""

    next_step = 'Open the issue of the option "{option}": once it is solved, {key} follows.'


class CategoryMissing(RecordError):
    """{key}: its category "{category}" could not be created in the shop."""

    next_step = 'Open the issue of the category "{category}": once it is solved, {key} follows.'


class BrandMissing(RecordError):
    """{key}: its brand "{brand}" could not be created in the shop."""

    next_step = 'Open the issue of the brand "{brand}": once it is solved, {key} follows.'


class FeatureMissing(RecordError):
    """{key}: its feature "{feature}" could not be created in the shop."""

    next_step = 'Open the issue of the feature "{feature}": once it is solved, {key} follows.'


class RefusedByShop(RecordError):
    """{key}: the shop refuses it ({why})."""

    next_step = "Correct {key} in the ERP, then retry."


class GoneFromShop(RecordError):
    """{key}: its product {shop_id} no longer exists in the shop."""

    next_step = (
        "Run the catalogue: {key} is created again. If it was deleted on purpose, unpublish the article in the ERP."
    )


class RecordUnreadable(RecordError):
    """{key}: the ERP's record cannot be read ({why})."""

    next_step = "Correct {key} in the ERP."


# --- orders ---


class OrderLineUnknown(RecordError):
    """Order {key}: the line "{name}" (reference {sku}) is no article of the ERP."""

    next_step = "Create {sku} in the ERP, or correct the reference in the shop: order {key} follows with the next run."


class OrderUnmapped(RecordError):
    """Order {key}: the {what} "{value}" is not linked to anything in the ERP."""

    next_step = 'Add "{value}" to {option}: order {key} follows with the next run.'


class OrderCurrency(RecordError):
    """Order {key}: it was paid in {currency}, and the ERP keeps its accounts in {erp}."""

    next_step = "Enter order {key} in the ERP by hand; foreign currencies are not imported yet."


class OrderTotalDiffers(RecordError):
    """Order {key}: the shop charged {shop}, and its lines make {found}."""

    next_step = "Compare the amounts of order {key} in the shop; a module may charge something its lines do not show."


class OrderVatDiffers(RecordError):
    """Order {key}: at {rate} % VAT the shop counts {shop} and the ERP would count {erp}."""

    next_step = (
        "Correct the VAT of the articles of order {key}, "
        "or raise orders.import.rounding_tolerance if the gap is only rounding."
    )


class OrderKeyTooLong(RecordError):
    """Order {key}: its key {order_key} is longer than the 17 characters the ERP can hold."""

    next_step = "Enter order {key} in the ERP by hand; a shorter profile key can only be chosen for a new profile."


class OrderFieldTooLong(RecordError):
    """Order {key}: its {field} "{value}" is longer than the {limit} characters the ERP can hold."""

    next_step = "Shorten the {field} of order {key} in the shop, or in the setting it comes from."


class OrderFieldRefused(RecordError):
    """Order {key}: the ERP cannot hold its {field} ({why})."""

    next_step = "Correct the {field} of order {key} in the shop."


class OrderUnsupported(RecordError):
    """Order {key}: it contains something that is not imported yet ({what})."""

    next_step = "Enter order {key} in the ERP by hand."


class OrderUnreadable(RecordError):
    """Order {key}: the shop's answer about it cannot be used ({why})."""

    next_step = "Open order {key} in the shop and check it."


class CustomerNameMissing(RecordError):
    """Order {key}: its customer has no name."""

    next_step = "Fill in the name or the company of the customer of order {key} in the shop."


class CustomerAmbiguous(RecordError):
    """Order {key}: {count} customers of the ERP have the same e-mail address as its buyer."""

    next_step = "Leave the e-mail address of order {key} with one customer of the ERP."


class CustomerUnknown(RecordError):
    """Order {key}: its customer code {code} does not exist in the ERP."""

    next_step = "Create the customer {code} in the ERP, or correct the code in the settings, for order {key}."


class CustomerTaken(RecordError):
    """Order {key}: the ERP customer {code} already belongs to customer {other} of the shop."""

    next_step = (
        "Give shop customer {other} and the buyer of order {key} an ERP customer each, "
        "with an e-mail address of its own."
    )


class DocumentRefused(RecordError):
    """Order {key}: the ERP refuses its document ({why})."""

    next_step = (
        "Correct what the ERP complains about: order {key} is tried again by the next run, or once its file is "
        "imported again from its error folder."
    )


class CustomerRefused(RecordError):
    """Customer {key}: the ERP refuses it ({why})."""

    next_step = (
        "Correct what the ERP complains about: customer {key} is tried again by the next run, or once its file is "
        "imported again from its error folder."
    )


class CustomerLate(RecordError):
    """Customer {key}: it was handed to the ERP {hours} hours ago and is not there yet."""

    next_step = "Check that the ERP imports its files; customer {key} is never sent a second time by itself."


class ConfirmationLate(RecordError):
    """Order {key}: its document was handed to the ERP {hours} hours ago and is not there yet."""

    next_step = "Check that the ERP imports its files; order {key} is never sent a second time by itself."


class DocumentGone(RecordError):
    """Order {key}: its document {number} no longer exists in the ERP."""

    next_step = "Restore {number} in the ERP, or cancel order {key} in the shop; its goods are kept back until then."


class DocumentTotalDiffers(RecordError):
    """Order {key}: the shop charged {shop}, and the document {number} of the ERP says {erp}."""

    next_step = "Correct the document {number} of order {key} in the ERP."


class OrderAbsent(RecordError):
    """Order {key}: the shop counts it among those to import, and the ERP has no document of it."""

    next_step = "Run the orders: order {key} is imported, or put aside with its reason."


class OrderAwaited(RecordError):
    """Order {key}: its document was handed to the ERP and is not there yet."""

    next_step = "Let the ERP import its files, then run the orders; order {key} is never sent a second time by itself."


class OrderChanged(RecordError):
    """Order {key}: the shop changed it after its import (it said {before}, it says {after})."""

    next_step = "Change the document {number} of order {key} in the ERP accordingly; Passerelle leaves it as it is."


class OrderCancelled(RecordError):
    """Order {key}: the shop cancelled it after its import."""

    next_step = "Cancel or keep the document {number} of order {key} in the ERP; Passerelle leaves it as it is."


class StatusConflict(RecordError):
    """Order {key}: the ERP asks for the status "{wanted}", and someone set "{current}" in the shop."""

    next_step = "Set the right status of order {key} in the shop; Passerelle goes on once it is one of those it knows."


class TrackingRefused(RecordError):
    """Order {key}: the shop does not accept the tracking number "{number}" ({why})."""

    next_step = "Correct the tracking number of order {key} in the ERP."


# --- a person decides ------------------------------------------------------------------------------------------------


class PlanError(PasserelleError):
    """A person decides."""

    family = "plan"


class LaneBusy(PlanError):
    """Another run of {profile} is under way ({who}, since {since})."""

    next_step = "Wait for it to end, then run it again."


class RunUnknown(PlanError):
    """There is no run {run}."""

    next_step = "List the runs with `passerelle status`."


class RunNotHeld(PlanError):
    """Run {run} is not waiting for approval: it is {state}."""

    next_step = "Only a held or previewed run can be approved or cancelled."


class RunNotUndoable(PlanError):
    """Run {run} cannot be undone: it is {state}."""

    next_step = "Only a run that wrote to the shop can be undone; one that waits is given up with `passerelle cancel`."


class PlanStale(PlanError):
    """Run {run} was planned {minutes} minutes ago; stock moves too fast for that."""

    next_step = "Plan the stocks again."


class PlanOutdated(PlanError):
    """The settings of {profile} changed since run {run} was planned."""

    next_step = "Plan it again with today's settings."


class SelectionInvalid(PlanError):
    """ "{selection}" does not choose actions of run {run}."""

    next_step = "Give numbers or ranges of its plan, for example 1-20,35."


class FlowUnavailable(PlanError):
    """The flow {flow} is off in the profile {profile}."""

    next_step = "Switch on {needs} in the profile."


class IssueUnknown(PlanError):
    """There is no open issue {issue} in the profile {profile}."""

    next_step = "List them with `passerelle issues`."


class LeaseLost(PlanError):
    """Another process took over the run of {profile}; this one stopped before its next write."""

    next_step = "Look at `passerelle status`; nothing more is sent from here."


# --- the other side broke its contract -------------------------------------------------------------------------------


class ProtocolError(PasserelleError):
    """The other system answered something nobody expects."""

    family = "protocol"


class AnswerUnreadable(ProtocolError):
    """{system} answered something that is not its usual format ({why})."""

    next_step = "Check that the address is that of the webservice and that no security plugin answers in its place."


class AnswerIncomplete(ProtocolError):
    """{system} left out {what}."""

    next_step = "Send the detail of this error to the people who maintain this connector."
