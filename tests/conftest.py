"""What every test runs under.

Property tests run from a fixed seed in CI, so that a red run can be repeated; on a person's machine they look
somewhere new each time. No deadline: a slow machine is not a wrong answer.
"""

import os

from hypothesis import settings

settings.register_profile("person", deadline=None)
settings.register_profile("ci", parent=settings.get_profile("person"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "person")
