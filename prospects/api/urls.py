"""Addresses of the API of prospects, below /api/v1/."""

from django.urls import path

from prospects.api import accounts, deals, lists, views

urlpatterns = [
    path("prospects/", views.ProspectList.as_view(), name="api-prospects"),
    path("prospects/<int:pk>/", views.OneProspect.as_view(), name="api-prospect"),
    path("prospects/<int:pk>/accept/", views.Accept.as_view(), name="api-prospect-accept"),
    path("prospects/<int:pk>/reject/", views.Reject.as_view(), name="api-prospect-reject"),
    path("prospects/<int:pk>/move/", views.Move.as_view(), name="api-prospect-move"),
    path("prospects/<int:pk>/calls/", views.Calls.as_view(), name="api-prospect-calls"),
    path("prospects/<int:pk>/mails/", views.Mails.as_view(), name="api-prospect-mails"),
    path("prospects/<int:pk>/social/", views.Social.as_view(), name="api-prospect-social"),
    path("prospects/<int:pk>/fields/", views.Fields.as_view(), name="api-prospect-fields"),
    path("prospects/<int:pk>/follow-ups/", views.FollowUps.as_view(), name="api-prospect-follow-ups"),
    path("prospects/<int:pk>/deals/", deals.OpenDeal.as_view(), name="api-prospect-deals"),
    path("deals/", deals.DealList.as_view(), name="api-deals"),
    path("deals/<int:pk>/", deals.OneDeal.as_view(), name="api-deal"),
    path("deals/<int:pk>/change/", deals.ChangeDeal.as_view(), name="api-deal-change"),
    path("deals/<int:pk>/won/", deals.Won.as_view(), name="api-deal-won"),
    path("deals/<int:pk>/lost/", deals.Lost.as_view(), name="api-deal-lost"),
    path("deals/<int:pk>/fields/", deals.DealFields.as_view(), name="api-deal-fields"),
    path("accounts/", accounts.AccountList.as_view(), name="api-accounts"),
    path("accounts/<int:pk>/", accounts.OneAccount.as_view(), name="api-account"),
    path("accounts/<int:pk>/change/", accounts.Change.as_view(), name="api-account-change"),
    path("accounts/<int:pk>/roles/", accounts.Roles.as_view(), name="api-account-roles"),
    path("prospecting-lists/", lists.Lists.as_view(), name="api-lists"),
    path("prospecting-lists/<int:pk>/", lists.OneList.as_view(), name="api-list"),
    path("prospecting-lists/<int:pk>/people/", lists.People.as_view(), name="api-list-people"),
    path("prospecting-lists/<int:pk>/start/", lists.Start.as_view(), name="api-list-start"),
    path(
        "prospecting-lists/<int:pk>/people/<int:row_pk>/aside/", lists.Aside.as_view(), name="api-list-aside"
    ),
    path("prospecting-lists/<int:pk>/people/<int:row_pk>/back/", lists.Back.as_view(), name="api-list-back"),
]
