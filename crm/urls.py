"""Every address of the site. Public addresses are `leads`'s; staff pages are one line per app."""

from django.contrib import admin
from django.urls import path

urlpatterns = [
    path("admin/", admin.site.urls),
]
