"""What every test may rely on."""

import pytest
from hypothesis import settings

from harness.errors import MachineError
from harness.sandboxes.image import ImageInfo, build_image, find_image

settings.register_profile("harness", deadline=None)  # no test asserts a time
# CI tries the same examples every time, so that red means the change; whoever runs tests by hand tries new ones
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("harness")


@pytest.fixture(scope="session")
def sandbox_image() -> ImageInfo:
    """The sandbox's image, built where the engine lacks it. For tests marked `docker`."""
    try:
        return find_image()
    except MachineError:
        return build_image()
