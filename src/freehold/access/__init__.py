"""Who may ask: API keys. Does not know models."""

from freehold.access.keys import Key, KeyRing, create_key, list_keys, revoke_key

__all__ = ["Key", "KeyRing", "create_key", "list_keys", "revoke_key"]
