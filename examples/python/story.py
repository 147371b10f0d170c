"""Check, hand in, wait, save; `sportello simulator` starts a provider on this machine and prints its address and token."""

import os

import sportello

answers = sportello.AssegnoUnico(
    given_name="Rosella", family_name="Prova", codice_fiscale="PRVRLL90E52H501S", mobile="333 1234567", email="rosella.prova@example.org",
    identity_document="../data/mandate.pdf", codice_fiscale_card="../data/codice-fiscale-card.pdf")  # fmt: skip
url, token = os.environ["SPORTELLO_BASE_URL"], os.environ["SPORTELLO_TOKEN"]
with sportello.Client(environment="simulator", base_url=url, token=token, journal=":memory:") as client:
    service = client.service("assegno-unico")
    print(*(finding.text("en") for finding in client.check(service, answers).findings))
    price = client.quote(service).due_now
    client.submit(service, answers, reference="family-4711-2026", confirm_price=price)
    client.wait("family-4711-2026", timeout=60)
    print(*client.delivery("family-4711-2026").save("documents"))
