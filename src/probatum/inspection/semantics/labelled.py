"""Which product the barcode on a unit is of, by the barcodes of references: what its label says, whatever it looks like."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from probatum.inspection.artefacts.capture import Capture
from probatum.inspection.semantics.barcode import barcodes, written_out
from probatum.inspection.semantics.looked import View


@dataclass(frozen=True, slots=True)
class Labels:
    """Barcodes of products.

    Attributes
    ----------
    products : mapping of str to str
        From a barcode to its product; one that stands on references of several products says nothing, and is not there.
    """

    products: Mapping[str, str] = field(default_factory=dict)

    def scanned(self, unit: Capture) -> tuple[str, str]:
        """Return the barcode that the manifest states for a unit, and its product; both "" if there is none, or they are of several."""
        found = {self.products[code]: code for view in unit.views if (code := written_out(view.barcode)) in self.products}
        return next(((code, product) for product, code in found.items()), ("", "")) if len(found) == 1 else ("", "")

    def contradicting(self, unit: Capture) -> tuple[str, str]:
        """Return the same where it is another product than the unit is said to be; both "" otherwise."""
        code, product = self.scanned(unit)
        return (code, product) if product and unit.item_identifier not in ("", product) else ("", "")

    def read(self, views: Sequence[View]) -> str:
        """Return the product of the barcodes that can be read in pictures of a unit; "" for none, or for several."""
        if not self.products:
            return ""
        found = {self.products[code] for view in views for code in barcodes(view.rgb) if code in self.products}
        return found.pop() if len(found) == 1 else ""


def labels(references: Iterable[tuple[str, Capture]]) -> Labels:
    """Return the barcodes of products, by the manifest of their references.

    Parameters
    ----------
    references : iterable of (product, Capture)
    """
    said: dict[str, set[str]] = {}
    for product, capture in references:
        for view in capture.views:
            if code := written_out(view.barcode):
                said.setdefault(code, set()).add(product)
    return Labels({code: products.copy().pop() for code, products in said.items() if len(products) == 1})
