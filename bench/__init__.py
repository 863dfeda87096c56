"""``make bench``: ours and a bare baseline measured alternately in one run.

Each module of this package but the runner has ``measure(rounds) -> dict`` with ``name, ours,
baseline, unit, ratio, target, ok``; ``ratio`` is ours divided by the baseline in the unit named.
"""
