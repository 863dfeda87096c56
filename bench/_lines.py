"""The lines that measurements hand in."""

import statistics
from typing import Any


def per_second(name: str, ours: list[float], baseline: list[float], least: float) -> dict[str, Any]:
    """Rates taken by turns: their medians, and the median of the ratios of the turns."""
    ratio = statistics.median(a / b for a, b in zip(ours, baseline, strict=True))
    return {
        "name": name,
        "ours": round(statistics.median(ours)),
        "baseline": round(statistics.median(baseline)),
        "unit": "requests/s",
        "ratio": round(ratio, 3),
        "target": f"≥ {least}",
        "ok": ratio >= least,
    }


def within(name: str, ours: float, most: float, unit: str, *, wrong: str = "") -> dict[str, Any]:
    """Something that may take so much and no more; not ok either when something else was ``wrong``."""
    return {
        "name": name,
        "ours": ours,
        "baseline": most,
        "unit": f"{unit}; {wrong}" if wrong else unit,
        "ratio": round(ours / most, 3),
        "target": f"≤ {most:g}",
        "ok": ours <= most and not wrong,
    }
