"""What the demonstration and the rehearsals enter is whole and keeps the rules."""

from datetime import date

import pytest

from config.play import applying
from config.play.texts import STORIES
from contest.rulebook import default_rulebook
from projects.models import Project
from projects.queries import budget_checks
from projects.sections import PARTS, TABLES
from tests.factories.projects import ProjectFactory, owner_of

pytestmark = pytest.mark.django_db

MAY_BE_EMPTY = {"fee_note", "recommended_by"}


def test_there_is_a_story_for_every_field():
    assert set(STORIES) == {field.key for field in default_rulebook().fields}


@pytest.mark.parametrize("field", STORIES)
def test_a_made_up_application_is_whole_and_keeps_the_rules(field):
    project = ProjectFactory(complete=False)
    entry = applying.Entry(
        title=f"{field}项目",
        field=field,
        groups=("residents", "elderly"),
        district=project.district,
        summary="按楼栋设议事厅。",
        fiscal_fen=8_000_000,
        matching_fen=3_000_100,
    )
    owner = owner_of(project.organisation)
    applying.fill_in(actor=owner, project=project, entry=entry, starts_on=date(2026, 7, 1))
    project = Project.objects.for_list().get(pk=project.pk)
    empty = [
        name
        for part in PARTS
        for name in part.names
        if not (getattr(project, name).all() if name in TABLES else getattr(project, name))
    ]
    checks = budget_checks(project)
    assert set(empty) <= MAY_BE_EMPTY
    assert (checks.purses["fiscal"], checks.purses["amount"]) == (8_000_000, 11_000_100)
    assert checks.is_clean
