"""Staff addresses of leads, below /staff/."""

from django.urls import path, re_path

from leads.views import (
    backtest,
    desk,
    ideal,
    learned,
    mailings,
    post_office,
    rehearsal,
    scoring,
    segments,
    sequences,
    staff,
    ways_in,
)
from leads.views.check import sequence_check
from leads.views.form_trial import form_trial
from leads.views.mail_preview import mail_frame, mail_preview, mail_test
from leads.views.mail_tests import end_test
from leads.views.publish import publish
from leads.views.sequence_rows import sequence_rows
from leads.views.standing import set_standing
from leads.views.twins import doubles, merge_undo, pair, pair_differs

urlpatterns = [
    path("doubles/", doubles, name="staff-doubles"),
    path("doubles/<int:one>/<int:two>/", pair, name="staff-double"),
    path("doubles/<int:one>/<int:two>/differs/", pair_differs, name="staff-double-differs"),
    path("doubles/merges/<int:pk>/undo/", merge_undo, name="staff-merge-undo"),
    path("forms/<int:pk>/try/", form_trial, name="staff-form-trial"),
    path("leads/", staff.lead_list, name="staff-leads"),
    path("leads/unknown/", staff.unknown_leads, name="staff-leads-unknown"),
    path("leads/new/", desk.enter, name="staff-lead-new"),
    path("quarantine/", desk.quarantine, name="staff-quarantine"),
    path("quarantine/<int:pk>/release/", desk.let_in, name="staff-release"),
    path("check-in/<slug:slug>/", desk.check_in_page, name="staff-check-in"),
    path("leads/<int:pk>/", staff.lead_page, name="staff-lead"),
    path("leads/<int:pk>/standing/", set_standing, name="staff-lead-standing"),
    path("sequences/<int:pk>/rehearse/", rehearsal.rehearse, name="staff-sequence-rehearse"),
    path("rehearsals/<int:pk>/", rehearsal.result, name="staff-rehearsal"),
    path("scoring/", scoring.home, name="staff-scoring"),
    path("scoring/<int:pk>/", scoring.model_page, name="staff-scoring-model"),
    path("ideal-profile/", ideal.ideal_profile, name="staff-ideal-profile"),
    path("ideal-profile/<int:pk>/use/", ideal.ideal_use, name="staff-ideal-use"),
    path("ideal-profile/try/", ideal.ideal_try, name="staff-ideal-try"),
    path("learned/ask/", learned.ask, name="staff-learn"),
    path("learned/<int:pk>/", learned.learned, name="staff-learned"),
    path("learned/<int:pk>/draft/", learned.make_draft, name="staff-learned-draft"),
    path("scoring/<int:pk>/backtest/", backtest.ask, name="staff-backtest-ask"),
    path("backtests/<int:pk>/", backtest.result, name="staff-backtest"),
    path("post-office/", post_office.post_office, name="staff-post-office"),
    path("mails/<int:pk>/", mail_preview, name="staff-mail-preview"),
    path("mails/<int:pk>/frame/", mail_frame, name="staff-mail-frame"),
    path("mails/<int:pk>/test/", mail_test, name="staff-mail-test"),
    path("steps/<int:pk>/test/", end_test, name="staff-step-test-end"),
    path("mailings/", mailings.mailing_list, name="staff-mailings"),
    path("mailings/new/", mailings.mailing_new, name="staff-mailing-new"),
    path("mailings/count/", mailings.segment_count, name="staff-segment-count"),
    path("mailings/<int:pk>/", mailings.mailing_page, name="staff-mailing"),
    path("mailings/<int:pk>/change/", mailings.mailing_new, name="staff-mailing-change"),
    path("mailings/<int:pk>/send/", mailings.mailing_send, name="staff-mailing-send"),
    path("mailings/<int:pk>/cancel/", mailings.mailing_cancel, name="staff-mailing-cancel"),
    path("segments/", segments.segment_list, name="staff-segments"),
    path("segments/new/", segments.segment_page, name="staff-segment-new"),
    path("segments/try/", segments.segment_try, name="staff-segment-try"),
    path("segments/<int:pk>/", segments.segment_page, name="staff-segment"),
    path("segments/<int:pk>/copy/", segments.segment_copy, name="staff-segment-copy"),
    path("segments/<int:pk>/archive/", segments.segment_archive, name="staff-segment-archive"),
    path("segments/<int:pk>/export/", segments.segment_export, name="staff-segment-export"),
    path("sequences/", sequences.sequence_list, name="staff-sequences"),
    path("sequences/<int:pk>/", sequences.sequence_live, name="staff-sequence"),
    path("sequences/<int:pk>/publish/", publish, name="staff-sequence-publish"),
    path("sequences/<int:pk>/people/<slug:what>/", sequence_rows, name="staff-sequence-rows"),
    path("sequences/<int:pk>/ways-in/", ways_in.ways_in, name="staff-sequence-ways-in"),
    path("sequences/<int:pk>/by-hand/", ways_in.by_hand, name="staff-sequence-by-hand"),
    re_path(
        r"^sequences/(?P<pk>[0-9]+)/(?P<verb>pause|resume|end)/$",
        sequences.sequence_switch,
        name="staff-sequence-switch",
    ),
    re_path(r"^ways-in/(?P<pk>[0-9]+)/(?P<to>open|close)/$", ways_in.switch, name="staff-way-in-switch"),
    path("sequences/<int:pk>/check/", sequence_check, name="staff-sequence-check"),
]
