package sportello

import java.io.File
import java.math.BigDecimal
import java.time.Duration
import java.util.concurrent.CopyOnWriteArrayList
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** The whole story, through the relay and direct; and what cancelling means. */
class ClientTest {
    @Test
    fun `the story through a relay`() = runBlocking {
        Running("sportello-relay", "serve", "--simulator", "--listen", "127.0.0.1:0").use { relay ->
            val url = relay.line().substringAfter("listening on ")
            val session = relay.line().substringAfterLast(": ")
            SportelloClient.throughRelay(url, InMemoryJournalKeys(), settings()) { session }.use { client ->
                val summary = client.services("assegno unico").single()
                val service = client.service(summary.id)
                val answers = application().answers(service)
                assertTrue(client.check(service, answers).isOk())
                val quote = client.quote(service)
                assertEquals(price, quote.dueNow)
                assertEquals(null, quote.credit)
                val moved = CopyOnWriteArrayList<String>()
                val submission = client.submit(service, answers, "auu-1", SubmitOptions(confirmPrice = quote.dueNow)) { moved += it.doing }
                assertEquals(Charged.YES, submission.charged)
                assertTrue(moved.containsAll(listOf("filling", "uploading", "committing")), "$moved")
                val updates = withTimeout(60.seconds) { client.watch("auu-1").toList() }
                assertEquals(SubmissionProgress.DELIVERED, updates.last().remote.progress)
                assertEquals(NextStep.FETCH, updates.last().remote.nextStep)
                val folder = place().toFile()
                val delivery = client.delivery("auu-1", folder)
                assertTrue(delivery.files().all { File(it.path()).length().toULong() == it.length() })
                assertTrue(delivery.extract(File(folder, "unpacked").path).isNotEmpty())
                val refused = assertThrows(SportelloException.Submit::class.java) { runBlocking { client.submissions() } }
                assertEquals("submissions.not_listed", (refused as SportelloException).code)
            }
        }
    }

    @Test
    fun `nobody signed in is an error of the session`(): Unit = runBlocking {
        Simulator().use { simulator ->
            val broken = SportelloClient.direct(
                DirectProvider.VISENGINE, ApiEnvironment.Simulator(simulator.url), InMemoryJournalKeys(), settings(),
            ) { error("RSSMRA85T10A562S is not signed in") }
            val error = assertThrows(SportelloException::class.java) { runBlocking { broken.services() } }
            assertEquals("config.token_missing", error.code)
            assertFalse("RSSMRA" in error.toString() + error.text)
        }
    }

    @Test
    fun `what is wrong with the answers is told before anything is sent`() = runBlocking {
        Simulator().use { simulator ->
            val client = clientOf(simulator)
            val service = client.service("assegno-unico")
            val wrong = answersOf("codice_fiscale" to "PRVRLL90E52H501X")
            val error = assertThrows(SportelloException.Check::class.java) {
                runBlocking { client.submit(service, wrong, "auu-1", SubmitOptions(confirmPrice = price)) }
            } as SportelloException
            assertTrue(error.findings.isNotEmpty())
            assertEquals("auu-1" to Charged.NO, error.reference to error.charged)
            assertFalse("PRVRLL" in error.toString() + error.text + error.findings)
            val gross = assertThrows(SportelloException.Price::class.java) {
                runBlocking {
                    client.submit(service, application().answers(service), "auu-2", SubmitOptions(confirmPrice = BigDecimal("23.18")))
                }
            }
            assertEquals("price.is_gross", (gross as SportelloException).code)
            assertEquals(0, simulator.charges())
        }
    }

    @Test
    fun `cancelling a submit stops the waiting, not the commit, and it is paid once`() = runBlocking {
        Simulator().use { simulator ->
            val client = clientOf(simulator)
            val service = client.service("assegno-unico")
            val answers = application().answers(service)
            simulator.fault("""{"call": "commit", "fault": {"kind": "latency", "before_ms": 500}}""")
            val committing = CompletableDeferred<Unit>()
            val options = SubmitOptions(confirmPrice = price)
            val waiting = launch {
                client.submit(service, answers, "auu-1", options) { if (it.doing == "committing") committing.complete(Unit) }
            }
            committing.await()
            withTimeout(0.4.seconds) { waiting.cancelAndJoin() }
            assertEquals(0, simulator.charges())
            // The same reference waits for what goes on by itself.
            val submission = client.submit(service, answers, "auu-1", options)
            assertEquals(Charged.YES, submission.charged)
            assertEquals(1, simulator.charges())
        }
    }

    @Test
    fun `cancelling a submit at any step loses nothing and pays once`() = runBlocking {
        for (step in listOf("recording", "opening", "filling", "uploading", "verifying", "settling")) {
            Simulator().use { simulator ->
                val client = clientOf(simulator)
                val service = client.service("assegno-unico")
                val answers = application().answers(service)
                val options = SubmitOptions(confirmPrice = price)
                if (step == "settling") simulator.fault("""{"call": "commit", "fault": {"kind": "cut_after"}}""")
                val there = CompletableDeferred<Unit>()
                val waiting = launch {
                    try {
                        client.submit(service, answers, "auu-1", options) { if (it.doing == step) there.complete(Unit) }
                    } finally {
                        there.complete(Unit)
                    }
                }
                there.await()
                waiting.cancelAndJoin()
                assertEquals(Charged.YES, client.submit(service, answers, "auu-1", options).charged, step)
                assertEquals(1, simulator.charges(), step)
            }
        }
    }

    @Test
    fun `cancelling what is free changes nothing`() = runBlocking {
        Simulator().use { simulator ->
            val client = clientOf(simulator)
            val service = client.service("assegno-unico")
            client.submit(service, application().answers(service), "auu-1", SubmitOptions(confirmPrice = price))
            simulator.fault("""{"call": "read", "times": 0, "fault": {"kind": "latency", "after_ms": 2000}}""")
            val free = listOf<suspend () -> Any?>(
                { client.status("auu-1") },
                { client.wait("auu-1", Duration.ofSeconds(20)) },
                { client.watch("auu-1").first() },
                { client.delivery("auu-1", place().toFile()) },
                { client.resume() },
            )
            for (call in free) {
                val waiting = launch { call() }
                delay(100)
                withTimeout(1.seconds) { waiting.cancelAndJoin() }
            }
            assertEquals(1, simulator.charges())
            assertEquals(null, client.wait("auu-1", Duration.ofMillis(50)))
        }
    }

    @Test
    fun `a killed app's journal is resumed by the next client`() = runBlocking {
        Simulator().use { simulator ->
            val keys = InMemoryJournalKeys()
            val journal = JournalPlace.File(place().resolve("journal.sqlite").toString())
            val first = clientOf(simulator, journal, keys)
            val service = first.service("assegno-unico")
            val answers = application().answers(service)
            simulator.fault("""{"call": "commit", "fault": {"kind": "cut_after"}}""")
            simulator.fault("""{"call": "read", "nth": 2, "times": 8, "fault": {"kind": "status", "status": 503}}""")
            val outcome = runCatching { first.submit(service, answers, "auu-1", SubmitOptions(confirmPrice = price)) }
            first.close()
            val resumed = clientOf(simulator, journal, keys).resume(place().toFile()).singleOrNull()
            assertTrue(resumed == null || resumed.submission.charged == Charged.YES, "$outcome $resumed")
            assertEquals(1, simulator.charges())
        }
    }

    @Test
    fun `a session that can't be told from another has a journal of its own key`() {
        val keys = object : JournalKeys {
            override fun key() = ByteArray(5)
        }
        val error = assertThrows(SportelloException.Journal::class.java) {
            SportelloClient.throughRelay("http://127.0.0.1:9", keys, settings()) { null }
        }
        assertEquals("journal.key_unreadable", (error as SportelloException).code)
    }
}
