"""A form as JSON Schema, under a validator that knows nothing of us (the Rust tests ask another one)."""

import json
import os
from pathlib import Path

from jsonschema import Draft202012Validator

import sportello

ROOT = Path(os.environ.get("SPORTELLO_VECTORS", Path(__file__).parents[2] / "core" / "vectors"))
CAUGHT = set(json.loads((ROOT / "schema.json").read_text(encoding="utf-8"))["caught"])


def test_another_validator_agrees_on_presence_and_shape() -> None:
    good = bad = 0
    for path in sorted((ROOT / "form").glob("*.json")):
        file = json.loads(path.read_text(encoding="utf-8"))
        schema = sportello.Service.from_json(file["service"]).to_json_schema("fr")
        Draft202012Validator.check_schema(schema)
        validator = Draft202012Validator(schema)
        for case in file["cases"]:
            # A schema knows field keys only, not slugs and labels.
            if not set(case["answers"]) <= set(file["fields"]):
                continue
            codes = {finding["code"] for finding in case["expect"]["findings"]}
            errors = [error.message for error in validator.iter_errors(case["answers"])]
            if codes & CAUGHT:
                assert errors, f"{path.stem}: {case['name']}"
                bad += 1
            elif case["expect"]["ok"]:
                assert not errors, f"{path.stem}: {case['name']}: {errors}"
                good += 1
    assert good > 10
    assert bad > 8
