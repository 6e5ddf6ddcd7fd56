"""What every test runs under.

Property tests run from a fixed seed in CI, so that a red run can be repeated; on a person's machine they look
somewhere new each time. No deadline: a slow machine is not a wrong answer. What Gangmu keeps between runs is
kept in a folder of this session, so that nothing of yesterday can make a test pass.
"""

import atexit
import os
import shutil
import tempfile

from hypothesis import settings

settings.register_profile("person", deadline=None)
settings.register_profile("ci", parent=settings.get_profile("person"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "person")

if "GANGMU_CACHE" not in os.environ:  # workers of pytest-xdist inherit the folder of the session
    os.environ["GANGMU_CACHE"] = tempfile.mkdtemp(prefix="gangmu-tests-")
    atexit.register(shutil.rmtree, os.environ["GANGMU_CACHE"], ignore_errors=True)
