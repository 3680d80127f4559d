"""Settings of all tests."""

from __future__ import annotations

from hypothesis import settings

# A slow machine must not fail a test: how long one example takes says nothing about what it shows.
settings.register_profile("sledguard", deadline=None, print_blob=True)
settings.load_profile("sledguard")
