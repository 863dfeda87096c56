"""The organisations of the demonstration: their people, papers, checks and ideas."""

from __future__ import annotations

from io import BytesIO

from accounts.models import User
from config.play import applying
from config.play.cast import person
from config.play.demo_world import DOMAIN, PASSWORD, World
from projects import actions
from projects.enums import AnnualConclusion, AssessmentLevel, OrganisationFileKind
from projects.models import Organisation

#: The body with several people, ideas and a file that is filled in to the last line.
MODEL = 1
EDITOR, CERTIFIER = f"org{MODEL:02}-editor@{DOMAIN}", f"org{MODEL:02}-certifier@{DOMAIN}"
NEWCOMER = f"newcomer@{DOMAIN}"
ASKED = 2
VERIFIED = (1, 2, 3, 5, 7, 8)
CHANGED = 3
WITH_PAPERS = (1, 7)
ANNUAL_CHECKS = {
    2021: AnnualConclusion.PASSED,
    2022: AnnualConclusion.BASIC,
    2023: AnnualConclusion.PASSED,
}


def fill_files(world: World) -> None:
    """Two complete files, several verified, and one changed again afterwards."""
    for number in WITH_PAPERS:
        _complete_file(world.owner(number), world.body(number))
    for number in VERIFIED:
        actions.verify_organisation(actor=world.cast.clerk, organisation=world.body(number))


def _complete_file(owner: User, organisation: Organisation) -> None:
    actions.update_organisation(
        actor=owner,
        organisation=organisation,
        version=organisation.version,
        registry=f"{organisation.district.name}民政局（演示）",
        representative_title="理事长",
        assessment_level=AssessmentLevel.FOUR_A,
        staff_count=18,
        social_worker_count=11,
        pays_insurance=True,
        won_before=True,
        postcode="516000",
        introduction="成立以来专注社区治理与民生服务，现有专职人员18名，其中持证社工11名，"
        "近三年承接社会服务项目9个。演示用单位，名称与代码均为虚构。",
        annual_checks={
            2021: AnnualConclusion.PASSED,
            2022: AnnualConclusion.BASIC,
            2023: AnnualConclusion.PASSED,
        },
    )
    for kind, name in (
        (OrganisationFileKind.CERTIFICATE, "登记证书（演示）.pdf"),
        (OrganisationFileKind.ANNUAL, "2023年度审计报告（演示）.pdf"),
    ):
        actions.add_organisation_file(
            actor=owner,
            organisation=organisation,
            kind=kind,
            stream=BytesIO(applying.paper(str(kind.value))),
            name=name,
        )


def bring_people_in(world: World) -> None:
    """An editor and a certifier beside the owner; somebody else still waits for an answer elsewhere."""
    owner, organisation = world.owner(MODEL), world.body(MODEL)
    for email, name, role in (
        (EDITOR, "填报人01", "applicant_editor"),
        (CERTIFIER, "签核人01", "applicant_certifier"),
    ):
        asked = actions.ask_to_join(
            actor=person(email, name, password=PASSWORD),
            code=organisation.code,
            note=f"本单位{name}，请准予加入。",
        )
        actions.admit_member(actor=owner, asked=asked, role=role)
    actions.ask_to_join(
        actor=person(NEWCOMER, "填报人02", password=PASSWORD),
        code=world.body(ASKED).code,
        note="我是中心新到岗的项目专员，负责今年的申报工作。",
    )


def change_verified(world: World) -> None:
    """A verified body has a new legal representative: staff have to look again."""
    organisation = world.body(CHANGED)
    actions.update_organisation(
        actor=world.owner(CHANGED),
        organisation=organisation,
        version=organisation.version,
        legal_representative="负责人09",
        address=f"{organisation.district.name}示例路18号",
    )


def keep_ideas(world: World) -> None:
    """Two ideas; the first is being tried out already."""
    ideas = []
    for title, problem, needs in (
        ("楼道里的老物件展", "老旧小区邻里互不相识，公共事务没人张罗。", "希望得到服务设计方面的指导。"),
        (
            "外卖骑手社区观察员",
            "骑手熟悉街巷却游离在社区之外，隐患看见了没处说。",
            "需要与平台企业对接的渠道和培训。",
        ),
    ):
        idea = actions.keep_idea(
            actor=world.owner(MODEL),
            organisation=world.body(MODEL),
            title=title,
            problem=problem,
            needs=needs,
            summary="先在一个小区试做三个月，摸清意愿和成本后再正式申报。",
        )
        ideas.append(idea)
    actions.nurture_idea(actor=world.owner(MODEL), idea=ideas[0])
