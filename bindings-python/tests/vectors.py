"""Where the shared cases are."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

ROOT = Path(os.environ.get("SPORTELLO_VECTORS", Path(__file__).parents[2] / "core" / "vectors"))


def read(name: str) -> Any:
    """Read one file of them."""
    return json.loads((ROOT / name).read_text(encoding="utf-8"))
