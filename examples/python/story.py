"""Check, hand in, wait, save; `sportello simulator` starts a provider on this machine and prints its address and token."""

import os

import sportello

answers = sportello.AssegnoUnico(
    given_name="Rosella", family_name="Prova", codice_fiscale="PRVRLL90E52H501S", mobile="333 1234567", email="rosella.prova@example.org",
    identity_document="../data/mandate.pdf", codice_fiscale_card="../data/codice-fiscale-card.pdf")  # fmt: skip
with sportello.Client(
    environment="simulator",
    base_url=os.environ["SPORTELLO_BASE_URL"],
    token=os.environ["SPORTELLO_TOKEN"],
    journal=":memory:",
) as client:
    service = client.service("assegno-unico")
    for finding in client.check(service, answers).findings:
        print(finding.text("en"))
    price = client.quote(service).due_now
    submission = client.submit(service, answers, reference="family-4711-2026", confirm_price=price)
    client.wait(submission.reference, timeout=60)
    print(*client.delivery(submission.reference).save("documents"))
