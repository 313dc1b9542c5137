"""Addresses of OAuth, the pages of API clients and the documentation; those of the API itself are in `api.api`."""

from django.urls import path

from api.views import clients, docs, oauth

app_name = "api"
urlpatterns = [
    path(".well-known/oauth-authorization-server", oauth.metadata, name="metadata"),
    path("oauth/authorize", oauth.authorize, name="authorize"),
    path("oauth/token", oauth.token, name="token"),
    path("oauth/revoke", oauth.revoke, name="revoke"),
    path("api/v1/docs", docs.docs, name="docs"),
    path("companies/<number:company_no>/clients/", clients.clients, name="clients"),
    path("companies/<number:company_no>/clients/<slug:client_id>/", clients.client, name="client"),
    path(
        "companies/<number:company_no>/clients/<slug:client_id>/<slug:action>/", clients.client_act, name="client_act"
    ),
]
