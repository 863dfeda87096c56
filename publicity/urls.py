"""Addresses of the public site and of the publicity desk."""

from django.urls import path

from publicity.views import announcements, desk, disclosure, draws, editions, live, projects, proofs, site

app_name = "publicity"
urlpatterns = [
    path("", site.home, name="home"),
    path("rules/", editions.rules_latest, name="rules_latest"),
    path("editions/<int:year>/", editions.edition_page, name="edition"),
    path("editions/<int:year>/rules/", editions.rules, name="rules"),
    path("editions/<int:year>/results/<slug:key>/", editions.results, name="results"),
    path("editions/<int:year>/results/final/receipts/", proofs.results_receipts, name="results_receipts"),
    path("editions/<int:year>/results/<slug:key>/verify/", proofs.results_verify, name="results_verify"),
    path("editions/<int:year>/results/<slug:key>/bundle.json", editions.bundle, name="results_bundle"),
    path(
        "editions/<int:year>/results/<slug:key>/<int:number>/", editions.results_entry, name="results_entry"
    ),
    path("editions/<int:year>/recordings/<int:pk>/", proofs.recording, name="recording"),
    path("editions/<int:year>/draws/<int:pk>/", draws.draw, name="draw"),
    path("editions/<int:year>/draws/<int:pk>/draw.json", draws.draw_data, name="draw_data"),
    path("live/<int:year>/", live.live, name="live"),
    path("live/state/", live.live_state, name="live_state"),
    path("projects/", projects.project_list, name="project_list"),
    path("projects/<slug:code>/", projects.project_detail, name="project_detail"),
    path("announcements/", announcements.announcement_list, name="announcement_list"),
    path("announcements/<int:pk>/", announcements.announcement_detail, name="announcement_detail"),
    path("announcements/<int:pk>.pdf", announcements.announcement_pdf, name="announcement_pdf"),
    path("announcements/<int:pk>.ics", announcements.announcement_calendar, name="announcement_calendar"),
    path("announcements/<int:pk>/object/", announcements.announcement_object, name="announcement_object"),
    path("objections/", announcements.objection_lookup, name="objection_lookup"),
    path("objections/<slug:receipt>/", announcements.objection_receipt, name="objection_receipt"),
    path("disclosure/", disclosure.disclosure_list, name="disclosure"),
    path("disclosure/<slug:code>/", disclosure.disclosure_detail, name="disclosure_detail"),
    path("history/", site.history, name="history"),
    path("sitemap/", site.sitemap, name="sitemap"),
    path("accessibility/", site.accessibility, name="accessibility"),
    path("feed.atom", announcements.feed, name="feed"),
    path("robots.txt", site.robots, name="robots"),
    path("desk/publicity/", desk.desk_publicity, name="desk_publicity"),
    path("desk/publicity/new/", desk.desk_news_new, name="desk_news_new"),
    path("desk/publicity/<int:pk>/media/", desk.desk_media, name="desk_media"),
    path("desk/publicity/<int:pk>/withdraw/", desk.desk_withdraw, name="desk_withdraw"),
]
