package sportello

import java.io.File
import java.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** The rows of the table in the documentation of [SportelloClient] that `ClientTest` does not have. */
class CancelTest {
    /** Cancelled while the call waits for an answer: it ends at once. */
    private suspend fun CoroutineScope.cancelled(call: suspend () -> Unit) {
        val waiting = launch { call() }
        delay(150)
        assertTrue(waiting.isActive, "it was over before it could be cancelled")
        withTimeout(1.seconds) { waiting.cancelAndJoin() }
    }

    @Test
    fun `looking at services is dropped and changes nothing`() = runBlocking {
        Simulator().use { simulator ->
            simulator.fault("""{"times": 0, "fault": {"kind": "latency", "before_ms": 2000}}""")
            val client = clientOf(simulator)
            cancelled { client.services() }
            cancelled { client.service("assegno-unico") }
            assertEquals(0, simulator.charges())
        }
    }

    @Test
    fun `a choice goes on in the library and is paid once`() = runBlocking {
        Simulator().use { simulator ->
            val client = clientOf(simulator)
            val service = searched(client)
            val before = simulator.charges()
            val result = client.status("search-1").remote!!.searches[0].results[1]
            val due = client.quote(service).dueOnChoice
            simulator.fault("""{"call": "choose", "fault": {"kind": "latency", "before_ms": 600}}""")
            cancelled { client.choose("search-1", result, due) }
            client.choose("search-1", result, due)
            assertEquals(before + 1, simulator.charges())
        }
    }

    @Test
    fun `another search goes on in the library and is paid once`() = runBlocking {
        Simulator().use { simulator ->
            val client = clientOf(simulator)
            val service = searched(client)
            val before = simulator.charges()
            val answers = answersTo(service, "ALTRA")
            val due = service.searchPrice()!!
            simulator.fault("""{"call": "search", "fault": {"kind": "latency", "before_ms": 600}}""")
            cancelled { client.searchAgain("search-1", 2, service, answers, due) }
            client.searchAgain("search-1", 2, service, answers, due)
            assertEquals(before + 1, simulator.charges())
        }
    }

    @Test
    fun `a delivery that is cancelled leaves no file, and is fetched again`() = runBlocking {
        Simulator().use { simulator ->
            val client = clientOf(simulator)
            val service = client.service("assegno-unico")
            client.submit(service, application().answers(service), "auu-1", SubmitOptions(confirmPrice = price))
            client.wait("auu-1", Duration.ofSeconds(20))
            simulator.fault("""{"call": "document", "fault": {"kind": "latency", "after_ms": 2000}}""")
            val folder = place().toFile()
            cancelled { client.delivery("auu-1", folder) }
            val begun = System.nanoTime()
            while (folder.walk().any(File::isFile) && System.nanoTime() - begun < 2_000_000_000) delay(20)
            assertEquals(emptyList<File>(), folder.walk().filter(File::isFile).toList())
            assertTrue(client.delivery("auu-1", folder).files().isNotEmpty())
        }
    }

    @Test
    fun `giving up that is cancelled is given up again`() = runBlocking {
        Simulator().use { simulator ->
            val client = clientOf(simulator)
            val service = client.service("assegno-unico")
            simulator.fault("""{"call": "commit", "fault": {"kind": "empty_wallet"}}""")
            runCatching { client.submit(service, application().answers(service), "auu-1", SubmitOptions(confirmPrice = price)) }
            simulator.fault("""{"call": "read", "fault": {"kind": "latency", "before_ms": 600}}""")
            cancelled { client.abandon("auu-1") }
            client.abandon("auu-1")
            assertEquals(0, simulator.charges())
        }
    }

    private fun answersTo(service: Service, term: String): Answers {
        val answers = Answers()
        for (field in service.fields()) {
            answers[field.key] = when (field.kind) {
                FieldKind.CODICE_FISCALE, FieldKind.PARTITA_IVA -> "12345670124"
                FieldKind.CODICE_FISCALE_PERSONA -> "PRVRSL90E52H501A"
                FieldKind.PROVINCE -> "MI"
                FieldKind.MUNICIPALITY -> "F205"
                FieldKind.EMAIL -> "rosalia.prova@example.org"
                FieldKind.DATE -> "01-02-1990"
                else -> term
            }
        }
        return answers
    }

    /** A search with two results, waiting for a choice. */
    private suspend fun searched(client: SportelloClient): Service {
        val service = client.service("afa0b4cu7yd06226i5d89p00077c3j6t")
        val answers = answersTo(service, "PROVA")
        val accepted = client.check(service, answers).findings().map { it.code() }
        val options = SubmitOptions(confirmPrice = client.quote(service).dueNow, acceptWarnings = accepted)
        client.submit(service, answers, "search-1", options)
        client.wait("search-1", Duration.ofSeconds(20))
        return service
    }
}
