from crm.models.imports import ImportLine, ImportRun
from crm.models.jobs import DispatcherLease, JobRun
from crm.models.user import User, known_time_zone

__all__ = ["DispatcherLease", "ImportLine", "ImportRun", "JobRun", "User", "known_time_zone"]
