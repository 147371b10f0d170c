"""A hundred thousand invented applicants, made on the spot, checked in one call: `python batch.py [how many]`."""

from __future__ import annotations

import datetime
import random
import sys
import time

import pyarrow as pa

import sportello

# What a request asks for besides its papers, which are looked at when it is handed in.
DESCRIPTION = {
    "hash_visura": "applicants",
    "nome_visura": "Applicants",
    "json_struttura": {
        "validazione": "$0 && $1 && $2 && $3 && $4",
        "campi": {
            "$0": {"nome": "Nome", "tipo": "testo", "null": False},
            "$1": {"nome": "Cognome", "tipo": "testo", "null": False},
            "$2": {"nome": "Email", "tipo": "email", "null": False},
            "$3": {"nome": "Cellulare", "tipo": "testo", "null": False},
            "$4": {"nome": "Codice fiscale", "tipo": "codice_fiscale_persona_fisica", "null": False},
        },
    },
}
# Which column answers which field.
COLUMNS = {"given name": "$0", "family name": "$1", "email": "$2", "mobile": "$3", "code": "$4"}
SURNAMES = ["Prova", "Esempio", "Fantasia", "Campione", "Modello", "Saggio", "Ipotesi", "Bozza"]
NAMES = {"F": ["Rosalia", "Carlotta", "Ginevra", "Ottavia"], "M": ["Ubaldo", "Egidio", "Tarcisio", "Furio"]}
PLACES = ["H501", "F205", "L219", "F839", "G273", "D612"]


def applicants(count: int, seed: int = 1) -> pa.Table:
    """Invent them: each codice fiscale is worked out from the invented person, and every tenth is then copied wrong."""
    chance = random.Random(seed)
    rows = []
    for number in range(count):
        sex = chance.choice(["F", "M"])
        surname, name = chance.choice(SURNAMES), chance.choice(NAMES[sex])
        born = datetime.date(1955, 1, 1) + datetime.timedelta(days=chance.randrange(18_000))
        code = str(
            sportello.CodiceFiscale.encode(
                surname=surname, name=name, sex=sex, birth_date=born, birthplace=chance.choice(PLACES)
            )
        )
        if number % 10 == 9:
            code = code[:-1] + ("A" if code[-1] != "A" else "B")
        rows.append((name, surname, f"a{number}@example.org", f"333 {number % 10_000_000:07}", code))
    columns = zip(*rows, strict=True)
    return pa.table({name: pa.array(values) for name, values in zip(COLUMNS, columns, strict=True)})


def main() -> None:
    """Make them, check them, say what was found."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    service = sportello.Service.from_json(DESCRIPTION)
    table = applicants(count)
    begun = time.perf_counter()
    verdicts = pa.table(service.check_table(table, columns=COLUMNS))
    seconds = time.perf_counter() - begun
    wrong = sum(
        any(finding["field"] == "$4" for finding in findings) for findings in verdicts["findings"].to_pylist()
    )
    print(f"{count} applicants checked in {seconds:.3f} s; {wrong} codici fiscali were copied wrong")


if __name__ == "__main__":
    main()
