"""Properties are tried without limits of time: a busy host may take any time for an example."""

from __future__ import annotations

from contextlib import suppress

with suppress(ImportError):  # the harness's own environment, in which tests are started by hand, is without hypothesis
    from hypothesis import HealthCheck, settings

    settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("patient")
