"""What Python knows better than Rust: how its own values become answers and JSON."""

from __future__ import annotations

import base64
import dataclasses
import datetime
import decimal
import json
import os
from collections.abc import Mapping
from typing import Any, TypeGuard, cast

from ._native import Attachment
from .errors import AnswersError


def _plain(value: object) -> object:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(cast("bytes", value)).decode("ascii")
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


def _is_mapping(value: object) -> TypeGuard[Mapping[Any, Any]]:
    return isinstance(value, Mapping)


def _mapping(value: object) -> Mapping[Any, Any]:
    if _is_mapping(value):
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if callable(getattr(value, "model_dump", None)):
        # Not dumped: a file that a model holds must stay what it is. An alias may name what is no name in Python: `$5`.
        fields: dict[str, Any] = getattr(type(value), "model_fields", {})
        keys = {name: field.serialization_alias or field.alias for name, field in fields.items()}
        held: dict[str, Any] = dict(value)  # type: ignore[call-overload]
        return {keys.get(name) or name: answer for name, answer in held.items()}
    raise AnswersError("answers.not_readable", "the answers are not a mapping of keys to texts and files")


def _answer(key: str, value: object) -> object:
    match value:
        case None:
            return ""
        case str() | Attachment():
            return value
        case bool():
            raise AnswersError("answers.not_readable", f"the answer to `{key}` is a bool; write its text")
        case int() | decimal.Decimal():
            return str(value)
        case datetime.date():
            # As the forms want it.
            return value.strftime("%d-%m-%Y")
        case os.PathLike():
            return Attachment.from_path(os.fspath(cast("os.PathLike[str]", value)))
        case (str() as name, bytes() as content):
            return Attachment.from_bytes(name, content)
        case _ if _is_mapping(value):
            return value
        case _ if hasattr(value, "read") and hasattr(value, "seek"):
            name = os.path.basename(str(getattr(value, "name", "file")))
            return Attachment.from_file(name, value)
        case _:
            raise AnswersError(
                "answers.not_readable",
                f"the answer to `{key}` is a {type(value).__name__}; a text, a path, (name, bytes) or an open file is needed",
            )


def own_dict(value: object) -> dict[Any, Any] | None:
    """Copy answers as a dict under the caller's keys; ``None`` for what maps itself onto a form."""
    from ._models import AssegnoUnico

    return None if isinstance(value, AssegnoUnico) else dict(_mapping(value))


def answers(value: object) -> tuple[str, dict[str, object]]:
    """Turn whatever holds answers into texts and attachments by key."""
    from ._models import AssegnoUnico

    kind = "assegno_unico" if isinstance(value, AssegnoUnico) else "answers"
    plain: dict[str, object] = {}
    for key, answer in _mapping(value).items():
        if not isinstance(key, str):
            raise AnswersError("answers.not_readable", "a field is named by a text")
        none = kind == "assegno_unico" and answer is None
        plain[key] = None if none else _answer(key, answer)
    return kind, plain
