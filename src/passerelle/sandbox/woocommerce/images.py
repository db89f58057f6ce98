"""Images of products: by id, or downloaded from an address, a new attachment each time."""

from __future__ import annotations

import ipaddress
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from passerelle.sandbox.woocommerce.database import POSTS, Database
from passerelle.sandbox.woocommerce.errors import Refusal
from passerelle.sandbox.woocommerce.rows import Image
from passerelle.sandbox.woocommerce.values import slug, whole

KINDS = {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp"}
_PORTS = (None, 80, 443, 8080)


def check(database: Database, given: Any) -> None:
    """Refuse a list of images of which one cannot be had.

    Raises:
        Refusal: an unknown id, an address that gives no image.
    """
    for one in given if isinstance(given, list) else ():
        if not isinstance(one, dict):
            continue
        ident = whole(one.get("id"))
        if ident and ident not in database.state.images:
            raise Refusal("woocommerce_product_invalid_image_id", f"#{ident} is an invalid image ID.")
        if not ident and one.get("src"):
            _check_source(database, str(one["src"]))


def _check_source(database: Database, source: str) -> None:
    address = urlsplit(source)
    if _is_private(address.hostname or "") or address.port not in _PORTS:
        raise _unreachable(source, "A valid URL was not provided.")
    if source not in database.remote_files:
        raise _unreachable(source, "Not Found")
    if PurePosixPath(address.path).suffix[1:].lower() not in KINDS:
        message = "Invalid image: Sorry, you are not allowed to upload this file type."
        raise Refusal("woocommerce_product_image_upload_error", message)


def _unreachable(source: str, reason: str) -> Refusal:
    return Refusal("woocommerce_product_image_upload_error", f"Error getting remote image {source}. Error: {reason}")


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host in ("", "localhost")


def taken(database: Database, given: list[Any]) -> list[int]:
    """The ids of a checked list, in order; an address becomes a new attachment even if it was downloaded before."""
    found = []
    for one in given:
        if not isinstance(one, dict):
            continue
        ident = whole(one.get("id"))
        if not ident and one.get("src"):
            name = PurePosixPath(urlsplit(str(one["src"])).path).name
            ident = attach(database, name, size=len(database.remote_files[str(one["src"])])).id
        if ident:
            _rename(database.state.images[ident], one)
            found.append(ident)
    return found


def _rename(image: Image, given: dict[str, Any]) -> None:
    if given.get("name"):
        image.name = str(given["name"])
    if given.get("alt") is not None:
        image.alt = str(given["alt"])


def attach(database: Database, name: str, *, size: int, title: str = "") -> Image:
    """A new attachment; a file name that is taken gets a number."""
    now = database.now()
    path = PurePosixPath(name)
    taken_names = {one.file for one in database.state.images.values()}
    file, count = f"{now:%Y/%m}/{path.name}", 0
    while file in taken_names:
        count += 1
        file = f"{now:%Y/%m}/{path.stem}-{count}{path.suffix}"
    kind = KINDS.get(path.suffix[1:].lower(), "application/octet-stream")
    image = Image(database.next_id(POSTS), now, title or path.name, file, mime_type=kind, size=size)
    database.state.images[image.id] = image
    return image


def shown_media(database: Database, image: Image) -> dict[str, Any]:
    """As wp/v2/media answers an upload, less the resized copies."""
    return {
        "id": image.id,
        "slug": slug(image.name),
        "status": "inherit",
        "type": "attachment",
        "title": {"raw": image.name, "rendered": image.name},
        "alt_text": image.alt,
        "media_type": "image",
        "mime_type": image.mime_type,
        "media_details": {"file": image.file, "filesize": image.size},
        "source_url": f"{database.home}/wp-content/uploads/{image.file}",
    }
