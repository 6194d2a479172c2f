"""`pytest -p tests.shuffled`: scenarios in a random order, so that what one of them leaves for another shows.

    ./run stacked -p tests.shuffled --ha-reuse paused
    ./run stacked -p tests.shuffled --ha-reuse paused --order 7

Files in any order, and in each file its scenarios: one file's share what is costly to set up.
"""

from __future__ import annotations

import random
from collections.abc import Generator
from itertools import groupby

import pytest

_SEEDS = 10_000  # a seed that is chosen here is short enough to be typed


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--order", type=int, metavar="N", help="The order of this number. Default: another one each time.")


def pytest_configure(config: pytest.Config) -> None:
    """Choose an order, which workers of pytest-xdist are given with the other options."""
    if config.option.order is None:
        config.option.order = random.SystemRandom().randrange(_SEEDS)
    config.pluginmanager.register(_Shuffler())


def pytest_report_header(config: pytest.Config) -> str:
    return f"scenarios in a random order: --order {config.option.order}"


class _Shuffler:
    """Registered last, it is first to see what was collected: the harness has clusters one by one, each as written."""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> Generator[None]:
        items[:] = shuffled(items, config.option.order)
        yield


def shuffled(items: list[pytest.Item], order: int) -> list[pytest.Item]:
    """The same items in the order of a number."""
    chance = random.Random(order)
    files = [list(each) for _, each in groupby(sorted(items, key=lambda item: item.path), lambda item: item.path)]
    chance.shuffle(files)
    for each in files:
        chance.shuffle(each)
    return [item for each in files for item in each]
