"""Words of the reports that are no terms of the glossary."""

from django.utils.translation import gettext_lazy as _

NOT_RECORDED = _("not recorded")
