"""How dates and times are written for people, in each language (Django's FORMAT_MODULE_PATH)."""
