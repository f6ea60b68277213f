"""Whether a model fits a machine, how fast it may be there, and which quantisation would fit. Estimates.

Arithmetic over a model's own header and over tables of facts; only `this_machine` looks around.
"""

from freehold.engine.fit import DEFAULT_CONTEXT_LIMIT as DEFAULT_CONTEXT
from freehold.engine.sizing.gpus import Gpu, find_gpu, gpu_of_row, shipped_gpus
from freehold.engine.sizing.machine import (
    MEMORY_KEPT,
    Machine,
    gpu_names,
    named_gpu,
    this_machine,
    with_memory,
)
from freehold.engine.sizing.need import Need, need_of
from freehold.engine.sizing.quantisations import Alternative, alternatives, bits_per_weight
from freehold.engine.sizing.shape import ModelShape, shape_of_config, shape_of_header
from freehold.engine.sizing.speed import Range, Speed, speed_of
from freehold.engine.sizing.verdict import Verdict, judge

__all__ = [
    "DEFAULT_CONTEXT",
    "MEMORY_KEPT",
    "Alternative",
    "Gpu",
    "Machine",
    "ModelShape",
    "Need",
    "Range",
    "Speed",
    "Verdict",
    "alternatives",
    "bits_per_weight",
    "find_gpu",
    "gpu_names",
    "gpu_of_row",
    "judge",
    "named_gpu",
    "need_of",
    "shape_of_config",
    "shape_of_header",
    "shipped_gpus",
    "speed_of",
    "this_machine",
    "with_memory",
]
