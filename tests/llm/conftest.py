"""One misbehaving server for the tests of a module, and litellm's own warnings out of the way."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server import MisbehavingServer


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The filter that is set when litellm is loaded does not outlive a test, so every test here sets it again."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("ignore:.*TypedDict.*ReadOnly"))


@pytest.fixture(scope="module")
def server() -> Iterator[MisbehavingServer]:
    with MisbehavingServer() as running:
        yield running
