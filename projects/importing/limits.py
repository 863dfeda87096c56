"""How much a table may hold, and in what pieces it is worked through."""

MAX_ROWS = 5_000
MAX_BYTES = 5 * 1024 * 1024
#: What a table of so many rows can come to when unpacked; a sheet keeps all its texts in memory.
MAX_UNPACKED = 24 * 1024 * 1024
#: Rows are read, judged and written so many at a time.
CHUNK = 200
SHEET_ROWS = 1_048_576
