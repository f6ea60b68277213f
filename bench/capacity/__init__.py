"""The capacity model against published measurements: its constants, and its error on what it never saw.

    python -m bench.capacity evaluate        # leave groups out, then whole GPUs, models and engines
    python -m bench.capacity fit             # writes src/freehold/costs/data/capacity.toml

Both read `throughput_public.csv` (`--data FILE`, else the folder that FREEHOLD_SHARED names); needs the extra
`decide`.
"""
