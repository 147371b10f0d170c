"""What Python knows better than Rust: how its own values become JSON."""

import base64
import dataclasses
import json


def _plain(value: object) -> object:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(value).decode("ascii")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    dump = getattr(value, "model_dump", None)
    if callable(dump):
        return dump()
    # The value itself stays out of the text: it may be personal data.
    raise TypeError(f"a {type(value).__name__} can't be handed over as JSON")


def to_json(value: object) -> str:
    """Turn a dict, a dataclass or a pydantic model into JSON; bytes become base64."""
    return json.dumps(value, default=_plain, ensure_ascii=False)
