"""What campaigns say upward. Sent in the transaction of the change, so that what follows from it is not lost."""

from django.dispatch import Signal

# sender: the model. Personas, their rules or the ideal customer profile changed: who is what is asked anew.
audience_changed = Signal()

# sender=Asset, asset_id: int. The kind or the journey stage of a piece is another one now.
asset_reads_differently = Signal()
