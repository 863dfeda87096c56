from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The roof: system checks, the Celery app, the worker's heartbeat."""

    name = "config"

    def ready(self) -> None:
        # Imported here rather than by the package, which must stay free of Django.
        from config import celery, checks  # noqa: F401
