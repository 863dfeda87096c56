"""What every template knows about the site itself: its name, its footer, how it is shown."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext as _

CARE_COOKIE = "care"


def site(request: HttpRequest) -> dict[str, Any]:
    """``portal`` for templates. Names and numbers come from ``settings.SITE``; empty ones vanish."""
    facts: dict[str, str] = getattr(settings, "SITE", {})
    language = translation.get_language() or settings.LANGUAGE_CODE
    is_chinese = language.startswith("zh")
    return {
        "portal": {
            "name": facts.get("name", ""),
            "motto": facts.get("motto", ""),
            "demo": bool(getattr(settings, "DEMO", False)),
            "care": request.COOKIES.get(CARE_COOKIE) == "1",
            "html_lang": "zh-CN" if is_chinese else language,
            "is_chinese": is_chinese,
            "footer": _footer(facts),
        }
    }


def _footer(facts: dict[str, str]) -> dict[str, Any]:
    """The items officials expect at the foot of a government site; what is not set is not shown."""
    about = [
        (_("Organiser"), facts.get("organiser")),
        (_("Host agency"), facts.get("host")),
        (_("Contact"), facts.get("contact")),
        (_("Address"), facts.get("address")),
    ]
    registrations = [
        (_("Site identification code"), facts.get("site_code"), ""),
        ("", facts.get("icp"), "https://beian.miit.gov.cn/"),
        ("", facts.get("police"), facts.get("police_url")),
        ("", facts.get("party_mark"), facts.get("party_mark_url")),
    ]
    return {
        "about": [{"label": label, "value": value} for label, value in about if value],
        "registrations": [
            {"label": label, "value": value, "url": url} for label, value, url in registrations if value
        ],
        "report_url": facts.get("report_url", ""),
    }
