"""Staff addresses of prospects, below /staff/."""

from django.urls import path

from prospects.views import account, assign, board, deals, lists, outcome, person, today

urlpatterns = [
    path("today/", today.today_page, name="staff-today"),
    path("prospects/", lists.prospect_list, name="staff-prospects"),
    path("prospects/new/", deals.new_cold_contact, name="staff-cold-new"),
    path("prospects/<int:pk>/", person.person_page, name="staff-person"),
    path("prospects/<int:pk>/accept/", person.accept, name="staff-accept"),
    path("prospects/<int:pk>/reject/", person.reject, name="staff-reject"),
    path("prospects/<int:pk>/call/", person.log_call, name="staff-call"),
    path("prospects/<int:pk>/move/", person.move, name="staff-move"),
    path("prospects/<int:pk>/follow-ups/", person.follow_up, name="staff-follow-up"),
    path("prospects/<int:pk>/notes/", person.note, name="staff-note"),
    path("prospects/<int:pk>/meetings/", person.book_meeting, name="staff-meeting"),
    path("prospects/<int:pk>/assign/", assign.assign, name="staff-assign"),
    path("prospects/<int:pk>/take/", today.take, name="staff-take"),
    path("prospects/<int:pk>/deals/", deals.new_deal, name="staff-deal-new"),
    path("prospects/<int:pk>/won/", deals.won, name="staff-won"),
    path("prospects/<int:pk>/lost/", deals.lost, name="staff-lost"),
    path("follow-ups/<int:pk>/done/", person.follow_up_done, name="staff-follow-up-done"),
    path("meetings/<int:pk>/done/", today.meeting_done, name="staff-meeting-done"),
    path("outcomes/<int:person_pk>/", outcome.outcome_of, name="staff-lead-outcome"),
    path("board/", board.board_page, name="staff-board"),
    path("accounts/", account.account_list, name="staff-accounts"),
    path("accounts/<int:pk>/", account.account_page, name="staff-account"),
]
