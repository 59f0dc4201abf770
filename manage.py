#!/usr/bin/env python
"""Start point of every command of this project."""

import os
import sys

# These ask no database, and so do not wait for one.
WITHOUT_DATABASE = {
    "check",
    "collectstatic",
    "compilemessages",
    "help",
    "makemessages",
    "makemigrations",
    "version",
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    from django.core.management import execute_from_command_line

    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command not in WITHOUT_DATABASE and not {"-h", "--help"} & set(sys.argv):
        from crm.database import wait_for_database

        wait_for_database()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
