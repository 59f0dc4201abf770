"""Public addresses. Names are plain words, because templates of every floor link here."""

from django.urls import path

from leads.views import beacon, embed, hooks, mail, own_page, personal, public, search_engines, share
from leads.views.landing import landing

urlpatterns = [
    path("", public.library, name="library"),
    path("p/<slug:slug>/", landing, name="landing"),
    path("p/<slug:slug>/thanks/<str:token>/", personal.thanks, name="thanks"),
    path("r/<slug:slug>/", public.asset, name="asset"),
    path("r/<slug:slug>/file/", public.asset_file, name="asset_file"),
    path("r/<slug:slug>/cover/", public.cover, name="cover"),
    path("share/<slug:slug>/", share.share, name="share"),
    path("e/<slug:key>/", embed.embed, name="embed"),
    path("embed.js", embed.script, name="embed_script"),
    path("t/", beacon.beacon, name="beacon"),
    path("go/<slug:code>/", public.short_link, name="short_link"),
    path("d/<str:token>/", personal.download, name="download"),
    path("c/<str:token>/", mail.click, name="click"),
    path("o/<str:token>.gif", mail.open_pixel, name="open_pixel"),
    path("x/<str:token>/", mail.trap, name="trap"),
    path("u/<str:token>/", own_page.mail_settings, name="preferences"),
    path("request/<str:token>/", own_page.privacy_request, name="privacy_request"),
    path("confirm/<str:token>/", personal.confirm, name="confirm"),
    path("hooks/<slug:provider>/", hooks.hook, name="hook"),
    path("privacy/", public.privacy, name="privacy"),
    path("imprint/", public.imprint, name="imprint"),
    path("robots.txt", search_engines.robots, name="robots"),
    path("sitemap.xml", search_engines.sitemap, name="sitemap"),
    path("social.jpg", search_engines.library_picture, name="library_picture"),
    path("p/<slug:slug>/social.jpg", search_engines.page_picture, name="page_picture"),
    path("r/<slug:slug>/social.jpg", search_engines.asset_picture, name="asset_picture"),
    path("dont-count-me/", public.stop_counting, name="stop_counting"),
]
