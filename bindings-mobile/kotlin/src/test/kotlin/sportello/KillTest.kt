package sportello

import java.io.File
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

private val key = ByteArray(32) { 7 }

private fun journalIn(folder: Path) = JournalPlace.File(folder.resolve("journal.sqlite").toString())

/** An app that hands in and stands still at a step, for its parent to kill it there. */
fun main(arguments: Array<String>): Unit = runBlocking {
    val (url, token, folder, step) = arguments
    val environment = ApiEnvironment.Simulator(url)
    val keys = InMemoryJournalKeys(key)
    val client = SportelloClient.direct(DirectProvider.VISENGINE, environment, keys, settings(journalIn(Path.of(folder)))) { token }
    val service = client.service("assegno-unico")
    client.submit(service, application().answers(service), "auu-1", SubmitOptions(confirmPrice = price)) {
        if (it.doing == step) {
            println("there")
            System.out.flush()
            Thread.sleep(60_000)
        }
    }
    println("done")
}

/** Processes that are killed, and what the next start finds. */
class KillTest {
    @Test
    fun `a process killed at any step is resumed by the next start, which is given nothing`() {
        val steps = listOf("recording", "opening", "filling", "uploading", "verifying", "committing", "settling")
        for (step in steps) {
            Simulator().use { simulator ->
                if (step == "settling") simulator.fault("""{"call": "commit", "fault": {"kind": "cut_after"}}""")
                val folder = place()
                kill(simulator, folder, step)
                val kept = folder.resolve("journal.kept").toFile()
                assertEquals(1, kept.list().orEmpty().size, "$step: nothing was kept")
                val bytes = kept.listFiles().orEmpty().single().readBytes().toString(Charsets.ISO_8859_1)
                assertTrue("PRVRLL90E52H501S" !in bytes && "rosella" !in bytes && "%PDF" !in bytes, step)
                val client = clientOf(simulator, journalIn(folder), InMemoryJournalKeys(key))
                val line = runBlocking { client.resume().single() }
                assertEquals(ResumedState.ADVANCED to Charged.YES, line.state to line.submission.charged, "$step: $line")
                assertEquals(1, simulator.charges(), step)
                assertEquals(0, kept.list().orEmpty().size, "$step: it was not wiped")
            }
        }
        println("kill and resume, a process: ${steps.size} steps")
    }

    @Test
    fun `another key is said, and nothing is lost`(): Unit = runBlocking {
        Simulator().use { simulator ->
            val folder = place()
            kill(simulator, folder, "uploading")
            val other = clientOf(simulator, journalIn(folder), InMemoryJournalKeys(ByteArray(32) { 8 }))
            val line = other.resume().single()
            assertEquals(ResumedState.NEEDS_ANSWERS to "sealed.other_key", line.state to line.code)
            val error = assertThrows(SportelloException.Journal::class.java) { runBlocking { other.keptAnswers("auu-1") } }
            assertEquals("sealed.other_key", (error as SportelloException).code)
            assertEquals(0, simulator.charges())
            // With the right one they can be shown again, and handed in.
            val right = clientOf(simulator, journalIn(folder), InMemoryJournalKeys(key))
            assertTrue(right.keptAnswers("auu-1")!!.keys().isNotEmpty())
            assertEquals(Charged.YES, right.resume().single().submission.charged)
        }
    }

    private fun kill(simulator: Simulator, folder: Path, step: String) {
        val java = File(System.getProperty("java.home"), "bin/java").path
        val same = System.getProperties().stringPropertyNames().filter { it.startsWith("sportello.") || it.startsWith("jna.library") }
        val command = listOf(java, "-Xshare:auto", "-XX:TieredStopAtLevel=1") + same.map { "-D$it=${System.getProperty(it)}" } +
            listOf("-cp", System.getProperty("java.class.path"), "sportello.KillTestKt", simulator.url, simulator.token, "$folder", step)
        val process = ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start()
        val said = process.inputStream.bufferedReader().lineSequence().first { it in listOf("there", "done") }
        assertEquals("there", said, step)
        process.destroyForcibly()
        assertTrue(process.waitFor(10, TimeUnit.SECONDS))
    }
}
