package sportello.example

import java.io.File
import java.nio.file.Files
import java.time.Duration
import kotlin.system.exitProcess
import kotlinx.coroutines.runBlocking
import sportello.AssegnoUnico
import sportello.ClientSettings
import sportello.InMemoryJournalKeys
import sportello.JournalPlace
import sportello.Lang
import sportello.NextStep
import sportello.Service
import sportello.SportelloClient
import sportello.SportelloException
import sportello.SubmitOptions
import sportello.attachment
import sportello.findings
import sportello.pages
import sportello.text

/** An invented applicant's. The form asks for front and back in one field; a phone takes two photos. */
fun application(papers: File) = AssegnoUnico(
    givenName = "Rosella",
    familyName = "Prova",
    email = "rosella.prova@example.org",
    mobile = "+39 333 1234567",
    codiceFiscale = "PRVRLL90E52H501S",
    identityDocument = pages(attachment(File(papers, "identity-front.jpg")), attachment(File(papers, "identity-back.jpg"))),
    codiceFiscaleCard = attachment(File(papers, "codice-fiscale-card.pdf")),
    mandate = attachment(File(papers, "mandate.pdf")),
)

// ANCHOR: check
/** Checks what was typed: no network. A sentence for each finding. */
fun check(service: Service, application: AssegnoUnico): List<String> {
    val report = service.check(application.answers(service))
    return report.findings().map { "${it.field()}: ${it.text(Lang.IT)}" }
}
// ANCHOR_END: check

/** The Assegno Unico from the first question to the documents: `story RELAY SESSION PAPERS FOLDER`. */
suspend fun story(relay: String, session: String, papers: File, folder: File) {
    // In an app: a file in `context.noBackupFilesDir`, and a key of the Android Keystore.
    val journal = JournalPlace.File(File(folder, "journal.sqlite").path)
    // ANCHOR: story
    val client = SportelloClient.throughRelay(relay, InMemoryJournalKeys(), ClientSettings(journal)) { session }
    val service = client.service("assegno-unico")
    val quote = client.quote(service)
    val answers = application(papers).answers(service)
    println("${service.name()}: ${quote.dueNow} EUR net, ${quote.gross} with VAT")

    val submission = client.submit(service, answers, reference = "auu-2026-1", SubmitOptions(confirmPrice = quote.dueNow)) {
        if (it.doing == "uploading" && it.total > 0u) print("\ruploading ${100u * it.sent / it.total} %")
    }
    println("\nhanded in as ${submission.id}; charged: ${submission.charged}")

    client.watch("auu-2026-1").collect { println("${it.remote.status}: ${it.remote.nextStep.text(Lang.IT)}") }
    val delivery = client.delivery("auu-2026-1", folder)
    for (path in delivery.extract(File(folder, "documents").path)) println("received ${File(path).name}")
    // ANCHOR_END: story
    client.close()
}

fun main(arguments: Array<String>) {
    if (arguments.size < 3) {
        System.err.println("story RELAY SESSION PAPERS [FOLDER]: the relay's address, a session with it, the folder of the example's papers")
        exitProcess(2)
    }
    val folder = arguments.getOrNull(3)?.let(::File) ?: Files.createTempDirectory("sportello").toFile()
    try {
        runBlocking { story(arguments[0], arguments[1], File(arguments[2]), folder) }
    } catch (error: SportelloException) {
        System.err.println("${error.text} (${error.details().code})")
        error.findings.forEach { System.err.println("${it.field()}: ${it.text(Lang.IT)}") }
        exitProcess(1)
    }
}
