"""What a provider says it was used for: its exports as lines of a bill, one file a format.

A format is known by its header; adding one is adding a file and naming it in `reading`. Does not know the
ledger.
"""

from freehold.costs.bills.line import Bill, BillLine, repeated
from freehold.costs.bills.names import one_name_each, same_model
from freehold.costs.bills.reading import FORMATS, read_bill

__all__ = ["FORMATS", "Bill", "BillLine", "one_name_each", "read_bill", "repeated", "same_model"]
