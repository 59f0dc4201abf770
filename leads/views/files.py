"""A stored file as an HTTP answer: whole, in part (RFC 9110 range), or "not changed"."""

import mimetypes
import os
import re
from collections.abc import Iterator
from pathlib import Path

from django.db import connections
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header, http_date, parse_http_date_safe, quote_etag

CHUNK = 64 * 1024
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})\Z", re.IGNORECASE)
# What a browser only draws. Everything else is handed over, never opened in our name.
PICTURES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif", "image/avif"})


def file_answer(
    request: HttpRequest, file: FieldFile, *, inline: bool = False, called: str = ""
) -> HttpResponseBase:
    """Answer GET or HEAD with a file of the storage (RFC 9110).

    206 for one satisfiable range, 416 for none, 304 if unchanged, 412 if changed against the asker's will. Several
    ranges at once get the whole file, as the standard allows. Always ``nosniff``; a download under the name
    ``called`` (its ending is the file's own), unless it is a picture to be shown ``inline``. No database connection
    is held while the bytes go out.
    """
    try:
        status = os.stat(file.path)
    except OSError:
        raise Http404 from None
    etag = quote_etag(f"{status.st_mtime_ns:x}-{status.st_size:x}")
    if _changed(request, etag, status.st_mtime):
        answer: HttpResponseBase = HttpResponse(status=412)
    elif _unchanged(request, etag, status.st_mtime):
        answer = HttpResponse(status=304)
    else:
        answer = _body(request, Path(file.path), status.st_size, etag, status.st_mtime)
    answer["ETag"] = etag
    answer["Last-Modified"] = http_date(status.st_mtime)
    answer["Accept-Ranges"] = "bytes"
    answer["X-Content-Type-Options"] = "nosniff"
    if answer.status_code in {200, 206}:
        name = os.path.basename(file.name or "")
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        shown = inline and kind in PICTURES
        answer["Content-Type"] = kind
        name = called + os.path.splitext(name)[1].lower() if called else name
        answer["Content-Disposition"] = content_disposition_header(not shown, name) or "attachment"
    let_go_of_the_database()
    return answer


def starts_a_download(request: HttpRequest, answer: HttpResponseBase) -> bool:
    """Whether this answer is the beginning of a download; later parts, HEAD and 304 are not."""
    if request.method != "GET" or answer.status_code not in {200, 206}:
        return False
    return answer.status_code == 200 or answer["Content-Range"].startswith("bytes 0-")


def _changed(request: HttpRequest, etag: str, modified: float) -> bool:
    """The asker wants the edition they know, and no other (If-Match, If-Unmodified-Since)."""
    if given := request.headers.get("If-Match"):
        return not {"*", etag} & {tag.strip() for tag in given.split(",")}
    since = parse_http_date_safe(request.headers.get("If-Unmodified-Since", ""))
    return since is not None and int(modified) > since


def _unchanged(request: HttpRequest, etag: str, modified: float) -> bool:
    if given := request.headers.get("If-None-Match"):
        tags = {tag.strip().removeprefix("W/") for tag in given.split(",")}
        return "*" in tags or etag in tags
    since = parse_http_date_safe(request.headers.get("If-Modified-Since", ""))
    return since is not None and int(modified) <= since


def _body(request: HttpRequest, path: Path, size: int, etag: str, modified: float) -> HttpResponseBase:
    asked = request.headers.get("Range", "")
    fresh = request.headers.get("If-Range", etag) in {etag, http_date(modified)}
    found = _RANGE.match(asked) if request.method == "GET" and fresh else None
    if found is None or not any(found.groups()):
        return _stream(request, path, 0, size, size)
    if found.group(1) and found.group(2) and int(found.group(2)) < int(found.group(1)):
        return _stream(request, path, 0, size, size)  # no range at all (RFC 9110, 14.1.1)
    first, last = _bounds(found.group(1), found.group(2), size)
    if first > last:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    answer = _stream(request, path, first, last + 1 - first, size)
    answer.status_code = 206
    answer["Content-Range"] = f"bytes {first}-{last}/{size}"
    return answer


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    """First and last byte of a range; first > last where it cannot be satisfied."""
    if not first:  # the last n bytes
        length = min(int(last), size)
        return (size - length, size - 1) if length else (1, 0)
    return int(first), min(int(last), size - 1) if last else size - 1


def _stream(request: HttpRequest, path: Path, start: int, length: int, size: int) -> HttpResponseBase:
    if request.method == "HEAD":
        answer: HttpResponseBase = HttpResponse()
    elif length == size:
        answer = FileResponse(path.open("rb"))
    else:
        answer = StreamingHttpResponse(_part(path, start, length))
    answer["Content-Length"] = str(length)
    return answer


def _part(path: Path, start: int, length: int) -> Iterator[bytes]:
    with path.open("rb") as source:
        source.seek(start)
        while length > 0 and (chunk := source.read(min(CHUNK, length))):
            length -= len(chunk)
            yield chunk


def let_go_of_the_database() -> None:
    """A slow reader must not keep a connection for hours: the last thing before bytes go out."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()
