"""Tables to take away: asked for, made by the worker, fetched, called off."""

import csv
import hashlib
import io
from dataclasses import replace
from datetime import UTC, datetime

import openpyxl
import pytest
from django.core.cache import cache
from django.urls import reverse

from accounts.enums import Role
from contest import actions, deliveries, exports, handlers, jobs
from contest.enums import DeliveryStatus, JobStatus, Stage
from contest.exports import Export, Watch
from contest.models import Delivery, Event, Job, StoredFile
from kit.errors import RuleBroken
from tests.factories.accounts import UserFactory
from tests.factories.contest import EditionFactory
from tests.pages import queries_of

pytestmark = pytest.mark.django_db

HOSTILE = ["=1+1", "+1", "-1+2", "@SUM(A1)", " =1", "\t=1", "＝1+1", "=cmd|' /C calc'!A0", "普通文字", "-5"]


@pytest.fixture
def example(monkeypatch):
    """A kind of table with rows that a spreadsheet would like to run."""
    rows = [{"name": text, "amount": number, "unused": "x"} for number, text in enumerate(HOSTILE, start=-3)]
    export = Export(
        kind="example",
        title="示例表",
        permission="contest.view_editions",
        columns=[("名称", "name"), ("数量", "amount")],
        rows=lambda filters: (len(rows), iter(rows)),
    )
    monkeypatch.setitem(exports._products, "example", export)
    work = jobs.Work(export.job_kind, export.title, export.permission, exports.run_export)
    monkeypatch.setitem(jobs._works, export.job_kind, work)
    return export


def ask(client, kind="example", form="xlsx", **data):
    return client.post(reverse("contest:export_new", args=[kind]), {"format": form} | data)


def content_of(response) -> bytes:
    return b"".join(response.streaming_content)


def test_xlsx_has_cover_rows_and_fingerprint_and_runs_nothing(
    as_user, auditor, example, django_capture_on_commit_callbacks
):
    client = as_user(auditor)
    with django_capture_on_commit_callbacks(execute=True):
        response = ask(client)
    job = Job.objects.get()
    assert response["Location"] == job.get_absolute_url()
    assert (job.status, job.row_count) == (JobStatus.DONE, len(HOSTILE))
    data = content_of(client.get(reverse("contest:job_download", args=[job.pk])))
    assert hashlib.sha256(data).hexdigest() == job.result.sha256
    assert Event.objects.get(verb="job.done").after == {"rows": len(HOSTILE), "sha256": job.result.sha256}
    book = openpyxl.load_workbook(io.BytesIO(data))
    cover, table = book.worksheets
    assert str(len(HOSTILE)) in [str(cell.value) for row in cover.iter_rows() for cell in row]
    assert auditor.name in [cell.value for row in cover.iter_rows() for cell in row]
    assert [cell.value for cell in table[1]] == ["名称", "数量"]
    assert [row[0].data_type for row in table.iter_rows(min_row=2)] == ["s"] * len(HOSTILE)
    assert [row[0].value for row in table.iter_rows(min_row=2)] == HOSTILE
    assert table["B2"].value == -3


def test_csv_is_defused_and_keeps_numbers(as_user, auditor, example, django_capture_on_commit_callbacks):
    client = as_user(auditor)
    with django_capture_on_commit_callbacks(execute=True):
        ask(client, form="csv")
    data = content_of(client.get(reverse("contest:job_download", args=[Job.objects.get().pk])))
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert rows[0] == ["名称", "数量"]
    texts = [row[0] for row in rows[1:]]
    assert [text.removeprefix("'") for text in texts] == HOSTILE
    assert all(text.startswith("'") for text in texts if text.removeprefix("'") != "普通文字")
    assert rows[1][1] == "-3"


def test_download_is_an_attachment_that_a_browser_does_not_open(
    as_user, auditor, example, django_capture_on_commit_callbacks
):
    client = as_user(auditor)
    with django_capture_on_commit_callbacks(execute=True):
        ask(client)
    response = client.get(reverse("contest:job_download", args=[Job.objects.get().pk]))
    assert response["Content-Disposition"].startswith("attachment")
    assert "sandbox" in response["Content-Security-Policy"]
    content_of(response)


def test_record_is_exported_whole_and_by_edition(as_user, auditor, django_capture_on_commit_callbacks):
    edition = EditionFactory(year=2026)
    EditionFactory(year=2027)
    client = as_user(auditor)
    with django_capture_on_commit_callbacks(execute=True):
        ask(client, "record", "csv", edition="2026")
    job = Job.objects.get()
    data = content_of(client.get(reverse("contest:job_download", args=[job.pk]))).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(data)))
    assert job.filters == {"edition": 2026, "format": "csv"}
    assert len(rows) == job.row_count == Event.objects.filter(edition=edition).count()


def test_double_click_makes_one_job(as_user, auditor, example):
    client = as_user(auditor)
    assert ask(client)["Location"] == ask(client)["Location"]
    assert Job.objects.count() == 1
    assert Event.objects.filter(verb="job.requested").count() == 1


def test_one_job_of_a_kind_at_a_time(as_user, auditor, example):
    client = as_user(auditor)
    ask(client)
    refused = ask(client, form="csv")
    assert refused.status_code == 422
    assert refused.context["form"].errors.as_data()["__all__"][0].code == "job_running"
    assert Job.objects.count() == 1


@pytest.mark.parametrize(
    "role", [Role.EXPERT, Role.DISTRICT_OFFICER, Role.SYSTEM_ADMIN, Role.APPLICANT_OWNER]
)
def test_who_may_not_export_is_refused(as_user, example, role):
    assert ask(as_user(UserFactory(roles=[Role.AUDITOR]))).status_code == 302
    client = as_user(UserFactory(roles=[role] if role != Role.APPLICANT_OWNER else []))
    assert ask(client).status_code == 403
    assert Job.objects.count() == 1


def test_clerk_may_not_take_the_record_away(as_user, clerk):
    client = as_user(clerk)
    assert ask(client, "record").status_code == 403
    assert ask(client, "no-such-table").status_code == 404


def test_job_is_hidden_from_others(as_user, auditor, example, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = exports.request_export(actor=auditor, kind="example", filters={"format": "csv"})
    other = as_user(UserFactory(roles=[Role.AUDITOR]))
    for name in ("job", "job_download"):
        assert other.get(reverse(f"contest:{name}", args=[job.pk])).status_code == 404
    assert other.post(reverse("contest:job_cancel", args=[job.pk])).status_code == 404
    own = as_user(auditor)
    assert own.get(job.get_absolute_url()).status_code == 200


def test_download_stops_with_the_permission(as_user, auditor, example, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = exports.request_export(actor=auditor, kind="example", filters={"format": "csv"})
    auditor.role_grants.update(revoked_at=datetime.now(UTC))
    auditor.forget_grants()
    assert as_user(auditor).get(reverse("contest:job_download", args=[job.pk])).status_code == 403


def test_job_called_off_before_it_runs_ends_without_result(as_user, auditor, example):
    client = as_user(auditor)
    ask(client)
    job = Job.objects.get()
    page = client.get(job.get_absolute_url())
    assert page.context["job"]["is_over"] is False
    for _click in range(2):
        assert client.post(reverse("contest:job_cancel", args=[job.pk])).status_code == 302
    assert Event.objects.filter(verb="job.cancel_requested").count() == 1
    run(job)
    job.refresh_from_db()
    assert (job.status, job.result) == (JobStatus.CANCELLED, None)
    assert client.get(job.get_absolute_url()).context["job"]["is_over"] is True
    assert client.get(reverse("contest:job_download", args=[job.pk])).status_code == 404


def run(job):
    deliveries.run_delivery(delivery_of(job).pk)


def delivery_of(job) -> Delivery:
    return Delivery.objects.get(event__verb="job.requested", event__object_id=str(job.pk))


def test_job_called_off_half_way_leaves_nothing(monkeypatch, auditor, example):
    job = exports.request_export(actor=auditor, kind="example", filters={"format": "xlsx"})

    def rows(filters):
        yield {"name": "一", "amount": 1}
        actions.cancel_job(actor=auditor, job=job)
        for number in range(1200):
            yield {"name": "二", "amount": number}

    slow = replace(example, rows=lambda filters: (1201, rows(filters)))
    monkeypatch.setitem(exports._products, "example", slow)
    run(job)
    job.refresh_from_db()
    assert job.status == JobStatus.CANCELLED
    assert not StoredFile.objects.exists()


def test_progress_is_shown_while_the_job_runs(as_user, monkeypatch, auditor, example):
    job = exports.request_export(actor=auditor, kind="example", filters={"format": "csv"})
    client = as_user(auditor)
    seen = []

    def rows(filters):
        for number in range(501):
            if number == 500:
                seen.append(client.get(job.get_absolute_url()).context["job"])
            yield {"name": "一", "amount": number}

    slow = replace(example, rows=lambda filters: (501, rows(filters)))
    monkeypatch.setitem(exports._products, "example", slow)
    run(job)
    assert (seen[0]["done"], seen[0]["total"], seen[0]["is_over"]) == (0, 501, False)
    assert seen[0]["state_label"] == JobStatus.RUNNING.label


def test_failed_attempt_is_rolled_back_and_done_again(monkeypatch, auditor, example):
    job = exports.request_export(actor=auditor, kind="example", filters={"format": "csv"})

    def broken(filters):
        yield {"name": "一", "amount": 1}
        raise OSError("disk full")

    monkeypatch.setitem(
        exports._products,
        "example",
        replace(example, rows=lambda filters: (2, broken(filters))),
    )
    with pytest.raises(OSError, match="disk full"):
        run(job)
    assert delivery_of(job).status == DeliveryStatus.PENDING
    monkeypatch.setitem(exports._products, "example", example)
    run(job)
    job.refresh_from_db()
    assert (job.status, job.row_count) == (JobStatus.DONE, len(HOSTILE))
    assert Event.objects.filter(verb="job.done").count() == 1
    run(job)
    assert StoredFile.objects.count() == 1


def test_job_that_keeps_failing_is_given_up_with_a_word(as_user, auditor, example):
    job = exports.request_export(actor=auditor, kind="example", filters={"format": "csv"})
    Delivery.objects.filter(pk=delivery_of(job).pk).update(attempts=handlers.JOB_ATTEMPTS)
    run(job)
    job.refresh_from_db()
    assert job.status == JobStatus.FAILED
    assert as_user(auditor).get(job.get_absolute_url()).context["job"]["error"] == job.error != ""


def test_rule_broken_by_an_export_ends_the_job_with_its_words(monkeypatch, auditor, example):
    def refuse(filters):
        raise RuleBroken("no_tally", "计票结果尚未封存")

    monkeypatch.setitem(exports._products, "example", replace(example, rows=refuse))
    job = exports.request_export(actor=auditor, kind="example", filters={"format": "csv"})
    run(job)
    job.refresh_from_db()
    assert (job.status, job.error) == (JobStatus.FAILED, "计票结果尚未封存")


def test_export_works_without_a_cache(monkeypatch, auditor, example):
    def away(*args, **kwargs):
        raise ConnectionError("redis is away")

    job = exports.request_export(actor=auditor, kind="example", filters={"format": "csv"})
    with monkeypatch.context() as patch:
        patch.setattr(cache, "set", away)
        patch.setattr(cache, "get", away)
        run(job)
    job.refresh_from_db()
    assert job.status == JobStatus.DONE


def test_filters_of_a_list_come_along(as_user, auditor, example):
    client = as_user(auditor)
    address = reverse("contest:export_new", args=["example"]) + "?q=社区&status=submitted&order=-title&page=3"
    assert client.post(address, {"format": "csv"}).status_code == 302
    assert Job.objects.get().filters == {"q": "社区", "status": "submitted", "format": "csv"}


def test_job_lists_cost_the_same_for_one_and_thirty(
    as_user, auditor, example, django_capture_on_commit_callbacks
):
    client = as_user(auditor)
    addresses = [reverse("contest:jobs"), reverse("contest:audit_exports")]

    def make():
        with django_capture_on_commit_callbacks(execute=True):
            exports.request_export(actor=auditor, kind="example", filters={"format": "csv"})

    make()
    few = [queries_of(client, address) for address in addresses]
    for _number in range(29):
        make()
    assert [queries_of(client, address) for address in addresses] == few


def make(product, job, folder):
    """The product, and how many steps it said it would take."""
    counts = []

    def watch(count):
        counts.append(count)
        return Watch(on_progress=lambda done: None, should_stop=lambda: False)

    return product.make(job, folder, watch), counts


def test_every_registered_product_can_be_made_of_nothing(auditor, tmp_path):
    EditionFactory(stage=Stage.APPLICATION)
    for product in list(exports._products.values()):
        folder = tmp_path / product.kind
        folder.mkdir()
        job = Job.objects.create(kind=product.job_kind, requested_by=auditor, filters={"format": "csv"})
        made, counts = make(product, job, folder)
        assert counts == [made.rows]
        assert made.path.stat().st_size
