"""What prospects say upward. Receivers run by ``send_robust``, each in a savepoint of its own."""

from django.dispatch import Signal

# sender=StageMove, move_id: int. A prospect was opened or entered another stage; same transaction as the row.
stage_changed = Signal()

# sender=Deal, deal_id: int. A deal was won or lost; its status says which.
deal_closed = Signal()
