from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("me/profile/", views.profile, name="profile"),
    path("desk/people/", views.people, name="people"),
    path("desk/people/<int:pk>/", views.person, name="person"),
    path("desk/people/<int:pk>/roles/", views.role_grant, name="role_grant"),
    path("desk/people/<int:pk>/deactivate/", views.person_deactivate, name="person_deactivate"),
    path("desk/people/<int:pk>/reactivate/", views.person_reactivate, name="person_reactivate"),
    path("desk/people/roles/<int:pk>/revoke/", views.role_revoke, name="role_revoke"),
    path("desk/people/invitations/", views.invitation_list, name="invitation_list"),
    path("desk/people/invitations/new/", views.invitation_new, name="invitation_new"),
    path("desk/people/invitations/<int:pk>/revoke/", views.invitation_revoke, name="invitation_revoke"),
    path("accounts/invitation/", views.invitation, name="invitation"),
    path("accounts/invitation/<str:token>/", views.invitation_link, name="invitation_accept"),
]
