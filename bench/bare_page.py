"""The yardstick of a page: a bare Django view that renders a template of the same bytes, with two values put in."""

from __future__ import annotations

import os

from django.conf import settings

if not settings.configured:
    engine = "django.template.backends.django.DjangoTemplates"
    loader = ("django.template.loaders.cached.Loader", ["django.template.loaders.filesystem.Loader"])
    settings.configure(
        ALLOWED_HOSTS=["*"],
        INSTALLED_APPS=[],
        MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
        ROOT_URLCONF=__name__,
        SECRET_KEY="only for the bench" * 3,
        TEMPLATES=[{"BACKEND": engine, "DIRS": [os.environ["PAGE_DIR"]], "OPTIONS": {"loaders": [loader]}}],
        USE_TZ=True,
    )

from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.crypto import get_random_string


def show(request: HttpRequest) -> HttpResponse:
    return render(request, "page.html", {"nonce": get_random_string(64), "year": 2026})


urlpatterns = [path("healthz", lambda request: HttpResponse("ok")), path("p/bench/", show)]
application = get_wsgi_application()
