"""Staff addresses of the whole project, below /staff/."""

from django.urls import path

from crm.dashboards import (
    agreement,
    forms,
    home,
    imports,
    offers,
    outbox,
    reports,
    search,
    target_rows,
    targets,
    team,
    waiting,
)

urlpatterns = [
    path("", home.home, name="staff-home"),
    path("search/", search.search, name="staff-search"),
    path("agreement/", agreement.agreement_page, name="staff-agreement"),
    path("agreement/<int:number>/", agreement.agreement_page, name="staff-agreement-version"),
    path("agreement/<int:number>/acknowledge/", agreement.acknowledge, name="staff-agreement-acknowledge"),
    path("targets/", targets.targets_page, name="staff-targets"),
    path("targets/rows/<slug:measure>/", target_rows.target_rows, name="staff-target-rows"),
    path("team/", team.team_page, name="staff-team"),
    path("team/rows/<slug:key>/", team.team_rows, name="staff-team-rows"),
    path("reports/", reports.reports_home, name="staff-reports"),
    path("reports/forms/", forms.forms_page, name="staff-forms"),
    path("reports/offers/", offers.offers_page, name="staff-offers"),
    path("reports/offers/<int:pk>/<slug:number>/", offers.offer_rows, name="staff-offer-rows"),
    path("reports/funnel/", reports.funnel_page, name="staff-funnel"),
    path("reports/sends-waiting/", waiting.sends_waiting, name="staff-sends-waiting"),
    path("reports/rows/<slug:key>/", reports.rows_page, name="staff-rows"),
    path("imports/", imports.imports, name="staff-imports"),
    path("imports/<int:pk>/", imports.one, name="staff-import"),
    path("imports/<int:pk>/columns/", imports.columns, name="staff-import-columns"),
    path("imports/<int:pk>/<slug:verb>/", imports.act, name="staff-import-act"),
    path("imports/<int:pk>/files/<slug:which>", imports.download, name="staff-import-file"),
    path("outbox/", outbox.outbox, name="staff-outbox"),
    path("outbox/<str:key>/", outbox.mail, name="staff-mail"),
    path("outbox/<str:key>/html/", outbox.mail_html, name="staff-mail-html"),
]
