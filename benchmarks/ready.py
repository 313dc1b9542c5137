"""Importing this readies Django, so that what is imported after it may import models."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()
