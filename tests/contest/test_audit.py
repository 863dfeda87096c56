"""The audit room: everything to read, nothing to change, and proof of the record."""

import io

import pytest
from django.core.management import call_command
from django.urls import reverse

from accounts.enums import Role
from contest.models import Event
from tests.factories.accounts import UserFactory
from tests.factories.contest import EditionFactory
from tests.pages import queries_of

AUDIT = ["contest:audit_home", "contest:audit_exports", "contest:audit_record"]


@pytest.mark.django_db
def test_auditor_reads_the_record_and_finds_in_it(as_user, auditor):
    edition = EditionFactory()
    client = as_user(auditor)
    for name in AUDIT:
        assert client.get(reverse(name)).status_code == 200
    page = client.get(reverse("contest:audit_record"), {"verb": "call.published"})
    assert [event.object_id for event in page.context["listing"].rows] == [str(edition.pk)]
    event = page.context["listing"].rows[0]
    detail = client.get(reverse("contest:audit_event", args=[event.pk]))
    assert edition.current_rulebook.sha256 in detail.content.decode()
    assert (
        client.get(reverse("contest:audit_record"), {"q": "\x00'; --", "edition": "abc"}).status_code == 200
    )


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.CLERK, Role.APPROVER, Role.LEADER, Role.EXPERT, Role.SYSTEM_ADMIN])
def test_audit_room_is_closed_to_others(as_user, role):
    client = as_user(UserFactory(roles=[role]))
    for name in AUDIT:
        assert client.get(reverse(name)).status_code == 403


@pytest.mark.django_db
def test_auditor_changes_nothing(as_user, auditor, clerk):
    edition = EditionFactory(published=False, clerk=clerk)
    client = as_user(auditor)
    before = Event.objects.count()
    for name, args in (
        ("contest:desk_edition_create", []),
        ("contest:desk_edition_edit", [edition.year]),
        ("contest:desk_timetable", [edition.year]),
        ("contest:desk_rulebook", [edition.year]),
        ("contest:call_propose", [edition.year]),
        ("contest:edition_advance", [edition.year]),
        ("contest:calendar_day", []),
        ("contest:calendar_year", []),
    ):
        assert client.post(reverse(name, args=args)).status_code == 403, name
    assert Event.objects.count() == before


@pytest.mark.django_db
def test_record_list_costs_the_same_for_few_and_many(as_user, auditor):
    EditionFactory()
    client = as_user(auditor)
    address = reverse("contest:audit_record")
    queries_of(client, address)
    few = queries_of(client, address)
    for _number in range(5):
        EditionFactory()
    assert queries_of(client, address) == few


@pytest.mark.django_db
def test_edition_list_costs_the_same_for_one_and_thirty(as_user, clerk):
    EditionFactory(published=False, clerk=clerk)
    client = as_user(clerk)
    address = reverse("contest:desk_edition_list")
    few = queries_of(client, address)
    for _number in range(29):
        EditionFactory(published=False, clerk=clerk)
    assert queries_of(client, address) == few


@pytest.mark.django_db(transaction=True)
def test_command_proves_the_record_and_names_the_first_flaw(client, superuser, seal_everything):
    EditionFactory()
    seal_everything()
    out = io.StringIO()
    call_command("verify_record", "--seal", stdout=out)
    assert "in order" in out.getvalue()
    auditor = UserFactory(roles=[Role.AUDITOR])
    client.force_login(auditor)
    assert client.get(reverse("contest:audit_record")).context["chain"].flaws == ()
    event = Event.objects.filter(verb="call.published").get()
    superuser.execute("SET session_replication_role = replica")
    superuser.execute("UPDATE contest_event SET reason = 'rewritten' WHERE id = %s", (event.pk,))
    superuser.execute("SET session_replication_role = DEFAULT")
    err = io.StringIO()
    with pytest.raises(SystemExit) as exit_info:
        call_command("verify_record", stderr=err)
    assert exit_info.value.code == 1
    assert str(event.pk) in err.getvalue()


@pytest.mark.django_db(transaction=True)
def test_audit_page_shows_a_broken_chain(client, superuser, seal_everything):
    EditionFactory()
    seal_everything()
    event = Event.objects.filter(verb="call.published").get()
    superuser.execute("SET session_replication_role = replica")
    superuser.execute("UPDATE contest_event SET reason = 'rewritten' WHERE id = %s", (event.pk,))
    superuser.execute("SET session_replication_role = DEFAULT")
    client.force_login(UserFactory(roles=[Role.AUDITOR]))
    page = client.get(reverse("contest:audit_home"))
    assert len(page.context["chain"].flaws) == 1
