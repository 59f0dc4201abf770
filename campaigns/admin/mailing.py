"""The wording of mails: written here, shown as it is typed, looked through before it can be published."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.forms.widgets import Textarea
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from campaigns.admin.base import ArchiveAdmin, HistoryAdmin
from campaigns.admin.mail_preview import WithMailPreview
from campaigns.mail import merge
from campaigns.mail.checks import check
from campaigns.models import CustomField, EmailTemplate

PARTS = (
    (_("Paragraph"), "<p>…</p>"),
    (_("Heading"), "<h2>…</h2>"),
    (_("Bold"), "<b>…</b>"),
    (_("Link"), '<a href="/p/">…</a>'),
    (_("Button"), '<p><a class="button" href="/p/">…</a></p>'),
    (_("List"), "<ul>\n<li>…</li>\n<li></li>\n</ul>"),
    (_("Picture"), '<p><img src="https://" alt="…" width="520"></p>'),
)
_TEXT = "<mj-text>…</mj-text>"
SECTIONS = (
    (
        _("Start"),
        f"<mjml>\n<mj-body>\n<mj-section><mj-column>\n{_TEXT}\n</mj-column></mj-section>\n</mj-body>\n</mjml>",
    ),
    (_("Section"), f"<mj-section><mj-column>\n{_TEXT}\n</mj-column></mj-section>"),
    (
        _("Two columns"),
        f"<mj-section><mj-column>{_TEXT}</mj-column><mj-column><mj-text></mj-text></mj-column></mj-section>",
    ),
    (_("Text"), _TEXT),
    (_("Button"), '<mj-button href="/p/">…</mj-button>'),
    (_("Picture"), '<mj-image src="https://" alt="…" width="520px" />'),
    (_("Line"), "<mj-divider />"),
)
# What stands there when it is not known: written with the field, so that the first click is a good template.
_INSTEAD = {"first_name": "there", "company": "your company", "valid_until": "further notice"}


@admin.register(EmailTemplate)
class EmailTemplateAdmin(WithMailPreview, ArchiveAdmin, HistoryAdmin):
    list_display = ("name", "subject", "format", "language", "persona", "offer", "archived_at")
    list_filter = (
        "format",
        "language",
        ("persona", AutocompleteSelectFilter),
        ("offer", AutocompleteSelectFilter),
    )
    list_select_related = ("persona", "offer")
    search_fields = ("name", "subject", "body")
    autocomplete_fields = ("persona", "offer")
    prepopulated_fields = {"slug": ["name"]}
    readonly_fields = ("inserts", "problems")
    fieldsets = (
        (_("For us"), {"fields": ("name", "slug", "language", "persona", "offer")}),
        (
            _("What the inbox shows"),
            {
                "fields": ("subject", "preheader"),
                "description": _("The preview line is what stands beside the subject, before it is opened."),
            },
        ),
        (
            _("The mail"),
            {
                "fields": ("format", "inserts", "body", "problems"),
                "description": _(
                    "Every field says what stands there when it is not known. The footer with the way out and the "
                    "postal address is added by itself, and so is the room for the next piece where a step has it."
                ),
            },
        ),
    )

    def formfield_for_dbfield(self, db_field: Any, request: Any, **more: Any) -> Any:
        found = super().formfield_for_dbfield(db_field, request, **more)
        if db_field.name == "body" and found is not None and isinstance(found.widget, Textarea):
            found.widget.attrs |= {
                "rows": 22,
                "spellcheck": "true",
                "class": f"{found.widget.attrs.get('class', '')} mail-source",
            }
        return found

    @display(description=_("put in"))
    def inserts(self, template: EmailTemplate) -> str:
        custom = CustomField.objects.filter(entity=CustomField.Entity.PERSON)
        person = [(name.replace("_", " "), _field("person", name)) for name in merge.PERSON]
        person += [(field.label, _field("person", f"{merge.CUSTOM}{field.key}")) for field in custom]
        groups = [
            (_("Reader"), person),
            (_("Us"), [(name, f"{{{{ {name} }}}}") for name in ("owner.name", *merge.ALWAYS)]),
            (_("Offer"), [(name.replace("_", " "), _field("offer", name)) for name in merge.OFFER]),
            (_("Next piece"), [(_("the piece, where there is one"), PIECE)]),
        ]
        context = {"parts": PARTS, "sections": SECTIONS, "groups": groups}
        return render_to_string("campaigns/admin/merge_fields.html", context)

    @display(description=_("what is wrong with it"))
    def problems(self, template: EmailTemplate) -> str:
        return "; ".join(check(template)) or str(_("Nothing found."))


PIECE = (
    '{% if piece.title %}<p><a href="{{ piece.url }}">{{ piece.title }}</a> ({{ piece.kind }})</p>{% endif %}'
)


def _field(of: str, name: str) -> str:
    """The field as it is put in; the ones that are always there need no other words."""
    if of == "offer" and name in ("name", "code"):
        return f"{{{{ offer.{name} }}}}"
    return f'{{{{ {of}.{name} | default: "{_INSTEAD.get(name, "")}" }}}}'
