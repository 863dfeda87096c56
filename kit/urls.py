from django.urls import path

from kit import views

app_name = "kit"
urlpatterns = [
    path("site/care/", views.care_mode, name="care_mode"),
    path("site/language/", views.language, name="language"),
]
