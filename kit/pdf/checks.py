"""What the machine must have before papers can be printed, for the system checks to ask."""

import subprocess
from collections.abc import Sequence

from weasyprint.text.ffi import harfbuzz, harfbuzz_subset

# The families the style sheets name and that free systems have; the licensed official typefaces
# are used when they are installed and never required.
REQUIRED_FAMILIES = ("Noto Serif CJK SC", "Noto Sans CJK SC", "LXGW WenKai")
PACKAGES = {
    "harfbuzz-subset": "libharfbuzz-subset0",
    "Noto Serif CJK SC": "fonts-noto-cjk",
    "Noto Sans CJK SC": "fonts-noto-cjk",
    "LXGW WenKai": "fonts-lxgw-wenkai",
}


def has_harfbuzz_subset() -> bool:
    """Without it a one-page Chinese paper takes forty times as long."""
    return bool(harfbuzz_subset) and bool(harfbuzz.hb_version_atleast(4, 1, 0))


def missing_families(families: Sequence[str] = REQUIRED_FAMILIES) -> list[str]:
    """Font families that fontconfig does not know on this machine."""
    listing = subprocess.run(
        ["fc-list", "--format=%{family}\n"], capture_output=True, text=True, check=True
    ).stdout
    known = {name.strip() for line in listing.splitlines() for name in line.split(",")}
    return [family for family in families if family not in known]


def missing_packages() -> list[str]:
    """Debian packages to install before papers can be printed; empty when all is well."""
    absent = missing_families()
    if not has_harfbuzz_subset():
        absent.append("harfbuzz-subset")
    return sorted({PACKAGES[name] for name in absent})
