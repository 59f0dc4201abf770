"""Staff addresses of the whole project, below /staff/."""

from django.urls import path

from crm.dashboards import home, outbox, reports, search, waiting

urlpatterns = [
    path("", home.home, name="staff-home"),
    path("search/", search.search, name="staff-search"),
    path("reports/", reports.reports_home, name="staff-reports"),
    path("reports/funnel/", reports.funnel_page, name="staff-funnel"),
    path("reports/sends-waiting/", waiting.sends_waiting, name="staff-sends-waiting"),
    path("reports/rows/<slug:key>/", reports.rows_page, name="staff-rows"),
    path("outbox/", outbox.outbox, name="staff-outbox"),
    path("outbox/<str:key>/", outbox.mail, name="staff-mail"),
    path("outbox/<str:key>/html/", outbox.mail_html, name="staff-mail-html"),
]
