"""Addresses of the API of prospects, below /api/v1/."""

from django.urls import path

from prospects import api

urlpatterns = [
    path("prospects/", api.ProspectList.as_view(), name="api-prospects"),
    path("prospects/<int:pk>/", api.OneProspect.as_view(), name="api-prospect"),
    path("prospects/<int:pk>/accept/", api.Accept.as_view(), name="api-prospect-accept"),
    path("prospects/<int:pk>/reject/", api.Reject.as_view(), name="api-prospect-reject"),
    path("prospects/<int:pk>/move/", api.Move.as_view(), name="api-prospect-move"),
    path("prospects/<int:pk>/calls/", api.Calls.as_view(), name="api-prospect-calls"),
    path("prospects/<int:pk>/follow-ups/", api.FollowUps.as_view(), name="api-prospect-follow-ups"),
]
