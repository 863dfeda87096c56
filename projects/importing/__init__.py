"""The table in which entries are imported: its columns, its template, and how a filled one is read.

One list of columns makes the template, its explanations and the reader. Headings and explanations are
Chinese whatever language the screen has: the table is an official paper that goes to other people.
Nothing here writes to the database; ``projects.actions.imports`` does.
"""

from projects.importing.columns import HEADINGS, Column, columns_of
from projects.importing.limits import MAX_BYTES
from projects.importing.lists import HISTORY, PAPER, Errors, lists_of, origin_of
from projects.importing.reader import Line, read_lines, read_table, refuse_large
from projects.importing.rows import PURSES, clean_row, total_fen
from projects.importing.template import MIME, template_name, write_template

__all__ = [
    "HEADINGS",
    "HISTORY",
    "MAX_BYTES",
    "MIME",
    "PAPER",
    "PURSES",
    "Column",
    "Errors",
    "Line",
    "clean_row",
    "columns_of",
    "lists_of",
    "origin_of",
    "read_lines",
    "read_table",
    "refuse_large",
    "template_name",
    "total_fen",
    "write_template",
]
