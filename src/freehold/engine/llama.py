"""The one place that touches llama.cpp: a job becomes its parameters and a running server.

Runs in the child only. Knows llama.cpp's settings and traps, nothing of processes or pipes.
"""

from __future__ import annotations

import importlib
import re
from types import ModuleType
from typing import Any, Protocol

from freehold.engine.messages import Job

PATH_PREFIX = "/owned"
"""Every path of the child stands below this one.

llama.cpp exempts some paths (`/v1/models`, `/health`, `/`) from its key check by their exact names; below a
prefix it exempts none.
"""

BATCH_TOKENS = 2048
MICROBATCH_TOKENS = 512
_LOG_ERRORS = 1
_METRIC = re.compile(r"^llamacpp:requests_(processing|deferred) (\d+)", re.MULTILINE)


class Server(Protocol):
    """What we use of `xllamacpp.Server`."""

    listening_address: str

    def handle_metrics(self) -> str: ...


def load_wheel() -> ModuleType:
    """Import the llama.cpp wheel. Raises ImportError where `freehold[own]` is not installed."""
    return importlib.import_module("xllamacpp")


def serve(wheel: ModuleType, job: Job) -> Server:
    """Load the weights and answer requests on a loopback port of the kernel's choice.

    Returns when requests can be sent. Raises RuntimeError with no useful text when llama.cpp refuses: the
    reason is among what it wrote to stderr.
    """
    params = wheel.CommonParams()
    params.model.path = job.weights
    params.model_alias = {job.name}
    _lock_down(params, job)
    _size(wheel, params, job)
    if job.chat_template is not None:
        params.chat_template = job.chat_template
    server: Server = wheel.Server(params)
    return server


def _lock_down(params: Any, job: Job) -> None:
    """One address, one secret, and nothing that answers to anybody else."""
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_prefix = PATH_PREFIX
    params.api_keys = [job.secret]
    params.ui = False
    params.endpoint_slots = False  # it would show the prompts of others
    params.endpoint_props = False
    params.endpoint_metrics = (
        True  # read inside the process for the health report; over HTTP it needs the secret
    )
    params.offline = True
    params.verbosity = _LOG_ERRORS


def _size(wheel: ModuleType, params: Any, job: Job) -> None:
    params.n_parallel = job.slots
    params.cont_batching = True
    params.n_ctx = job.slots * job.context_tokens  # llama.cpp divides it among the slots
    params.n_gpu_layers = job.gpu_layers
    params.fit_params = False  # it would change these numbers behind our back
    params.cache_ram_mib = 0  # beyond the slots' own cache, llama.cpp would take up to 8 GiB more
    params.cache_idle_slots = False
    params.n_batch = BATCH_TOKENS
    params.n_ubatch = MICROBATCH_TOKENS
    if job.threads is not None:
        params.cpuparams.n_threads = job.threads
        params.cpuparams_batch.n_threads = job.threads
    if job.embeddings:
        _embed_too(wheel, params, job)


def _embed_too(wheel: ModuleType, params: Any, job: Job) -> None:
    """Let the server embed beside chat. A text to embed must fit into one micro-batch.

    With a cache apart for each slot, llama.cpp cuts texts of unequal length that share a batch into pieces
    and pools only the last piece: the vectors would depend on who else is asking. One cache for all slots,
    with a bound for each, does not have this.
    """
    params.embedding = True
    params.kv_unified = True
    params.kv_unified_per_slot = job.context_tokens
    params.n_ctx = 0  # the cache is then slots × the bound above
    params.n_ubatch = params.n_batch = max(MICROBATCH_TOKENS, min(job.context_tokens, BATCH_TOKENS))
    if job.mean_pooling:
        params.pooling_type = wheel.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN


def load(server: Server) -> tuple[int, int]:
    """Ask the server's own loop for the requests in slots and those waiting. Blocks while it computes."""
    counts = dict(_METRIC.findall(server.handle_metrics()))
    return int(counts.get("processing", 0)), int(counts.get("deferred", 0))
