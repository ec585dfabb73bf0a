"""What a model costs beside others, in one run: bytes, operations, latency, memory; and what its conversions change."""
