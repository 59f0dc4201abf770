"""/staff/outbox/: the mails kept under DATA_DIR/mail, while no mail server is set. There is no such page with one."""

from __future__ import annotations

import mailbox
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin

from crm.dashboards.kept_mail import MAY_READ_KEPT, is_kept

NEWEST = 200


@dataclass(frozen=True)
class Kept:
    """One mail as listed."""

    key: str
    to: str
    subject: str
    at: datetime | None


def _folder(request: HttpRequest) -> mailbox.Maildir:
    """The folder, for those who may see leads or run the place: a mail holds a personal address."""
    user = request.user
    if not is_kept():
        raise Http404
    if not any(user.has_perm(name) for name in MAY_READ_KEPT):
        raise PermissionDenied
    return mailbox.Maildir(settings.EMAIL_FILE_PATH, create=True)


@login_required
def outbox(request: HttpRequest) -> HttpResponse:
    """The newest mails first."""
    folder = _folder(request)
    mails = sorted((_kept(folder, key) for key in list(folder.keys())[-2000:]), key=_when, reverse=True)[
        :NEWEST
    ]
    return render(request, "staff/outbox.html", {"mails": mails})


def _when(mail: Kept) -> datetime:
    return mail.at or datetime(1970, 1, 1, tzinfo=UTC)


def _kept(folder: mailbox.Maildir, key: str) -> Kept:
    head = BytesParser(policy=policy.default).parsebytes(folder.get_bytes(key), headersonly=True)
    try:
        at = parsedate_to_datetime(str(head["Date"]))
        at = at if at.tzinfo else at.replace(tzinfo=UTC)  # "-0000" says UTC without saying a zone
    except (TypeError, ValueError):
        at = None
    return Kept(key, str(head["To"] or ""), str(head["Subject"] or ""), at)


def _read(folder: mailbox.Maildir, key: str) -> EmailMessage:
    if "/" in key or key not in folder:
        raise Http404(Path(key).name)
    message = BytesParser(policy=policy.default).parsebytes(folder.get_bytes(key))
    assert isinstance(message, EmailMessage)
    return message


@login_required
def mail(request: HttpRequest, key: str) -> HttpResponse:
    """One mail: its head, its text, and the HTML part in a sandboxed frame."""
    message = _read(_folder(request), key)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    context = {
        "mail": message,
        "key": key,
        "text": text.get_content() if text else "",
        "has_html": html is not None,
    }
    return render(request, "staff/mail.html", context)


@login_required
@xframe_options_sameorigin
def mail_html(request: HttpRequest, key: str) -> HttpResponse:
    """The HTML part alone, for the frame: no script runs, nothing is fetched, and it has no origin of ours."""
    html = _read(_folder(request), key).get_body(("html",))
    if html is None:
        raise Http404
    # A link opens beside the frame: the page it leads to refuses to be framed.
    response = HttpResponse(html.get_content().replace("<head>", '<head><base target="_blank">', 1))
    response._csp_replace = {  # type: ignore[attr-defined]
        "default-src": ["'none'"],
        "script-src": ["'none'"],
        "style-src": ["'unsafe-inline'"],
        "img-src": ["data:", "'self'"],
        "frame-ancestors": ["'self'"],
        "sandbox": ["allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"],
    }
    return response
