DATE_FORMAT = "j F Y"
DATETIME_FORMAT = r"j F Y \a\l\l\e H:i"
