"""A file as people bring it, read record by record: encoding, separators, spreadsheets, headers and footers."""
