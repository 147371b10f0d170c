package sportello.example

import java.io.File
import java.nio.file.Files
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import sportello.SportelloClient

/** The example as anybody would run it: with the packaged library, through a relay that has a simulator behind it. */
class StoryTest {
    @Test
    fun `from the first question to the documents`() {
        val relay = ProcessBuilder(File(System.getProperty("sportello.programs"), "sportello-relay").path, "serve", "--simulator", "--listen", "127.0.0.1:0")
            .redirectError(ProcessBuilder.Redirect.DISCARD).start()
        try {
            val lines = relay.inputStream.bufferedReader()
            val url = lines.readLine().substringAfter("listening on ")
            val session = lines.readLine().substringAfterLast(": ")
            val folder = Files.createTempDirectory("sportello").toFile()
            val papers = File(System.getProperty("sportello.papers"))
            runBlocking { story(url, session, papers, folder) }
            assertTrue(File(folder, "documents").walk().any { it.isFile && it.length() > 0 })
            // Nothing of what was handed in stays on the device.
            assertEquals(emptyList<String>(), File(folder, "journal.kept").list().orEmpty().toList())
        } finally {
            relay.destroyForcibly().waitFor()
        }
    }

    @Test
    fun `the library comes out of the jar`() {
        val jar = SportelloClient::class.java.protectionDomain.codeSource.location.path
        assertTrue(jar.endsWith(".jar"), jar)
        assertEquals(null, System.getProperty("jna.library.path"))
        assertTrue(SportelloClient::class.java.getResource("/META-INF/proguard/sportello.pro") != null)
    }
}
