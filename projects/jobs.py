"""Long work of this app."""

from django.utils.translation import gettext_lazy as _

from contest.jobs import Work, register
from projects.actions import imports

register(
    Work(
        imports.CHECK_KIND,
        _("Looking a table through"),
        imports.PERMISSION,
        imports.run_check,
        imports.give_up,
    )
)
register(
    Work(imports.IMPORT_KIND, _("Importing a table"), imports.PERMISSION, imports.run_import, imports.give_up)
)
