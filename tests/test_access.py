"""Roles × addresses: the policy table against the real pages, with real objects."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.actors import SYSTEM
from accounts.enums import Role, ScopeKind
from accounts.models import Invitation, RoleGrant, User
from contest import actions as contest
from contest.actions import build_document, notify
from contest.deliveries import run_delivery
from contest.models import Delivery, Document, Event, Job, Message
from funding.models import Voucher
from judging.actions import card_token
from judging.models import (
    Assignment,
    Draw,
    DrawPick,
    ExpertLink,
    Flag,
    Juror,
    JurorCard,
    JurorPick,
    Notice,
    Objection,
    ObjectionFile,
    Recording,
    Rereview,
    Round,
    RoundEntry,
    Show,
)
from projects import actions as projects
from projects.models import Attachment, ImportBatch, Organisation, Project, Similarity
from publicity.models import Announcement
from tests.access_policy import EVERYONE, PEOPLE, POLICY, READERS
from tests.factories.accounts import UserFactory
from tests.factories.contest import EditionFactory, OfficeFactory
from tests.factories.judging import make_pool, make_roster
from tests.factories.projects import PDF, code_number
from tests.projects.tables import a_row, filled
from tests.world import World, begin_small, play_to_grants

BACKEND = "accounts.backends.PasswordBackend"
#: Of third parties; each is guarded by its own package.
NOT_OURS = ("admin:", "account_", "mfa_")
ROLES = {
    "clerk": Role.CLERK,
    "approver": Role.APPROVER,
    "supervisor": Role.SUPERVISOR,
    "finance": Role.FINANCE,
    "auditor": Role.AUDITOR,
    "editor": Role.EDITOR,
    "leader": Role.LEADER,
    "coach": Role.COACH,
    "system": Role.SYSTEM_ADMIN,
    "security": Role.SECURITY_ADMIN,
    "auditadmin": Role.AUDIT_ADMIN,
}


def our_views(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every named address of ours with its view."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from our_views(pattern, inner)
        elif isinstance(pattern, URLPattern):
            name = f"{prefix}{pattern.name}"
            if not name.startswith(NOT_OURS):
                yield name, pattern.callback


VIEWS = dict(our_views())


def test_every_address_has_a_row_and_every_row_an_address():
    assert set(POLICY) == set(VIEWS)


def test_every_view_says_who_may_see_it():
    assert [name for name, view in VIEWS.items() if not hasattr(view, "page")] == []


def test_public_pages_are_those_open_to_everyone():
    public = {name for name, view in VIEWS.items() if view.page.public}
    assert public == {name for name, people in POLICY.items() if people == EVERYONE} | {"styleguide"}


@pytest.fixture
def world(db) -> World:
    """Played without its papers being built: only what puts notices on the public board has run."""
    played = play_to_grants(begin_small())
    for delivery in Delivery.objects.filter(handler__startswith="publicity."):
        run_delivery(delivery.pk)
    return played


@pytest.fixture
def people(world) -> dict[str, User]:
    """One person per column of the table, with a clean hand in everything that was played."""
    found = {name: UserFactory(roles=[role]) for name, role in ROLES.items()}
    found["nobody"] = UserFactory()
    found["org"], found["other_org"] = world.owners[0], world.owners[1]
    assignment = the_assignment(world)
    found["expert"] = assignment.seat.expert
    found["other_expert"] = next(
        expert for expert in world.cast.experts if expert.pk != assignment.seat.expert_id
    )
    officer = UserFactory(roles=[(Role.DISTRICT_OFFICER, ScopeKind.DISTRICT, world.projects[0].district_id)])
    return found | {"district": officer}


def the_assignment(world: World) -> Assignment:
    return Assignment.objects.filter(entry__project=world.projects[0]).order_by("pk").first()


@pytest.fixture
def objects(world, people) -> dict[str, dict[str, Any]]:
    """Arguments for every address that takes some."""
    project, edition = world.projects[0], world.play.edition
    final = Round.objects.get(edition=edition, key="final")
    entry = RoundEntry.objects.get(round=final, project=project)
    notice = Notice.objects.filter(round=final).get()
    instalment = world.grants[0].instalments.order_by("number").last()
    own_grant = next(grant for grant in world.grants if grant.award.project_id == project.pk)
    instalment = own_grant.instalments.order_by("number").last()
    announcement = Announcement.objects.get(notice=notice)
    objection = Objection.objects.create(
        notice=notice,
        project=project,
        channel="online",
        objector_name="市民01",
        objector_contact="13800000000",
        text="请核实。",
        request_key="6ba7b810-9dad-41d1-80b4-00c04fd430c8",
    )
    proof = ObjectionFile.objects.create(objection=objection, file=project.attachments.first().file)
    rereview = Rereview.objects.create(objection=objection, expert=people["expert"], asked_by=people["clerk"])
    message = the_message(world)
    job = a_finished_job(people["auditor"])
    draft = EditionFactory(published=False, year=2031)
    contest.propose_amendment(
        actor=world.cast.clerk,
        edition=edition,
        document=edition.rulebook.document | {"pass_mark": 70},
        reason="上级文件要求",
    )
    invitation = Invitation.objects.create(
        email="new@example.org",
        role=Role.CLERK,
        token_sha256="0" * 64,
        invited_by=people["security"],
        expires_at=world.play.moment.replace(year=2099),
    )
    card = JurorCard.objects.filter(round=final).order_by("seat").first()
    idea = projects.keep_idea(actor=people["org"], organisation=project.organisation, title="一个设想")
    batch = a_table(people["clerk"])
    recording = Recording.objects.create(
        round=final,
        title="决赛实况",
        station="示范电视台",
        aired_on=final.opened_at.date(),
        file=proof.file,
        consent="书面同意存档",
        entered_by=people["clerk"],
    )
    by_pk = {
        "contest:message": message.pk,
        "contest:message_open": message.pk,
        "contest:job": job.pk,
        "contest:job_download": job.pk,
        "contest:job_cancel": job.pk,
        "contest:audit_event": Event.objects.order_by("pk").first().pk,
        "accounts:person": people["clerk"].pk,
        "accounts:role_grant": people["clerk"].pk,
        "accounts:person_deactivate": people["clerk"].pk,
        "accounts:person_reactivate": people["clerk"].pk,
        "accounts:role_revoke": RoleGrant.objects.filter(user=people["clerk"]).get().pk,
        "accounts:invitation_revoke": invitation.pk,
        "judging:round_entry": final.pk,
        "judging:assignment_replace": the_assignment(world).pk,
        "judging:assignment_take": the_assignment(world).pk,
        "judging:round_sharing_entry": final.pk,
        "judging:entry_withdraw": final.pk,
        "judging:review_grid": the_assignment(world).entry.round_id,
        "judging:sheet_versions": the_assignment(world).pk,
        "judging:sheet_unlock": the_assignment(world).pk,
        "judging:notice_detail": notice.pk,
        "judging:objection_register": notice.pk,
        "judging:objection_file": proof.pk,
        "judging:review_rereview": rereview.pk,
        "judging:live_card": card.pk,
        "judging:live_reopen": entry.pk,
        "judging:live_recording_withdraw": recording.pk,
        "judging:live_slip_desk": entry.pk,
        "judging:live_slip_rule": entry.pk,
        "funding:voucher_detail": Voucher.objects.filter(grant=own_grant).first().pk,
        "funding:voucher_reverse": Voucher.objects.filter(grant=own_grant).first().pk,
    }
    # The table's clerk has the case: only who has it decides it and sees its phones.
    Project.objects.filter(pk=project.pk).update(checker=people["clerk"])
    similar = Similarity.objects.create(
        project=project, other=world.projects[1], title_percent=80, summary_percent=20
    )
    attachment = Attachment.objects.filter(project=project).first().pk
    arguments: dict[str, dict[str, Any]] = {name: {"pk": pk} for name, pk in by_pk.items()}
    arguments |= of_an_organisation(project.organisation, people["nobody"])
    for name in ("judging:round_entry", "judging:round_sharing_entry", "judging:entry_withdraw"):
        arguments[name] |= {"number": entry.number}
    arguments["judging:review_file"] = {"pk": the_assignment(world).pk, "file": attachment}
    Show.objects.create(round=final)
    odd = Flag.objects.create(
        round=final, kind="burst", key="one", measured={"seats": [1], "sheets": 5, "minutes": 3}
    )
    arguments["judging:round_flag"] = {"pk": final.pk, "flag": odd.pk}
    arguments["judging:round_seat_end"] = {"pk": final.pk, "number": 1}
    arguments["judging:review_panel"] = {"pk": final.pk}
    drawn = a_draw(final, people["clerk"])
    for prefix, kwargs in (
        ("judging:draw", {"pk": drawn.pk}),
        ("judging:expert", {"pk": drawn.pool[0]["id"]}),
    ):
        arguments |= {name: kwargs for name in POLICY if name.startswith(prefix) and takes(name, {"pk"})}
    arguments["judging:draw_commit"] = {"pk": final.pk}
    tie = ExpertLink.objects.create(
        expert_id=drawn.pool[0]["id"], kind="mentor", body_name="示例中心", entered_by=people["clerk"]
    )
    arguments["judging:expert_unlink"] = {"pk": tie.pk}
    for name in ("publicity:draw", "publicity:draw_data"):
        arguments[name] = {"year": edition.year, "pk": drawn.pk}
    hall_draw, juror = a_jury_draw(final, people["clerk"])
    for name in (name for name in POLICY if name.startswith("judging:live_draw") and takes(name, {"pk"})):
        arguments[name] = {"pk": hall_draw.pk}
    arguments["judging:live_juror_answer"] = {"pk": hall_draw.pk, "number": 1}
    for name in ("judging:live_juror", "judging:live_juror_strike"):
        arguments[name] = {"pk": juror.pk}
    arguments["judging:draw_answer"] = {"pk": drawn.pk, "number": 1}
    arguments["projects:project_version"] = {"code": project.code, "version": 1}
    for name in ("projects:project_section", "projects:project_autosave"):
        arguments[name] = {"code": project.code, "section": "basic"}
    for name in ("projects:attachment", "projects:attachment_remove"):
        arguments[name] = {"code": project.code, "pk": attachment}
    for name in ("projects:intake_similar", "projects:intake_similar_clear"):
        arguments[name] = {"code": project.code, "other": similar.other.code}
    arguments["contest:verify"] = {"code": edition.call_document.code}
    arguments["contest:document_pdf"] = {"code": edition.call_document.code}
    arguments["contest:export_new"] = {"kind": "entries"}
    for name in ("desk_edition_edit", "desk_rulebook", "call_propose"):
        arguments[f"contest:{name}"] = {"year": draft.year}
    arguments["accounts:invitation_accept"] = {"token": "x" * 43}
    arguments["judging:jury_card"] = {"token": card_token(card)}
    arguments["publicity:recording"] = {"year": edition.year, "pk": recording.pk}
    arguments["publicity:results_entry"] = {"year": edition.year, "key": "final", "number": entry.number}
    arguments["publicity:objection_receipt"] = {"receipt": getattr(objection, "receipt", "unknown")}
    for prefix, kwargs in (
        ("projects:idea_", {"pk": idea.pk}),
        ("projects:import_template", {"year": batch.edition.year}),
        ("projects:import_", {"pk": batch.pk}),
        ("judging:review_", {"pk": the_assignment(world).pk}),
        ("judging:round_", {"pk": final.pk}),
        ("judging:decision_", {"pk": final.pk}),
        ("judging:objection_", {"pk": objection.pk}),
        ("funding:instalment_", {"pk": instalment.pk}),
        ("funding:fund_", {"pk": world.fund.pk}),
        ("funding:draw_up", {"pk": world.fund.pk}),
        ("funding:", {"code": project.code}),
        ("publicity:results", {"year": edition.year, "key": "final"}),
        ("publicity:announcement_", {"pk": announcement.pk}),
        ("publicity:desk_media", {"pk": announcement.pk}),
        ("publicity:desk_withdraw", {"pk": announcement.pk}),
        ("publicity:", {"code": project.code}),
        ("projects:", {"code": project.code}),
        ("", {"year": edition.year}),
    ):
        for name in POLICY:
            if name not in arguments and name.startswith(prefix) and takes(name, set(kwargs)):
                arguments[name] = kwargs
    return arguments


def of_an_organisation(organisation: Organisation, asker: User) -> dict[str, dict[str, Any]]:
    """Arguments for the pages of one organisation: its papers, people, versions and links."""
    owner = organisation.registered_by
    paper = projects.add_organisation_file(
        actor=owner, organisation=organisation, kind="other", stream=BytesIO(PDF), name="章程.pdf"
    )
    invitation, _token = projects.invite_member(
        actor=owner, organisation=organisation, email="colleague@example.org", role="applicant_editor"
    )
    asked = projects.ask_to_join(actor=asker, code=organisation.code, note="新同事")
    approver = UserFactory(roles=[Role.APPROVER])
    link = projects.link_bodies(
        actor=approver, code=organisation.code, other_code=code_number(9), kind="renamed", evidence="更名通知"
    )
    more: dict[str, dict[str, Any]] = {
        "organisation": {},
        "organisation_file": {},
        "organisation_papers": {},
        "organisation_paper": {"paper": paper.pk},
        "organisation_paper_remove": {"paper": paper.pk},
        "organisation_people": {},
        "member_role": {"person": owner.pk},
        "member_remove": {"person": owner.pk},
        "invitation_withdraw": {"invitation": invitation.pk},
        "membership_answer": {"asked": asked.pk},
        "organisation_detail": {},
        "deadline_time": {},
        "organisation_version": {"version": 1},
        "organisation_verify": {},
        "organisation_bar": {},
        "organisation_appoint": {"asked": asked.pk},
        "organisation_link": {},
        "organisation_unlink": {"link": link.pk},
    }
    join = {"projects:organisation_join": {"code": organisation.code}}
    return join | {f"projects:{name}": {"pk": organisation.pk} | rest for name, rest in more.items()}


def a_draw(round: Round, clerk: User) -> Draw:
    """A draw of a round's panel, drawn, with its one expert not asked yet."""
    expert = make_pool(1)[0]
    draw = Draw.objects.create(
        round=round,
        size=1,
        pool=[{"id": expert.pk}],
        seed="00",
        status="drawn",
        public_number="7",
        committed_by=clerk,
        drawn_by=clerk,
        drawn_at=round.opened_at,
    )
    DrawPick.objects.create(draw=draw, number=1, expert=expert)
    return draw


def a_jury_draw(round: Round, clerk: User) -> tuple[Draw, Juror]:
    """A draw of a final's public jury, drawn, with its one juror not asked yet."""
    (juror,) = make_roster(round.edition, 媒体=1)
    draw = Draw.objects.create(
        kind="jury",
        round=round,
        size=1,
        conditions={"seats": [["媒体", 1]]},
        pool=[{"id": juror.pk, "trade": "媒体", "district": juror.district.code}],
        seed="00",
        status="drawn",
        public_number="7",
        committed_by=clerk,
        drawn_by=clerk,
        drawn_at=round.opened_at,
    )
    JurorPick.objects.create(draw=draw, number=1, juror=juror)
    return draw, juror


def a_table(clerk: User) -> ImportBatch:
    """A table for an edition held before the portal, looked through, with its report."""
    edition = contest.record_past_edition(
        actor=clerk,
        year=2014,
        office=OfficeFactory(),
        name="2014年征选",
        short_name="2014年",
        organisers="示范市委政法委",
    )
    table = BytesIO(filled(edition, [a_row(1)]))
    batch = projects.receive_import(actor=clerk, edition=edition, file=table, name="往届.xlsx")
    for delivery in Delivery.objects.filter(event__verb="job.requested", status="pending"):
        run_delivery(delivery.pk)
    return batch


def a_finished_job(person: User) -> Job:
    """A job of one person with a result to fetch."""
    job = Job.objects.create(kind="export:record", requested_by=person)
    result = contest.save_file(actor=SYSTEM, stream=BytesIO(b"a,b\n"), name="record.csv", mime="text/csv")
    return contest.finish_job(actor=SYSTEM, job=job, result=result, row_count=1)


def the_message(world: World) -> Message:
    event = Event.objects.about(world.projects[0]).first()
    notify(event=event, people=[world.owners[0]], subject="补正", body="请补正")
    return Message.objects.filter(person=world.owners[0], channel="in_app").last()


def takes(name: str, keys: set[str]) -> bool:
    """Whether an address takes just these arguments."""
    return any(
        set(parameters) == keys
        for patterns in (get_resolver_patterns(name),)
        for _template, parameters in patterns
    )


def get_resolver_patterns(name: str) -> list[tuple[str, list[str]]]:
    resolver = get_resolver()
    *namespaces, local = name.split(":")
    for namespace in namespaces:
        _prefix, resolver = resolver.namespace_dict[namespace]
    return [form for entry in resolver.reverse_dict.getlist(local) for form in entry[0]]


def ask(client: Client, name: str, url: str) -> int:
    """The status of a page, asked the way it is meant to be; nothing it did is kept."""
    method = client.get if "GET" in VIEWS[name].page.methods else client.post
    try:
        with transaction.atomic():
            status = fetched(method(url)).status_code
            transaction.set_rollback(True)
    except RuntimeError as error:
        # A money action wanted its own transaction: the page had been passed.
        if "durable" not in str(error):
            raise
        status = 200
    return status


def fetched(response: Any) -> Any:
    """The response with its file, if it is one, read to the end."""
    if response.streaming:
        list(response.streaming_content)
    return response


def opened(status: int, client_is_signed_in: bool) -> bool:
    """Whether the page let the person in; a refused act (409, 422, 400) is an open page too."""
    return status not in (403, 404) and (client_is_signed_in or status != 302)


@pytest.fixture
def clients(people) -> dict[str, Client]:
    """A browser for each person, signed in, and one for nobody in particular."""
    found = {who: Client() for who in ("anonymous", *PEOPLE)}
    for who in PEOPLE:
        found[who].force_login(people[who], backend=BACKEND)
    return found


def test_pages_open_to_those_in_the_table_and_to_nobody_else(world, clients, objects):
    wrong = []
    for name, allowed in POLICY.items():
        url = reverse(name, kwargs=objects.get(name, {}))
        for who, client in clients.items():
            status = ask(client, name, url)
            expected = who in allowed or allowed == EVERYONE
            public_redirect = allowed == EVERYONE and status in (302, 404, 409, 410)
            if opened(status, who != "anonymous") != expected and not public_redirect:
                wrong.append(f"{name} as {who}: {status}, expected {'open' if expected else 'closed'}")
    assert wrong == []
    assert readers_of_a_private_paper(world, clients) == {"org", "district"} | READERS


def readers_of_a_private_paper(world: World, clients: dict[str, Client]) -> set[str]:
    """Who can download the print-out of the first application."""
    paper = Document.objects.get(kind="application", object_id=str(world.projects[0].pk))
    build_document(document=paper)
    return {who for who, client in clients.items() if fetched(client.get(paper.pdf_url)).status_code == 200}


def test_revoked_role_closes_pages_on_the_next_request(db):
    clerk = UserFactory(roles=[Role.CLERK])
    client = Client()
    client.force_login(clerk, backend=BACKEND)
    assert client.get(reverse("contest:desk")).status_code == 200

    RoleGrant.objects.filter(user=clerk).update(revoked_at="2026-01-01T00:00:00Z")

    assert client.get(reverse("contest:desk")).status_code == 403
