"""What the use cases need of the world, one module per port. Adapters fit by shape; a provider's door proves it by its
return type."""

from imagelabels.ports.answers import Answers, Claim, StoredAnswer
from imagelabels.ports.buckets import Buckets
from imagelabels.ports.budget import Budget
from imagelabels.ports.clock import Clock
from imagelabels.ports.detector import Described, LabelDetector, traits_of
from imagelabels.ports.functions import Deliveries, DeployedFunction, Functions, Trigger
from imagelabels.ports.index import ExaminedIndex, IndexState, LabelIndex
from imagelabels.ports.invoker import Invoker
from imagelabels.ports.ledger import BulkLedger, Ledger
from imagelabels.ports.locks import MARGIN, Locks, Proof
from imagelabels.ports.objects import ObjectStore, Shrinker
from imagelabels.ports.rows import Rows, StoredRow

__all__ = [
    "MARGIN",
    "Answers",
    "Buckets",
    "Budget",
    "BulkLedger",
    "Claim",
    "Clock",
    "Deliveries",
    "DeployedFunction",
    "Described",
    "ExaminedIndex",
    "Functions",
    "IndexState",
    "Invoker",
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
    "Trigger",
    "traits_of",
]
