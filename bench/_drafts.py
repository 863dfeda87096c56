"""Complete drafts of several organisations and the bare view's table; then, as ``bench._drafts sign-in``
with the settings of the server, a signed-in owner for each.

The second prints one JSON list: of each draft its code, version, its owner's cookie and key.
"""

import json
import os
import sys
from datetime import datetime
from typing import Any

import django

django.setup()

from bench._one_update import make_table  # noqa: E402 - the apps must be loaded first
from bench._signed_in import sign_in  # noqa: E402
from contest.enums import Stage  # noqa: E402
from kit import clock  # noqa: E402
from projects.models import Project  # noqa: E402
from projects.views.autosave import person_key  # noqa: E402
from tests.factories.contest import EditionFactory  # noqa: E402
from tests.factories.projects import ProjectFactory, owner_of  # noqa: E402

DRAFTS = 4
MOMENT = datetime(2026, 3, 9, 12, tzinfo=clock.CITY_ZONE)


def signed_in() -> list[dict[str, Any]]:
    return [
        {
            "code": draft.code,
            "version": draft.version,
            "cookie": sign_in(owner_of(draft.organisation)),
            "person": person_key(owner_of(draft.organisation)),
        }
        for draft in Project.objects.for_list()
    ]


if sys.argv[1:] == ["sign-in"]:
    json.dump(signed_in(), sys.stdout)
else:
    with clock.frozen(MOMENT):
        edition = EditionFactory(stage=Stage.APPLICATION, year=2026)
        ProjectFactory.create_batch(DRAFTS, edition=edition)
    make_table(os.environ["DATABASE_OWNER_URL"], DRAFTS)
