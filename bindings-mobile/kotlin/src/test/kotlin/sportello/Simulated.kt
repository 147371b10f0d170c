package sportello

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import java.io.File
import java.math.BigDecimal
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import org.junit.jupiter.api.Assumptions.assumeTrue

private val programs = File(System.getProperty("sportello.programs", ""))
private val examples = File(System.getProperty("sportello.examples", ""))

/** A program of the project's, ended with the test. */
class Running(name: String, vararg args: String) : AutoCloseable {
    private val process: Process
    private val lines: java.io.BufferedReader

    init {
        val program = File(programs, name)
        assumeTrue(program.canExecute(), "`sportello.programs` has no $name")
        process = ProcessBuilder(program.path, *args).redirectError(ProcessBuilder.Redirect.DISCARD).start()
        lines = process.inputStream.bufferedReader()
    }

    fun line(): String = checkNotNull(lines.readLine()) { "the program ended" }

    override fun close() {
        process.destroyForcibly().waitFor()
    }
}

/** The provider on this machine, with its ledger of charges. */
class Simulator : AutoCloseable {
    private val running = Running("sportello", "--json", "simulator", "--stage-ms", "50")
    private val mapper = ObjectMapper()
    private val http = HttpClient.newHttpClient()
    private val said = mapper.readTree(running.line())
    val url: String = said["baseUrl"].textValue()
    val token: String = said["token"].textValue()

    fun charges(): Int = call("GET", "ledger", null)["charges"].size()

    fun fault(rule: String) {
        call("POST", "faults", rule)
    }

    private fun call(method: String, path: String, body: String?): JsonNode {
        val publisher = body?.let(HttpRequest.BodyPublishers::ofString) ?: HttpRequest.BodyPublishers.noBody()
        val request = HttpRequest.newBuilder(URI.create("$url/_simulator/$path")).header("Content-Type", "application/json").method(method, publisher)
        return mapper.readTree(http.send(request.build(), HttpResponse.BodyHandlers.ofString()).body())
    }

    override fun close() = running.close()
}

val price = BigDecimal("19.00")

/** Where a test keeps its journal and its documents. */
fun place(): Path = Files.createTempDirectory("sportello")

fun settings(journal: JournalPlace = JournalPlace.Memory) =
    ClientSettings(journal = journal, commitTimeout = Duration.ofSeconds(2), quietMargin = Duration.ofMillis(200))

fun clientOf(simulator: Simulator, journal: JournalPlace = JournalPlace.Memory, keys: JournalKeys = InMemoryJournalKeys()) =
    SportelloClient.direct(DirectProvider.VISENGINE, ApiEnvironment.Simulator(simulator.url), keys, settings(journal)) { simulator.token }

/** An invented applicant's. */
fun application(): AssegnoUnico {
    val identity = pages(attachment(File(examples, "identity-front.jpg")), attachment(File(examples, "identity-back.jpg").toPath()))
    val card = File(examples, "codice-fiscale-card.pdf")
    return AssegnoUnico(
        givenName = "Rosella",
        familyName = "Prova",
        email = "rosella.prova@example.org",
        mobile = "+39 333 1234567",
        codiceFiscale = "PRVRLL90E52H501S",
        identityDocument = identity,
        codiceFiscaleCard = attachment(card.name, card.readBytes()),
        mandate = attachment("mandate.pdf", Files.newByteChannel(File(examples, "mandate.pdf").toPath())),
    )
}
