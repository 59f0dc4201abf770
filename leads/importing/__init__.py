"""What another system knew, taken in a batch at a time (docs/importing.md). `crm/importing` reads the files."""

from leads.importing.activities import Done, import_activities
from leads.importing.changes import Changes
from leads.importing.customers import become_customers
from leads.importing.due import make_due
from leads.importing.found import Whom, leads_by_ref, leads_of, people_by
from leads.importing.leads import import_leads
from leads.importing.opt_outs import PastOptOut, import_opt_outs
from leads.importing.rows import Basis, Entered, PastLead, Source, Told

__all__ = [
    "Basis",
    "Changes",
    "Done",
    "Entered",
    "PastLead",
    "PastOptOut",
    "Source",
    "Told",
    "Whom",
    "become_customers",
    "import_activities",
    "import_leads",
    "import_opt_outs",
    "leads_by_ref",
    "leads_of",
    "make_due",
    "people_by",
]
