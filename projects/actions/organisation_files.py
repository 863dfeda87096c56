"""Certificates and reports of an organisation: looked through, kept, taken out again."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.rights import require
from contest.actions import take_file
from contest.record import record
from kit import clock
from kit.errors import refuse_unless
from kit.uploads import Kind
from projects.actions.common import person
from projects.actions.organisations import lock_organisation, save_version
from projects.enums import OrganisationFileKind
from projects.models import Organisation, OrganisationFile
from projects.organisation_file import VERIFIED_PAPERS

if TYPE_CHECKING:
    from accounts.actors import Actor

MOST_PAPERS = 20
PAPER_KINDS = (Kind.PDF, Kind.JPG, Kind.PNG)
PAPER_BYTES = 20 * 1024 * 1024


@transaction.atomic
def add_organisation_file(
    *, actor: Actor, organisation: Organisation, kind: str, stream: IO[bytes], name: str
) -> OrganisationFile:
    """Look through a paper and keep it with the organisation; a new certificate is verified again.

    Refuses beside the field ``file`` what is disguised, damaged, encrypted, active, neither PDF nor
    picture, larger than 20 MB or one too many.
    """
    require(actor, "projects.edit_organisation", organisation)
    organisation = lock_organisation(organisation)
    refuse_unless(
        kind in OrganisationFileKind.values, "kind_unknown", _("Please choose from the list."), field="kind"
    )
    refuse_unless(
        organisation.files.current().count() < MOST_PAPERS,
        "too_many_papers",
        _("An organisation keeps at most %(most)s papers; please take one out first."),
        field="file",
        most=MOST_PAPERS,
    )
    paper = OrganisationFile.objects.create(
        organisation=organisation,
        kind=kind,
        file=take_file(actor=actor, stream=stream, name=name, kinds=PAPER_KINDS, max_bytes=PAPER_BYTES),
        added_by=person(actor),
        added_at=clock.now(),
    )
    save_version(actor, organisation, needs_look=kind in VERIFIED_PAPERS)
    record(
        "organisation.paper_added",
        actor=actor,
        obj=organisation,
        after={
            "paper": paper.pk,
            "kind": kind,
            "sha256": paper.file.sha256,
            "version": organisation.version,
        },
    )
    return paper


@transaction.atomic
def remove_organisation_file(*, actor: Actor, paper: OrganisationFile) -> OrganisationFile:
    """Take a paper out of the file; versions that had it keep it. Twice changes nothing."""
    require(actor, "projects.edit_organisation", paper.organisation)
    organisation = lock_organisation(paper.organisation)
    paper = OrganisationFile.objects.select_for_update().get(pk=paper.pk)
    if paper.removed_at is None:
        paper.removed_at = clock.now()
        paper.save(update_fields=["removed_at"])
        save_version(actor, organisation, needs_look=paper.kind in VERIFIED_PAPERS)
        record(
            "organisation.paper_removed",
            actor=actor,
            obj=organisation,
            before={"paper": paper.pk, "kind": paper.kind},
            after={"version": organisation.version},
        )
    return paper
