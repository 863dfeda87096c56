"""What is taken away as a table, and what waits for whom."""

import csv
import io

import pytest
from django.utils import translation

from accounts.enums import Role
from contest.exports import filters_in_words, find
from contest.waiting import waiting_for
from kit.tables import write_csv
from projects.enums import ProjectStatus
from projects.models import Project
from tests.factories.accounts import UserFactory
from tests.factories.contest import EditionFactory
from tests.factories.projects import OrganisationFactory, ProjectFactory, owner_of

pytestmark = pytest.mark.django_db


def exported(**filters):
    count, rows = find("entries").rows(filters)
    rows = list(rows)
    assert count == len(rows)
    return rows


def test_entries_are_exported_without_drafts_and_without_phones():
    draft = ProjectFactory()
    project = ProjectFactory(edition=draft.edition, status=ProjectStatus.ACCEPTED)
    (row,) = exported(edition=str(draft.edition.year))
    assert (row["code"], str(row["fiscal"]), str(row["total"])) == (project.code, "60000", "100000")
    assert "13800000001" not in str(row)


def test_an_exported_row_says_where_who_and_how_long():
    clerk = UserFactory(roles=[Role.CLERK])
    project = ProjectFactory(status=ProjectStatus.SUBMITTED)
    Project.objects.filter(pk=project.pk).update(checker=clerk)
    (row,) = exported()
    assert row["places"] == "示范街道一社区"
    assert (row["partners"], row["checker"], row["waiting"]) == (0, clerk.name, 0)
    assert (row["stance"], row["rank"]) == ("", None)


def test_formulas_in_titles_stay_text_in_the_table():
    edition = EditionFactory()
    titles = ["=1+1", "+1", "-1", "@SUM(A1)", "＝1+1"]
    for title in titles:
        organisation = OrganisationFactory(name=f"{title}中心")
        ProjectFactory(
            title=title, edition=edition, organisation=organisation, status=ProjectStatus.SUBMITTED
        )
    export = find("entries")
    stream = io.BytesIO()
    write_csv(stream, export.heading(), export.cells(exported()))
    cells = [cell for row in csv.reader(io.StringIO(stream.getvalue().decode("utf-8-sig"))) for cell in row]
    assert not [cell for cell in cells if cell[:1] in {"=", "+", "-", "@", "＝"} and not cell[1:].isdigit()]
    assert {f"'{title}" for title in titles} <= set(cells)


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"status": "submitted"}, 1),
        ({"clerk": "nobody"}, 1),
        ({"clerk": "0"}, 0),
        ({"district": "nowhere"}, 0),
        ({"status": "accepted"}, 0),
        ({"status": "nonsense"}, 1),
        ({"edition": "1999"}, 0),
        ({"edition": "²"}, 0),
        ({"q": "\x00议事"}, 1),
        ({"q": "没有"}, 0),
    ],
)
def test_an_export_is_narrowed_like_its_list(filters, count):
    ProjectFactory(status=ProjectStatus.SUBMITTED)
    assert len(exported(**filters)) == count


def test_the_narrowing_is_said_in_words():
    filters = {"status": "accepted", "stance": "recommend", "odd": "x", "edition": 2026, "format": "csv"}
    with translation.override("en"):
        words = {str(label): str(value) for label, value in filters_in_words(filters, find("entries"))}
    assert words == {
        "Status": "Accepted",
        "Word of the district": "Recommended",
        "odd": "x",
        "Edition": "2026",
    }


def test_who_exports():
    allowed = {
        role
        for role in (Role.CLERK, Role.APPROVER, Role.AUDITOR, Role.LEADER, Role.EXPERT, Role.FINANCE)
        if UserFactory(roles=[role]).has_perm(find("entries").permission)
    }
    assert allowed == {Role.CLERK, Role.APPROVER, Role.AUDITOR}


def lines(user, path):
    return {str(line.url): line.count for line in waiting_for(user) if path in str(line.url)}


def test_what_waits_for_the_clerk():
    ProjectFactory(status=ProjectStatus.SUBMITTED)
    found = lines(UserFactory(roles=[Role.CLERK]), "/desk/")
    assert found["/desk/intake/?clerk=nobody&status=submitted"] == 1
    assert found["/desk/organisations/?status=unverified"] == 1


def test_what_waits_for_the_applicant():
    correcting = ProjectFactory(status=ProjectStatus.CORRECTING)
    draft = ProjectFactory(complete=False)
    assert list(lines(owner_of(correcting.organisation), "/apply/").values()) == [1]
    assert list(lines(owner_of(draft.organisation), "/apply/").values()) == [1]
