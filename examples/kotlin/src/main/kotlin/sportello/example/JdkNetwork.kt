package sportello.example

import java.io.IOException
import java.io.InputStream
import java.net.ConnectException
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse.BodyHandlers
import javax.net.ssl.SSLHandshakeException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runInterruptible
import kotlinx.coroutines.withTimeoutOrNull
import sportello.HostBody
import sportello.HostEvent
import sportello.HostFailure
import sportello.HostNetwork
import sportello.HostRequest

/** Sportello over the JDK's own network. It passes the conformance server, so it may be said to send once. */
class JdkNetwork : HostNetwork {
    // HTTP/1.1: on a connection that is shared, one request's trouble would be another's.
    private fun client() = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).followRedirects(HttpClient.Redirect.NEVER).build()

    private val free = client()

    override suspend fun perform(request: HostRequest, onPiece: (ByteArray) -> Unit): HostEvent =
        withTimeoutOrNull(request.timeoutMs().toLong()) { runInterruptible(Dispatchers.IO) { exchange(request, onPiece) } }
            ?: HostEvent.Failed(HostFailure.TIMEOUT)

    private fun exchange(request: HostRequest, onPiece: (ByteArray) -> Unit): HostEvent {
        val body = request.openBody()
        val publisher = body?.let { BodyPublishers.fromPublisher(BodyPublishers.ofInputStream { Pieces(it) }, request.bodyLength()!!.toLong()) }
        val built = java.net.http.HttpRequest.newBuilder(URI.create(request.url())).method(request.method(), publisher ?: BodyPublishers.noBody())
        request.headers().forEach { (name, value) -> built.setHeader(name, value) }
        var answered = false
        return try {
            // What is paid goes by a client of its own: its connection was never used, and won't be again.
            val response = (if (request.once()) client() else free).send(built.build(), BodyHandlers.ofInputStream())
            // What this JDK takes for an answer, though another one follows.
            if (response.statusCode() < 200) return HostEvent.Failed(HostFailure.UNKNOWN)
            answered = true
            val isFile = request.file() != null && response.statusCode() == 200
            val read = response.body().use { if (isFile) ByteArray(0).also { _ -> it.eachPiece(onPiece) } else it.readAtMost(INLINE) }
            val headers = response.headers().map().mapValues { (_, values) -> values.joinToString(", ") }
            HostEvent.Answered(response.statusCode().toUShort(), headers, read)
        } catch (error: IOException) {
            HostEvent.Failed(body?.failure() ?: why(error, answered))
        }
    }

    private fun why(error: IOException, answered: Boolean) = when {
        answered -> HostFailure.UNREADABLE
        error is ConnectException -> HostFailure.NOT_SENT
        error is SSLHandshakeException -> HostFailure.TLS
        else -> HostFailure.UNKNOWN
    }
}

/** An answer that is longer is of no use to the library, which says so itself. */
private const val INLINE = 1024 * 1024 + 1

private fun InputStream.eachPiece(onPiece: (ByteArray) -> Unit) {
    val buffer = ByteArray(64 * 1024)
    generateSequence { read(buffer).takeIf { it >= 0 } }.forEach { onPiece(buffer.copyOf(it)) }
}

private fun InputStream.readAtMost(most: Int): ByteArray = readNBytes(most)

/** A body as a stream; a file that has changed ends it, and the request with it. */
private class Pieces(private val body: HostBody) : InputStream() {
    private var piece = ByteArray(0)
    private var at = 0

    override fun read(): Int = ByteArray(1).let { if (read(it, 0, 1) < 0) -1 else it[0].toInt() and 0xff }

    override fun read(into: ByteArray, offset: Int, length: Int): Int {
        if (at == piece.size) {
            piece = try { body.nextPiece() } catch (error: sportello.SportelloException) { throw IOException(error.javaClass.name) } ?: return -1
            at = 0
        }
        val count = minOf(length, piece.size - at)
        piece.copyInto(into, offset, at, at + count)
        at += count
        return count
    }
}
