"""`python -m crm.tests.form_world`: one landing page in a fresh database, and an old nonce of its form on stdout."""

import os

import django


def make() -> str:
    from campaigns.models import FormField
    from leads.nonce import make
    from leads.tests.builders import a_page, a_sequence

    page = a_page("paper", sequence=a_sequence())
    FormField.objects.filter(page=page, maps_to="company").update(required=True)
    return make()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    django.setup()
    print(make())  # noqa: T201
