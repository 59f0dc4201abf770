"""The stored cover of an asset: an uploaded picture, or the first page of its PDF, in two sizes side by side."""

from pathlib import PurePosixPath
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext as _

from campaigns import pictures
from campaigns.errors import Refused
from campaigns.models import Asset


def cover_from_upload(*, asset: Asset, upload: Any) -> None:
    """Keep an uploaded picture as the cover of a saved asset. Refused where it is no picture that can be opened."""
    try:
        sizes = pictures.sizes_of(upload)
    except pictures.NoPicture:
        raise Refused(_("This picture cannot be opened. JPEG, PNG and WebP work.")) from None
    _keep(asset, sizes, made_of="")


def cover_from_file(*, asset: Asset) -> bool:
    """Draw the first page of the asset's PDF as its cover. False where there is nothing to do.

    A marketer's own picture stays. Refused where the PDF is locked or broken: the drawing of its kind is shown then.
    """
    name = str(asset.file.name or "")
    if asset.cover and not asset.cover_of:
        return False
    if not name.lower().endswith(".pdf"):
        if asset.cover_of:
            drop_cover(asset=asset)
        return False
    if asset.cover_of == name:
        return False
    try:
        sizes = pictures.sizes_of_first_page(asset.file.path)
    except pictures.NoPicture as no:
        drop_cover(asset=asset)
        if no.locked:
            raise Refused(
                _("The PDF is locked by a password, so it has no cover and few will open it.")
            ) from None
        raise Refused(
            _("The first page of the PDF cannot be drawn, so it has no cover. Does it open?")
        ) from None
    _keep(asset, sizes, made_of=name)
    return True


def drop_cover(*, asset: Asset) -> None:
    """Back to the drawing of its kind."""
    old = str(asset.cover.name or "")
    asset.cover, asset.cover_of = "", ""
    asset.cover_width = asset.cover_height = None
    asset.save(update_fields=["cover", "cover_of", "cover_width", "cover_height"])
    _throw_away(asset, old)


def cover_file(asset: Asset, *, small: bool) -> FieldFile:
    """The stored picture of one size; the large one where there is no small one."""
    if small and asset.cover.name:
        name = _small_name(asset.cover.name)
        if asset.cover.storage.exists(name):
            return FieldFile(asset, asset.cover.field, name)
    return asset.cover


def _keep(asset: Asset, sizes: pictures.Sizes, *, made_of: str) -> None:
    old = str(asset.cover.name or "")
    asset.cover.save(
        "cover.webp", ContentFile(sizes.large, "cover.webp"), save=False
    )  # kept under a name of its own
    asset.cover.storage.save(_small_name(str(asset.cover.name)), ContentFile(sizes.small))
    asset.cover_of = made_of
    asset.save(update_fields=["cover", "cover_of", "cover_width", "cover_height"])
    _throw_away(asset, old)


def _throw_away(asset: Asset, name: str) -> None:
    """The files of an earlier cover go once the new one is sure to stay."""
    if not name or name == asset.cover.name:
        return
    storage = asset.cover.storage
    for old in (name, _small_name(name)):
        transaction.on_commit(lambda old=old: storage.delete(old))


def _small_name(name: str) -> str:
    path = PurePosixPath(name)
    return str(path.with_name(f"{path.stem}-small{path.suffix}"))
