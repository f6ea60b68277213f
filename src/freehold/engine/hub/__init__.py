"""Weights from a model hub: find them, choose, fetch, check, and remember where they are from.

Speaks the API of huggingface.co through the one door out. Runs nothing that it fetches, and takes no format
that runs code when it is loaded.
"""

from freehold.engine.hub.address import DEFAULT_HUB, Hub, HubError
from freehold.engine.hub.choice import Choice, Variant, choose, gigabytes, variants
from freehold.engine.hub.listing import HubFile, Repo
from freehold.engine.hub.name import ModelName, is_model_name, parse_name
from freehold.engine.hub.patience import Patience
from freehold.engine.hub.progress import Chosen, Event, Finished, Progress, Tell, Waiting
from freehold.engine.hub.provenance import Provenance, pulled_from
from freehold.engine.hub.pull import Pulled, pull
from freehold.engine.hub.remote import look, remote_shape

__all__ = [
    "DEFAULT_HUB",
    "Choice",
    "Chosen",
    "Event",
    "Finished",
    "Hub",
    "HubError",
    "HubFile",
    "ModelName",
    "Patience",
    "Progress",
    "Provenance",
    "Pulled",
    "Repo",
    "Tell",
    "Variant",
    "Waiting",
    "choose",
    "gigabytes",
    "is_model_name",
    "look",
    "parse_name",
    "pull",
    "pulled_from",
    "remote_shape",
    "variants",
]
