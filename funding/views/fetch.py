"""What a page is about, always through ``visible_to``, so that the hidden is a 404; and what was posted."""

from __future__ import annotations

from django.http import HttpRequest, QueryDict
from django.shortcuts import get_object_or_404

from funding.models import Fund, Grant, Instalment, Voucher

AGREEMENT = ("agreement__office", "agreement__file")


def visible_fund(request: HttpRequest, pk: int) -> Fund:
    return get_object_or_404(Fund.objects.visible_to(request.user).for_list(), pk=pk)


def visible_grant(request: HttpRequest, code: str) -> Grant:
    grants = Grant.objects.visible_to(request.user).for_list().select_related(*AGREEMENT)
    return get_object_or_404(grants, award__project__code=code)


def visible_instalment(request: HttpRequest, pk: int) -> Instalment:
    return get_object_or_404(Instalment.objects.visible_to(request.user).with_subject(), pk=pk)


def visible_voucher(request: HttpRequest, pk: int) -> Voucher:
    return get_object_or_404(Voucher.objects.visible_to(request.user).for_list(), pk=pk)


def own_grant(request: HttpRequest, code: str) -> Grant:
    """A grant of the person's own organisation, and of nobody else's."""
    grants = Grant.objects.own(request.user).for_list().select_related(*AGREEMENT)
    return get_object_or_404(grants, award__project__code=code)


def posted(request: HttpRequest) -> QueryDict | None:
    """What was posted, also when it is empty: a form without fields is then bound all the same."""
    return request.POST if request.method == "POST" else None
