"""What every test shares: the databases, and how hard Hypothesis tries.

`HYPOTHESIS_PROFILE` chooses: `dev` while writing, `ci` before a change lands,
`night` for the long run.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.database"]

settings.register_profile("dev", max_examples=50, deadline=None)
# No deadline: the machines that run this are shared, and a law is no less true when slow.
settings.register_profile(
    "ci",
    max_examples=100,
    deadline=None,
    derandomize=False,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "night",
    settings.get_profile("ci"),
    max_examples=2000,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))
