package sportello.example

import java.io.ByteArrayOutputStream
import java.io.IOException
import java.io.InputStream
import java.net.ConnectException
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse.BodyHandler
import java.net.http.HttpResponse.BodySubscribers
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionException
import javax.net.ssl.SSLHandshakeException
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.withTimeoutOrNull
import sportello.HostBody
import sportello.HostEvent
import sportello.HostFailure
import sportello.HostNetwork
import sportello.HostRequest
import sportello.SportelloException

/** Sportello over the JDK's own network. It passes the conformance server, so it may be said to send once. */
class JdkNetwork : HostNetwork {
    // HTTP/1.1: on a connection that is shared, one request's trouble would be another's.
    private fun client() = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).followRedirects(HttpClient.Redirect.NEVER).build()

    private val free = client()

    override suspend fun perform(request: HostRequest, onPiece: (ByteArray) -> Unit): HostEvent {
        val body = request.openBody()
        val read = ByteArrayOutputStream()
        var status = 0
        val handler = BodyHandler<Void> { head ->
            status = head.statusCode()
            val take: (ByteArray) -> Unit =
                if (request.file() != null && status == 200) onPiece else { piece -> if (read.size() <= INLINE) read.write(piece) }
            BodySubscribers.ofByteArrayConsumer { piece -> piece.ifPresent(take) }
        }
        return try {
            // What is paid goes by a client of its own: its connection was never used, and won't be again.
            val sent = (if (request.once()) client() else free).sendAsync(built(request, body), handler)
            val answer = withTimeoutOrNull(request.timeoutMs().toLong()) { sent.orAborted() } ?: return HostEvent.Failed(HostFailure.TIMEOUT)
            val headers = answer.headers().map().mapValues { (_, values) -> values.joinToString(", ") }
            // This JDK takes an interim answer for the last one.
            if (status < 200) HostEvent.Failed(HostFailure.UNKNOWN) else HostEvent.Answered(status.toUShort(), headers, read.toByteArray())
        } catch (error: IOException) {
            HostEvent.Failed(body?.failure() ?: why(error, status != 0))
        }
    }

    private fun built(request: HostRequest, body: HostBody?): java.net.http.HttpRequest {
        val publisher = body?.let { BodyPublishers.fromPublisher(BodyPublishers.ofInputStream { Pieces(it) }, request.bodyLength()!!.toLong()) }
        val built = java.net.http.HttpRequest.newBuilder(URI.create(request.url())).method(request.method(), publisher ?: BodyPublishers.noBody())
        request.headers().forEach { (name, value) -> built.setHeader(name, value) }
        return built.build()
    }

    private fun why(error: IOException, answered: Boolean) = when {
        answered -> HostFailure.UNREADABLE
        error is ConnectException -> HostFailure.NOT_SENT
        error is SSLHandshakeException -> HostFailure.TLS
        else -> HostFailure.UNKNOWN
    }
}

/** An answer that is longer is of no use to the library, which says so itself. */
private const val INLINE = 1024 * 1024

/** Whoever stops waiting ends the exchange and its connection. */
private suspend fun <T> CompletableFuture<T>.orAborted(): T = suspendCancellableCoroutine { waiting ->
    waiting.invokeOnCancellation { cancel(true) }
    whenComplete { value, error ->
        if (error == null) waiting.resume(value) else waiting.resumeWithException((error as? CompletionException)?.cause ?: error)
    }
}

/** A body as a stream; a file that has changed ends it, and the request with it. */
private class Pieces(private val body: HostBody) : InputStream() {
    private var piece = ByteArray(0)
    private var at = 0

    override fun read(): Int = ByteArray(1).let { if (read(it, 0, 1) < 0) -1 else it[0].toInt() and 0xff }

    override fun read(into: ByteArray, offset: Int, length: Int): Int {
        if (at == piece.size) {
            piece = try { body.nextPiece() } catch (error: SportelloException) { throw IOException(error.javaClass.name) } ?: return -1
            at = 0
        }
        val count = minOf(length, piece.size - at)
        piece.copyInto(into, offset, at, at + count)
        at += count
        return count
    }
}
