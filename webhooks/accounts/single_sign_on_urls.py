"""The addresses of single sign-on, below /admin/sign-in/. The names are those that the library looks for."""

from django.urls import path

from .single_sign_on import Callback, Start

urlpatterns = [
    path("", Start.as_view(), name="oidc_authentication_init"),
    path("callback/", Callback.as_view(), name="oidc_authentication_callback"),
]
