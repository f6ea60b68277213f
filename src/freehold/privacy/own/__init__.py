"""What an organisation's config calls private, or not: terms, forms of values, and what is allowed.

Knows no config and no files.
"""

from freehold.privacy.own.allowed import Allowed
from freehold.privacy.own.patterns import CHECKS, Form, Patterns
from freehold.privacy.own.terms import Terms, is_findable

__all__ = ["CHECKS", "Allowed", "Form", "Patterns", "Terms", "is_findable"]
