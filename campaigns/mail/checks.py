"""Why a mail cannot go out as it is written: what is wrong for everybody, before anybody is looked at."""

from __future__ import annotations

from django.utils.translation import gettext as _

from campaigns.mail import html as mail_html
from campaigns.mail import merge as merging
from campaigns.models import CustomField


def check_template(subject: str, body: str, preheader: str = "") -> list[str]:
    """Why a mail cannot go out as it is written, in words, with line and column; empty when it can."""
    parts = [(_("Subject"), subject, False), (_("Preview line"), preheader, False), (_("Body"), body, True)]
    custom = _custom_keys() if merging.CUSTOM in f"{subject}{preheader}{body}" else []
    found = [
        f"{name}, {problem}"
        for name, source, html in parts
        for problem in merging.problems(source, html=html, custom=custom)
    ]
    if not subject.strip():
        found.append(_("Subject: it is empty."))
    if not body.strip():
        found.append(_("Body: it is empty."))
    found += [_("Body: “%s” is no address a reader can follow.") % bad for bad in mail_html.bad_targets(body)]
    return found


def _custom_keys() -> list[str]:
    people = CustomField.objects.filter(entity=CustomField.Entity.PERSON)
    return list(people.values_list("key", flat=True))
