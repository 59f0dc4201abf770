"""Public addresses. Names are plain words, because templates of every floor link here."""

from django.urls import path

from leads.views import mail, personal, public

urlpatterns = [
    path("", public.library, name="library"),
    path("p/<slug:slug>/", public.landing, name="landing"),
    path("p/<slug:slug>/thanks/<str:token>/", personal.thanks, name="thanks"),
    path("r/<slug:slug>/", public.asset, name="asset"),
    path("r/<slug:slug>/file/", public.asset_file, name="asset_file"),
    path("r/<slug:slug>/cover/", public.cover, name="cover"),
    path("go/<slug:code>/", public.short_link, name="short_link"),
    path("d/<str:token>/", personal.download, name="download"),
    path("c/<str:token>/", mail.click, name="click"),
    path("o/<str:token>.gif", mail.open_pixel, name="open_pixel"),
    path("u/<str:token>/", personal.mail_settings, name="preferences"),
    path("confirm/<str:token>/", personal.confirm, name="confirm"),
    path("privacy/", public.privacy, name="privacy"),
    path("imprint/", public.imprint, name="imprint"),
    path("dont-count-me/", public.stop_counting, name="stop_counting"),
]
