from django.apps import AppConfig


class KitConfig(AppConfig):
    """Technical helpers shared by every app: no models, no contest words."""

    name = "kit"
