"""The product's addresses and pages below a store as apps write them, to try the access functions on."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from config.urls import urlpatterns as product
from stores.access import READ, WRITE, StoreRequest, get_company, may_write, signed_in, store_view
from stores.context_processors import nav
from stores.principals import Area


@store_view(area=Area.ORDERS)
def reading(request: StoreRequest) -> HttpResponse:
    context = {
        "nav": nav(request, current="panel"),
        "may_write": may_write(request.principal, request.store, Area.ORDERS),
    }
    return render(request, "base.html", context)


@store_view(area=Area.ORDERS, roles=WRITE)
def writing(request: StoreRequest, number: int) -> HttpResponse:
    return HttpResponse(f"{request.method} {request.store.name} {number}")


@store_view(area=Area.ORDERS, roles=READ, write_roles=READ)
def noting(request: StoreRequest) -> HttpResponse:
    return HttpResponse("noted")


@signed_in
def company(request: StoreRequest, company_no: str) -> HttpResponse:
    return HttpResponse(get_company(request.principal, company_no, READ if request.method == "GET" else WRITE).name)


urlpatterns = [
    *product,
    path("try/<str:store_no>/", reading, name="try_reading"),
    path("try/<str:store_no>/write/<int:number>/", writing, name="try_writing"),
    path("try/<str:store_no>/note/", noting, name="try_noting"),
    path("try-company/<str:company_no>/", company, name="try_company"),
]
