"""Run the measurements, print a table, write ``.bench/results.json``; exit 1 when a target fails.

``python -m bench [name ...] [--rounds N]``. Modules of this package are found by their file, so a
new line is a new file.
"""

import argparse
import importlib
import json
import os
import pkgutil
import signal
import sys
from pathlib import Path
from typing import Any

import bench

RESULTS = Path(__file__).resolve().parent.parent / ".bench" / "results.json"
KEYS = ("name", "ours", "baseline", "unit", "ratio", "target", "ok")


def names() -> list[str]:
    return sorted(
        module.name for module in pkgutil.iter_modules(bench.__path__) if not module.name.startswith("_")
    )


def table(results: list[dict[str, Any]]) -> str:
    rows = [("line", "ours", "baseline", "unit", "ratio", "target", "")]
    rows += [
        (
            line["name"],
            f"{line['ours']:.4g}",
            f"{line['baseline']:.4g}",
            line["unit"],
            f"{line['ratio']:.2f}",
            line["target"],
            "ok" if line["ok"] else "FAIL",
        )
        for line in results
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", help="lines to measure")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args(arguments)

    # Asked to stop, it leaves nothing behind either.
    signal.signal(signal.SIGTERM, lambda *_asked: sys.exit(1))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.demo")
    import django  # after the settings are named

    django.setup()
    results: list[dict[str, Any]] = []
    for name in options.names or names():
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        found = importlib.import_module(f"bench.{name}").measure(options.rounds)
        lines = found if isinstance(found, list) else [found]
        results += [{key: line[key] for key in KEYS} for line in lines]
    print(table(results))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return 0 if all(line["ok"] for line in results) else 1


if __name__ == "__main__":
    sys.exit(main())
