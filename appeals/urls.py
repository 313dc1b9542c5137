"""Addresses of appeals, corrections and protected events (PG-11, BX-03)."""

from django.urls import path

from appeals import list_exports
from appeals.views import case_file, corrections, files, listing, status, steps
from exports.routing import list_path

app_name = "appeals"
urlpatterns = [
    path("stores/<number:store_no>/appeals/", listing.appeals, name="list"),
    list_path(list_exports.appeals, "stores/<number:store_no>/appeals", "list_file"),
    path("stores/<number:store_no>/appeals/new/<str:kind>/<number:key>/", listing.start, name="start"),
    path("stores/<number:store_no>/appeals/<str:number>/", status.appeal, name="appeal"),
    path("stores/<number:store_no>/appeals/<str:number>/orders/", steps.orders, name="orders"),
    path("stores/<number:store_no>/appeals/<str:number>/effect/", steps.effect, name="effect"),
    path("stores/<number:store_no>/appeals/<str:number>/reasons/", steps.statement, name="statement"),
    path("stores/<number:store_no>/appeals/<str:number>/evidence/", files.evidence, name="evidence"),
    path("stores/<number:store_no>/appeals/<str:number>/evidence/upload/", files.upload, name="upload"),
    path("stores/<number:store_no>/appeals/<str:number>/evidence/remove/", files.remove, name="remove_file"),
    path("stores/<number:store_no>/appeals/<str:number>/case-file.pdf", case_file.case_file, name="case_file"),
    path("stores/<number:store_no>/appeals/<str:number>/case-file/", case_file.attach, name="case_file_attach"),
    path("stores/<number:store_no>/appeals/<str:number>/check/", steps.check, name="check"),
    path("stores/<number:store_no>/appeals/<str:number>/submit/", steps.confirm, name="confirm"),
    path("stores/<number:store_no>/appeals/<str:number>/supplement/", status.supplement, name="supplement"),
    path("stores/<number:store_no>/appeals/<str:number>/withdraw/", status.withdraw, name="withdraw"),
    path("stores/<number:store_no>/protected-events/", corrections.protected_events, name="events"),
    path("stores/<number:store_no>/corrections/<str:cause_no>/", corrections.correction, name="correction"),
    list_path(
        list_exports.correction, "stores/<number:store_no>/corrections/<str:cause_no>/<int:place>", "correction_file"
    ),
]
