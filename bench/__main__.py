"""`python -m bench` is the throughput benchmark, the one figure that the design stands or falls by."""

from bench.throughput import main

raise SystemExit(main())
