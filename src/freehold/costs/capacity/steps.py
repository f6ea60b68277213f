"""How long one step of a replica takes, from bytes, operations and messages. Knows no queue and no arrivals.

A step computes `prefill_tokens` of prompts and one token for each of `decode_seqs` answers (continuous
batching with chunked prefill). Bytes over bandwidth and operations over arithmetic are the two bounds of the
roofline (Williams et al., 2009), joined by a smooth maximum, since kernels are bound by one or the
other; what no kernel overlaps is added: messages between GPUs, starting kernels, the engine's own work.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StepTimes:
    """A replica with its constants put in: seconds.

    In every step: `dense_seconds` to read the weights that are no experts, `expert_seconds` to read all
    experts (`expert_share` of them for one token), `fixed_seconds` for kernels and the latency of messages,
    `host_seconds`. For one: `cache_seconds` a token in the cache, `token_seconds` a token computed,
    `pair_seconds` a token attending to another, `message_seconds` a token between GPUs, `sequence_seconds` an
    answer in flight. `sharpness` is the exponent of the smooth maximum; 1 adds.
    """

    dense_seconds: float
    expert_seconds: float
    expert_share: float
    cache_seconds: float
    token_seconds: float
    pair_seconds: float
    fixed_seconds: float
    message_seconds: float
    host_seconds: float
    sequence_seconds: float
    sharpness: float

    def seconds(
        self,
        prefill_tokens: float,
        decode_seqs: float,
        kv_tokens: float,
        *,
        prefill_context: float = 0.0,
    ) -> float:
        """Seconds of one step.

        `kv_tokens` are those that the decoding answers have in the cache, all together; `prefill_context` is
        how many tokens each prompt token attends to on average (half of the prompt where it is computed
        in one go).
        """
        tokens = prefill_tokens + decode_seqs
        memory = (
            self.dense_seconds + self.expert_seconds * self.coverage(tokens) + kv_tokens * self.cache_seconds
        )
        compute = tokens * self.token_seconds + prefill_tokens * prefill_context * self.pair_seconds
        bound: float = (memory**self.sharpness + compute**self.sharpness) ** (1 / self.sharpness)
        messages = tokens * self.message_seconds
        host = self.host_seconds + decode_seqs * self.sequence_seconds
        return bound + self.fixed_seconds + messages + host

    def prefill_seconds(self, tokens: float) -> float:
        """What a prompt of so many tokens adds to steps that run anyway."""
        return tokens * (self.token_seconds + self.message_seconds + tokens / 2 * self.pair_seconds)

    def coverage(self, tokens: float) -> float:
        """The share of experts that at least one of the tokens asks, if each picks evenly at random."""
        if self.expert_seconds == 0.0:
            return 0.0
        missed: float = (1.0 - self.expert_share) ** tokens
        return 1.0 - missed
