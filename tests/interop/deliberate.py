"""What cnictl does otherwise than cnitool on purpose, one by one. The manual has the same list.

Everything that is not here is a fault of cnictl. The entries are applied to a recording in this order.
"""

from __future__ import annotations

from tests.interop.deliberate_requests import REQUESTS
from tests.interop.deliberate_results import RESULTS

DELIBERATE = (*REQUESTS, *RESULTS)
