"""Outillage Martin: the demo company's Sage-100-shaped database, and changes made to it as Sage's users make them."""

from .company import build_company, empty_base
from .documents import DocType
from .edits import SageEdits
from .robot import Robot
from .versions import Version

__all__ = ["DocType", "Robot", "SageEdits", "Version", "build_company", "empty_base"]
