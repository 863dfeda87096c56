"""Playing an edition through the actions, for rehearsals, demo data, tests and benchmarks.

Nothing here writes a row by itself: whatever the portal could refuse is refused here too.
"""
