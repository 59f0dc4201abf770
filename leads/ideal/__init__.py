"""The ideal customer profile beside the people there are: whom it fits, whom it excludes, what customers share."""
