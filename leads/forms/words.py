"""Words and hints of the usual questions of a form."""

from django.utils.translation import gettext_lazy, pgettext_lazy

from campaigns.models import FormField

Maps = FormField.Maps

LABELS = {
    Maps.EMAIL: gettext_lazy("Work e-mail"),
    Maps.FIRST_NAME: pgettext_lazy("public", "First name"),
    Maps.LAST_NAME: pgettext_lazy("public", "Last name"),
    Maps.COMPANY: pgettext_lazy("public", "Company"),
    Maps.JOB_TITLE: pgettext_lazy("public", "Job title"),
    Maps.PHONE: pgettext_lazy("public", "Phone"),
    Maps.COUNTRY: pgettext_lazy("public", "Country"),
    Maps.INDUSTRY: pgettext_lazy("public", "Industry"),
    Maps.MESSAGE: gettext_lazy("What would you like to know?"),
    Maps.COMPANY_SIZE: gettext_lazy("How many people work there?"),
    Maps.HEARD_FROM: gettext_lazy("How did you hear about us?"),
}
# What a browser may fill in by itself (HTML, "autofill").
AUTOCOMPLETE = {
    Maps.EMAIL: "email",
    Maps.FIRST_NAME: "given-name",
    Maps.LAST_NAME: "family-name",
    Maps.COMPANY: "organization",
    Maps.JOB_TITLE: "organization-title",
    Maps.PHONE: "tel",
    Maps.COUNTRY: "country",
}
# The value is the smallest number of people of the class.
SIZES = [
    ("1", gettext_lazy("1 to 9")),
    ("10", gettext_lazy("10 to 49")),
    ("50", gettext_lazy("50 to 249")),
    ("250", gettext_lazy("250 to 999")),
    ("1000", gettext_lazy("1,000 and more")),
]
# One line of the summary above a form, by the code of the error.
SHORT = {
    "required": gettext_lazy("is still empty"),
    "no_at": gettext_lazy("the address has no @ sign"),
    "no_ending": gettext_lazy("the address has no ending"),
    "bad_address": gettext_lazy("the address does not work"),
    "max_length": gettext_lazy("is too long"),
    "invalid_choice": gettext_lazy("choose one of the list"),
    "no_country": gettext_lazy("the country is missing"),
    "phone_short": gettext_lazy("the number is too short"),
    "phone_length": gettext_lazy("the number does not work"),
    "bad_phone": gettext_lazy("the number does not work"),
    "free_mailbox": gettext_lazy("please use your work address"),
    "throwaway": gettext_lazy("please use an address that you read"),
    "bad_number": gettext_lazy("is no number"),
    "bad_date": gettext_lazy("is no date"),
}
