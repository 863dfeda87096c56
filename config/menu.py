"""The side menus of the workplaces, in one table.

An entry appears when its address exists and the person may open the page behind it (the page's
own permission decides, see ``kit.menu``): nothing about roles is repeated here.
"""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kit.menu import Area, Group, Item

AREAS = (
    Area(
        "apply",
        _("My applications"),
        "projects:apply_home",
    ),
    Area(
        "grants",
        _("My grants"),
        "funding:grants",
    ),
    Area(
        "review",
        _("My reviews"),
        "judging:review_home",
    ),
    Area(
        "desk",
        pgettext_lazy("workplace", "Desk"),
        "contest:desk",
        (
            Group(
                "",
                (Item(_("What waits"), "contest:desk"),),
            ),
            Group(
                _("Contest"),
                (
                    Item(_("Editions"), "contest:desk_edition_list"),
                    Item(_("Intake"), "projects:intake_list"),
                    Item(_("Word of the district"), "projects:recommend_list"),
                    Item(_("Organisations"), "projects:organisation_list"),
                    Item(_("Ideas kept"), "projects:idea_counts"),
                    Item(_("Import"), "projects:import_list"),
                    Item(_("Pool of experts"), "judging:experts"),
                    Item(_("Rounds"), "judging:rounds"),
                    Item(_("Notices"), "judging:notices"),
                    Item(_("Objections"), "judging:objections"),
                    Item(_("Bars"), "projects:bar_list"),
                ),
            ),
            Group(
                _("Funds"),
                (
                    Item(_("Funds"), "funding:desk_funding"),
                    Item(_("Grants"), "funding:desk_grant_list"),
                    Item(_("Payments"), "funding:desk_payment_list"),
                    Item(_("Vouchers"), "funding:desk_voucher_list"),
                ),
            ),
            Group(
                _("Publicity"),
                (
                    Item(_("Announcements"), "publicity:desk_publicity"),
                    Item(_("Documents"), "contest:desk_document_list"),
                ),
            ),
            Group(
                _("House"),
                (
                    Item(_("People and roles"), "accounts:people"),
                    Item(_("Working days"), "contest:calendar"),
                    Item(_("Background work"), "contest:jobs"),
                ),
            ),
        ),
    ),
    Area(
        "audit",
        pgettext_lazy("workplace", "Audit"),
        "contest:audit_home",
        (
            Group(
                "",
                (
                    Item(_("Overview"), "contest:audit_home"),
                    Item(_("Exports"), "contest:audit_exports"),
                    Item(_("The record"), "contest:audit_record"),
                ),
            ),
        ),
    ),
)
