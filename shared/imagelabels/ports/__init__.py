"""What the use cases need of the world, one module per port. Adapters fit by shape; a provider's door proves it by its
return type. Only commands use the ports in buckets.py, examined.py, failed_events.py, functions.py, inventory.py and
invoker.py, and only the API and webhooks use those in albums.py, changes.py, receivers.py, thumbnails.py, tokens.py and
webhooks.py: no label function loads them."""

from imagelabels.ports.answers import Answers, Claim, StoredAnswer
from imagelabels.ports.budget import Budget
from imagelabels.ports.clock import Clock
from imagelabels.ports.detector import Described, LabelDetector, traits_of
from imagelabels.ports.index import LabelIndex, Unfinished
from imagelabels.ports.ledger import BulkLedger, Ledger
from imagelabels.ports.locks import MARGIN, Locks, Proof
from imagelabels.ports.objects import ObjectStore, Shrinker
from imagelabels.ports.rows import Rows, StoredRow

__all__ = [
    "MARGIN",
    "Answers",
    "Budget",
    "BulkLedger",
    "Claim",
    "Clock",
    "Described",
    "LabelDetector",
    "LabelIndex",
    "Ledger",
    "Locks",
    "ObjectStore",
    "Proof",
    "Rows",
    "Shrinker",
    "StoredAnswer",
    "StoredRow",
    "Unfinished",
    "traits_of",
]
