"""``make shots``: pictures of the main pages, at three widths, into ``.shots/``.

Looks at a demo that is running (``BASE_URL``, by default the demo's own address); when there is
none it starts one in ``DEMO_DIR`` and stops it again. A page that answers with an error, writes to
the browser's console, asks another server for anything or is wider than the screen is reported,
and the exit code says so.

    python -m tests.shots                  every page
    python -m tests.shots home desk        pages whose name begins so
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium-headless-shell")
ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / ".shots"
DESKTOP, TABLET, PHONE = 1440, 1024, 390
WIDTHS = (DESKTOP, TABLET, PHONE)
READY_TIMEOUT_S = 300


@dataclass(frozen=True)
class Shot:
    """One page: its name, where it is, who looks at it, how wide.

    ``follow`` are patterns of links, or their texts, clicked one after the other from ``path``, for
    pages whose address holds a number nobody knows beforehand; ``then`` is a page below the last.
    """

    name: str
    path: str
    role: str = ""
    follow: Sequence[str] = ()
    then: str = ""
    widths: Sequence[int] = WIDTHS
    cookies: Sequence[tuple[str, str]] = ()
    status: int = 200


#: Links that lead to an application: its owner's page of it, its case at the desk.
OWN = r"/apply/projects/\d{4}-\d{4}/"
CASE = r"/desk/intake/\d{4}-\d{4}/"
#: In the demonstration: a draft whose print-out is made, an application corrected and handed in again.
PRINTED, CORRECTED = "楼道小喇叭：老人用药与防骗提醒", "街道“一事一班”协同处置"

#: The rehearsals of the demonstration, each with a round in another state.
COMMITTED, DRAWN, SCORED, SEALED, DEPARTING = (f"评审演练{number:02} · 初审" for number in range(1, 6))
ROUND, DRAWS, DRAW = r"/desk/rounds/\d+/", r"/desk/rounds/\d+/draw/", r"/desk/rounds/draws/\d+/"
STAFF = (DESKTOP, TABLET)
#: The rehearsal of the demonstration whose final is under way.
ON_STAGE = 9008

#: Every main page, by area.
SHOTS: tuple[Shot, ...] = (
    Shot("home", "/"),
    Shot("home-care", "/", cookies=[("care", "1")]),
    Shot("home-english", "/", cookies=[("django_language", "en")]),
    Shot("login", "/accounts/login/"),
    Shot("signup", "/accounts/signup/"),
    Shot("missing", "/no-such-page/", status=404),
    Shot("styleguide", "/site/styleguide/"),
    Shot("rules", "/rules/"),
    Shot("projects", "/projects/"),
    Shot("project", "/projects/", follow=[r"/projects/\d{4}-\d{4}/"]),
    Shot("announcements", "/announcements/"),
    Shot("announcement", "/announcements/", follow=[r"/announcements/\d+/"]),
    Shot("edition", "/history/", follow=[r"/editions/\d{4}/"]),
    Shot("disclosure", "/disclosure/"),
    Shot("disclosure-project", "/disclosure/", follow=[r"/disclosure/\d{4}-\d{4}/"]),
    Shot("history", "/history/"),
    Shot("results", "/history/", follow=[r"/editions/\d{4}/", r"/editions/\d{4}/results/\w+/"]),
    Shot(
        "results-entry",
        "/history/",
        follow=[r"/editions/\d{4}/", r"/editions/\d{4}/results/\w+/", r"/editions/\d{4}/results/\w+/\d+/"],
    ),
    Shot("verify", "/verify/"),
    Shot("accessibility", "/accessibility/"),
    Shot("sitemap", "/sitemap/"),
    Shot("me", "/me/", "org01"),
    Shot("apply", "/apply/", "org01"),
    Shot("apply-organisation", "/apply/organisation/", "org01"),
    Shot("apply-project", "/apply/", "org01", follow=[OWN]),
    Shot("apply-budget", "/apply/", "org01", follow=[PRINTED], then="budget/"),
    Shot("apply-files", "/apply/", "org01", follow=[PRINTED], then="attachments/"),
    Shot("apply-hand-in", "/apply/", "org01", follow=[PRINTED], then="submit/"),
    Shot("apply-receipt", "/apply/", "org11", follow=[CORRECTED], then="receipt/"),
    Shot("apply-compare", "/apply/", "org11", follow=[CORRECTED], then="compare/"),
    Shot("apply-start", "/apply/projects/new/", "org01"),
    Shot("apply-people", "/apply/organisation/", "org01", follow=[r"/apply/organisation/\d+/people/"]),
    Shot("apply-ideas", "/apply/ideas/", "org01"),
    Shot("grants", "/grants/", "org01"),
    Shot("review", "/review/", "expert01"),
    Shot("review-sheet", "/review/", "expert01", follow=[r"/review/\d+/"]),
    Shot("review-compare", "/review/", "expert01", follow=[r"/review/rounds/\d+/"]),
    Shot("review-declare", "/review/", "expert05", follow=[r"/review/\d+/"]),
    Shot("review-pledge", "/review/", "expert15"),
    Shot("desk", "/desk/", "clerk"),
    Shot("desk-editions", "/desk/editions/", "clerk"),
    Shot("desk-edition", "/desk/editions/", "clerk", follow=[r"/desk/editions/\d{4}/"]),
    Shot("desk-intake", "/desk/intake/", "clerk"),
    Shot("desk-case", "/desk/intake/", "clerk", follow=[CASE]),
    Shot("desk-accept", "/desk/intake/accept/", "clerk"),
    Shot("desk-share", "/desk/intake/share/", "clerk"),
    Shot("desk-drafts", "/desk/intake/drafts/", "clerk"),
    Shot("desk-similar", "/desk/intake/?similar=1", "clerk", follow=[CASE, r"/desk/intake/.+/similar/.+/"]),
    Shot("desk-merge", "/desk/intake/?similar=1", "clerk", follow=[CASE], then="merge/"),
    Shot("desk-compare", "/desk/intake/?returned=again", "clerk", follow=[CASE], then="compare/"),
    Shot("desk-recommend", "/desk/intake/recommend/", "district"),
    Shot("desk-imports", "/desk/imports/", "clerk"),
    Shot("desk-import", "/desk/imports/", "clerk", follow=[r"/desk/imports/\d+/"]),
    Shot("desk-organisations", "/desk/organisations/", "clerk"),
    Shot("desk-organisation", "/desk/organisations/", "clerk", follow=[r"/desk/organisations/\d+/"]),
    Shot("desk-bars", "/desk/bars/", "clerk"),
    Shot("desk-rounds", "/desk/rounds/", "clerk"),
    Shot("desk-round", "/desk/rounds/", "clerk", follow=[r"/desk/rounds/\d+/"]),
    Shot("desk-heat", "/desk/rounds/", "clerk", follow=[ROUND], then="heat/"),
    Shot("desk-waterfall", "/desk/rounds/", "clerk", follow=[ROUND, r"/desk/rounds/\d+/entries/\d+/"]),
    Shot("desk-letters", "/desk/rounds/", "clerk", follow=[ROUND], then="letters/", widths=STAFF),
    Shot("desk-scoring", "/desk/rounds/", "clerk", follow=[SCORED], widths=STAFF),
    Shot("desk-flags", "/desk/rounds/", "supervisor", follow=[SCORED], then="flags/"),
    Shot("desk-sheets", "/desk/rounds/", "supervisor", follow=[SCORED], then="sheets/", widths=STAFF),
    Shot("desk-sharing", "/desk/rounds/", "clerk", follow=[SCORED], then="sharing/", widths=STAFF),
    Shot("desk-sharing-entry", "/desk/rounds/", "clerk", follow=[SCORED], then="sharing/1/", widths=STAFF),
    Shot("desk-draw-bound", "/desk/rounds/", "clerk", follow=[COMMITTED, DRAWS, DRAW], widths=STAFF),
    Shot("desk-draw", "/desk/rounds/", "clerk", follow=[DRAWN, DRAWS, DRAW], widths=STAFF),
    Shot("desk-propose", "/desk/rounds/", "clerk", follow=[SEALED], then="propose/", widths=STAFF),
    Shot("desk-approve", "/desk/rounds/", "approver", follow=[DEPARTING], then="approve/", widths=STAFF),
    Shot("desk-experts", "/desk/experts/", "clerk"),
    Shot("desk-expert", "/desk/experts/", "clerk", follow=["专家02"], widths=STAFF),
    Shot("desk-expert-change", "/desk/experts/", "clerk", follow=["专家02"], then="edit/", widths=STAFF),
    Shot("desk-experts-import", "/desk/experts/import/", "clerk", widths=STAFF),
    Shot("desk-amend", "/desk/editions/", "clerk", follow=[r"/desk/editions/\d{4}/"], then="amendment/"),
    Shot("desk-notices", "/desk/notices/", "clerk"),
    Shot("desk-notice", "/desk/notices/", "clerk", follow=[r"/desk/notices/\d+/"]),
    Shot("desk-objections", "/desk/objections/", "clerk"),
    Shot("desk-objection", "/desk/objections/", "clerk", follow=[r"/desk/objections/\d+/"]),
    Shot("desk-publicity", "/desk/publicity/", "editor"),
    Shot("desk-documents", "/desk/documents/", "clerk"),
    Shot("desk-calendar", "/desk/calendar/", "clerk"),
    Shot("desk-funding", "/desk/funding/", "finance"),
    Shot("desk-grants", "/desk/funding/grants/", "finance"),
    Shot("desk-grant", "/desk/funding/grants/", "finance", follow=[r"/desk/funding/grants/\d{4}-\d{4}/"]),
    Shot("desk-payments", "/desk/funding/payments/", "finance"),
    Shot("desk-people", "/desk/people/", "security"),
    Shot("audit", "/audit/", "auditor"),
    Shot("audit-exports", "/audit/exports/", "auditor"),
    Shot("audit-record", "/audit/record/", "auditor"),
    Shot("jury", "/jury/", widths=[PHONE]),
    Shot("live", "/live/2025/", widths=[1920, PHONE]),
    Shot("live-wall", f"/live/{ON_STAGE}/", "clerk", widths=[1920]),
    Shot("live-console", f"/desk/live/{ON_STAGE}/", "clerk", widths=STAFF),
    Shot("live-cards", f"/desk/live/{ON_STAGE}/cards/", "clerk"),
    Shot("live-door", f"/desk/live/{ON_STAGE}/door/", "clerk"),
    Shot("live-slips", "/desk/live/2025/slips/", "clerk", widths=STAFF),
    Shot("live-roster", "/desk/live/2025/roster/", "clerk", widths=STAFF),
    Shot("live-draws", "/desk/live/2025/draws/", "clerk", widths=STAFF),
    Shot("live-minutes", "/desk/live/2025/minutes/", "clerk", widths=STAFF),
    Shot("live-recordings", "/desk/live/2025/recordings/", "clerk", widths=STAFF),
    Shot("results-final", "/editions/2025/results/final/"),
    Shot("results-receipts", "/editions/2025/results/final/receipts/"),
)


def sign_ins() -> tuple[dict[str, str], str]:
    """Addresses by the name before the @, and the one password, as the demo itself prints them."""
    printed = subprocess.run(
        [sys.executable, "manage.py", "demo_signins"],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.demo"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    addresses = re.findall(r"^\s+(\S+)@(\S+)", printed, re.MULTILINE)
    password = re.search(r"password: (\S+)", printed)
    if not addresses or password is None:
        raise SystemExit(f"the demo printed no sign-ins:\n{printed}")
    return {name: f"{name}@{domain}" for name, domain in addresses}, password[1]


class Looker:
    """Opens pages in one browser, as different people, and keeps what went wrong."""

    def __init__(self, browser: Browser, base_url: str, people: dict[str, str], password: str) -> None:
        self.browser = browser
        self.base_url = base_url
        self.people = people
        self.password = password
        self.states: dict[str, str] = {}
        self.faults: list[str] = []

    def look(self, shot: Shot) -> None:
        for width in shot.widths:
            context = self.context(shot, width)
            try:
                self.take(shot, width, context.new_page())
            finally:
                context.close()

    def context(self, shot: Shot, width: int) -> BrowserContext:
        storage = self.signed_in(shot.role) if shot.role else None
        context = self.browser.new_context(
            viewport={"width": width, "height": 900},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            storage_state=storage,
        )
        context.add_cookies([{"name": n, "value": v, "url": self.base_url} for n, v in shot.cookies])
        return context

    def address_of(self, role: str) -> str:
        """How one of the demo's people signs in; the list names the first of each kind."""
        known = self.people.get(role)
        return known or f"{role}@{next(iter(self.people.values())).partition('@')[2]}"

    def signed_in(self, role: str) -> str:
        """The stored session of one of the demo's people; signs in once."""
        if role not in self.states:
            context = self.browser.new_context(locale="zh-CN")
            page = context.new_page()
            page.goto(f"{self.base_url}/accounts/login/")
            page.fill('input[name="login"]', self.address_of(role))
            page.fill('input[name="password"]', self.password)
            page.click('form[action$="/accounts/login/"] button[type="submit"]')
            page.wait_for_load_state()
            path = OUT / f".session-{role}.json"
            context.storage_state(path=path)
            context.close()
            self.states[role] = str(path)
        return self.states[role]

    def take(self, shot: Shot, width: int, page: Page) -> None:
        name = f"{shot.name}-{width}"
        page.on("console", lambda m: self.console(name, shot, m.type, m.text))
        page.on("pageerror", lambda error: self.fault(name, f"script error: {error}"))
        page.on("request", lambda request: self.request(name, request.url))
        answer = page.goto(self.base_url + shot.path)
        for pattern in shot.follow:
            link = self.link(page, pattern)
            if link is None:
                self.fault(name, f"no link like {pattern} on {page.url}")
                return
            answer = page.goto(link)
        if shot.then:
            answer = page.goto(urljoin(page.url, shot.then))
        if answer is None or answer.status != shot.status:
            self.fault(name, f"answered {answer.status if answer else 'nothing'} at {page.url}")
        page.wait_for_load_state("networkidle")
        wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if wider > 0:
            self.fault(name, f"{wider} px wider than the screen")
        page.screenshot(path=OUT / f"{name}.png", full_page=True)

    def link(self, page: Page, pattern: str) -> str | None:
        links: list[list[str]] = page.eval_on_selector_all(
            "main a[href]", "all => all.map(a => [a.href, a.textContent.trim()])"
        )
        fits = (href for href, text in links if text == pattern or re.fullmatch(pattern, urlsplit(href).path))
        return next(fits, None)

    def console(self, name: str, shot: Shot, kind: str, text: str) -> None:
        expected = shot.status >= 400 and "Failed to load resource" in text
        if kind in {"error", "warning"} and not expected:
            self.fault(name, f"console: {text}")

    def request(self, name: str, url: str) -> None:
        if not url.startswith((self.base_url, "data:", "blob:")):
            self.fault(name, f"asked for {url}")

    def fault(self, name: str, text: str) -> None:
        self.faults.append(f"{name}: {text}")


def is_up(base_url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{base_url}/healthz/", timeout=3) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def running_demo() -> Iterator[str]:
    """The address of a demo: the one that is running, or one started for the pictures."""
    base_url = os.environ.get("BASE_URL", f"http://127.0.0.1:{os.environ.get('PORT', '8000')}").rstrip("/")
    if is_up(base_url):
        yield base_url
        return
    demo = subprocess.Popen([sys.executable, "-m", "config.demo", "run"], cwd=ROOT)
    try:
        deadline = time.monotonic() + READY_TIMEOUT_S
        while not is_up(base_url):
            if demo.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("the demo did not come up")
            time.sleep(1)
        yield base_url
    finally:
        demo.terminate()
        demo.wait(timeout=60)


def main(wanted: Sequence[str]) -> int:
    shots = [shot for shot in SHOTS if not wanted or shot.name.startswith(tuple(wanted))]
    OUT.mkdir(exist_ok=True)
    with running_demo() as base_url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        looker = Looker(browser, base_url, *sign_ins())
        for number, shot in enumerate(shots, start=1):
            sys.stdout.write(f"[{number:>2}/{len(shots)}] {shot.name}\n")
            looker.look(shot)
        browser.close()
    for session in OUT.glob(".session-*.json"):
        session.unlink()
    for fault in looker.faults:
        sys.stdout.write(f"!! {fault}\n")
    sys.stdout.write(f"{len(shots)} pages, {len(looker.faults)} faults, pictures in {OUT.name}/\n")
    return 1 if looker.faults else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
