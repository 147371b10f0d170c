package sportello

import java.io.File
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.atomic.AtomicInteger
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import sportello.example.JdkNetwork

/** The story by the app's own network: the library says what to send. */
class HostedTest {
    private val keys = InMemoryJournalKeys()

    private fun hosted(
        simulator: Simulator,
        journal: JournalPlace = JournalPlace.Memory,
        sendsOnce: Boolean = true,
        network: HostNetwork = JdkNetwork(),
    ): HostedClient {
        val settings = HostSettings(journal, sendsOnce, commitTimeout = Duration.ofSeconds(2), quietMargin = Duration.ofMillis(200))
        return HostedClient(HostTarget.Visengine(simulator.url), keys, settings, network) { simulator.token }
    }

    private fun journalIn(folder: Path) = JournalPlace.File(folder.resolve("journal.sqlite").toString())

    private fun kept(folder: Path) = folder.resolve("journal.kept").toFile().list().orEmpty().size

    @Test
    fun `the story through a relay, by the JDK's network`() = runBlocking {
        Running("sportello-relay", "serve", "--simulator", "--listen", "127.0.0.1:0").use { relay ->
            val url = relay.line().substringAfter("listening on ")
            val session = relay.line().substringAfterLast(": ")
            // A relay's purchases are one however often they arrive: nothing is promised about `once`.
            val settings = HostSettings(JournalPlace.Memory)
            HostedClient(HostTarget.Relay(url), keys, settings, JdkNetwork()) { session }.use { client ->
                val service = client.service(client.services("assegno unico").single().id)
                val answers = application().answers(service)
                val quote = client.quote(service)
                val submission = client.submit(service, answers, "auu-1", SubmitOptions(confirmPrice = quote.dueNow))
                assertEquals(Charged.YES, submission.charged)
                val updates = withTimeout(60.seconds) { client.watch("auu-1").toList() }
                assertEquals(SubmissionProgress.DELIVERED, updates.last().remote.progress)
                val folder = place().toFile()
                val files = client.delivery("auu-1", folder) + client.delivery("auu-1", folder)
                assertEquals(2, files.toSet().size, "one that is there is kept")
                assertTrue(files.all { it.readBytes().copyOf(2).decodeToString() == "PK" })
                assertEquals(files.map { it.name }.toSet(), folder.list().orEmpty().toSet(), "nothing unfinished is left")
                assertEquals(listOf("auu-1"), client.submissions().map { it.reference })
                assertEquals(Stage.DELIVERED, client.status("auu-1").stage)
            }
        }
    }

    @Test
    fun `a network that may send twice hands nothing in with a provider`(): Unit = runBlocking {
        Simulator().use { simulator ->
            val client = hosted(simulator, sendsOnce = false)
            val service = client.service("assegno-unico")
            val error = assertThrows(SportelloException.Config::class.java) {
                runBlocking { client.submit(service, application().answers(service), "auu-1", SubmitOptions(confirmPrice = price)) }
            }
            assertEquals("config.once_not_guaranteed", (error as SportelloException).code)
            assertEquals(0, simulator.charges())
        }
    }

    @Test
    fun `killed at any request, before or after it, it is resumed by the next start without being given anything`() = runBlocking {
        val network = JdkNetwork()
        var killed = 0
        for (after in listOf(false, true)) {
            for (at in 1..30) {
                val ended = Simulator().use { simulator ->
                    val folder = place()
                    val service = hosted(simulator).service("assegno-unico")
                    val sent = AtomicInteger()
                    val died = CompletableDeferred<Unit>()
                    // From here on its process is as good as dead: it never hears of an answer.
                    val dying = HostNetwork { request, onPiece ->
                        val dies = sent.incrementAndGet() == at
                        if (dies && after) network.perform(request, onPiece)
                        if (dies) died.complete(Unit).also { awaitCancellation() }
                        network.perform(request, onPiece)
                    }
                    val first = hosted(simulator, journalIn(folder), network = dying)
                    val waiting = launch {
                        first.submit(service, application().answers(service), "auu-1", SubmitOptions(confirmPrice = price))
                        died.complete(Unit)
                    }
                    died.await()
                    waiting.cancelAndJoin()
                    val next = hosted(simulator, journalIn(folder))
                    if (sent.get() < at) {
                        assertEquals(emptyList<Resumed>(), next.resume().filter { it.state == ResumedState.ADVANCED })
                        return@use true
                    }
                    val line = next.resume().single()
                    assertEquals(ResumedState.ADVANCED to Charged.YES, line.state to line.submission.charged, "request $at: $line")
                    assertEquals(1, simulator.charges(), "request $at")
                    assertEquals(0, kept(folder), "request $at")
                    false
                }
                if (ended) break
                killed++
            }
        }
        assertTrue(killed >= 12, "only $killed moments")
        println("kill and resume, the app's network: $killed moments")
    }

    @Test
    fun `what the library hands to a network shows neither token nor answers`() = runBlocking {
        Simulator().use { simulator ->
            val shown = mutableListOf<String>()
            val network = JdkNetwork()
            val client = hosted(simulator, network = { request, onPiece ->
                shown += "$request ${request.openBody()} ${HostStep.Send(request)}"
                network.perform(request, onPiece)
            })
            val service = client.service("assegno-unico")
            client.submit(service, application().answers(service), "auu-1", SubmitOptions(confirmPrice = price))
            assertTrue(shown.size > 5)
            for (canary in listOf(simulator.token, "PRVRLL90E52H501S", "rosella.prova", "identity")) {
                assertFalse(shown.any { canary in it }, canary)
            }
        }
    }
}
