"""The same houses as the stories'."""

from tests.scenarios.conftest import build, house, template

__all__ = ["build", "house", "template"]
