"""HTTP of leads: public pages, mail addresses, staff pages."""
