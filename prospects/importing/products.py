"""What another system sold, and the product lines of its opportunities, whichever of the two came first."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from leads.importing import Changes
from leads.importing.rows import Told
from prospects.models import Deal, DealLine, Product

PRODUCT = "product"  # the deal's own field that keeps the name as the file writes it
OTHER_PRICE = "it has another price here, which stays"


@dataclass(frozen=True, kw_only=True, slots=True)
class PastProduct:
    """One row; the price is in the base currency."""

    line: int
    name: str
    code: str
    price: Decimal

    @property
    def external_id(self) -> str:
        return self.code


def product_code(name: str) -> str:
    """Letters and digits alone: "GTX Pro" and "GTXPro" are one product, GTXPRO."""
    return "".join(sign for sign in name.upper() if sign.isalnum())[:40]


def import_products(
    *, rows: Sequence[PastProduct], source: str, at: datetime, changes: Changes | None = None
) -> list[Told]:
    """Write one batch; call inside a transaction. Known by its code, else by its name; the price here stays."""
    changes = changes if changes is not None else Changes()
    known = {key: one for one in Product.objects.all() for key in (one.code, product_code(one.name))}
    told, new = [], []
    for row in rows:
        have = known.get(row.code) or known.get(product_code(row.name))
        if have is not None:
            told.append(Told(row.line, "known", flag=OTHER_PRICE if have.price != row.price else ""))
        else:
            made = Product(name=row.name, code=row.code, price=row.price)
            known |= {row.code: made, product_code(row.name): made}
            new.append(made)
            told.append(Told(row.line, "created"))
    changes.insert(new)
    if source and new:
        _lines_of_waiting(source, {product_code(one.name): one for one in new}, changes)
    return told


def _lines_of_waiting(source: str, products: Mapping[str, Product], changes: Changes) -> None:
    """Opportunities of this source that came in before their products."""
    waiting = Deal.objects.filter(source=source, lines=None, amount__isnull=False).order_by()
    spelt = waiting.values_list(f"custom__{PRODUCT}", flat=True).distinct()
    names = {name: products[code] for name in spelt if name and (code := product_code(name)) in products}
    for name, product in names.items():
        deals = waiting.filter(**{f"custom__{PRODUCT}": name}).order_by("pk").only("pk", "amount")
        changes.insert([_line(deal, product) for deal in deals])


def give_lines(*, source: str, ids: Collection[str], changes: Changes) -> None:
    """New opportunities, by their ids, get their product as a line; a name that no product has stays a name."""
    products = {product_code(one.name): one for one in Product.objects.order_by("-archived_at", "-pk")}
    deals = Deal.objects.filter(source=source, external_id__in=ids, lines=None, amount__isnull=False)
    named = (
        (deal, products.get(product_code(deal.custom.get(PRODUCT, "")))) for deal in deals.order_by("pk")
    )
    changes.insert([_line(deal, product) for deal, product in named if product])


def _line(deal: Deal, product: Product) -> DealLine:
    """One, at the price agreed on: the amount of a deal is the sum of its lines."""
    return DealLine(deal=deal, product=product, quantity=Decimal(1), price=deal.amount)
