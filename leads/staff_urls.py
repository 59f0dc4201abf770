"""Staff addresses of leads, below /staff/."""

from django.urls import path

from leads.views import desk, staff
from leads.views.check import sequence_check
from leads.views.form_trial import form_trial

urlpatterns = [
    path("forms/<int:pk>/try/", form_trial, name="staff-form-trial"),
    path("leads/", staff.lead_list, name="staff-leads"),
    path("leads/new/", desk.enter, name="staff-lead-new"),
    path("quarantine/", desk.quarantine, name="staff-quarantine"),
    path("quarantine/<int:pk>/release/", desk.let_in, name="staff-release"),
    path("check-in/<slug:slug>/", desk.check_in_page, name="staff-check-in"),
    path("leads/<int:pk>/", staff.lead_page, name="staff-lead"),
    path("sequences/<int:pk>/check/", sequence_check, name="staff-sequence-check"),
]
