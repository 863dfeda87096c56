"""Work around the formal check: cases given out, many accepted at once, duplicates, drafts."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contest.enums import Ability
from contest.models import Edition
from kit import clock
from kit.page import page
from projects import actions, alike, looks, queue
from projects.enums import ProjectStatus
from projects.forms import AssignForm, ClearForm, MergeForm
from projects.models import Project, Similarity, Submission
from projects.views.fetch import handed_in


def editions_checked() -> list[Edition]:
    """Editions whose formal check is open, latest first."""
    editions = Edition.objects.filter(is_rehearsal=False, current_rulebook__isnull=False).for_list()
    return [edition for edition in editions if edition.opens(Ability.CHECK_INTAKE)]


def _way_back(request: HttpRequest) -> str:
    """The list as it was narrowed, from the form; the plain list if that is no address of ours."""
    back = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if safe and back.startswith("/desk/") else reverse("projects:intake_list")


def _chosen_codes(request: HttpRequest) -> list[str]:
    """The applications ticked; what no application can be called is left out."""
    return [code for code in request.POST.getlist("project")[: queue.BATCH] if code.isprintable()]


# Whose case


@page("projects.check_intake", methods=("POST",))
def intake_assign(request: HttpRequest) -> HttpResponse:
    """Give the chosen cases to a clerk."""
    chosen = queue.queue_of(request.user).filter(code__in=_chosen_codes(request))
    projects = list(chosen.select_related("edition", "organisation"))
    form = AssignForm(request.POST)
    if not projects:
        messages.warning(request, _("Choose at least one application first."))
    elif (changed := form.submit(actions.assign_checkers, actor=request.user, projects=projects)) is not None:
        name = form.cleaned_data["checker"].name
        messages.success(request, _("%(name)s has %(count)s more cases.") % {"name": name, "count": changed})
    else:
        for errors in form.errors.values():
            messages.error(request, errors[0])
    return redirect(_way_back(request))


@page("projects.check_intake", methods=("GET", "POST"))
def intake_share(request: HttpRequest) -> HttpResponse:
    """Share out what nobody has, after a last look."""
    edition = _chosen_edition(request)
    if edition is None:
        return render(request, "projects/intake_share.html", {"count": 0})
    if request.method == "POST":
        given = actions.share_out_cases(actor=request.user, edition=edition)
        said = "、".join(f"{name} {count}" for name, count in given.items()) or _("nothing was left to share")
        messages.success(request, _("Shared out: %(given)s") % {"given": said})
        return redirect(f"{reverse('projects:intake_list')}?clerk={request.user.pk}")
    undecided = Project.objects.in_edition(edition).undecided()
    context = {
        "edition": edition,
        "count": undecided.filter(checker__isnull=True).count(),
        "clerks": [
            {"label": clerk.name, "value": undecided.filter(checker=clerk).count()}
            for clerk in queue.clerks()
        ],
    }
    return render(request, "projects/intake_share.html", context)


def _chosen_edition(request: HttpRequest) -> Edition | None:
    """The edition of the address or the form, else the latest whose formal check is open; ``None``
    where none is."""
    asked = request.POST.get("edition") or request.GET.get("edition", "")
    editions = editions_checked()
    found = next((edition for edition in editions if str(edition.year) == asked), None)
    if found is None and asked:
        raise Http404
    return found or next(iter(editions), None)


# Many at once


@page("projects.decide_intake", methods=("GET", "POST"))
def intake_accept(request: HttpRequest) -> HttpResponse:
    """The clean ones, to be accepted together once the clerk has looked through them."""
    edition = _chosen_edition(request)
    if edition is None:
        return render(request, "projects/intake_accept.html")
    clean = queue.clean(edition, request.user)
    if request.method == "POST" and request.POST.get("sure") != "1":
        messages.warning(request, _("Please confirm that you have looked through them."))
    elif request.method == "POST":
        chosen = list(clean.filter(code__in=_chosen_codes(request)))
        done, left = actions.accept_clean(actor=request.user, edition=edition, projects=chosen)
        text = ngettext("%(count)s application accepted.", "%(count)s applications accepted.", done)
        messages.success(request, text % {"count": done})
        if left:
            messages.warning(
                request, _("Left, because something has changed: %(codes)s") % {"codes": "、".join(left)}
            )
        return redirect(f"{reverse('projects:intake_accept')}?edition={edition.year}")
    context = {
        "edition": edition,
        "projects": clean[: queue.BATCH],
        "count": clean.count(),
        "most": queue.BATCH,
        "checks": edition.rules.formal_checks,
        "waiting": Project.objects.in_edition(edition).filter(status=ProjectStatus.SUBMITTED).count(),
    }
    return render(request, "projects/intake_accept.html", context)


# Duplicates


def similar_pair(request: HttpRequest, code: str, other: str) -> Similarity:
    """The likeness of two applications, whichever was compared with which."""
    pair = Q(project__code=code, other__code=other) | Q(project__code=other, other__code=code)
    visible = Project.objects.visible_to(request.user).handed_in()
    return get_object_or_404(
        Similarity.objects.select_related("project", "other", "cleared_by")
        .order_by("cleared_at", "pk")
        .filter(pair, project__in=visible, other__in=visible)[:1]
    )


def the_pair(request: HttpRequest, code: str, other: str) -> Project:
    """The application under check; the page about the pair exists only if the two are alike."""
    similar_pair(request, code, other)
    return handed_in(request, code)


@page("projects.compare_similar", obj=the_pair)
def intake_similar(request: HttpRequest, project: Project) -> HttpResponse:
    """Both texts in two columns, what they share marked."""
    return _pair_page(request, project, ClearForm())


@page("projects.check_intake", obj=the_pair, methods=("POST",))
def intake_similar_clear(request: HttpRequest, project: Project) -> HttpResponse:
    """The two are different works."""
    form = ClearForm(request.POST)
    pair = similar_pair(request, **request.resolver_match.kwargs)  # type: ignore[union-attr]
    if form.submit(actions.clear_similarity, actor=request.user, similarity=pair):
        messages.success(request, _("Noted: the two are different works."))
        return redirect("projects:intake_detail", code=project.code)
    return _pair_page(request, project, form)


def _pair_page(request: HttpRequest, project: Project, form: ClearForm) -> HttpResponse:
    kwargs = request.resolver_match.kwargs  # type: ignore[union-attr]
    pair = similar_pair(request, **kwargs)
    other = handed_in(request, kwargs["other"])
    first, second = (Submission.objects.get(pk=entry.current_submission_id) for entry in (project, other))
    may_check = all(request.user.has_perm("projects.check_intake", entry) for entry in (project, other))
    context = {
        "project": project,
        "other": other,
        "both": [{"project": entry, "tone": looks.tone_of(entry)} for entry in (project, other)],
        "pair": pair,
        "rows": alike.rows(first, second),
        "same_organisation": project.organisation_id == other.organisation_id,
        "form": form,
        "may_clear": pair.cleared_at is None and may_check,
        "may_merge": may_check
        and project.edition_id == other.edition_id
        and project.status in (ProjectStatus.SUBMITTED, ProjectStatus.CORRECTING)
        and request.user.has_perm("projects.decide_intake", project),
    }
    return render(request, "projects/intake_similar.html", context, status=form.status)


@page("projects.decide_intake", obj=handed_in, methods=("GET", "POST"))
def intake_merge(request: HttpRequest, project: Project) -> HttpResponse:
    """Merge an application into another one, after a last look."""
    others = queue.queue_of(request.user).filter(edition=project.edition_id)
    form = MergeForm(request.POST or None, projects=others, initial={"into": request.GET.get("into", "")[:9]})
    if decision := form.submit(actions.merge_project, actor=request.user, project=project):
        merged_into = form.cleaned_data["into"].code
        messages.success(
            request,
            _("%(code)s was merged into %(into)s. The letter is on its way.")
            % {"code": project.code, "into": merged_into},
        )
        return redirect("projects:intake_detail", code=decision.submission.project.code)
    facts = [
        {"label": _("acceptance number"), "value": project.code},
        {"label": _("project title"), "value": project.title},
        {"label": _("applicant organisation"), "value": project.organisation.name},
    ]
    context = {"project": project, "form": form, "facts": facts}
    return render(request, "projects/intake_merge.html", context, status=form.status)


# Drafts


@page("projects.view_drafts_count")
def intake_drafts(request: HttpRequest) -> HttpResponse:
    """How many drafts there are; nobody at the desk reads one."""
    return _drafts_page(request)


@page("projects.remind_drafts", methods=("GET", "POST"))
def intake_remind(request: HttpRequest) -> HttpResponse:
    """Remind the organisations, after a last look."""
    edition = _edition_applied_for(request)
    if edition is None:
        return _drafts_page(request)
    if request.method == "POST":
        event = actions.remind_drafts(actor=request.user, edition=edition)
        count = len(event.after["organisations"])
        messages.success(request, _("%(count)s organisations get a message.") % {"count": count})
        return redirect("projects:intake_drafts")
    rows = queue.draft_counts(edition)
    facts = [
        {"label": _("Edition"), "value": edition.name},
        {"label": _("Organisations that get a message"), "value": sum(row["organisations"] for row in rows)},
        {
            "label": _("Applications close"),
            "value": f"{clock.local(edition.application_deadline):%Y-%m-%d %H:%M}",
        },
    ]
    context = {"edition": edition, "facts": facts, "may_remind": queue.may_remind(edition)}
    return render(request, "projects/intake_remind.html", context)


def _edition_applied_for(request: HttpRequest) -> Edition | None:
    """The edition in which applications can be handed in now."""
    editions = Edition.objects.public().for_list()
    moment = clock.now()
    return next(
        (
            edition
            for edition in editions
            if edition.opens(Ability.EDIT_APPLICATION)
            and edition.application_deadline
            and moment < edition.application_deadline
        ),
        None,
    )


def _drafts_page(request: HttpRequest) -> HttpResponse:
    edition = _edition_applied_for(request)
    rows: list[dict[str, Any]] = queue.draft_counts(edition) if edition else []
    context = {
        "edition": edition,
        "rows": rows,
        "total": sum(row["count"] for row in rows),
        "last_reminder": queue.last_reminder(edition) if edition else None,
        "may_remind": bool(rows)
        and edition is not None
        and request.user.has_perm("projects.remind_drafts")
        and queue.may_remind(edition),
    }
    return render(request, "projects/intake_drafts.html", context)
