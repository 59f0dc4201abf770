from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crm.roles import ROLES, set_up_roles


class Command(BaseCommand):
    help = "Makes the role groups and gives each exactly the permissions of crm/roles.py."

    def handle(self, *args: Any, **options: Any) -> None:
        missing = set_up_roles()
        if missing:
            raise CommandError(f"No such permission: {'; '.join(missing)}")
        self.stdout.write(f"Roles are set up: {', '.join(ROLES)}.")
