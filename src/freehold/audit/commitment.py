"""What a leaf says of something without telling it: a hash through a random salt.

While the salt exists anyone who has the thing can check it; once it is destroyed the hash tells nothing, not
even to somebody who guesses. Does not know what is committed to.
"""

from __future__ import annotations

from hashlib import sha256

SALT_BYTES = 16


def commit(salt: bytes, content: bytes) -> str:
    """SHA-256 over a salt of `SALT_BYTES` bytes and the content, in hex."""
    return sha256(salt + content).hexdigest()
