from django.urls import path

from stores import views

app_name = "stores"
urlpatterns = [
    path("setup/", views.setup, name="setup"),
    path("me/", views.profile, name="profile"),
    path("invitations/<str:token>/", views.invitation, name="invitation"),
]
