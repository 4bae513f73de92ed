"""The demo's addresses, below /admin/demo/. Included only while the setting DEMO is on."""

from django.contrib import admin
from django.urls import path

from . import pages

urlpatterns = [
    path("write/", admin.site.admin_view(pages.write), name="demo-write"),
    path("break/", admin.site.admin_view(pages.breaking), name="demo-break"),
    path("guide/", admin.site.admin_view(pages.show_guide), name="demo-guide"),
]
