"""Muon (K. Jordan 2024, kellerjordan.github.io/posts/muon): momentum made orthogonal, for matrices alone.

Matrices of one shape are stepped together. In float32: torch's own Muon works in bfloat16, in which a
processor without instructions for it is forty times slower.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

_MOMENTUM = 0.95
_QUINTIC = (3.4445, -4.7750, 2.0315)  # the coefficients of that post: fast, and near enough to orthogonal


class Muon:
    """Steps for 2-D parameters; ``rate`` is the spectral size of a step, as a share of about 1."""

    def __init__(self, matrices: Iterable[nn.Parameter]) -> None:
        self._groups: dict[tuple[int, int], list[nn.Parameter]] = {}
        for matrix in matrices:
            self._groups.setdefault((matrix.shape[0], matrix.shape[1]), []).append(matrix)
        self._momenta = {shape: torch.zeros(len(group), *shape) for shape, group in self._groups.items()}

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """One step along the gradients, which are then cleared."""
        for shape, group in self._groups.items():
            gradients = torch.stack([matrix.grad for matrix in group if matrix.grad is not None])
            momentum = self._momenta[shape].lerp_(gradients, 1 - _MOMENTUM)
            steps = orthogonal(gradients.lerp_(momentum, _MOMENTUM)) * max(1.0, shape[0] / shape[1]) ** 0.5
            for matrix, step in zip(group, steps, strict=True):
                matrix.sub_(step, alpha=rate)
                matrix.grad = None


def orthogonal(matrices: Tensor) -> Tensor:
    """Each of the matrices (N, R, C) with its singular values moved to about 1: five Newton-Schulz steps."""
    a, b, c = _QUINTIC
    x: Tensor
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.mT if tall else matrices
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(5):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    return x.mT if tall else x
