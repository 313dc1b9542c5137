from django.urls import path

from exports.routing import list_path
from intake import list_exports, views
from intake.connectors import views as connections
from intake.mapping import views as mapping
from intake.personal import views as personal
from intake.sync import views as sync

app_name = "intake"
urlpatterns = [
    path("data/", views.index, name="index"),
    list_path(list_exports.imports, "data/imports", "imports_file"),
    path("data/imports/<int:import_id>/", views.import_detail, name="import"),
    path("data/imports/<int:import_id>/cancel/", views.import_cancel, name="import_cancel"),
    path("data/imports/<int:import_id>/answer/", views.import_answer, name="import_answer"),
    path("data/imports/<int:import_id>/now/", views.import_now_view, name="import_now"),
    path("data/imports/<int:import_id>/errors/", views.import_errors, name="import_errors"),
    path("data/buyers/", personal.buyers, name="buyers"),
    path("data/health/", sync.health, name="health"),
    path("stores/<number:store_no>/sync/<int:source_id>/", sync.source_interval, name="source_interval"),
    path("data/connections/", connections.connections, name="connections"),
    path("data/connections/authorised/", connections.connection_authorised, name="connection_authorised"),
    path("data/connections/of/<number:store>/", connections.connection, name="connection"),
    path("data/connections/of/<number:store>/<slug:action>/", connections.connection_act, name="connection_act"),
    path("data/imports/<int:import_id>/map/<int:number>/", mapping.map_columns, name="import_map"),
    path("data/profiles/", mapping.profiles, name="profiles"),
    path("data/profiles/<int:profile_id>/", mapping.profile_edit, name="profile"),
    path("data/profiles/<int:profile_id>/rename/", mapping.profile_rename, name="profile_rename"),
    path("data/profiles/<int:profile_id>/delete/", mapping.profile_delete, name="profile_delete"),
    path("data/profiles/<int:profile_id>/file/", mapping.profile_file, name="profile_file"),
    path("data/templates/<slug:name>.csv", views.template, name="template"),
]
