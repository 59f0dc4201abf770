"""What leads say upward. Receivers run by ``send_robust``, each in a savepoint of its own."""

from django.dispatch import Signal

# sender=LeadMove, move_id: int. A lead became marketing-qualified; the row is the truth, this is promptness.
lead_qualified = Signal()

# sender=WorkRequest, request_id: int. A rep should look at a person they own.
work_requested = Signal()

# sender=Person, keep_id: int, gone_id: int. Rows of the second person belong to the first from now on.
people_merged = Signal()

# sender=Person, person_id: int. Blank or delete every personal column of your rows.
person_erased = Signal()

# sender=Person, person_id: int. Receivers return a dict: table name → list of rows as dicts.
person_export = Signal()

# sender=Person, keep_id: int, gone_id: int, at: datetime. Sent before a merge moves a row, in its transaction: raise
# Refused to forbid it, and put rows of yours in order that could not stand side by side.
people_merging = Signal()

# sender=Person, keep_id: int, gone_id: int, at: datetime, changed_since: bool. The merge was undone.
people_parted = Signal()

# sender=OwnMail, mail_id: int. A mail from a colleague's own program stands on the timeline; `taken_at` is the truth.
own_mail_filed = Signal()

# sender=Inbound, uid: str, address: str, partstat: str (in capitals), sequence: int | None, at: datetime. Somebody's
# calendar answered an invitation (RFC 5546, METHOD:REPLY).
invitation_answered = Signal()
