"""Why a mail cannot go out as it is written: what is wrong for everybody, before anybody is looked at."""

from __future__ import annotations

from django.utils.translation import gettext as _

from campaigns import offers
from campaigns.mail import body as mail_body
from campaigns.mail import merge as merging
from campaigns.models import CustomField, EmailTemplate, MailFormat, Offer


def check(template: EmailTemplate) -> list[str]:
    """Why this template cannot go out as it is written; empty when it can."""
    return check_template(
        template.subject, template.body, template.preheader, format=template.format, offer=template.offer
    )


def check_template(
    subject: str,
    body: str,
    preheader: str = "",
    *,
    format: str = MailFormat.SIMPLE,
    offer: Offer | None = None,
) -> list[str]:
    """Why a mail cannot go out as it is written, in words, with line and column; empty when it can."""
    parts = [(_("Subject"), subject, False), (_("Preview line"), preheader, False), (_("Body"), body, True)]
    custom = _custom_keys() if merging.CUSTOM in f"{subject}{preheader}{body}" else []
    terms = offers.words(offer, "en") if offer else None
    found = [
        f"{name}, {problem}"
        for name, source, html in parts
        for problem in merging.problems(source, html=html, custom=custom, offer=terms)
    ]
    if not subject.strip():
        found.append(_("Subject: it is empty."))
    if not body.strip():
        found.append(_("Body: it is empty."))
    else:
        found += [_("Body: %s") % problem for problem in mail_body.problems(body, format)]
    return found


def _custom_keys() -> list[str]:
    people = CustomField.objects.filter(entity=CustomField.Entity.PERSON)
    return list(people.values_list("key", flat=True))
