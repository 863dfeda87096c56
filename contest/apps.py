from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class ContestConfig(AppConfig):
    """Editions, rulebook, timetable, the record, documents, messages, working days."""

    name = "contest"
    verbose_name = _("Contest")

    def ready(self) -> None:
        from accounts import trail
        from contest import record

        trail.plug(record.record)
        # Each app's rules, reactions, gates, exports, work and "what waits for me" register themselves.
        autodiscover_modules("rules", "handlers", "gates", "exports", "jobs", "waiting")
