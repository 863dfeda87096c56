"""Where the public projects are carried out, and who helps: units by name, nobody in person."""

import pytest
from django.urls import reverse

from projects.models import Partner, Place
from publicity.queries import by_district
from tests.factories.projects import ProjectFactory

pytestmark = pytest.mark.django_db


def test_projects_are_counted_by_district(client, library):
    _edition, projects = library(2)
    Place.objects.create(
        project=projects[0], position=9, district=projects[0].district, town="新圩镇", village="河背村"
    )
    counts = {row.district.pk: (row.projects, row.towns) for row in by_district()}
    own = [project for project in projects if project.district_id == projects[0].district_id]
    towns = {place.town for project in own for place in project.places.all()}
    assert counts[projects[0].district_id] == (len(own), len(towns))
    assert sum(count for count, _towns in counts.values()) == 2
    page = client.get(reverse("publicity:project_list")).content.decode()
    assert f'<a href="?district={projects[0].district.code}">' in page


def test_a_draft_counts_in_no_district(library):
    library(1)
    draft = ProjectFactory()
    assert {row.projects for row in by_district() if row.district.pk == draft.district_id} == {0}


def test_a_project_names_its_places_and_partners(client, library):
    _edition, (project,) = library(1)
    Place.objects.create(
        project=project, position=9, district=project.district, town="新圩镇", note="门牌9号"
    )
    Partner.objects.create(
        project=project, position=9, name="示范物业公司", gives=["venue"], note="某经理牵线"
    )
    page = client.get(reverse("publicity:project_detail", args=[project.code])).content.decode()
    assert "新圩镇" in page
    assert "示范物业公司" in page
    assert "某经理牵线" not in page
    assert "门牌9号" not in page
