"""Merkle log (RFC 6962), its proofs, and signed checkpoints. Pure: does not know where anything is stored."""

from freehold.audit.checkpoint import Checkpoint, CheckpointError, SigningKey
from freehold.audit.commitment import SALT_BYTES, commit
from freehold.audit.proofs import (
    Node,
    consistency_path,
    inclusion_path,
    verify_consistency,
    verify_inclusion,
)
from freehold.audit.tree import HASH_BYTES, Frontier, leaf_hash, node_hash, node_place

__all__ = [
    "HASH_BYTES",
    "SALT_BYTES",
    "Checkpoint",
    "CheckpointError",
    "Frontier",
    "Node",
    "SigningKey",
    "commit",
    "consistency_path",
    "inclusion_path",
    "leaf_hash",
    "node_hash",
    "node_place",
    "verify_consistency",
    "verify_inclusion",
]
