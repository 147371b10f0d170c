"""Why a command ends before its work is done: what is wrong and what to do, in the four languages. No text holds the value of a cell."""

from __future__ import annotations

from .words import LANGS, Lang

_TEXTS: dict[str, tuple[str, str, str, str]] = {
    # The table.
    "unreadable": (
        "`{path}` non si può leggere: {why}",
        "can’t read `{path}`: {why}",
        "`{path}` est illisible : {why}",
        "`{path}` ist nicht lesbar: {why}",
    ),
    "missing": (
        "`{path}` non c’è",
        "`{path}` is not there",
        "`{path}` n’existe pas",
        "`{path}` gibt es nicht",
    ),
    "no_workbook": (
        "`{path}` non è una cartella di lavoro Excel, quindi non c’è un foglio da scegliere: tolga --sheet",
        "`{path}` is no Excel workbook, so there is no sheet to choose; leave out --sheet",
        "`{path}` n’est pas un classeur Excel : il n’y a pas de feuille à choisir, enlevez --sheet",
        "`{path}` ist keine Excel-Mappe, es gibt also kein Blatt zu wählen: Bitte --sheet weglassen",
    ),
    "old_excel": (
        "`{path}` è un file Excel di vecchio tipo, o protetto da password: lo apra e lo salvi come .xlsx senza password",
        "`{path}` is an Excel file of the old kind, or one with a password: open it and save it as .xlsx without a password",
        "`{path}` est un fichier Excel d’ancien type, ou protégé par mot de passe : ouvrez-le et enregistrez-le en .xlsx sans mot de passe",
        "`{path}` ist eine Excel-Datei alter Art oder eine mit Passwort: Bitte öffnen und als .xlsx ohne Passwort speichern",
    ),
    "broken_excel": (
        "`{path}` non si può leggere come cartella di lavoro Excel ({why}): lo apra e lo salvi di nuovo come .xlsx",
        "`{path}` can’t be read as an Excel workbook ({why}): open it and save it again as .xlsx",
        "`{path}` est illisible comme classeur Excel ({why}) : ouvrez-le et enregistrez-le à nouveau en .xlsx",
        "`{path}` ist als Excel-Mappe nicht lesbar ({why}): Bitte öffnen und neu als .xlsx speichern",
    ),
    "broken_parquet": (
        "`{path}` non si può leggere come Parquet ({why})",
        "`{path}` can’t be read as Parquet ({why})",
        "`{path}` est illisible comme Parquet ({why})",
        "`{path}` ist als Parquet nicht lesbar ({why})",
    ),
    "broken_csv": (
        "`{path}`, riga {line}: {why}",
        "`{path}`, line {line}: {why}",
        "`{path}`, ligne {line} : {why}",
        "`{path}`, Zeile {line}: {why}",
    ),
    "encoding": (
        "`{path}` non si può leggere come {encoding}: ne indichi la codifica con --encoding (cp1252, utf-8, cp850)",
        "`{path}` can’t be read as {encoding}; name its encoding with --encoding (cp1252, utf-8, cp850)",
        "`{path}` est illisible en {encoding} : indiquez son codage avec --encoding (cp1252, utf-8, cp850)",
        "`{path}` ist nicht als {encoding} lesbar: Bitte die Kodierung mit --encoding nennen (cp1252, utf-8, cp850)",
    ),
    "no_openpyxl": (
        "per leggere Excel serve openpyxl: pip install 'sportello[excel]', oppure salvi il foglio come CSV",
        "reading Excel needs openpyxl: pip install 'sportello[excel]', or save the sheet as CSV",
        "pour lire Excel il faut openpyxl : pip install 'sportello[excel]', ou enregistrez la feuille en CSV",
        "Excel zu lesen braucht openpyxl: pip install 'sportello[excel]', oder das Blatt als CSV speichern",
    ),
    "no_pyarrow": (
        "per leggere Parquet serve pyarrow: pip install 'sportello[parquet]'",
        "reading Parquet needs pyarrow: pip install 'sportello[parquet]'",
        "pour lire Parquet il faut pyarrow : pip install 'sportello[parquet]'",
        "Parquet zu lesen braucht pyarrow: pip install 'sportello[parquet]'",
    ),
    "no_sheet": (
        "`{path}` non ha un foglio `{sheet}`; ci sono: {there}",
        "`{path}` has no sheet `{sheet}`; there are: {there}",
        "`{path}` n’a pas de feuille `{sheet}` ; il y a : {there}",
        "`{path}` hat kein Blatt `{sheet}`; es gibt: {there}",
    ),
    "no_sheets": (
        "`{path}` non ha fogli con celle",
        "`{path}` has no sheet with cells",
        "`{path}` n’a aucune feuille avec des cellules",
        "`{path}` hat kein Blatt mit Zellen",
    ),
    "no_rows": (
        "`{path}` non ha righe",
        "`{path}` has no rows",
        "`{path}` n’a pas de lignes",
        "`{path}` hat keine Zeilen",
    ),
    "empty_header": (
        "la riga {row} è vuota e non può fare da intestazione",
        "row {row} is empty, so it can’t be the header",
        "la ligne {row} est vide et ne peut servir d’en-tête",
        "Zeile {row} ist leer und kann keine Überschrift sein",
    ),
    # Its columns.
    "no_match": (
        "nessuna colonna risponde a un campo: le indichi con --column CAMPO=INTESTAZIONE, o la riga delle intestazioni con --header-row",
        "no column answers any field: name them with --column FIELD=HEADER, or the header’s row with --header-row",
        "aucune colonne ne répond à un champ : indiquez-les avec --column CHAMP=EN-TÊTE, ou la ligne des en-têtes avec --header-row",
        "keine Spalte beantwortet ein Feld: Bitte mit --column FELD=ÜBERSCHRIFT nennen, oder die Kopfzeile mit --header-row",
    ),
    "column_form": (
        "--column vuole CAMPO=INTESTAZIONE, non `{text}`",
        "--column wants FIELD=HEADER, not `{text}`",
        "--column veut CHAMP=EN-TÊTE, et non `{text}`",
        "--column will FELD=ÜBERSCHRIFT, nicht `{text}`",
    ),
    "column_twice": (
        "--column nomina `{field}` due volte",
        "--column names `{field}` twice",
        "--column nomme `{field}` deux fois",
        "--column nennt `{field}` zweimal",
    ),
    "no_field": (
        "il modulo non ha un campo `{field}`; ci sono: {there}, o le loro etichette",
        "the form has no field `{field}`; there are: {there}, or their labels",
        "le formulaire n’a pas de champ `{field}` ; il y a : {there}, ou leurs libellés",
        "das Formular hat kein Feld `{field}`; es gibt: {there}, oder ihre Bezeichnungen",
    ),
    "no_column": (
        "la tabella non ha una colonna `{header}`; ci sono: {there}",
        "the table has no column `{header}`; there are: {there}",
        "le tableau n’a pas de colonne `{header}` ; il y a : {there}",
        "die Tabelle hat keine Spalte `{header}`; es gibt: {there}",
    ),
    "several_columns": (
        "più colonne si chiamano `{header}`: ne indichi una con il suo numero, come `#{number}`",
        "several columns are called `{header}`: name one by its number, such as `#{number}`",
        "plusieurs colonnes s’appellent `{header}` : nommez-en une par son numéro, comme `#{number}`",
        "mehrere Spalten heißen `{header}`: Bitte eine mit ihrer Nummer nennen, etwa `#{number}`",
    ),
    "rival_columns": (
        "più colonne si chiamano `{header}` ({numbers}): dica quale con --column '{field}=#{number}'",
        "several columns are called `{header}` ({numbers}): say which with --column '{field}=#{number}'",
        "plusieurs colonnes s’appellent `{header}` ({numbers}) : dites laquelle avec --column '{field}=#{number}'",
        "mehrere Spalten heißen `{header}` ({numbers}): Bitte mit --column '{field}=#{number}' sagen, welche",
    ),
    "uncertain": (
        "non è stato inviato nulla:\n  {lines}",
        "nothing was sent:\n  {lines}",
        "rien n’a été envoyé :\n  {lines}",
        "nichts wurde gesendet:\n  {lines}",
    ),
    "guesses": (
        "alcune colonne sono solo indovinate; se sono giuste, aggiunga: {options}",
        "some columns are guesses; if they are right, add: {options}",
        "certaines colonnes sont devinées ; si elles sont justes, ajoutez : {options}",
        "einige Spalten sind geraten; wenn sie stimmen, bitte ergänzen: {options}",
    ),
    "unanswered": (
        "nessuna colonna risponde a {fields}: la indichi con --column CAMPO=INTESTAZIONE",
        "no column answers {fields}; name it with --column FIELD=HEADER",
        "aucune colonne ne répond à {fields} : indiquez-la avec --column CHAMP=EN-TÊTE",
        "keine Spalte beantwortet {fields}: Bitte mit --column FELD=ÜBERSCHRIFT nennen",
    ),
    "reference_column": (
        "--reference-column: ci vuole una sola colonna `{header}`; ci sono: {there}",
        "--reference-column: there has to be one column `{header}`; there are: {there}",
        "--reference-column : il faut une seule colonne `{header}` ; il y a : {there}",
        "--reference-column: es braucht genau eine Spalte `{header}`; es gibt: {there}",
    ),
    "references": (
        "non è stato inviato nulla: prima vanno sistemati i riferimenti:\n  {lines}",
        "nothing was sent, because references have to be mended first:\n  {lines}",
        "rien n’a été envoyé : il faut d’abord corriger les références :\n  {lines}",
        "nichts wurde gesendet: Zuerst sind die Referenzen zu berichtigen:\n  {lines}",
    ),
    # Its files.
    "there_already": (
        "`{path}` c’è già: indichi un altro file con --out",
        "`{path}` is there already: name another file with --out",
        "`{path}` existe déjà : nommez un autre fichier avec --out",
        "`{path}` gibt es schon: Bitte mit --out eine andere Datei nennen",
    ),
    "in_place": (
        "il referto non può prendere il posto della tabella: indichi un altro file con --out",
        "the report can’t take the place of the table: name another file with --out",
        "le rapport ne peut prendre la place du tableau : nommez un autre fichier avec --out",
        "der Bericht kann die Tabelle nicht ersetzen: Bitte mit --out eine andere Datei nennen",
    ),
    "other_results": (
        "`{path}` ha i risultati di un altro servizio o ambiente ({place}): indichi un altro file con --results",
        "`{path}` has the results of another service or environment ({place}): name another file with --results",
        "`{path}` contient les résultats d’un autre service ou environnement ({place}) : nommez un autre fichier avec --results",
        "`{path}` enthält Ergebnisse eines anderen Dienstes oder Ortes ({place}): Bitte mit --results eine andere Datei nennen",
    ),
    "no_results_file": (
        "`{path}` non è un file di risultati: ne indichi un altro con --results",
        "`{path}` is no file of results: name another with --results",
        "`{path}` n’est pas un fichier de résultats : nommez-en un autre avec --results",
        "`{path}` ist keine Ergebnisdatei: Bitte mit --results eine andere nennen",
    ),
    "broken_results": (
        "`{path}` non si può leggere come file di risultati; lo sposti per ricominciare",
        "`{path}` can’t be read as a file of results; move it away to begin anew",
        "`{path}` est illisible comme fichier de résultats ; déplacez-le pour recommencer",
        "`{path}` ist als Ergebnisdatei nicht lesbar; zum Neubeginn bitte wegbewegen",
    ),
    "busy": (
        "un’altra esecuzione lavora su `{path}`: attenda che finisca",
        "another run is at work on `{path}`: wait until it is done",
        "une autre exécution travaille sur `{path}` : attendez qu’elle finisse",
        "ein anderer Lauf arbeitet an `{path}`: Bitte warten, bis er fertig ist",
    ),
    # What was typed.
    "where": (
        "dica dove: --environment sandbox, production o simulator (per check-table basta --description FILE)",
        "say where: --environment sandbox, production or simulator (check-table can do with --description FILE)",
        "dites où : --environment sandbox, production ou simulator (pour check-table, --description FICHIER suffit)",
        "sagen Sie wo: --environment sandbox, production oder simulator (check-table genügt --description DATEI)",
    ),
    "no_token": (
        "non c’è un token: imposti SPORTELLO_TOKEN, oppure SPORTELLO_ACCOUNT_EMAIL e SPORTELLO_API_KEY",
        "there is no token: set SPORTELLO_TOKEN, or SPORTELLO_ACCOUNT_EMAIL and SPORTELLO_API_KEY",
        "il n’y a pas de jeton : définissez SPORTELLO_TOKEN, ou SPORTELLO_ACCOUNT_EMAIL et SPORTELLO_API_KEY",
        "es gibt kein Token: Bitte SPORTELLO_TOKEN setzen, oder SPORTELLO_ACCOUNT_EMAIL und SPORTELLO_API_KEY",
    ),
    "no_amount": (
        "{option} vuole un importo come 19.00, non `{text}`",
        "{option} wants an amount such as 19.00, not `{text}`",
        "{option} veut un montant comme 19.00, et non `{text}`",
        "{option} will einen Betrag wie 19.00, nicht `{text}`",
    ),
    "no_limit": (
        "--limit vuole un numero da 1 in su",
        "--limit wants a number from 1",
        "--limit veut un nombre à partir de 1",
        "--limit will eine Zahl ab 1",
    ),
    # The money.
    "other_price": (
        "il prezzo netto di una riga è {price} EUR, non {given}; non è stato inviato nulla",
        "the net price of one row is {price} EUR, not {given}; nothing was sent",
        "le prix net d’une ligne est de {price} EUR, et non {given} ; rien n’a été envoyé",
        "der Nettopreis einer Zeile ist {price} EUR, nicht {given}; nichts wurde gesendet",
    ),
    "other_total": (
        "si possono inviare {rows} righe, per {total} EUR in tutto, non {given}; non è stato inviato nulla",
        "{rows} rows can be handed in, for {total} EUR in all, not {given}; nothing was sent",
        "{rows} lignes peuvent être déposées, pour {total} EUR en tout, et non {given} ; rien n’a été envoyé",
        "{rows} Zeilen können eingereicht werden, für {total} EUR zusammen, nicht {given}; nichts wurde gesendet",
    ),
    "credit_low": (
        "il conto ha {credit} EUR e ne servono {needed}; non è stato inviato nulla",
        "the account holds {credit} EUR, and {needed} are needed; nothing was sent",
        "le compte a {credit} EUR et il en faut {needed} ; rien n’a été envoyé",
        "das Konto hat {credit} EUR, und {needed} werden gebraucht; nichts wurde gesendet",
    ),
    # What the library refuses. Its own words, for developers, follow.
    "NetworkError": (
        "il fornitore non si raggiunge",
        "the provider can’t be reached",
        "le fournisseur est injoignable",
        "der Anbieter ist nicht erreichbar",
    ),
    "ProviderError": (
        "il fornitore ha rifiutato o non funziona",
        "the provider refused, or is out of order",
        "le fournisseur a refusé ou est en panne",
        "der Anbieter hat abgelehnt oder ist gestört",
    ),
    "AuthError": (
        "il token o le credenziali non sono accettati",
        "the token or the credentials are not accepted",
        "le jeton ou les identifiants ne sont pas acceptés",
        "das Token oder die Zugangsdaten werden nicht angenommen",
    ),
    "CreditError": (
        "il credito non basta: ricarichi il conto",
        "the credit is too low: top up the account",
        "le crédit est insuffisant : rechargez le compte",
        "das Guthaben reicht nicht: Bitte das Konto aufladen",
    ),
    "PriceError": (
        "il prezzo non è quello confermato",
        "the price is not the one confirmed",
        "le prix n’est pas celui confirmé",
        "der Preis ist nicht der bestätigte",
    ),
    "ServiceError": (
        "il servizio, o una sua opzione, non c’è",
        "the service, or an option of it, is not there",
        "le service, ou une de ses options, n’existe pas",
        "den Dienst oder eine seiner Optionen gibt es nicht",
    ),
    "ConfigError": (
        "un’impostazione non va bene",
        "a setting can’t be used",
        "un réglage est inutilisable",
        "eine Einstellung ist nicht brauchbar",
    ),
    "SchemaError": (
        "la descrizione del servizio non si può leggere",
        "the description of the service can’t be read",
        "la description du service est illisible",
        "die Beschreibung des Dienstes ist nicht lesbar",
    ),
    "JournalError": (
        "il registro non si può leggere o scrivere",
        "the journal can’t be read or written",
        "le journal est illisible ou non inscriptible",
        "das Journal ist nicht lesbar oder nicht schreibbar",
    ),
    "error": ("errore", "error", "erreur", "Fehler"),
    # Of one reference.
    "reference_none": (
        "riga {row}: manca",
        "row {row}: there is none",
        "ligne {row} : il n’y en a pas",
        "Zeile {row}: sie fehlt",
    ),
    "reference.invalid": (
        "riga {row}: da 1 a 64 lettere, cifre, punti, trattini o trattini bassi",
        "row {row}: 1 to 64 letters, digits, points, hyphens or underscores",
        "ligne {row} : de 1 à 64 lettres, chiffres, points, traits d’union ou traits bas",
        "Zeile {row}: 1 bis 64 Buchstaben, Ziffern, Punkte, Bindestriche oder Unterstriche",
    ),
    "reference.personal_data": (
        "riga {row}: sembra un codice fiscale, un indirizzo e-mail o un telefono; ne scelga uno che non nomini nessuno",
        "row {row}: it reads as a codice fiscale, an e-mail address or a phone number; choose one that names nobody",
        "ligne {row} : elle ressemble à un codice fiscale, une adresse e-mail ou un téléphone ; choisissez-en une qui ne nomme personne",
        "Zeile {row}: sie liest sich als codice fiscale, E-Mail-Adresse oder Telefonnummer; bitte eine wählen, die niemanden nennt",
    ),
    "reference_same": (
        "righe {rows}: hanno lo stesso",
        "rows {rows} have the same one",
        "lignes {rows} : elles ont la même",
        "Zeilen {rows}: sie haben dieselbe",
    ),
    "and_more": ("e altri {n}", "and {n} more", "et {n} autres", "und {n} weitere"),
}  # fmt: skip


def refusal(what: str, lang: Lang, **facts: object) -> str:
    """Give the text of a refusal."""
    return _TEXTS[what][LANGS.index(lang)].format(**facts)


def is_known(what: str) -> bool:
    """Tell whether there is a text for it."""
    return what in _TEXTS


class TableError(Exception):
    """The table can't be used, or what was typed; the text says what to do. It names no value of a cell."""

    def __init__(self, what: str, code: int = 2, **facts: object) -> None:
        """Keep what it is; it is put into words in the language of whoever reads it. ``code`` is what the command ends with."""
        super().__init__(what)
        self.what, self.code, self.facts = what, code, facts

    def text(self, lang: Lang) -> str:
        """Put it into words."""
        return refusal(self.what, lang, **self.facts)

    def __str__(self) -> str:
        """Put it into the words of developers."""
        return self.text("en")
