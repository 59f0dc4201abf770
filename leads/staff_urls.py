"""Staff addresses of leads, below /staff/."""

from django.urls import path

from leads.views import staff

urlpatterns = [
    path("leads/", staff.lead_list, name="staff-leads"),
    path("leads/<int:pk>/", staff.lead_page, name="staff-lead"),
]
