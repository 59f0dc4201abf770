"""Files that marketers upload: judged by what they are, not by what they are called, and kept under our own names.

Uploads lie in the data folder, which no web server shows. A piece goes out as an attachment, a picture inline; what a
browser might run (HTML, SVG, scripts, office macros) is never taken.
"""

import uuid
import zipfile
from pathlib import PurePath
from typing import Any

import filetype
from django.core.exceptions import RequestDataTooBig, ValidationError
from django.core.files import File
from django.core.files.uploadhandler import FileUploadHandler
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

MB = 1024 * 1024
LARGEST_PIECE = 2048 * MB
LARGEST_PICTURE = 8 * MB
LARGEST_FROM_A_VISITOR = 1 * MB
MOST_PIXELS = 40_000_000

# What a file may be called → what its first bytes must say (names of `filetype`).
BY_BYTES = {
    ".pdf": {"pdf"},
    ".png": {"png"},
    ".jpg": {"jpg"},
    ".jpeg": {"jpg"},
    ".webp": {"webp"},
    ".gif": {"gif"},
    ".mp4": {"mp4", "m4v", "mov"},
    ".webm": {"webm", "mkv"},
    ".mp3": {"mp3"},
    ".epub": {"epub", "zip"},
    ".zip": {"zip"},
}
# Office files are archives: the entry that makes each what it says it is.
OFFICE = {
    ".docx": "word/document.xml",
    ".xlsx": "xl/workbook.xml",
    ".pptx": "ppt/presentation.xml",
    ".odt": "content.xml",
    ".ods": "content.xml",
    ".odp": "content.xml",
}
TEXTS = {".csv", ".txt"}
PICTURES = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".gif": "GIF"}
STAFF_PATHS = ("/admin/", "/staff/")


def piece_path(instance: Any, name: str) -> str:
    """``upload_to`` of an asset's file: our own name, only the ending is the uploader's."""
    return f"assets/{_own_name(name, {*BY_BYTES, *OFFICE, *TEXTS})}"


def cover_path(instance: Any, name: str) -> str:
    """``upload_to`` of a cover picture."""
    return f"covers/{_own_name(name, PICTURES)}"


def social_path(instance: Any, name: str) -> str:
    """``upload_to`` of a page's picture for social networks."""
    return f"social/{_own_name(name, PICTURES)}"


def check_piece(file: File) -> None:
    """Validator of an asset's file. Raises ValidationError with what is wrong and what is taken."""
    if _is_kept(file):
        return
    _check_size(file, LARGEST_PIECE)
    ending = _ending(file.name or "")
    if ending in BY_BYTES:
        fits = _kind_of(file) in BY_BYTES[ending]
    elif ending in OFFICE:
        fits = _is_office(file, OFFICE[ending])
    else:
        fits = ending in TEXTS and _is_text(file)
    if not fits:
        raise ValidationError(
            _(
                "This is not a file we can offer, or not what its name says. Take a PDF, a picture, a video (MP4), "
                "an office file without macros, an EPUB, a ZIP, or plain text."
            ),
            code="type",
        )


def check_picture(file: File) -> None:
    """Validator of a cover or a social picture: PNG, JPEG, WebP or GIF by its content."""
    if _is_kept(file):
        return
    _check_size(file, LARGEST_PICTURE)
    if _picture_format(file) != PICTURES.get(_ending(file.name or ""), "none"):
        raise ValidationError(
            _("Not a picture we can show, or not what its name says. Take PNG, JPEG, WebP or GIF."),
            code="type",
        )


class SizeLimit(FileUploadHandler):
    """Refuses a body by its announced length, before a byte of it is read. First of FILE_UPLOAD_HANDLERS."""

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        most = LARGEST_PIECE if self._is_of_staff() else LARGEST_FROM_A_VISITOR
        if content_length > most + MB:
            raise RequestDataTooBig("The body is larger than this page takes.")

    def _is_of_staff(self) -> bool:
        """Whoever is not signed in fills no disk: a body is read before its page refuses it."""
        user = getattr(self.request, "user", None)
        at_work = self.request is not None and self.request.path.startswith(STAFF_PATHS)
        return at_work and user is not None and user.is_authenticated

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def _own_name(name: str, endings: Any) -> str:
    ending = _ending(name)
    return uuid.uuid4().hex + (ending if ending in endings else ".bin")


def _ending(name: str) -> str:
    return PurePath(name).suffix.lower()


def _is_kept(file: File) -> bool:
    """Judged when it came; a form that is saved again does not read it again."""
    return bool(getattr(file, "_committed", False))


def _check_size(file: File, most: int) -> None:
    if file.size > most:
        raise ValidationError(
            _("The file is larger than %(most)d MB.") % {"most": most // MB}, code="too_large"
        )


def _head(file: File, length: int = 8192) -> bytes:
    file.open("rb")
    file.seek(0)
    head = file.read(length)
    file.seek(0)
    return head


def _kind_of(file: File) -> str:
    found = filetype.guess(_head(file))
    return found.extension if found else ""


def _is_office(file: File, entry: str) -> bool:
    """Only the list of entries is read, so a bomb stays folded."""
    file.open("rb")
    try:
        names = zipfile.ZipFile(file.file or file).namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError):
        return False
    finally:
        file.seek(0)
    return entry in names and not any("vbaproject" in name.lower() for name in names)


def _is_text(file: File) -> bool:
    """Bytes that read as UTF-8 and do not begin like markup."""
    head = _head(file)
    try:
        # A character may be cut at the end of what was read.
        words = head[:-4].decode() if len(head) == 8192 else head.decode()
    except UnicodeDecodeError:
        return False
    return "\x00" not in words and not words.lstrip("\ufeff \t\r\n").startswith("<")


def _picture_format(file: File) -> str:
    file.open("rb")
    file.seek(0)
    try:
        with Image.open(file.file or file, formats=list(set(PICTURES.values()))) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise ValidationError(_("The picture has too many pixels."), code="too_large")
            picture.verify()
            return picture.format or ""
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return ""
    finally:
        file.seek(0)
