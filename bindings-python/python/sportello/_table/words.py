"""What is said around the core's own texts, in its four languages: Italian, English, French, German."""

from __future__ import annotations

from typing import Literal, TypeAlias

Lang: TypeAlias = Literal["it", "en", "fr", "de"]
LANGS: tuple[Lang, ...] = ("it", "en", "fr", "de")

_TEXTS: dict[str, tuple[str, str, str, str]] = {
    # What stands in the column `esito`.
    "ok": ("a posto", "in order", "en ordre", "in Ordnung"),
    "warning": ("da ricontrollare", "to look at", "à vérifier", "zu prüfen"),
    "error": ("da correggere", "to correct", "à corriger", "zu berichtigen"),
    "sent": ("inviata", "handed in", "déposée", "eingereicht"),
    "refused": ("rifiutata", "refused", "refusée", "abgelehnt"),
    "retry": ("da riprovare", "to try again", "à réessayer", "erneut zu versuchen"),
    "person": ("da verificare a mano", "a person must look", "à vérifier à la main", "von Hand zu klären"),
    "left": ("non ancora inviata", "not handed in yet", "pas encore déposée", "noch nicht eingereicht"),
    # What a spreadsheet did.
    "table.zeros_lost": (
        "Il foglio di calcolo ha tolto gli zeri iniziali: dia alla colonna il formato «Testo» e riscriva il valore",
        "The spreadsheet took the leading zeros away: give the column the format “Text” and type the value again",
        "Le tableur a supprimé les zéros initiaux : donnez à la colonne le format « Texte » et ressaisissez la valeur",
        "Die Tabelle hat führende Nullen entfernt: Bitte die Spalte als „Text“ formatieren und den Wert neu eingeben",
    ),
    "table.exponent": (
        "Il foglio di calcolo ha scritto il numero come potenza (per esempio 3,93E+11): formato «Testo», e riscriva il valore",
        "The spreadsheet wrote the number as a power (such as 3.93E+11): format “Text”, and type the value again",
        "Le tableur a écrit le nombre comme une puissance (par exemple 3,93E+11) : format « Texte », et ressaisissez la valeur",
        "Die Tabelle hat die Zahl als Potenz geschrieben (etwa 3,93E+11): Format „Text“, und bitte neu eingeben",
    ),
    "table.digits_lost": (
        "Il foglio di calcolo tiene solo 15 cifre e ha messo zeri al posto delle altre: formato «Testo», e riscriva il valore",
        "A spreadsheet keeps 15 digits and put zeros for the rest: format “Text”, and type the value again",
        "Le tableur ne garde que 15 chiffres et a mis des zéros pour le reste : format « Texte », et ressaisissez la valeur",
        "Die Tabelle behält nur 15 Ziffern und hat den Rest genullt: Format „Text“, und bitte neu eingeben",
    ),
    "table.became_date": (
        "Il foglio di calcolo ha trasformato il valore in una data: formato «Testo», e riscriva il valore",
        "The spreadsheet turned the value into a date: format “Text”, and type the value again",
        "Le tableur a transformé la valeur en date : format « Texte », et ressaisissez la valeur",
        "Die Tabelle hat aus dem Wert ein Datum gemacht: Format „Text“, und bitte neu eingeben",
    ),
    "table.serial_date": (
        "È il numero con cui il foglio di calcolo conta i giorni: dia alla cella il formato «Data»",
        "This is how a spreadsheet counts days: give the cell the format “Date”",
        "C’est le nombre par lequel le tableur compte les jours : donnez à la cellule le format « Date »",
        "So zählt eine Tabelle die Tage: Bitte der Zelle das Format „Datum“ geben",
    ),
    "table.cell_error": (
        "La cella contiene un errore del foglio di calcolo: riscriva il valore",
        "The cell holds an error of the spreadsheet: type the value again",
        "La cellule contient une erreur du tableur : ressaisissez la valeur",
        "Die Zelle enthält einen Fehler der Tabelle: Bitte den Wert neu eingeben",
    ),
    "table.formula_unknown": (
        "È una formula mai calcolata: apra il file nel foglio di calcolo e lo salvi",
        "This formula was never worked out: open the file in a spreadsheet and save it",
        "Cette formule n’a jamais été calculée : ouvrez le fichier dans un tableur et enregistrez-le",
        "Diese Formel wurde nie berechnet: Bitte die Datei in einer Tabelle öffnen und speichern",
    ),
    "table.file_missing": (
        "Il file non c’è: il percorso va scritto a partire dalla cartella della tabella",
        "There is no such file: its path starts from the table’s folder",
        "Ce fichier n’existe pas : son chemin part du dossier du tableau",
        "Diese Datei gibt es nicht: Ihr Pfad beginnt im Ordner der Tabelle",
    ),
    "table.file_outside": (
        "Il file è fuori dalla cartella della tabella: lo sposti lì dentro",
        "The file is outside the table’s folder: move it in there",
        "Le fichier est hors du dossier du tableau : déplacez-le dedans",
        "Die Datei liegt außerhalb des Ordners der Tabelle: Bitte dorthin verschieben",
    ),
    "table.file_unreadable": (
        "Il file non si può leggere: lo apra e lo salvi di nuovo",
        "The file can’t be read: open it and save it again",
        "Le fichier est illisible : ouvrez-le et enregistrez-le à nouveau",
        "Die Datei ist nicht lesbar: Bitte öffnen und neu speichern",
    ),
    "write": ("scrivere", "write", "écrire", "schreiben Sie"),
    # Around them.
    "table": ("Tabella", "Table", "Tableau", "Tabelle"),
    "service": ("Servizio", "Service", "Service", "Dienst"),
    "sheet": ("foglio", "sheet", "feuille", "Blatt"),
    "separator": ("separatore", "separator", "séparateur", "Trennzeichen"),
    "tab": ("tabulazione", "tab", "tabulation", "Tabulator"),
    "header_row": ("intestazioni alla riga", "header in row", "en-têtes à la ligne", "Überschriften in Zeile"),
    "rows": ("righe", "rows", "lignes", "Zeilen"),
    "row": ("riga", "row", "ligne", "Zeile"),
    "other_sheets": ("altri fogli, non letti", "other sheets, not read", "autres feuilles, non lues", "andere Blätter, nicht gelesen"),
    "columns": ("Colonne", "Columns", "Colonnes", "Spalten"),
    "guessed": ("indovinata: la controlli", "a guess: please check it", "devinée : à vérifier", "geraten: bitte prüfen"),
    "confirm": ("per confermarla", "to confirm it", "pour la confirmer", "zum Bestätigen"),
    "no_column": ("nessuna colonna, non controllato", "no column, not checked",
                  "aucune colonne, non vérifié", "keine Spalte, nicht geprüft"),
    "optional": ("facoltativo", "optional", "facultatif", "freiwillig"),
    "unused": ("Colonne non usate", "Columns not used", "Colonnes non utilisées", "Nicht verwendete Spalten"),
    "more_rows": ("e altre {n} righe: sono tutte nel referto", "and {n} more rows: all are in the report",
                  "et {n} autres lignes : toutes sont dans le rapport", "und {n} weitere Zeilen: alle stehen im Bericht"),
    "reasons": ("Che cosa, e in quante righe", "What, and in how many rows",
                "Quoi, et dans combien de lignes", "Was, und in wie vielen Zeilen"),
    "report": ("Referto", "Report", "Rapport", "Bericht"),
    "results": ("Risultati", "Results", "Résultats", "Ergebnisse"),
    "whole_form": ("tutto il modulo", "the whole form", "tout le formulaire", "das ganze Formular"),
    # Handing in.
    "to_send": ("Da inviare ora", "To hand in now", "À déposer maintenant", "Jetzt einzureichen"),
    "already": ("già inviate", "handed in before", "déjà déposées", "schon eingereicht"),
    "skipped": ("Saltate", "Skipped", "Ignorées", "Übersprungen"),
    "net": ("netti", "net", "nets", "netto"),
    "with_vat": ("con IVA", "with VAT", "TVA comprise", "mit MwSt."),
    "credit": ("Credito", "Credit", "Crédit", "Guthaben"),
    "credit_unknown": ("non visibile con un token già pronto", "can’t be seen with a ready-made token",
                       "invisible avec un jeton fourni", "mit einem fertigen Token nicht sichtbar"),
    "again": ("Lo stesso comando riprende da qui e non paga due volte.", "The same command goes on from here and never pays twice.",
              "La même commande reprend d’ici et ne paie jamais deux fois.", "Derselbe Befehl macht hier weiter und zahlt nie doppelt."),
    "interrupted": ("Interrotto.", "Interrupted.", "Interrompu.", "Abgebrochen."),
    "confirm_now": ("Non è stato inviato nulla. Per inviare, aggiunga:", "Nothing was sent. To hand in, add:",
                    "Rien n’a été envoyé. Pour déposer, ajoutez :", "Nichts wurde gesendet. Zum Einreichen ergänzen Sie:"),
}  # fmt: skip


def say(word: str, lang: Lang) -> str:
    """Give a text."""
    return _TEXTS[word][LANGS.index(lang)]


def number(amount: object, lang: Lang) -> str:
    """Write an amount as people of that language do."""
    return str(amount) if lang == "en" else str(amount).replace(".", ",")
