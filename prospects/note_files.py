"""Files beside a note: which kinds we keep, how large, and that they are what their name says.

Kept under a name of our own outside the static files, given out as a download only (`leads.views.files`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from uuid import uuid4

from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from prospects.models import Note, NoteFile

MOST_BYTES, MOST_FILES, NAME_LENGTH = 10 * 1024 * 1024, 5, 160
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
# Ending → how such a file begins; no beginning: plain text, which has none. No page, script or archive among them.
KINDS: dict[str, tuple[bytes, ...]] = {
    ".pdf": (b"%PDF",), ".png": (b"\x89PNG",), ".jpg": (b"\xff\xd8\xff",), ".jpeg": (b"\xff\xd8\xff",),
    ".gif": (b"GIF8",), ".webp": (b"RIFF",), ".docx": (ZIP,), ".xlsx": (ZIP,), ".pptx": (ZIP,), ".odt": (ZIP,),
    ".ods": (ZIP,), ".odp": (ZIP,), ".doc": (OLE,), ".xls": (OLE,), ".ppt": (OLE,), ".msg": (OLE,),
    ".txt": (), ".csv": (), ".eml": (), ".ics": (),
}  # fmt: skip
LONGEST_BEGINNING = 8


def refuse_unfit(files: Sequence[UploadedFile]) -> None:
    """Raises Refused with what is allowed, before anything is stored."""
    if len(files) > MOST_FILES:
        raise Refused(_("At most %(n)s files with one note.") % {"n": MOST_FILES})
    for file in files:
        name, size = file.name or "", file.size or 0
        if size > MOST_BYTES:
            raise Refused(
                _("%(name)s is larger than %(most)s.") % {"name": name, "most": filesizeformat(MOST_BYTES)}
            )
        if not size:
            raise Refused(_("%(name)s is empty.") % {"name": name})
        if not _is_what_it_says(file):
            kinds = ", ".join(kind.lstrip(".") for kind in KINDS)
            raise Refused(
                _("%(name)s is not kept here. Allowed: %(kinds)s.") % {"name": name, "kinds": kinds}
            )


def _is_what_it_says(file: UploadedFile) -> bool:
    beginnings = KINDS.get(ending(file.name or ""))
    if beginnings is None:
        return False
    file.seek(0)
    begins = file.read(LONGEST_BEGINNING)
    file.seek(0)
    return not beginnings or begins.startswith(beginnings)


def ending(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).suffix.lower()


def stored(note: Note, file: UploadedFile) -> NoteFile:
    """The bytes under a name nobody chose; the name it came with only as a word."""
    shown = PurePosixPath((file.name or "").replace("\\", "/")).name
    row = NoteFile(note=note, name=_shortened(shown), size=file.size or 0)
    row.file.save(f"{uuid4().hex}{ending(shown)}", file, save=False)
    try:
        row.save()
    except BaseException:
        row.file.delete(save=False)
        raise
    return row


def _shortened(name: str) -> str:
    stem, end = name[: -len(ending(name)) or None], ending(name)
    return stem[: NAME_LENGTH - len(end)] + end
