"""Sportello: the counter where a citizen hands in a request.

>>> import sportello
>>> [finding.code for finding in sportello.check_value("date", "2026-01-31")] != []
True
"""

from ._native import Finding, Report, Service, check_value
from .errors import AnswersError, KindError, SchemaError, SportelloError

__all__ = [
    "AnswersError",
    "Finding",
    "KindError",
    "Report",
    "SchemaError",
    "Service",
    "SportelloError",
    "check_value",
]
