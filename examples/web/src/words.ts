import type { Lang } from "sportello";

/** What the page around the form says. */
export interface PageWords {
  language: string;
  skip: string;
  title: string;
  lead: string;
  errorTitle: string;
  loading: string;
  again: string;
  checked: string;
  footer: string;
}

export const LANGUAGES: Record<Lang, string> = { it: "Italiano", en: "English", fr: "Français", de: "Deutsch" };

export const WORDS: Record<Lang, PageWords> = {
  it: {
    language: "Lingua",
    skip: "Vai al contenuto",
    title: "Assegno unico universale",
    lead: "La domanda per i figli a carico. Tenga a portata di mano il documento di identità e la tessera sanitaria: bastano due foto.",
    errorTitle: "Errore",
    loading: "Un momento…",
    again: "Fai un’altra domanda",
    checked: "Le risposte vanno bene. Per inviare la domanda apra questa pagina in un browser aggiornato, oppure venga al CAF.",
    footer: "Una prova: l’ufficio è simulato e non si paga nulla. Scriva solo dati inventati.",
  },
  en: {
    language: "Language",
    skip: "Skip to content",
    title: "Universal child allowance",
    lead: "The request for your dependent children. Have your identity document and your health card at hand: two photos are enough.",
    errorTitle: "Error",
    loading: "One moment…",
    again: "Make another request",
    checked: "The answers are fine. To hand in the request, open this page in an up-to-date browser, or come to the office.",
    footer: "A rehearsal: the office is simulated and nothing is paid. Write invented data only.",
  },
  fr: {
    language: "Langue",
    skip: "Aller au contenu",
    title: "Allocation unique universelle",
    lead: "La demande pour vos enfants à charge. Gardez sous la main votre pièce d’identité et votre carte sanitaire : deux photos suffisent.",
    errorTitle: "Erreur",
    loading: "Un instant…",
    again: "Faire une autre demande",
    checked: "Les réponses conviennent. Pour envoyer la demande, ouvrez cette page dans un navigateur à jour, ou venez au bureau.",
    footer: "Un essai : le bureau est simulé et rien n’est payé. N’écrivez que des données inventées.",
  },
  de: {
    language: "Sprache",
    skip: "Zum Inhalt",
    title: "Einheitliches Kindergeld",
    lead: "Der Antrag für Ihre Kinder. Halten Sie Ausweis und Gesundheitskarte bereit: Zwei Fotos genügen.",
    errorTitle: "Fehler",
    loading: "Einen Augenblick…",
    again: "Noch einen Antrag stellen",
    checked: "Die Angaben passen. Zum Einreichen öffnen Sie diese Seite in einem aktuellen Browser, oder kommen Sie in die Beratungsstelle.",
    footer: "Eine Probe: Die Stelle ist simuliert, und es wird nichts bezahlt. Schreiben Sie nur erfundene Angaben.",
  },
};
