from django.urls import path

from projects.views import applications, attachments, desk, home, intake, organisations, submission

app_name = "projects"
urlpatterns = [
    path("apply/", home.apply_home, name="apply_home"),
    path("apply/organisation/", organisations.organisation_edit, name="organisation_edit"),
    path("apply/organisation/new/", organisations.organisation_new, name="organisation_new"),
    path("apply/organisation/<int:pk>/", organisations.organisation_file, name="organisation_file"),
    path("apply/projects/new/", applications.project_start, name="project_start"),
    path("apply/projects/<slug:code>/", applications.project_tasks, name="project_tasks"),
    path("apply/projects/<slug:code>/submit/", submission.project_submit, name="project_submit"),
    path("apply/projects/<slug:code>/receipt/", submission.project_receipt, name="project_receipt"),
    path("apply/projects/<slug:code>/withdraw/", submission.project_withdraw, name="project_withdraw"),
    path(
        "apply/projects/<slug:code>/versions/<int:version>/",
        submission.project_version,
        name="project_version",
    ),
    path("apply/projects/<slug:code>/attachments/<int:pk>/", attachments.attachment, name="attachment"),
    path(
        "apply/projects/<slug:code>/attachments/<int:pk>/remove/",
        attachments.attachment_remove,
        name="attachment_remove",
    ),
    path("apply/projects/<slug:code>/<slug:section>/", applications.project_section, name="project_section"),
    path("desk/intake/", intake.intake_list, name="intake_list"),
    path("desk/intake/<slug:code>/", intake.intake_detail, name="intake_detail"),
    path("desk/intake/<slug:code>/decide/", intake.intake_decide, name="intake_decide"),
    path("desk/organisations/", desk.organisation_list, name="organisation_list"),
    path("desk/organisations/<int:pk>/", desk.organisation_detail, name="organisation_detail"),
    path("desk/organisations/<int:pk>/verify/", desk.organisation_verify, name="organisation_verify"),
    path("desk/organisations/<int:pk>/bar/", desk.organisation_bar, name="organisation_bar"),
    path("desk/bars/", desk.bar_list, name="bar_list"),
]
