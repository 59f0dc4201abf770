"""What sales did elsewhere, a batch at a time (docs/importing.md). `crm/importing` reads the files."""

from prospects.importing.opportunities import Opportunity, import_opportunities
from prospects.importing.sales import PastSale, import_sales, import_won_leads

__all__ = ["Opportunity", "PastSale", "import_opportunities", "import_sales", "import_won_leads"]
