"""The yardstick: a bare Django view that validates the same fields and does one INSERT."""

from __future__ import annotations

import os

import django
import environ
from django.conf import settings

if not settings.configured:
    database = environ.Env.db_url_config(os.environ["DATABASE_URL"])
    database["OPTIONS"] = {"pool": {"min_size": 1, "max_size": 8}}
    settings.configure(
        ALLOWED_HOSTS=["*"],
        DATABASES={"default": database},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=[],
        MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
        ROOT_URLCONF=__name__,
        SECRET_KEY="only for the bench" * 3,
        USE_TZ=True,
    )
    django.setup()

from django import forms
from django.core.wsgi import get_wsgi_application
from django.db import connection, models
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils import timezone


class Sent(models.Model):
    email = models.EmailField()
    first_name = models.CharField(max_length=80)
    company = models.CharField(max_length=160)
    job_title = models.CharField(max_length=120)
    consent = models.BooleanField()
    nonce = models.CharField(max_length=200)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "bench"
        db_table = "bench_sent"


class SentForm(forms.ModelForm):
    consent = forms.BooleanField(required=False)
    website = forms.CharField(required=False)

    class Meta:
        model = Sent
        exclude = ("at",)


def take(request):
    form = SentForm(request.POST)
    if not form.is_valid():
        return HttpResponse(form.errors.as_json(), status=422)
    form.save()
    return HttpResponseRedirect("/thanks/")


def make_table() -> None:
    with connection.schema_editor() as editor:
        editor.create_model(Sent)


urlpatterns = [path("healthz", lambda request: HttpResponse("ok")), path("take/", take)]
application = get_wsgi_application()

if __name__ == "__main__":
    make_table()
