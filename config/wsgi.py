"""The web server's way in."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

application = get_wsgi_application()

# What is loaded by now stays for good: the collector need not walk through it again and again.
gc.freeze()
gc.set_threshold(10_000, 20, 20)
