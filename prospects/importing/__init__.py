"""What sales did elsewhere, a batch at a time (docs/importing.md). `crm/importing` reads the files."""

from prospects.importing.accounts import PastAccount, import_accounts
from prospects.importing.opportunities import Opportunity, import_opportunities
from prospects.importing.products import PastProduct, import_products, product_code
from prospects.importing.sales import PastSale, import_sales, import_won_leads

__all__ = [
    "Opportunity",
    "PastAccount",
    "PastProduct",
    "PastSale",
    "import_accounts",
    "import_opportunities",
    "import_products",
    "import_sales",
    "import_won_leads",
    "product_code",
]
