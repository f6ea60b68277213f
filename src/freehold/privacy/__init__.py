"""Labels, what raises them, the check that lets content out, pseudonyms. Knows no networks, no files."""

from freehold.privacy.detectors import Detector
from freehold.privacy.detectors import load as load_detector
from freehold.privacy.detectors import names as detector_names
from freehold.privacy.detectors import types_of as detector_types
from freehold.privacy.label import Label
from freehold.privacy.learned import (
    KEY_BYTES,
    SHORTEST_ALONE,
    Damaged,
    DocumentShingles,
    Learned,
    Seal,
    Source,
    Sums,
    ValuePrints,
    facts_of,
    pack,
)
from freehold.privacy.own import Allowed, Form, Patterns, Terms, is_findable
from freehold.privacy.permit import Permit, clear
from freehold.privacy.plugs import PlugFailed, plug
from freehold.privacy.reading import Reading
from freehold.privacy.redaction import (
    Book,
    Echoes,
    NoPseudonym,
    Owner,
    Restorer,
    replace_everywhere,
    replace_spans,
    restore,
)
from freehold.privacy.scanner import Scanner, all_types, make_scanner, scan
from freehold.privacy.sorting import NAME_TYPES, Sorting
from freehold.privacy.span import Span

__all__ = [
    "KEY_BYTES",
    "NAME_TYPES",
    "SHORTEST_ALONE",
    "Allowed",
    "Book",
    "Damaged",
    "Detector",
    "DocumentShingles",
    "Echoes",
    "Form",
    "Label",
    "Learned",
    "NoPseudonym",
    "Owner",
    "Patterns",
    "Permit",
    "PlugFailed",
    "Reading",
    "Restorer",
    "Scanner",
    "Seal",
    "Sorting",
    "Source",
    "Span",
    "Sums",
    "Terms",
    "ValuePrints",
    "all_types",
    "clear",
    "detector_names",
    "detector_types",
    "facts_of",
    "is_findable",
    "load_detector",
    "make_scanner",
    "pack",
    "plug",
    "replace_everywhere",
    "replace_spans",
    "restore",
    "scan",
]
