"""A stand-in for a rented API. Its answers and its money are simulated and say so.

It speaks OpenAI's wire to a small server inside this process, so that a request to it takes the same road
and passes the same door as one to a real API.
"""

from __future__ import annotations

from freehold.providers import _speech


class Provider(_speech.Provider):
    can = _speech.CHAT_AND_MORE | {"json_object", "json_schema", "tools"}
    simulated = True
