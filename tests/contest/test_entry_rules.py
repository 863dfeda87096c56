"""What a city sets about entries: in the editor, in a comparison, and as the call prints it."""

import pytest
from django.urls import reverse

from contest.call import sections
from contest.enums import Stage
from contest.rulebook import REQUIRED_KINDS, RulebookDoc, default_rulebook
from contest.wording import differences
from projects.enums import AttachmentKind
from tests.factories.contest import EditionFactory
from tests.pages import form_data

pytestmark = pytest.mark.django_db

SINCE_THE_FIRST = (
    "natures",
    "team_roles",
    "intake_reasons",
    "required_attachments",
    "stamp_required",
    "district_recommendation",
    "entries_as_partner",
    "registered_months_min",
    "refuse_other_fiscal_funding",
    "similar_from_percent",
)


@pytest.fixture
def draft(clerk):
    return EditionFactory(stage=Stage.PREPARATION, published=False, clerk=clerk)


@pytest.fixture
def address(draft):
    return reverse("contest:desk_rulebook", args=[draft.year])


def first_rulebook():
    """As it was stored before any of these settings was known."""
    document = default_rulebook().model_dump(mode="json")
    for name in SINCE_THE_FIRST:
        del document[name]
    for group in document["groups"]:
        del group["sensitive"]
    return document


def test_a_rulebook_of_before_is_still_read():
    rules = RulebookDoc.model_validate(first_rulebook())
    assert rules.natures == ()
    assert not any(group.sensitive for group in rules.groups)
    assert rules.required_attachments == ("commitment", "certificate")


def test_a_rulebook_of_before_can_be_edited(as_user, clerk, draft, address):
    rulebook = draft.rulebooks.get()
    rulebook.document = first_rulebook()
    rulebook.save(update_fields=["document"])
    client = as_user(clerk)
    data = form_data(client.get(address), "entry-entries_as_lead")
    assert client.post(address, data | {"entry-entries_as_partner": "3"}).status_code == 302
    assert draft.rulebooks.get().typed.entries_as_partner == 3


def test_every_setting_is_changed_in_the_editor(as_user, clerk, draft, address):
    client = as_user(clerk)
    data = form_data(client.get(address), "entry-entries_as_lead")
    for name in ("stamp_required", "district_recommendation", "refuse_other_fiscal_funding"):
        data.pop(f"entry-{name}")
    data |= {
        "entry-entries_as_partner": "0",
        "entry-registered_months_min": "24",
        "entry-similar_from_percent": "60",
        "entry-required_attachments": ["certificate", "finance"],
        "natures-0-name": "扶助",
        "team_roles-0-name": "村民",
        "intake_reasons-0-name": "缺少材料",
        "groups-0-sensitive": "on",
    }
    assert client.post(address, data).status_code == 302
    rules = draft.rulebooks.get().typed
    assert (rules.stamp_required, rules.district_recommendation) == (False, False)
    assert (rules.refuse_other_fiscal_funding, rules.entries_as_partner) == (False, 0)
    assert (rules.registered_months_min, rules.similar_from_percent) == (24, 60)
    assert rules.required_attachments == ("certificate", "finance")
    assert [rules.natures[0].name, rules.team_roles[0].name] == ["扶助", "村民"]
    assert rules.intake_reasons[0].name == "缺少材料"
    assert rules.groups[0].sensitive


def test_the_groups_of_the_domain_notes_are_sensitive():
    sensitive = {group.name for group in default_rulebook().groups if group.sensitive}
    assert sensitive == {
        "儿童",
        "留守儿童",
        "贫困家庭",
        "空巢老人",
        "残疾人",
        "吸毒人员（社区康复）",
        "工伤者",
        "大亚湾区五类特殊群体",
    }


def test_every_group_the_contest_speaks_of_can_be_chosen():
    """All that its description names, and those its projects of the past years served."""
    named = (
        "妇女 儿童 老年人 残疾人 异地务工人员 吸毒人员（社区康复） "
        "留守儿童 贫困家庭 青少年 空巢老人 工伤者 医患双方"
    )
    served = "居民 村民 流动人口 渔民 商户 职工 社会组织 网格员 基层干部"
    groups = [group.name for group in default_rulebook().groups]
    assert sorted(groups) == sorted([*named.split(), "大亚湾区五类特殊群体", *served.split()])


def test_an_attachment_that_can_be_asked_for_is_one_that_can_be_handed_in():
    assert set(REQUIRED_KINDS) < set(AttachmentKind.values)
    document = default_rulebook().model_dump(mode="json") | {"required_attachments": ["diploma"]}
    with pytest.raises(ValueError, match="required_attachments"):
        RulebookDoc.model_validate(document)


def test_a_comparison_names_what_was_set_otherwise():
    old = default_rulebook()
    new = old.model_copy(update={"required_attachments": ("finance",), "stamp_required": False})
    found = {change.before: change.after for change in differences(old, new)}
    assert found["盖章承诺书扫描件、登记证书扫描件"] == "年检结论或者审计报告"
    assert len(found) == 2


def entry_rules(edition, **changes):
    rules = default_rulebook().model_copy(update=changes)
    blocks = dict(sections(edition, rules))["申报要求"]
    return "".join(block["text"] for block in blocks)


@pytest.mark.parametrize(
    ("changes", "printed"),
    [
        ({}, "登记满12个月"),
        ({}, "作为合作单位参与不超过1项"),
        ({}, "以帮助、协助、促进、倡导为性质"),
        ({}, "已获得其他财政资金资助的项目不得申报"),
        ({}, "盖章承诺书扫描件、登记证书扫描件"),
        ({}, "签字并加盖公章"),
        ({}, "县（区）提出推荐意见"),
        ({"entries_as_partner": 0}, "不得同时作为其他项目的合作单位"),
        ({"required_attachments": ("finance",)}, "以下附件：年检结论或者审计报告。"),
        ({"stamp_required": False}, "申报书在线填写并提交。"),
    ],
)
def test_the_call_prints_what_is_asked_of_entries(draft, changes, printed):
    assert printed in entry_rules(draft, **changes)


@pytest.mark.parametrize(
    ("changes", "silent"),
    [
        ({"registered_months_min": 0}, "个月"),
        ({"stamp_required": False}, "公章，"),
        ({"district_recommendation": False}, "推荐意见"),
        ({"refuse_other_fiscal_funding": False}, "其他财政资金资助的项目不得"),
        ({"required_attachments": ()}, "以下附件"),
    ],
)
def test_the_call_does_not_print_what_is_not_asked(draft, changes, silent):
    assert silent in entry_rules(draft)
    assert silent not in entry_rules(draft, **changes)
