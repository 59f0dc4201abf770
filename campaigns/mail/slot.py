"""Room in a mail for the next piece. Where the words do not place it themselves, it comes at their end."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _

from campaigns.models import MailFormat

_SIMPLE = (
    "{{% if piece.title %}}<h2>{head}</h2>"
    '<p><a href="{{{{ piece.url }}}}"><b>{{{{ piece.title }}}}</b></a> <small>({{{{ piece.kind }}}})</small>'
    "{{% if piece.summary %}}<br>{{{{ piece.summary }}}}{{% endif %}}</p>{{% endif %}}"
)
_MJML = (
    '{{% if piece.title %}}<mj-section><mj-column><mj-text><b style="font-size:21px;">{head}</b></mj-text>'
    '<mj-text><a href="{{{{ piece.url }}}}" style="color:#4146c6;"><b>{{{{ piece.title }}}}</b></a>'
    " ({{{{ piece.kind }}}})"
    "{{% if piece.summary %}}<br/>{{{{ piece.summary }}}}{{% endif %}}</mj-text></mj-column></mj-section>{{% endif %}}"
)


def with_room(body: str, format: str, language: str) -> str:
    """The body with a place for the piece. Nothing stands there for who has none left to read."""
    if "piece." in body:
        return body
    with translation.override(language):
        head = _("Read next")
    if format != MailFormat.MJML:
        return body + _SIMPLE.format(head=head)
    inside, end, rest = body.rpartition("</mj-body>")
    return f"{inside}{_MJML.format(head=head)}{end}{rest}" if end else body
