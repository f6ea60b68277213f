"""One replica: a model at a precision on some GPUs under an engine; what it holds and how fast it steps.

Does not know requests.
"""

from __future__ import annotations

from dataclasses import dataclass

from freehold.costs.capacity.constants import Constants
from freehold.costs.capacity.models import Model
from freehold.costs.capacity.precisions import Precision, flops
from freehold.costs.capacity.steps import StepTimes
from freehold.engine.sizing import Gpu

GIB = 2**30
_WIDE_LINK_GB_S = 100.0
"""Above this a link is NVLink or its like, below it is PCIe."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """`tp` GPUs share every layer, `pp` groups of them share the layers out. `generation` is the engine's."""

    model: Model
    precision: Precision
    gpu: Gpu
    tp: int
    pp: int
    generation: str

    @property
    def gpus(self) -> int:
        return self.tp * self.pp

    @property
    def weight_bytes(self) -> float:
        """Bytes of all weights. The table of embeddings stays at 16 bits."""
        table = self.model.vocabulary * self.model.hidden
        return table * 2.0 + (self.model.parameters - table) * self.precision.weight_bytes

    @property
    def cache_value_bytes(self) -> float:
        """Bytes of one value in the cache: TensorRT-LLM keeps 8 bits beside 8-bit and 4-bit weights."""
        narrow = self.precision.name in {"fp8", "fp4"}
        return 1.0 if narrow and self.generation.startswith(("trtllm", "mlperf")) else 2.0

    @property
    def cache_bytes_per_token(self) -> float:
        """Bytes of cache that each GPU holds for one token of context."""
        return self.model.cache_values_per_token(self.tp) * self.cache_value_bytes / self.pp

    def free_bytes(self, constants: Constants) -> float:
        """Bytes of each GPU that weights and engine leave to the cache; below zero where they do not fit."""
        usable = self.gpu.memory_gib * GIB * constants.values["shared.memory"]
        own = constants.values["shared.memory_overhead_gib"] * GIB
        return usable - own - self.weight_bytes / self.gpus

    def cache_tokens(self, constants: Constants) -> float:
        """Tokens of context that the replica can hold at once."""
        return max(self.free_bytes(constants), 0.0) / self.cache_bytes_per_token


def step_times(deployment: Deployment, constants: Constants) -> StepTimes:
    """The replica's step, every constant put in. About ten microseconds; keep the result."""
    model, gpu, tp, pp = deployment.model, deployment.gpu, deployment.tp, deployment.pp
    value, engine = constants.values, deployment.generation
    peak, share = gpu.bandwidth_gb_s * 1e9, _bandwidth_share(deployment, constants)
    operations = _operations(deployment, constants)
    fp16 = gpu.fp16_tflops * 1e12 * value["shared.attention"]
    wide = gpu.link_gb_s > _WIDE_LINK_GB_S
    link = gpu.link_gb_s * 1e9 * value["shared.link" if wide else "shared.link_pcie"]
    reduces = 2 * model.layers if tp > 1 else 0
    latency = constants.value("engine", "reduce_seconds", engine) * (1 if wide else 2)
    layer = constants.value("engine", "layer_seconds", engine)
    layer *= value["mixture.layer"] if model.experts else 1
    computing = max(model.active_parameters - model.idle_parameters, 0)
    dense = model.parameters - model.idle_parameters - model.expert_parameters
    width = model.heads * model.head_size
    return StepTimes(
        dense_seconds=dense * deployment.precision.weight_bytes / tp / (peak * share),
        expert_seconds=model.expert_parameters * deployment.precision.weight_bytes / tp / (peak * share),
        expert_share=(model.experts_used or 0) / model.experts if model.experts else 1.0,
        cache_seconds=deployment.cache_bytes_per_token
        / (peak * min(share * value["shared.cache_bandwidth"], 1.0)),
        token_seconds=2 * computing / tp / pp / operations,
        pair_seconds=4 * model.layers * width / tp / pp / fp16,
        fixed_seconds=model.layers * layer + reduces * latency * _doublings(tp) ** 0.5,
        message_seconds=reduces * model.hidden * 2 * 2 * (tp - 1) / tp / link / pp,
        host_seconds=constants.value("engine", "host_seconds", engine),
        sequence_seconds=constants.value("engine", "sequence_seconds", engine),
        sharpness=1.0 + value["shared.overlap"],
    )


def _bandwidth_share(deployment: Deployment, constants: Constants) -> float:
    own = constants.value("architecture", "bandwidth", deployment.gpu.architecture)
    return min(constants.values["shared.bandwidth"] * own, 1.0)


def _operations(deployment: Deployment, constants: Constants) -> float:
    """Operations a second that matrix products reach."""
    peak, kind = flops(deployment.precision, deployment.gpu)
    share = constants.value("arithmetic", "efficiency", kind)
    share *= constants.value("architecture", "arithmetic", deployment.gpu.architecture)
    share *= constants.value("engine", "prefill", deployment.generation)
    if deployment.model.experts:
        share *= constants.values["mixture.arithmetic"]
    return peak * min(share, 0.95)


def _doublings(count: int) -> float:
    return max(count.bit_length() - 1, 1)
