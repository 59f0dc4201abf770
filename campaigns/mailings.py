"""Mails and sequences: checking a template, making the mail of it, and freezing a sequence's steps.

A person walks on a published version, which never changes: its words and the targets of its links are copied,
so every mail ever sent can be made again, and a click leads where it led on that day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from campaigns import mail_html
from campaigns import merge as merging
from campaigns.errors import Conflict, Refused
from campaigns.models import CustomField, MailLink, PublishedStep, SequenceStep, SequenceVersion, StepKind
from campaigns.models import Sequence as MailSequence

LONGEST_TARGET = 1000


@dataclass(frozen=True)
class Rendered:
    """One mail, ready to be sent: subject without line breaks, a whole HTML page, and the same as text."""

    subject: str
    html: str
    text: str


def absolute(target: str) -> str:
    """A path of this site as an address; an address stays."""
    return f"{settings.BASE_URL}{target}" if target.startswith("/") else target


def render(
    *,
    subject: str,
    body: str,
    merge: Mapping[str, Any],
    footer: Mapping[str, str],
    links: Callable[[str], str] = absolute,
    preheader: str = "",
    language: str = "en",
    pixel_url: str = "",
    trap_url: str = "",
) -> Rendered:
    """Fill a template for one person. Raises LiquidError.

    `merge` comes from `campaigns.merge.fields()`; `links` turns a target into the address to be clicked; `footer` holds
    postal_address, unsubscribe_url, preferences_url and reason. The addresses of a picture that says "opened" and of a
    link that only scanners find are left out where they are empty.
    """
    return compose(
        subject=merging.render_line(subject, merge),
        body=merging.render_html(body, merge),
        preheader=merging.render_line(preheader, merge),
        footer=footer,
        links=links,
        language=language,
        pixel_url=pixel_url,
        trap_url=trap_url,
    )


def compose(
    *,
    subject: str,
    body: str,
    footer: Mapping[str, str],
    links: Callable[[str], str] = absolute,
    preheader: str = "",
    language: str = "en",
    pixel_url: str = "",
    trap_url: str = "",
) -> Rendered:
    """Wrap a body (HTML without merge fields) into our page, styles inline, with its text part."""
    inside = mail_html.with_links(mail_html.clean(body), links)
    subject = merging.one_line(subject)
    with translation.override(language):
        page = render_to_string(
            "emails/message.html",
            {
                "subject": subject,
                "preheader": merging.one_line(preheader),
                "body": inside,
                "brand": settings.ORG_BRAND,
                "footer": footer,
            },
        )
        text = f"{mail_html.to_text(inside)}\n\n-- \n{_footer_text(footer)}\n"
    return Rendered(
        subject=subject, html=_with_unseen(mail_html.inlined(page), pixel_url, trap_url), text=text
    )


def _with_unseen(page: str, pixel_url: str, trap_url: str) -> str:
    """What only programs meet. The link is hidden from eyes and screen readers and is not in the text part."""
    unseen = f'<img src="{pixel_url}" width="1" height="1" alt="">' if pixel_url else ""
    if trap_url:
        unseen += f'<a href="{trap_url}" hidden aria-hidden="true" tabindex="-1" style="display:none"></a>'
    return page.replace("</body>", f"{unseen}</body>", 1) if unseen else page


def _footer_text(footer: Mapping[str, str]) -> str:
    lines = [
        footer.get("reason", ""),
        _("Unsubscribe: %s") % footer["unsubscribe_url"] if footer.get("unsubscribe_url") else "",
        _("Change topics or pause: %s") % footer["preferences_url"] if footer.get("preferences_url") else "",
        footer.get("postal_address", ""),
    ]
    return "\n".join(filter(None, lines))


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


def publish(*, sequence: MailSequence, by: Any, at: datetime) -> SequenceVersion:
    """Freeze the working steps as the next version and set a draft live.

    Raises Refused with all that is missing: no steps, a mail step without template, a template that would fail
    for somebody. People who walk an older version stay on it.
    """
    with transaction.atomic():
        sequence = MailSequence.objects.select_for_update().get(pk=sequence.pk)
        if sequence.state == MailSequence.State.ENDED:
            raise Conflict(now=str(sequence.get_state_display()))
        steps = list(sequence.steps.select_related("template").order_by("order", "pk"))
        if missing := list(_missing(steps)):
            raise Refused(_("This sequence cannot be published yet:"), missing=missing)
        last = sequence.versions.order_by("-number").values_list("number", flat=True).first() or 0
        version = SequenceVersion.objects.create(
            sequence=sequence, number=last + 1, published_at=at, published_by=by
        )
        for position, step in enumerate(steps, start=1):
            _freeze(step, version, position)
        if sequence.state == MailSequence.State.DRAFT:
            _set_state(sequence, MailSequence.State.LIVE, by)
    return version


def _missing(steps: Sequence[SequenceStep]) -> list[str]:
    found = (
        []
        if any(step.kind == StepKind.MAIL for step in steps)
        else [_("at least one step that sends a mail")]
    )
    for number, step in enumerate(steps, start=1):
        if step.kind != StepKind.MAIL:
            continue
        if step.template is None:
            problems = [_("an e-mail template is missing")]
        else:
            mail = step.template
            problems = check_template(mail.subject, mail.body, mail.preheader)
            problems += _too_long(mail.body)
        found += [
            _("Step %(number)d: %(problem)s") % {"number": number, "problem": words} for words in problems
        ]
    return found


def _too_long(body: str) -> list[str]:
    return [
        _("an address is too long: %s…") % t[:60]
        for t in mail_html.targets(body)
        if len(t) > LONGEST_TARGET - 200
    ]


def _freeze(step: SequenceStep, version: SequenceVersion, position: int) -> None:
    mail = step.template if step.kind == StepKind.MAIL else None
    words = {}
    if mail:
        words = {
            "subject": mail.subject,
            "preheader": mail.preheader,
            "body": mail.body,  # cleaned when it is sent: cleaning now would break the signs of merge fields
            "language": mail.language,
        }
    frozen = PublishedStep.objects.create(
        version=version,
        position=position,
        kind=step.kind,
        delay_hours=step.delay_hours,
        note=step.note,
        **words,
    )
    if mail:
        found = enumerate(mail_html.targets(frozen.body), start=1)
        MailLink.objects.bulk_create(
            MailLink(step=frozen, position=number, target=tagged(target, version.sequence, position))
            for number, target in found
        )


def tagged(target: str, sequence: MailSequence, position: int) -> str:
    """A target on a site of ours with the UTM set of this mail; anybody else's address stays as it is.

    The campaign is named by its own `utm_campaign`; source and medium say that the visit came by this mail.
    """
    if sequence.campaign is None or not _is_ours(target):
        return target
    utm = {
        "utm_source": sequence.slug,
        "utm_medium": "email",
        "utm_campaign": sequence.campaign.utm_campaign,
        "utm_content": f"step-{position}",
    }
    parts = urlsplit(target)
    given = parse_qsl(parts.query, keep_blank_values=True)
    query = urlencode([*given, *((key, value) for key, value in utm.items() if key not in dict(given))])
    return urlunsplit(parts._replace(query=query))


def _is_ours(target: str) -> bool:
    host = (urlsplit(target).hostname or "").lower()
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2].lower()
    return not host or host == urlsplit(settings.BASE_URL).hostname or f".{host}".endswith(f".{domain}")


def pause(*, sequence: MailSequence, by: Any, at: datetime) -> MailSequence:
    """Stop sending at once; people stay where they are. Raises Conflict where it is not live."""
    return _move(sequence, {MailSequence.State.LIVE}, MailSequence.State.PAUSED, by)


def resume(*, sequence: MailSequence, by: Any, at: datetime) -> MailSequence:
    """Go on where it was paused. Raises Conflict where it is not paused."""
    return _move(sequence, {MailSequence.State.PAUSED}, MailSequence.State.LIVE, by)


def end(*, sequence: MailSequence, by: Any, at: datetime) -> MailSequence:
    """Take in nobody any more and send nothing more; it cannot be started again."""
    return _move(sequence, {MailSequence.State.LIVE, MailSequence.State.PAUSED}, MailSequence.State.ENDED, by)


def _move(sequence: MailSequence, from_states: set[str], to: str, by: Any) -> MailSequence:
    with transaction.atomic():
        sequence = MailSequence.objects.select_for_update().get(pk=sequence.pk)
        if sequence.state not in from_states:
            raise Conflict(now=str(sequence.get_state_display()))
        _set_state(sequence, to, by)
    return sequence


def _set_state(sequence: MailSequence, to: str, by: Any) -> None:
    if not MailSequence.objects.filter(pk=sequence.pk, state=sequence.state).update(state=to):
        raise Conflict(now=str(sequence.get_state_display()))
    sequence.state = to
    sequence._history_user = by  # type: ignore[attr-defined]
    sequence.save(update_fields=["state"])  # a conditional UPDATE leaves no version behind; this does
