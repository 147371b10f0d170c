package sportello

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import sportello.example.JdkNetwork

/** The example's network in every script of a network that misbehaves: what is paid is sent once, and nothing is said that is not known. */
class ConformanceTest {
    private val mapper = ObjectMapper()
    private val http = HttpClient.newHttpClient()

    @Test
    fun `the network of the example passes every script`() = runBlocking {
        Running("sportello-conformance", "--keep").use { server ->
            val control = mapper.readTree(server.line())["control"].textValue()
            val network = JdkNetwork()
            var calls = 0
            for (script in call(control, "scripts")["scripts"]) {
                val plan = call(control, "script", """{"name": ${script["name"]}}""")
                for (call in plan["calls"]) {
                    val body = call["body"].takeUnless { it.isNull }?.toString()
                    val url = call["origin"].textValue() + call["path"].textValue()
                    val request = HostRequest.trial(url, plan["token"].textValue(), body, call["once"].booleanValue(), call["timeoutMs"].longValue().toULong())
                    val said = when (val event = network.perform(request) { }) {
                        is HostEvent.Answered -> """"answered", "status": ${event.status}"""
                        is HostEvent.Failed -> if (event.failure in listOf(HostFailure.NOT_SENT, HostFailure.TLS)) "\"not_sent\"" else "\"unknown\""
                        else -> error("$event is no answer")
                    }
                    call(control, "result", """{"call": ${call["call"]}, "outcome": $said}""")
                    calls++
                }
            }
            val verdict = call(control, "verdict")
            val bad = verdict["verdicts"].filterNot { it["good"].booleanValue() }
            assertTrue(verdict["good"].booleanValue(), "$bad")
            assertEquals(0, verdict["notRun"].size())
            println("conformance: ${verdict["verdicts"].size()} scripts, $calls calls, all good")
        }
    }

    private fun call(control: String, path: String, body: String? = null): JsonNode {
        val request = HttpRequest.newBuilder(URI.create("$control/_conformance/$path"))
        body?.let { request.POST(HttpRequest.BodyPublishers.ofString(it)) }
        val answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString())
        assertEquals(200, answer.statusCode(), answer.body())
        return mapper.readTree(answer.body())
    }
}
