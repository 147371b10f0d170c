import type { Lang } from "../types.js";

/**
 * What the renderer itself says. Labels, help, findings and next steps are not here: they come from the core, in the same languages.
 * `{name}` marks are put in by {@link put}.
 */
export interface Texts {
  requiredLegend: string;
  required: string;
  errorsOne: string;
  errorsMany: string;
  warningsOne: string;
  warningsMany: string;
  error: string;
  warning: string;
  accept: string;
  useCorrection: string;
  choose: string;
  chooseFile: string;
  anotherFile: string;
  fileRules: string;
  twoPhotos: string;
  addBack: string;
  addPage: string;
  front: string;
  back: string;
  page: string;
  onePdf: string;
  chosen: string;
  removed: string;
  remove: string;
  goOn: string;
  instructions: string;
  reviewTitle: string;
  reviewLead: string;
  change: string;
  notGiven: string;
  priceTitle: string;
  extras: string;
  extraPrice: string;
  net: string;
  vat: string;
  gross: string;
  onChoice: string;
  handIn: string;
  onceOnly: string;
  toForm: string;
  sendingTitle: string;
  sendingLead: string;
  sendingFile: string;
  progressTitle: string;
  reference: string;
  done: string;
  current: string;
  toCome: string;
  stepDraft: string;
  stepCommitted: string;
  stepSearching: string;
  stepProcessing: string;
  stepReady: string;
  stepDelivered: string;
  cancelled: string;
  officeSays: string;
  receiptTitle: string;
  receiptLead: string;
  paid: string;
  nextTitle: string;
  expected: string;
  documents: string;
  download: string;
  print: string;
  problemTitle: string;
  problemNetwork: string;
  problemAnswers: string;
  problemPay: string;
  problemPerson: string;
  problemDuplicate: string;
  problemSession: string;
  problemOther: string;
  chargedNo: string;
  chargedYes: string;
  chargedUnknown: string;
  retry: string;
  code: string;
  noWasm: string;
}

/** Puts values into the marks of a text. */
export function put(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (mark, name: string) => String(values[name] ?? mark));
}

/** An amount such as `"19.00"` as a reader of this language writes it. */
export function money(amount: string, lang: Lang): string {
  return new Intl.NumberFormat(lang, { style: "currency", currency: "EUR" }).format(Number(amount));
}

/** A file's size as a reader of this language writes it. */
export function fileSize(bytes: number, lang: Lang): string {
  // By 1024, as the core's own limit is told.
  const kilo = bytes / 1024;
  const [size, unit] = kilo < 1024 ? [Math.max(1, Math.round(kilo)), "kB"] : [kilo / 1024, "MB"];
  const mega = lang === "fr" ? unit.replace("B", "o") : unit;
  return `${new Intl.NumberFormat(lang, { maximumFractionDigits: 1 }).format(size)}\u00a0${mega}`;
}

/** A moment in Unix milliseconds, in Italian time: that is where the office is. */
export function moment(at: number, lang: Lang): string {
  const style = { dateStyle: "long", timeStyle: "short", timeZone: "Europe/Rome" } as const;
  return new Intl.DateTimeFormat(lang, style).format(at);
}

const it: Texts = {
  requiredLegend: "I dati con l’asterisco (*) sono obbligatori.",
  required: "obbligatorio",
  errorsOne: "C’è una cosa da correggere",
  errorsMany: "Ci sono {n} cose da correggere",
  warningsOne: "C’è una cosa da ricontrollare",
  warningsMany: "Ci sono {n} cose da ricontrollare",
  error: "Errore:",
  warning: "Da ricontrollare:",
  accept: "Ho controllato: è giusto così",
  useCorrection: "Usa «{value}»",
  choose: "Scelga…",
  chooseFile: "Scegli un file",
  anotherFile: "Scegli un altro file",
  fileRules: "{types}, fino a {size}.",
  twoPhotos: "Anche due foto: prima il fronte, poi il retro. Ne facciamo un solo PDF.",
  addBack: "Aggiungi il retro",
  addPage: "Aggiungi un’altra pagina",
  front: "Fronte",
  back: "Retro",
  page: "Pagina {n}",
  onePdf: "Un solo PDF: {name}, {size}",
  chosen: "{name} scelto",
  removed: "{name} tolto",
  remove: "Togli",
  goOn: "Continua",
  instructions: "Istruzioni dell’ufficio",
  reviewTitle: "Ricontrolli le risposte",
  reviewLead: "Non è ancora stato inviato nulla.",
  change: "Modifica",
  notGiven: "Non indicato",
  priceTitle: "Quanto costa",
  extras: "Servizi aggiuntivi a pagamento",
  extraPrice: "più {price}, IVA esclusa",
  net: "Prezzo netto",
  vat: "IVA",
  gross: "Totale, IVA inclusa",
  onChoice: "di cui alla scelta del risultato, IVA esclusa",
  handIn: "Invia e paga {price}",
  onceOnly: "Si paga una volta sola, anche se la rete cade o la pagina si chiude.",
  toForm: "Torna al modulo",
  sendingTitle: "Stiamo inviando la domanda",
  sendingLead: "Se la pagina si chiude, la riapra: l’invio riprende da dove era arrivato.",
  sendingFile: "Invio di {name}",
  progressTitle: "A che punto è la domanda",
  reference: "Il suo riferimento",
  done: "fatto",
  current: "in corso",
  toCome: "da fare",
  stepDraft: "Preparazione",
  stepCommitted: "Inviata e pagata",
  stepSearching: "Ricerca",
  stepProcessing: "In lavorazione presso l’ufficio",
  stepReady: "Dati pronti, si preparano i documenti",
  stepDelivered: "Documenti pronti",
  cancelled: "L’ufficio ha annullato la domanda",
  officeSays: "L’ufficio scrive:",
  receiptTitle: "Domanda inviata",
  receiptLead: "Conservi il riferimento: con quello si ritrova la domanda.",
  paid: "Pagato, IVA inclusa",
  nextTitle: "Che cosa succede adesso",
  expected: "I documenti sono attesi tra il {from} e il {to}.",
  documents: "I documenti",
  download: "Scarica {name}",
  print: "Stampa la ricevuta",
  problemTitle: "L’invio non è riuscito",
  problemNetwork: "Il collegamento non funziona. Controlli la rete e riprovi: le risposte sono ancora qui.",
  problemAnswers: "L’ufficio non accetta alcune risposte. Le corregga e invii di nuovo.",
  problemPay: "In questo momento il servizio non può pagare. Riprovi più tardi: le risposte sono ancora qui.",
  problemPerson: "Una persona deve guardare questa domanda. Si rivolga all’assistenza con il riferimento qui sotto.",
  problemDuplicate: "Una domanda uguale per la stessa persona è già in corso: attenda che arrivi in fondo.",
  problemSession: "La sessione è scaduta. Acceda di nuovo: la domanda riprende da dove era arrivata.",
  problemOther: "Qualcosa non ha funzionato. Riprovi; se succede ancora, si rivolga all’assistenza.",
  chargedNo: "Non è stato pagato nulla.",
  chargedYes: "Il pagamento è stato fatto; non verrà ripetuto.",
  chargedUnknown: "Non sappiamo ancora se il pagamento è stato fatto. Riprovare è sicuro: non si paga due volte.",
  retry: "Riprova",
  code: "Codice per l’assistenza",
  noWasm:
    "Questo browser non può controllare le risposte mentre scrive. Le controlla il nostro server quando preme «Continua»: riceve le risposte e, dei file, l’inizio e la fine. Per inviare la domanda serve un browser aggiornato.",
};

const en: Texts = {
  requiredLegend: "What is marked with an asterisk (*) is required.",
  required: "required",
  errorsOne: "There is one thing to correct",
  errorsMany: "There are {n} things to correct",
  warningsOne: "There is one thing to check again",
  warningsMany: "There are {n} things to check again",
  error: "Error:",
  warning: "Please check:",
  accept: "I have checked, it is right",
  useCorrection: "Use “{value}”",
  choose: "Choose…",
  chooseFile: "Choose a file",
  anotherFile: "Choose another file",
  fileRules: "{types}, up to {size}.",
  twoPhotos: "Two photos are fine too: first the front, then the back. We make one PDF of them.",
  addBack: "Add the back",
  addPage: "Add another page",
  front: "Front",
  back: "Back",
  page: "Page {n}",
  onePdf: "One PDF: {name}, {size}",
  chosen: "{name} chosen",
  removed: "{name} removed",
  remove: "Remove",
  goOn: "Continue",
  instructions: "The office’s instructions",
  reviewTitle: "Check your answers",
  reviewLead: "Nothing has been sent yet.",
  change: "Change",
  notGiven: "Not given",
  priceTitle: "What it costs",
  extras: "Paid extras",
  extraPrice: "{price} more, without VAT",
  net: "Net price",
  vat: "VAT",
  gross: "Total with VAT",
  onChoice: "of which when a result is chosen, without VAT",
  handIn: "Hand in and pay {price}",
  onceOnly: "You pay once only, even if the network fails or the page is closed.",
  toForm: "Back to the form",
  sendingTitle: "Handing in your request",
  sendingLead: "If the page closes, open it again: it goes on from where it was.",
  sendingFile: "Sending {name}",
  progressTitle: "Where your request is",
  reference: "Your reference",
  done: "done",
  current: "under way",
  toCome: "to come",
  stepDraft: "Preparing",
  stepCommitted: "Handed in and paid",
  stepSearching: "Search",
  stepProcessing: "The office is working on it",
  stepReady: "Data ready, documents being made",
  stepDelivered: "Documents ready",
  cancelled: "The office has cancelled the request",
  officeSays: "The office says:",
  receiptTitle: "Request handed in",
  receiptLead: "Keep the reference: the request is found again by it.",
  paid: "Paid, with VAT",
  nextTitle: "What happens next",
  expected: "The documents are expected between {from} and {to}.",
  documents: "The documents",
  download: "Download {name}",
  print: "Print the receipt",
  problemTitle: "It could not be handed in",
  problemNetwork: "There is no connection. Check the network and try again: your answers are still here.",
  problemAnswers: "The office does not accept some of the answers. Correct them and hand in again.",
  problemPay: "The service can’t pay at the moment. Try again later: your answers are still here.",
  problemPerson: "A person has to look at this request. Please contact support with the reference below.",
  problemDuplicate: "The same request for the same person is already under way: wait until it has come to its end.",
  problemSession: "Your session is over. Sign in again: the request goes on from where it was.",
  problemOther: "Something went wrong. Try again; if it happens again, please contact support.",
  chargedNo: "Nothing was paid.",
  chargedYes: "It was paid, and will not be paid again.",
  chargedUnknown: "We don’t know yet whether it was paid. Trying again is safe: it is never paid twice.",
  retry: "Try again",
  code: "Code for support",
  noWasm:
    "This browser can’t check answers while you type. Our server checks them when you press “Continue”: it gets your answers and, of files, the beginning and the end. To hand in the request you need an up-to-date browser.",
};

const fr: Texts = {
  requiredLegend: "Les informations marquées d’un astérisque (*) sont obligatoires.",
  required: "obligatoire",
  errorsOne: "Il y a une chose à corriger",
  errorsMany: "Il y a {n} choses à corriger",
  warningsOne: "Il y a une chose à vérifier",
  warningsMany: "Il y a {n} choses à vérifier",
  error: "Erreur :",
  warning: "À vérifier :",
  accept: "J’ai vérifié, c’est exact",
  useCorrection: "Utiliser « {value} »",
  choose: "Choisissez…",
  chooseFile: "Choisir un fichier",
  anotherFile: "Choisir un autre fichier",
  fileRules: "{types}, {size} au maximum.",
  twoPhotos: "Deux photos conviennent aussi : d’abord le recto, puis le verso. Nous en faisons un seul PDF.",
  addBack: "Ajouter le verso",
  addPage: "Ajouter une page",
  front: "Recto",
  back: "Verso",
  page: "Page {n}",
  onePdf: "Un seul PDF : {name}, {size}",
  chosen: "{name} choisi",
  removed: "{name} retiré",
  remove: "Retirer",
  goOn: "Continuer",
  instructions: "Instructions du bureau",
  reviewTitle: "Vérifiez vos réponses",
  reviewLead: "Rien n’a encore été envoyé.",
  change: "Modifier",
  notGiven: "Non renseigné",
  priceTitle: "Combien cela coûte",
  extras: "Services payants en plus",
  extraPrice: "{price} en plus, hors TVA",
  net: "Prix hors TVA",
  vat: "TVA",
  gross: "Total TVA comprise",
  onChoice: "dont au choix du résultat, hors TVA",
  handIn: "Envoyer et payer {price}",
  onceOnly: "Vous ne payez qu’une fois, même si le réseau tombe ou si la page se ferme.",
  toForm: "Retour au formulaire",
  sendingTitle: "Envoi de votre demande",
  sendingLead: "Si la page se ferme, rouvrez-la : l’envoi reprend où il en était.",
  sendingFile: "Envoi de {name}",
  progressTitle: "Où en est votre demande",
  reference: "Votre référence",
  done: "fait",
  current: "en cours",
  toCome: "à venir",
  stepDraft: "Préparation",
  stepCommitted: "Envoyée et payée",
  stepSearching: "Recherche",
  stepProcessing: "En traitement au bureau",
  stepReady: "Données prêtes, documents en préparation",
  stepDelivered: "Documents prêts",
  cancelled: "Le bureau a annulé la demande",
  officeSays: "Le bureau écrit :",
  receiptTitle: "Demande envoyée",
  receiptLead: "Conservez la référence : elle permet de retrouver la demande.",
  paid: "Payé, TVA comprise",
  nextTitle: "La suite",
  expected: "Les documents sont attendus entre le {from} et le {to}.",
  documents: "Les documents",
  download: "Télécharger {name}",
  print: "Imprimer le reçu",
  problemTitle: "L’envoi n’a pas réussi",
  problemNetwork: "Il n’y a pas de connexion. Vérifiez le réseau et réessayez : vos réponses sont toujours là.",
  problemAnswers: "Le bureau n’accepte pas certaines réponses. Corrigez-les et envoyez de nouveau.",
  problemPay: "Le service ne peut pas payer pour le moment. Réessayez plus tard : vos réponses sont toujours là.",
  problemPerson: "Une personne doit examiner cette demande. Contactez l’assistance avec la référence ci-dessous.",
  problemDuplicate: "La même demande pour la même personne est déjà en cours : attendez qu’elle soit terminée.",
  problemSession: "La session a expiré. Connectez-vous de nouveau : la demande reprend où elle en était.",
  problemOther: "Quelque chose n’a pas fonctionné. Réessayez ; si cela se répète, contactez l’assistance.",
  chargedNo: "Rien n’a été payé.",
  chargedYes: "Le paiement a été fait ; il ne sera pas répété.",
  chargedUnknown: "Nous ne savons pas encore si le paiement a été fait. Réessayer est sans risque : on ne paie jamais deux fois.",
  retry: "Réessayer",
  code: "Code pour l’assistance",
  noWasm:
    "Ce navigateur ne peut pas vérifier les réponses pendant la saisie. Notre serveur les vérifie quand vous appuyez sur « Continuer » : il reçoit vos réponses et, des fichiers, le début et la fin. Pour envoyer la demande, il faut un navigateur à jour.",
};

const de: Texts = {
  requiredLegend: "Angaben mit Sternchen (*) werden gebraucht.",
  required: "erforderlich",
  errorsOne: "Eine Angabe ist zu berichtigen",
  errorsMany: "{n} Angaben sind zu berichtigen",
  warningsOne: "Eine Angabe ist noch einmal zu prüfen",
  warningsMany: "{n} Angaben sind noch einmal zu prüfen",
  error: "Fehler:",
  warning: "Bitte prüfen:",
  accept: "Ich habe es geprüft, es stimmt",
  useCorrection: "„{value}“ verwenden",
  choose: "Bitte wählen…",
  chooseFile: "Datei wählen",
  anotherFile: "Andere Datei wählen",
  fileRules: "{types}, höchstens {size}.",
  twoPhotos: "Auch zwei Fotos: erst die Vorderseite, dann die Rückseite. Wir machen eine PDF-Datei daraus.",
  addBack: "Rückseite hinzufügen",
  addPage: "Weitere Seite hinzufügen",
  front: "Vorderseite",
  back: "Rückseite",
  page: "Seite {n}",
  onePdf: "Eine PDF-Datei: {name}, {size}",
  chosen: "{name} gewählt",
  removed: "{name} entfernt",
  remove: "Entfernen",
  goOn: "Weiter",
  instructions: "Hinweise der Stelle",
  reviewTitle: "Prüfen Sie Ihre Angaben",
  reviewLead: "Es wurde noch nichts gesendet.",
  change: "Ändern",
  notGiven: "Nicht angegeben",
  priceTitle: "Was es kostet",
  extras: "Kostenpflichtige Zusatzleistungen",
  extraPrice: "{price} mehr, ohne MwSt.",
  net: "Nettopreis",
  vat: "MwSt.",
  gross: "Gesamtbetrag mit MwSt.",
  onChoice: "davon bei der Auswahl eines Ergebnisses, ohne MwSt.",
  handIn: "Einreichen und {price} zahlen",
  onceOnly: "Sie zahlen nur einmal, auch wenn das Netz ausfällt oder die Seite geschlossen wird.",
  toForm: "Zurück zum Formular",
  sendingTitle: "Ihr Antrag wird eingereicht",
  sendingLead: "Wenn die Seite sich schließt, öffnen Sie sie wieder: Es geht dort weiter, wo es war.",
  sendingFile: "{name} wird gesendet",
  progressTitle: "Wo Ihr Antrag ist",
  reference: "Ihr Zeichen",
  done: "erledigt",
  current: "läuft",
  toCome: "kommt noch",
  stepDraft: "Vorbereitung",
  stepCommitted: "Eingereicht und bezahlt",
  stepSearching: "Suche",
  stepProcessing: "Bei der Stelle in Bearbeitung",
  stepReady: "Daten fertig, Unterlagen werden erstellt",
  stepDelivered: "Unterlagen fertig",
  cancelled: "Die Stelle hat den Antrag storniert",
  officeSays: "Die Stelle schreibt:",
  receiptTitle: "Antrag eingereicht",
  receiptLead: "Heben Sie das Zeichen auf: Damit wird der Antrag wiedergefunden.",
  paid: "Bezahlt, mit MwSt.",
  nextTitle: "Wie es weitergeht",
  expected: "Die Unterlagen werden zwischen {from} und {to} erwartet.",
  documents: "Die Unterlagen",
  download: "{name} herunterladen",
  print: "Beleg drucken",
  problemTitle: "Das Einreichen ist nicht gelungen",
  problemNetwork: "Es besteht keine Verbindung. Prüfen Sie das Netz und versuchen Sie es noch einmal: Ihre Angaben sind noch da.",
  problemAnswers: "Die Stelle nimmt einige Angaben nicht an. Berichtigen Sie sie und reichen Sie noch einmal ein.",
  problemPay: "Der Dienst kann im Augenblick nicht zahlen. Versuchen Sie es später: Ihre Angaben sind noch da.",
  problemPerson: "Ein Mensch muss diesen Antrag ansehen. Wenden Sie sich mit dem Zeichen unten an den Support.",
  problemDuplicate: "Derselbe Antrag für dieselbe Person läuft schon: Warten Sie, bis er abgeschlossen ist.",
  problemSession: "Ihre Sitzung ist abgelaufen. Melden Sie sich wieder an: Der Antrag geht dort weiter, wo er war.",
  problemOther: "Etwas hat nicht geklappt. Versuchen Sie es noch einmal; sonst wenden Sie sich an den Support.",
  chargedNo: "Es wurde nichts bezahlt.",
  chargedYes: "Es wurde bezahlt und wird nicht noch einmal bezahlt.",
  chargedUnknown: "Ob bezahlt wurde, wissen wir noch nicht. Ein neuer Versuch ist sicher: Bezahlt wird nie zweimal.",
  retry: "Noch einmal versuchen",
  code: "Code für den Support",
  noWasm:
    "Dieser Browser kann Ihre Angaben nicht beim Tippen prüfen. Unser Server prüft sie, wenn Sie auf „Weiter“ drücken: Er erhält Ihre Angaben und von Dateien Anfang und Ende. Zum Einreichen brauchen Sie einen aktuellen Browser.",
};

const all: Record<Lang, Texts> = { it, en, fr, de };

/** The renderer's texts in a language, with those put in their place that the page says otherwise. */
export function textsOf(lang: Lang, own: Partial<Texts> = {}): Texts {
  return { ...all[lang], ...own };
}
