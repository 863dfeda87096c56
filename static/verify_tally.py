#!/usr/bin/env python3
"""Check a published result: python3 verify_tally.py bundle.json
Find your own ballot of the final in it: python3 verify_tally.py bundle.json K7Q-2M4

Recomputes every total, mean, score, rank, place and hash of the file from the sheets and ballots in
it, by the rules in it. Needs Python 3.10 or later and nothing else; reads the file, sends nothing.
Exit status 0: all agrees. Exit status 1: it does not, and the first difference is printed.

How a score comes about:
  1. A sheet's total is the sum of its points. Where the rules bring the experts to one scale, each
     total becomes mean + (total - the expert's mean) x spread / the expert's spread.
  2. With enough sheets the lowest and the highest are dropped; of equals, that of the lower seat.
  3. The experts' score is the mean of the rest. In the final the jury's mean on a scale of 100 is
     added, both by their weights. One rounding, half up, at the very end.
     Of the jury's ballots the announced share is taken off at either end first.
  4. Ranks follow the score, then the announced tie-breaks; those still equal share a rank.
"""

import hashlib
import json
import re
import sys
from collections import Counter, defaultdict
from fractions import Fraction
from itertools import groupby
from math import isqrt


class Difference(Exception):
    """The first thing that does not agree, in words."""


def same(what, printed, computed):
    if printed != computed:
        raise Difference(f"{what}：文件中为 {show(printed)}，应为 {show(computed)}")


def show(value):
    if isinstance(value, Fraction):
        return str(float(value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else str(value)


def sha256(value):
    """Of the canonical form: UTF-8 JSON with sorted keys and no spaces."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def half_up(value, places):
    """The fraction as printed: ``places`` decimals, rounded half up."""
    scaled = (2 * value.numerator * 10**places + value.denominator) // (2 * value.denominator)
    digits = str(scaled).zfill(places + 1)
    return f"{digits[:-places]}.{digits[-places:]}" if places else digits


def mean(values):
    return sum(values, Fraction(0)) / len(values)


# 1. Sheets


def check_sheets(tally):
    full = {criterion["key"]: criterion["points"] for criterion in tally["rules"]["criteria"]}
    for entry in tally["entries"]:
        seats = [sheet["seat"] for sheet in entry["sheets"]]
        same(f"{entry['project']} 的评分专家编号不重复", len(seats), len(set(seats)))
        for sheet in entry["sheets"]:
            where = f"{entry['project']} {sheet['seat']}"
            same(f"{where} 的评分项目", sorted(sheet["points"]), sorted(full))
            for key, points in sheet["points"].items():
                if not 0 <= Fraction(points) <= full[key]:
                    raise Difference(f"{where} 的“{key}”为 {points}，超出 0 至 {full[key]} 分")
            total = sum(map(Fraction, sheet["points"].values()))
            same(f"{where} 的总分", Fraction(sheet["total"]), total)
    if tally["rules"].get("normalisation", "none") == "z_score":
        check_scale(tally["entries"])


def check_scale(entries):
    totals = defaultdict(list)
    for entry in entries:
        for sheet in entry["sheets"]:
            totals[sheet["seat"]].append(Fraction(sheet["total"]))
    centre, variance = moments([total for own in totals.values() for total in own])
    for entry in entries:
        for sheet in entry["sheets"]:
            own, value = totals[sheet["seat"]], Fraction(sheet["total"])
            if len(own) >= 3:  # fewer sheets say nothing about an expert's habits
                own_centre, own_variance = moments(own)
                stretch = root(variance / own_variance) if own_variance else 0
                value = min(max(centre + (value - own_centre) * stretch, Fraction(0)), Fraction(100))
            same(f"{entry['project']} {sheet['seat']} 的标准化总分", sheet["standard"], half_up(value, 4))


def moments(values):
    centre = mean(values)
    return centre, mean([(value - centre) ** 2 for value in values])


def root(value):
    """The square root to 20 decimals, the rest cut off."""
    return Fraction(isqrt(value.numerator * 10**40 // value.denominator), 10**20)


# 2 and 3. Scores


def check_score(tally, entry):
    rules, vote, where = tally["rules"], tally["public_vote"], entry["project"]
    places = rules["decimals"]
    kept = kept_sheets(rules, entry)
    score = None
    if kept is None:
        same(f"{where} 的专家评分", entry["expert"], None)
    else:
        values = [value_of(sheet) for sheet in kept]
        score = mean(values)
        same(f"{where} 的专家计分合计", Fraction(entry["expert"]["sum"]), sum(values))
        same(f"{where} 的有效评分份数", entry["expert"]["count"], len(values))
        same(f"{where} 的专家评分", entry["expert"]["score"], half_up(score, places))
    held = "" if kept else "sheets_below_quorum"
    if vote and vote["public_percent"] > 0:
        public = check_ballots(tally, entry)
        if public is None:
            held = held or "ballots_below_quorum"
        elif score is not None:
            score = (score * vote["expert_percent"] + public * vote["public_percent"]) / 100
    same(f"{where} 暂停计分的原因", entry["held"], held)
    same(f"{where} 的得分", entry["score"], None if held else half_up(score, places))
    if not held:
        same(f"{where} 的同分比较值", entry["tie_values"], tie_values(rules, entry, kept))


def value_of(sheet):
    return Fraction(sheet.get("standard", sheet["total"]))


def kept_sheets(rules, entry):
    """The sheets that count, None below the quorum; the marks in the file must say the same."""
    sheets = sorted(entry["sheets"], key=lambda sheet: (value_of(sheet), sheet["seat"]))
    marks = {sheet["seat"]: "kept" for sheet in sheets}
    drop_from = rules["drop_extremes_from"]
    if not sheets or len(sheets) < rules["quorum_sheets"]:
        marks = dict.fromkeys(marks, "held")
    elif drop_from is not None and len(sheets) >= drop_from:
        marks[sheets[0]["seat"]] = "dropped_low"
        highest = min(sheets[1:], key=lambda sheet: (-value_of(sheet), sheet["seat"]))
        marks[highest["seat"]] = "dropped_high"
    for sheet in entry["sheets"]:
        same(f"{entry['project']} {sheet['seat']} 是否计分", sheet["counts"], marks[sheet["seat"]])
    return [sheet for sheet in sheets if marks[sheet["seat"]] == "kept"] or None


def check_ballots(tally, entry):
    vote, where, ballots = tally["public_vote"], entry["project"], scores_in(tally, entry)
    for score in ballots:
        if not 0 <= score <= vote["scale_max"]:
            raise Difference(f"{where} 的一张大众评审票为 {score}，超出 0 至 {vote['scale_max']} 分")
    if not ballots or len(ballots) * 100 < vote["quorum_percent"] * tally["checked_in"]:
        return None
    cut = len(ballots) * vote["trim_percent"] // 100
    kept = sorted(ballots)[cut : len(ballots) - cut]
    public = Fraction(sum(kept) * 100, len(kept) * vote["scale_max"])
    same(f"{where} 的大众评审合计", entry["public"]["sum"], sum(kept))
    same(f"{where} 的大众评审票数", entry["public"]["count"], len(kept))
    same(f"{where} 两端各去掉的票数", entry["public"]["trimmed_each_end"], cut)
    same(f"{where} 的大众评分", entry["public"]["score"], half_up(public, tally["rules"]["decimals"]))
    return public


def scores_in(tally, entry):
    """The ballots of an entry. From the third format on each has the receipt code of its juror."""
    public = entry["public"] or {"ballots": [], "channels": {}}
    if tally["format"] in ("gongzhi.tally/1", "gongzhi.tally/2"):
        return public["ballots"]
    where = entry["project"]
    receipts = [(ballot["receipt"], ballot["score"]) for ballot in public["ballots"]]
    for code, _score in receipts:
        if not RECEIPT.fullmatch(code):
            raise Difference(f"{where} 的一张大众评审票没有回执号：{code}")
    # Any other order could tell who voted, or when.
    same(f"{where} 的大众评审票按回执号排列", receipts, sorted(receipts))
    channels = public["channels"]
    same(f"{where} 的投票渠道", sorted(set(channels) - {"phone", "paper"}), [])
    if any(number < 0 for number in channels.values()):
        raise Difference(f"{where} 的投票渠道票数小于零：{show(channels)}")
    same(f"{where} 各渠道票数之和", sum(channels.values()), len(receipts))
    return [score for _code, score in receipts]


RECEIPT = re.compile("[2-9A-HJ-NP-Z]{3}-[2-9A-HJ-NP-Z]{3}")


def ballots_of(bundle, code):
    """The projects and scores under a receipt code, as a juror types it."""
    letters = re.sub("[^0-9A-Z]", "", code.upper())
    for entry in bundle["tally"]["entries"]:
        for ballot in (entry["public"] or {"ballots": []})["ballots"]:
            if isinstance(ballot, dict) and ballot["receipt"].replace("-", "") == letters:
                yield f"{ballot['receipt']}：{entry['project']} {entry['title']}，{ballot['score']} 分"


def tie_values(rules, entry, kept):
    places, key = rules["decimals"], rules["tie_criterion"]
    found = {
        "expert_score": entry["expert"]["score"],
        "public_score": (entry["public"] or {}).get("score") or "0",
        "previous_round": entry["previous_score"] or "0",
        "chair_vote": "0",
    }
    if "criterion" in rules["tie_break"]:
        found["criterion"] = half_up(mean([Fraction(sheet["points"][key]) for sheet in kept]), places)
    return [found[rule] for rule in rules["tie_break"]]


# 4. Ranks, places, awards


def figures(entry):
    return tuple(Fraction(text) for text in [entry["score"], *entry["tie_values"]])


def check_ranks(tally):
    rules = tally["rules"]
    ranked = sorted((e for e in tally["entries"] if not e["held"]), key=figures, reverse=True)
    rank_of, sharing = {}, Counter()
    for position, entry in enumerate(ranked, start=1):
        rank = rank_of.setdefault(figures(entry), position)
        sharing[rank] += 1
        same(f"{entry['project']} 的名次", entry["rank"], rank)
    places = rules["advance"]
    if rules.get("advance_by") == "share":
        places = -(-len(ranked) * rules["advance_percent"] // 100)
    same("入围名额", tally["places"], places)
    through = advancing([(entry["rank"], entry["group"]) for entry in ranked], places, rules)
    for entry, goes_on in zip(ranked, through, strict=True):
        same(f"{entry['project']} 是否入围", entry["advances"], goes_on)
        awards = {award_at(tally, entry["rank"] + n) for n in range(sharing[entry["rank"]])}
        award = awards.pop() if goes_on and len(awards) == 1 else ""
        same(f"{entry['project']} 的奖项", entry["award"], award)


def advancing(ranking, places, rules):
    """For each (rank, group): goes on, does not, or None where it hangs on the order among equals.

    Every quota goes to the best of its field or district, what is left to the best of the others.
    """
    quota = Counter()
    if rules.get("advance_by") in ("field", "district"):
        quota.update({row["key"]: row["places"] for row in rules["quotas"]})
    entered = Counter(group for _rank, group in ranking)
    quota = Counter({group: min(number, entered[group]) for group, number in quota.items()})
    left, found = places - sum(quota.values()), []
    for _rank, block in groupby(ranking, key=lambda row: row[0]):
        groups = [group for _rank, group in block]
        sure = {group: min(quota[group], number) for group, number in Counter(groups).items()}
        others = len(groups) - sum(sure.values())
        for group in groups:
            if sure[group] == groups.count(group) or left >= others:
                found.append(True)
            else:
                found.append(None if sure[group] or left > 0 else False)
        quota.subtract(sure)
        left = max(left - others, 0)
    return found


def award_at(tally, place):
    for award in tally["awards"]:
        if place <= award["places"]:
            return award["key"]
        place -= award["places"]
    return ""


# 5. The list that was decided, and the hashes


def check_decision(bundle):
    """The list follows the ranks, but for equals put in order and departures given with a reason."""
    tally, decision = bundle["tally"], bundle["decision"]
    if decision is None:  # taken back after an objection
        return
    entries = {entry["number"]: entry for entry in tally["entries"]}
    lines = decision["lines"]
    listed = sorted([line["number"] for line in lines] + decision["left_out"])
    same("名单与计分的项目", listed, sorted(n for n, entry in entries.items() if not entry["held"]))
    same("名单的顺序号", [line["place"] for line in lines], list(range(1, len(lines) + 1)))
    ranking = [(line["place"], entries[line["number"]]["group"]) for line in lines]
    through = advancing(ranking, tally["places"], tally["rules"])
    before = 0
    for line, goes_on in zip(lines, through, strict=True):
        entry = entries[line["number"]]
        same(f"名单第{line['place']}位的受理编号", line["project"], entry["project"])
        if not line["override"].strip():
            if entry["rank"] < before:
                raise Difference(f"{entry['project']} 名次为 {entry['rank']}，名单却排在第 {before} 名之后")
            before = entry["rank"]
            same(f"名单中 {entry['project']} 是否入围", line["advances"], goes_on)
        award = award_at(tally, line["place"]) if line["advances"] else ""
        same(f"名单中 {entry['project']} 的奖项", line["award"], award)


def departures(bundle):
    """The lines that do not follow the ranks, with the reasons given: to be compared with the notice."""
    ranks = {entry["number"]: entry["rank"] for entry in bundle["tally"]["entries"]}
    for line in (bundle["decision"] or {"lines": []})["lines"]:
        if line["override"].strip():
            places = f"计分第{ranks[line['number']]}名，名单第{line['place']}位"
            outcome = "入围" if line["advances"] else "不入围"
            yield f"{line['project']} {places}，{outcome}：{line['override']}"


def check_rules(bundle):
    tally, rulebook = bundle["tally"], bundle["rulebook"]
    same("规则的版本", tally["rulebook"]["version"], rulebook["version"])
    same("规则的指纹", tally["rulebook"]["sha256"], sha256(rulebook["document"]))
    for key, value in rulebook["document"][tally["round"]].items():
        same(f"计分所用规则“{key}”", tally["rules"][key], value)
    for key, value in (tally["public_vote"] or {}).items():
        same(f"计分所用规则“{key}”", value, rulebook["document"]["public_vote"][key])
    if tally["awards"]:
        same("计分所用奖项", tally["awards"], rulebook["document"]["awards"])


def check(bundle):
    """Raises Difference at the first thing that does not agree."""
    same("文件格式", bundle["format"], "gongzhi.bundle/1")
    tally = bundle["tally"]
    check_rules(bundle)
    check_sheets(tally)
    for entry in tally["entries"]:
        check_score(tally, entry)
    check_ranks(tally)
    check_decision(bundle)
    same("封存计分的指纹", bundle["tally_sha256"], sha256(tally))
    same("公示中印发的指纹", bundle["notice"]["tally_sha256"], sha256(tally))
    same("整个文件的指纹", bundle["sha256"], sha256({k: v for k, v in bundle.items() if k != "sha256"}))


def main(arguments):
    if len(arguments) not in (1, 2):
        print("用法：python3 verify_tally.py bundle.json [回执号]")
        return 1
    try:
        with open(arguments[0], encoding="utf-8") as file:
            bundle = json.load(file)
        check(bundle)
    except Difference as difference:
        print(f"不一致。{difference}")
        return 1
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, ZeroDivisionError) as error:
        print(f"不一致。文件缺损，无法读取：{type(error).__name__} {error}")
        return 1
    print(f"一致。{len(bundle['tally']['entries'])} 个项目的得分、名次、名单和指纹均已重新计算。")
    for code in arguments[1:]:
        print("\n".join(ballots_of(bundle, code)) or f"文件中没有回执号 {code}。请核对后再试。")
    for departure in departures(bundle):
        print(f"名单与计分名次不一致（已公布理由）：{departure}")
    print(f"请核对公示印发的指纹（SHA-256）：{bundle['tally_sha256']}")
    print(f"本文件的指纹（SHA-256）：{bundle['sha256']}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
