"""The program the public checks a result with: it agrees with us, and finds any changed digit."""

from __future__ import annotations

import copy
import importlib.util
import json
import random
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse

from contest.rulebook import PublicVote, Quota, default_rulebook
from judging.advancing import award_bounds, quotas_of
from judging.departures import Cut, Departure, Ranked, draw_up
from judging.enums import DepartureKind, RoundKey
from judging.models import receipt_code
from judging.normalising import standardised
from judging.snapshots import snapshot
from judging.tally import EntryIn, SheetIn, TallyIn, compute
from kit.hashing import canonical, fingerprint
from tests.factories.judging import Stand

PROGRAM = Path(__file__).resolve().parents[2] / "static" / "verify_tally.py"
ALLOWED = {"hashlib", "json", "re", "sys", "collections", "fractions", "itertools", "math"}


@pytest.fixture(scope="module")
def program() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify_tally", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(path: Any, *more: str) -> tuple[int, str]:
    """The program as a stranger runs it: in a bare interpreter, away from the portal."""
    done = subprocess.run(
        [sys.executable, "-I", str(PROGRAM), str(path), *more],
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    return done.returncode, done.stdout


def made_up(
    key: str = "second",
    entries: int = 9,
    seed: int = 7,
    vote: dict[str, Any] | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """A bundle of a round that was computed by the engine, with equals, dropped sheets and a held entry.

    ``vote`` changes the rules of the public jury.
    """
    dice = random.Random(seed)
    document = default_rulebook().model_dump(mode="json")
    document[key] |= {"advance": 4, **changes}
    document["public_vote"] |= vote or {}
    rulebook = type(default_rulebook()).model_validate(document)
    document, rules = rulebook.model_dump(mode="json"), rulebook.round(key)
    is_final = key == "final"
    rows = []
    for number in range(1, entries + 1):
        sheets = 2 if number == entries else 5
        points = [
            {c.key: Decimal(dice.randrange(c.points, 2 * c.points)) / 2 for c in rules.criteria}
            for _seat in range(sheets)
        ]
        if number == 2:  # as good as the first
            points = [dict(sheet.points) for sheet in rows[0].sheets]
        rows.append(
            EntryIn(
                number,
                f"2026-{number:04d}",
                f"第{number}号议事厅",
                tuple(SheetIn(f"专家{seat:02d}", own, "a1" * 32) for seat, own in enumerate(points, 1)),
                ballots=ballots_of_20(rows, number, dice, rulebook.public_vote) if is_final else (),
                receipts=tuple(receipt_code(UUID(int=dice.getrandbits(128))) for _ in range(20))
                if is_final
                else (),
                on_paper=3 if is_final else 0,
                previous_score=Decimal("80.25"),
                group=document["fields"][number % 2]["key"],
            )
        )
    given = TallyIn(
        rules,
        tuple(rows),
        vote=rulebook.public_vote if is_final else None,
        checked_in=20 if is_final else 0,
        awards=rulebook.awards if is_final else (),
    )
    lines = compute(given)
    printed = {"version": 1, "sha256": fingerprint(document)}
    heading = {"edition": 2026, "round": key, "number": 1, "rulebook": printed}
    # As it comes back from a file.
    tally = json.loads(canonical(snapshot(given, lines, heading)))
    return sealed(
        {
            "format": "gongzhi.bundle/1",
            "edition": 2026,
            "round": key,
            "rulebook": {**printed, "document": document},
            "tally": tally,
            "tally_sha256": fingerprint(tally),
            "decision": decided(tally, lines, program_rules=rules),
            "notice": {"number": "社创〔2026〕8号", "tally_sha256": fingerprint(tally), "working_days": 5},
        }
    )


def ballots_of_20(rows: list[EntryIn], number: int, dice: random.Random, vote: PublicVote) -> tuple[int, ...]:
    """The second entry's are the first one's, so that the two are equal."""
    if number == 2:
        return rows[0].ballots
    return tuple(dice.randrange(vote.scale_max // 2, vote.scale_max + 1) for _ in range(20))


def decided(tally: dict[str, Any], lines: list[Any], program_rules: Any) -> dict[str, Any]:
    """The list by rank; of equals the one with the lower number is put first."""
    from judging.advancing import advancing, award_at, award_bounds, quotas_of

    ranked = [line for line in lines if not line.held]
    ranking = [(place, line.entry.group) for place, line in enumerate(ranked, 1)]
    through = advancing(ranking, tally["places"], quotas_of(program_rules))
    bounds = award_bounds(default_rulebook().awards) if tally["awards"] else []
    return {
        "reason": "",
        "left_out": [],
        "lines": [
            {
                "place": place,
                "number": line.entry.number,
                "project": line.entry.project,
                "advances": goes_on,
                "award": award_at(place, bounds) if goes_on else "",
                "chosen": line.tie_broken_by == "shared",
                "override": "",
            }
            for place, (line, goes_on) in enumerate(zip(ranked, through, strict=True), 1)
        ],
    }


def sealed(bundle: dict[str, Any]) -> dict[str, Any]:
    content = {key: value for key, value in bundle.items() if key != "sha256"}
    return {**content, "sha256": fingerprint(content)}


QUOTAS = {
    "advance_by": "field",
    "quotas": [Quota(key="livelihood", places=2).model_dump(), {"key": "community_autonomy", "places": 1}],
}
ROUNDS = [
    {"key": "second"},
    {"key": "preliminary", "drop_extremes_from": None, "decimals": 0},
    {"key": "second", "normalisation": "z_score"},
    {"key": "second", "advance_by": "share", "advance_percent": 40},
    {"key": "second", **QUOTAS},
    {"key": "final", "quorum_sheets": 3},
    {"key": "final", "quorum_sheets": 3, "vote": {"trim_percent": 10, "scale_max": 10}},
    {"key": "final", "quorum_sheets": 3, "tie_break": ["public_score", "expert_score"]},
    {"key": "final", "quorum_sheets": 3, "vote": {"expert_percent": 70, "public_percent": 30}},
]


@pytest.mark.parametrize("changes", ROUNDS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_the_engine_computed_is_recomputed(program, changes, seed):
    bundle = made_up(seed=seed, **changes)
    program.check(bundle)
    assert any(entry["held"] for entry in bundle["tally"]["entries"])


@pytest.mark.parametrize("changes", ROUNDS)
def test_any_changed_digit_of_the_file_is_found(program, changes):
    """Every hundredth digit of the whole file, wherever it stands: a point, a rank, a hash, a date."""
    text = canonical(made_up(**changes)).decode()
    program.check(json.loads(text))
    digits = [found.start() for found in re.finditer(r"\d", text)]
    for place in digits[::101]:
        other = "1" if text[place] == "0" else str((int(text[place]) + 1) % 10)
        changed = text[:place] + other + text[place + 1 :]
        try:
            tampered = json.loads(changed)
        except ValueError:
            continue  # no longer a file of this kind, which the program says as well
        with pytest.raises((program.Difference, KeyError)):
            program.check(tampered)


#: Where a number of each kind stands, and a word of what the program must say.
KINDS = [
    (("tally", "entries", 0, "sheets", 0, "points", "innovation"), "总分"),
    (("tally", "entries", 0, "sheets", 0, "total"), "总分"),
    (("tally", "entries", 0, "expert", "sum"), "专家计分合计"),
    (("tally", "entries", 0, "expert", "count"), "有效评分份数"),
    (("tally", "entries", 0, "expert", "score"), "专家评分"),
    (("tally", "entries", 0, "score"), "得分"),
    (("tally", "entries", 0, "rank"), "名次"),
    (("tally", "entries", 0, "tie_values", 0), "同分比较值"),
    (("tally", "entries", 0, "public", "sum"), "大众评审合计"),
    (("tally", "entries", 0, "public", "count"), "大众评审票数"),
    (("tally", "entries", 0, "public", "score"), "大众评分"),
    (("tally", "entries", 0, "public", "ballots", 0, "score"), "大众评审合计"),
    (("tally", "entries", 0, "public", "channels", "phone"), "各渠道票数之和"),
    (("tally", "entries", 0, "public", "channels", "paper"), "各渠道票数之和"),
    (("tally", "entries", 0, "sheets", 0, "sha256"), "封存计分的指纹"),
    (("tally", "entries", 0, "recused"), "封存计分的指纹"),
    (("tally", "entries", 0, "number"), "名单"),
    (("tally", "checked_in"), "封存计分的指纹"),
    (("tally", "places"), "入围名额"),
    (("tally", "public_vote", "public_percent"), "public_percent"),
    (("tally", "rules", "criteria", 0, "points"), "规则"),
    (("tally", "rules", "decimals"), "规则"),
    (("tally", "awards", 0, "places"), "奖项"),
    (("tally", "rulebook", "version"), "规则的版本"),
    (("rulebook", "document", "fiscal_ceiling_fen"), "规则的指纹"),
    (("decision", "lines", 0, "place"), "顺序号"),
    (("decision", "lines", 0, "number"), "名单"),
    (("decision", "lines", 0, "project"), "受理编号"),
    (("notice", "tally_sha256"), "公示中印发的指纹"),
    (("notice", "working_days"), "整个文件的指纹"),
    (("tally_sha256",), "封存计分的指纹"),
    (("sha256",), "整个文件的指纹"),
]


def with_changed_digit(value: Any) -> Any:
    """The same with its last digit one higher: ``82.30`` becomes ``82.31``."""
    if isinstance(value, int):
        return value + 1
    places = [n for n, letter in enumerate(value) if letter.isdigit()]
    last = places[-1]
    return value[:last] + str((int(value[last]) + 1) % 10) + value[last + 1 :]


@pytest.mark.parametrize(("place", "word"), KINDS)
def test_a_changed_number_of_each_kind_is_named(program, place, word):
    bundle = made_up("final", quorum_sheets=3)
    program.check(bundle)
    part: Any = bundle
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = with_changed_digit(part[place[-1]])
    with pytest.raises(program.Difference, match=word):
        program.check(bundle)


def test_a_forger_who_renews_every_hash_still_cannot_change_a_score(program):
    bundle = made_up()
    program.check(bundle)
    forged = copy.deepcopy(bundle)
    forged["tally"]["entries"][3]["score"] = "99.00"
    forged["tally_sha256"] = forged["notice"]["tally_sha256"] = fingerprint(forged["tally"])
    with pytest.raises(program.Difference, match="得分"):
        program.check(sealed(forged))


@pytest.mark.parametrize("change", ["swapped", "through", "left_out"])
def test_a_forger_who_renews_every_hash_still_cannot_change_the_list(program, change):
    bundle = made_up()
    lines = bundle["decision"]["lines"]
    if change == "swapped":
        lines[3]["number"], lines[4]["number"] = lines[4]["number"], lines[3]["number"]
        lines[3]["project"], lines[4]["project"] = lines[4]["project"], lines[3]["project"]
    elif change == "through":
        lines[-1]["advances"] = True
    else:
        lines.pop()
    with pytest.raises(program.Difference):
        program.check(sealed(bundle))


def test_a_departure_with_its_reason_is_no_difference(program):
    bundle = made_up()
    bundle["decision"]["lines"][3] |= {"advances": False, "override": "经核实，该项目已获其他财政资金资助"}
    program.check(sealed(bundle))
    bundle["decision"]["lines"][3]["override"] = ""
    with pytest.raises(program.Difference, match="入围"):
        program.check(sealed(bundle))


def departed(bundle: dict[str, Any], *changes: Departure) -> dict[str, Any]:
    """The bundle with the list as it is drawn up with these departures."""
    tally = bundle["tally"]
    rules = type(default_rulebook()).model_validate(bundle["rulebook"]["document"]).round(tally["round"])
    rows = [
        Ranked(entry["number"], entry["project"], entry["rank"], entry["group"])
        for entry in tally["entries"]
        if not entry["held"]
    ]
    bounds = award_bounds(default_rulebook().awards) if tally["awards"] else ()
    cut = Cut(tally["places"], quotas_of(rules), bounds)
    order = [row.entry for row in rows]
    lines = draw_up(rows, cut, preferred=order, reason="组长票", departures=changes)
    codes = {row.entry: row.code for row in rows}
    bundle["decision"]["lines"] = [
        {
            "place": line.place,
            "number": line.entry,
            "project": codes[line.entry],
            "advances": line.advances,
            "award": line.award,
            "chosen": line.is_chosen,
            "override": line.reason,
        }
        for line in lines
    ]
    return sealed(bundle)


WHY = "经核实，该项目已获其他财政资金资助"
DEPARTURES = [
    (DepartureKind.OUT, 0, None),
    (DepartureKind.EMPTY, 0, None),
    (DepartureKind.MOVED, 6, 1),
    (DepartureKind.ADDED, -1, None),
]


@pytest.mark.parametrize(("kind", "index", "place"), DEPARTURES)
@pytest.mark.parametrize("changes", ROUNDS)
def test_a_list_that_departs_is_accepted_and_its_departures_are_named(program, changes, kind, index, place):
    bundle = made_up(**changes)
    if kind == DepartureKind.ADDED and bundle["tally"]["awards"]:
        kind, place = DepartureKind.MOVED, 2
    ranked = [entry for entry in bundle["tally"]["entries"] if not entry["held"]]
    bundle = departed(bundle, Departure(ranked[index]["number"], kind, WHY, place))
    program.check(bundle)
    [said] = program.departures(bundle)
    assert ranked[index]["project"] in said
    assert f"计分第{ranked[index]['rank']}名" in said
    assert WHY in said


@pytest.mark.parametrize("change", ["reason", "blank", "award", "other"])
def test_a_departure_covers_its_own_line_and_nothing_else(program, change):
    bundle = made_up("final", quorum_sheets=3)
    ranked = [entry for entry in bundle["tally"]["entries"] if not entry["held"]]
    bundle = departed(bundle, Departure(ranked[4]["number"], DepartureKind.MOVED, WHY, 1))
    program.check(bundle)
    lines = bundle["decision"]["lines"]
    if change == "reason":
        lines[0]["override"] = ""
    elif change == "blank":
        lines[0]["override"] = "  "
    elif change == "award":
        lines[0]["award"] = bundle["tally"]["awards"][-1]["key"]
    else:
        lines[-1]["advances"] = not lines[-1]["advances"]
    with pytest.raises(program.Difference, match="名单"):
        program.check(sealed(bundle))


def test_the_root_is_the_engines(program):
    rows = [(f"专家{n % 3:02d}", Decimal(n * 7 % 41 + 55) + Decimal(n % 2) / 2) for n in range(12)]
    entries = [
        {"project": str(n), "sheets": [{"seat": seat, "total": str(total), "standard": str(value)}]}
        for n, (seat, total) in enumerate(rows)
        for value in [standardised(rows)[seat, total]]
    ]
    program.check_scale(entries)
    entries[0]["sheets"][0]["standard"] = with_changed_digit(entries[0]["sheets"][0]["standard"])
    with pytest.raises(program.Difference, match="标准化总分"):
        program.check_scale(entries)


# The jury of the final


def final_bundle(**vote: Any) -> dict[str, Any]:
    return made_up("final", quorum_sheets=3, vote=vote)


def renewed(bundle: dict[str, Any]) -> dict[str, Any]:
    """With every hash made anew, as whoever holds the portal could."""
    bundle["tally_sha256"] = bundle["notice"]["tally_sha256"] = fingerprint(bundle["tally"])
    return sealed(bundle)


def test_a_forger_who_renews_every_hash_cannot_turn_a_ballot(program):
    bundle = final_bundle(trim_percent=10)
    ballots = bundle["tally"]["entries"][0]["public"]["ballots"]
    middle = sorted(ballots, key=lambda ballot: ballot["score"])[10]
    middle["score"] -= 1
    with pytest.raises(program.Difference, match="大众评审合计"):
        program.check(renewed(bundle))


@pytest.mark.parametrize(
    ("forge", "word"),
    [
        (lambda public: public["ballots"].reverse(), "按回执号排列"),
        (lambda public: public["ballots"][0].update(receipt=""), "没有回执号"),
        (lambda public: public["channels"].update(paper=4), "各渠道票数之和"),
        (lambda public: public["channels"].update(phone=21, paper=-1), "小于零"),
        (lambda public: public["channels"].update(fax=0), "投票渠道"),
        (lambda public: public.update(trimmed_each_end=1), "两端各去掉的票数"),
        (lambda public: public["ballots"][0].update(score=101), "超出"),
    ],
)
def test_what_a_ballot_may_look_like_is_checked(program, forge, word):
    bundle = final_bundle(trim_percent=10)
    program.check(bundle)
    forge(bundle["tally"]["entries"][0]["public"])
    with pytest.raises(program.Difference, match=word):
        program.check(renewed(bundle))


def test_a_juror_finds_the_own_ballot_by_its_code(tmp_path):
    bundle = final_bundle()
    entry = bundle["tally"]["entries"][0]
    ballot = entry["public"]["ballots"][4]
    path = tmp_path / "bundle.json"
    path.write_bytes(canonical(bundle))
    status, said = run(path, ballot["receipt"].lower().replace("-", " "))
    assert status == 0
    assert f"{ballot['receipt']}：{entry['project']} {entry['title']}，{ballot['score']} 分" in said
    assert "没有回执号 0OI-000" in run(path, "0OI-000")[1]


@pytest.mark.parametrize("number", [1, 2])
def test_tallies_sealed_in_earlier_formats_stay_valid(program, number):
    bundle = final_bundle()
    bundle["tally"]["format"] = f"gongzhi.tally/{number}"
    for entry in bundle["tally"]["entries"]:
        public = entry["public"]
        public["ballots"] = sorted(ballot["score"] for ballot in public["ballots"])
        del public["channels"]
    program.check(renewed(bundle))
    assert list(program.ballots_of(bundle, "K7Q-2M4")) == []
    bundle["tally"]["entries"][0]["public"]["ballots"][5] += 1
    with pytest.raises(program.Difference, match="大众评审合计"):
        program.check(renewed(bundle))


# As a stranger runs it


def test_it_is_short_and_needs_nothing_but_python():
    text = PROGRAM.read_text(encoding="utf-8")
    assert set(re.findall(r"^(?:import|from) (\w+)", text, re.M)) == ALLOWED
    assert len(text.splitlines()) <= 370
    assert "open(arguments[0]" in text


@pytest.mark.django_db
@pytest.mark.parametrize("key", [RoundKey.PRELIMINARY, RoundKey.SECOND])
def test_a_published_round_is_verified_and_a_tampered_one_is_not(client, announced, tmp_path, key):
    stand: Stand = announced(entries=4, advance=1, key=key)[0]
    address = reverse("publicity:results_bundle", args=[stand.edition.year, stand.round.key])
    path = tmp_path / "bundle.json"
    path.write_bytes(client.get(address).content)
    status, said = run(path)
    assert (status, stand.round.current_tally.sha256 in said) == (0, True)
    bundle = json.loads(path.read_text(encoding="utf-8"))
    entry = bundle["tally"]["entries"][0]
    entry["score"] = with_changed_digit(entry["score"])
    path.write_text(json.dumps(bundle, ensure_ascii=False), encoding="utf-8")
    status, said = run(path)
    assert (status, entry["project"] in said, entry["score"] in said) == (1, True, True)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"format": "gongzhi.bundle/1", "tally": 5}', "\x00"])
def test_what_is_no_bundle_is_refused_in_words(tmp_path, content):
    path = tmp_path / "bundle.json"
    path.write_text(content, encoding="utf-8")
    status, said = run(path)
    assert (status, said.startswith("不一致")) == (1, True)
    assert run(tmp_path / "missing.json")[0] == 1
