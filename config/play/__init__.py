"""Playing an edition through the actions, for rehearsals, demo data, tests and benchmarks.

Apart from code tables (offices, districts, published figures) nothing here writes a row by itself:
whatever the portal could refuse is refused here too.
"""
