"""The study that the tests of training files share."""

import pytest

from tests.plan.training.decided import Decided, decided_study


@pytest.fixture(scope="package")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Decided:
    return decided_study(tmp_path_factory.mktemp("training"))
