"""Every address of the site: public ones are `leads`'s, staff pages one line per app."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path, reverse_lazy
from django.views.generic import RedirectView

from crm import health
from leads.api import CaptureView
from prospects.views import phone

handler500 = "crm.health.server_error"

urlpatterns = [
    path("", include("leads.urls")),
    path("api/v1/capture/<slug:slug>/", CaptureView.as_view(), name="api-capture"),
    path("api/v1/", include("prospects.api.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("accounts/login/", LoginView.as_view(redirect_authenticated_user=False), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("admin/login/", RedirectView.as_view(url=reverse_lazy("login"), query_string=True)),
    path("admin/", admin.site.urls),
    path("staff/status/", health.status_page, name="staff-status"),
    path("staff/", include("crm.dashboards.urls")),
    path("staff/", include("leads.staff_urls")),
    path("staff/", include("prospects.urls")),
    path("hooks/phone/<slug:source>/", phone.hook, name="hook-phone"),
]
