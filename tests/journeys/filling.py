"""What an organisation types into its file and into an application, section by section."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from accounts.models import District
from kit import clock, pdf
from tests.journeys.steps import PASSWORD, Visitor, zh
from tests.portal import eventually

#: Fields by name, tables as lists of rows.
Typed = dict[str, Any]


def sign_up(visitor: Visitor, *, name: str, email: str) -> None:
    """Make an account and follow the link in the mail that the portal writes."""
    visitor.open("/accounts/login/").follow("/accounts/signup/").fill(
        name=name, email=email, password1=PASSWORD, password2=PASSWORD
    ).press("Register")
    folder = visitor.journey.portal.mail_dir

    def links() -> list[str]:
        mails = [mail.read_text() for mail in folder.glob("*")]
        return [
            link
            for mail in mails
            if email in mail
            for link in re.findall(r"/accounts/confirm-email/\S+?/", mail)
        ]

    assert eventually(links)
    visitor.open(links()[-1])
    if visitor.page.locator("main form[method=post]").count():
        visitor.send()


def register(visitor: Visitor, *, code: str, name: str, district: District, email: str) -> None:
    """Register an organisation; a slip in its code is told beside the field, and nothing else is lost."""
    visitor.open("/apply/").press("Register").fill(
        code=code[:-1] + ("A" if code[-1] != "A" else "B"),
        name=name,
        kind="private_nonprofit",
        district=district.pk,
        registry="示范市民政局",
        registered_on="2015-06-01",
        legal_representative="负责人01",
        introduction="示例单位，名称与代码均为虚构。",
        contact_name="联系人01",
        contact_phone="13800000001",
        contact_email=email,
        address="示范1区示例路1号",
    )
    with visitor.refused(422):
        visitor.press("Register")
    assert visitor.error_beside("code")
    assert visitor.control("name").input_value() == name
    visitor.fill(code=code).press("Register")
    visitor.open("/apply/").sees(name, code)


def begin(visitor: Visitor, title: str) -> str:
    """Begin an application; its number."""
    visitor.open("/apply/").press("Begin an application").fill(title=title).press("Begin")
    visitor.page.wait_for_url(re.compile(r"/apply/projects/\d"))
    return visitor.path.split("/")[3]


def sections(district: District) -> dict[str, Typed]:
    """A complete application."""
    start = clock.today() + timedelta(days=60)
    return {
        "basic": {
            "field": "livelihood",
            "governances": ["autonomy", "legal"],
            "district": district.pk,
            "starts_on": f"{start}",
            "ends_on": f"{start + timedelta(days=330)}",
            "places": [
                {"district": district.pk, "town": "示例街道", "village": "示例社区"},
                {"district": district.pk, "town": "示例镇", "village": "示例村"},
            ],
        },
        "beneficiaries": {
            "group_counts_elderly": 200,
            "direct_beneficiaries": 200,
            "fees": "none",
            "public_benefit_pledged": True,
        },
        "description": {
            "summary": "两日一声问候，守护空巢老人。",
            "background": "独居老人多，上门走访少。",
        },
        "needs": {
            "needs": "走访412户，六成希望就近得到服务。",
            "problem": "诉求发现不及时。",
            "goals": "一年内直接服务200人。",
            "results": "满意度不低于90%。",
        },
        "plan": {
            "milestones": [
                {"month": f"{start:%Y-%m}", "content": "摸底建档", "output": "服务台账"},
                {"month": f"{start + timedelta(days=90):%Y-%m}", "content": "按月服务，评估总结"},
            ],
        },
        "qualities": {
            "innovation": "多方资源并入一张服务清单。",
            "spreadability": "流程卡和记录表齐全。",
            "durability": "骨干由居民担任。",
            "demonstration": "已在一个社区试行。",
            "risks": "骨干流失，以备岗防范。",
        },
        "team": {
            "lead_name": "负责人01",
            "lead_phone": "13800000001",
            "participants_social_workers": 4,
            "team": [{"name": "社工01", "role": "social_workers", "duty": "日常服务"}],
        },
        "partners": {
            "other_funding": "social",
            "other_funding_note": "企业捐赠",
            "partners": [{"name": "示例爱心企业", "gives": ["money"], "value_fen": 15000}],
        },
        "budget": {
            "budget_lines": [
                _line("personnel", "社工补贴", 30000, (20000, 10000, 0)),
                _line("activities", "服务活动", 70000, (60000, 5000, 5000)),
            ],
        },
    }


def _line(heading: str, item: str, price: int, funds: tuple[int, int, int]) -> Typed:
    money = dict(zip(("fiscal_fen", "social_fen", "own_fen"), funds, strict=True))
    return {"heading": heading, "item": item, "unit": "项", "unit_price_fen": price, "quantity": 1, **money}


def go_through(visitor: Visitor, code: str, typed: dict[str, Typed]) -> Iterator[str]:
    """Type the sections one after the other; stops at each before it goes on to the next."""
    for section, values in typed.items():
        address = f"/apply/projects/{code}/{section}/"
        if visitor.path != address:
            visitor.open(address)
        expect(visitor.page.locator("[data-autosave][data-ready]")).to_have_count(1)
        for name, value in values.items():
            if value and isinstance(value, list) and isinstance(value[0], dict):
                type_rows(visitor, name, value)
            else:
                visitor.put(name, value)
        yield section
        visitor.press("Save and continue")
        visitor.page.wait_for_url(lambda url, here=address: not url.endswith(here))


def type_rows(visitor: Visitor, table: str, rows: list[Typed]) -> None:
    """One row is there to begin with; each further one is asked for."""
    place = visitor.page.locator(f"[data-rows='{table}']")
    for number, row in enumerate(rows):
        if number:
            place.locator("[data-add-row]").click()
        for name, value in row.items():
            visitor.put(f"{table}-{number}-{name}", value)


def a_paper(folder: Path, name: str) -> Path:
    """A PDF as it comes from a scanner."""
    sections = [{"paragraphs": ["演示材料，不具效力。"]}]
    path = folder / f"{name}.pdf"
    path.write_bytes(
        pdf.render("documents/record.html", {"doc": {"title": name, "sections": sections, "demo": True}})
    )
    return path


def send_file(visitor: Visitor, kind: str, paper: Path, ends: str = "is-done") -> None:
    """A file goes as soon as it is chosen; how it ended stands beside it."""
    visitor.page.locator(f"#file-{kind}").set_input_files(paper)
    expect(visitor.page.locator(f"#kind-{kind} .uploads__item.{ends}").last).to_be_visible()


def attach_papers(visitor: Visitor, folder: Path) -> None:
    """The two papers every application needs."""
    for kind, name in (("commitment", "承诺书"), ("certificate", "登记证书")):
        send_file(visitor, kind, a_paper(folder, name))
        visitor.sees(f"{name}.pdf")


def stamp(visitor: Visitor, folder: Path) -> None:
    """Upload the stamped print-out and give the organisation's word that it is the same."""
    visitor.fill(file=a_paper(folder, "申报书（盖章）")).press("Upload the scan").sees("申报书（盖章）.pdf")
    visitor.fill(confirmed=True).press("Sign off")
    visitor.sees(zh("Signed off. The application can be handed in now."))
