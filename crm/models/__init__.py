from crm.models.imports import ImportBatch, ImportLine, ImportRun, SavedMapping
from crm.models.jobs import DispatcherLease, JobRun
from crm.models.user import User, known_time_zone

__all__ = [
    "DispatcherLease",
    "ImportBatch",
    "ImportLine",
    "ImportRun",
    "JobRun",
    "SavedMapping",
    "User",
    "known_time_zone",
]
