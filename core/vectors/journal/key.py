#!/usr/bin/env python3
"""Makes key.json: keyed digests worked out without any of the library's code. `python3 key.py > key.json`."""
import hashlib
import hmac
import json

KEYS = [bytes(range(32)), b"\xff" * 32]
CASES = [
    ("answers", []),
    ("answers", [b""]),
    ("answers", [b"ab", b"c"]),
    ("answers", [b"a", b"bc"]),
    ("field", [b"$0", "Nicolò D'Amico".encode()]),
    ("duplicate", [b"6214b3ec9b6b3b5b3b5b3b5b", b"RSSMRA85T10A562S", b"2026"]),
    ("", [b"no domain"]),
    ("dominio-è", ["città".encode(), b"\x00\x01\xfe\xff"]),
    ("file", [b"\x00" * 64]),
    ("file", [bytes(i % 251 for i in range(1000))]),
]


def sealed(part: bytes) -> bytes:
    return len(part).to_bytes(8, "big") + part


def mac(key: bytes, domain: str, parts: list[bytes]) -> str:
    message = sealed(domain.encode()) + b"".join(sealed(part) for part in parts)
    return hmac.new(key, message, hashlib.sha256).hexdigest()


print(json.dumps({"keys": [{
    "key": key.hex(),
    "id": hmac.new(key, b"id", hashlib.sha256).hexdigest()[:8],
    "macs": [{"domain": domain, "parts": [part.hex() for part in parts], "mac": mac(key, domain, parts)}
             for domain, parts in CASES],
} for key in KEYS]}, indent=1, ensure_ascii=False))
