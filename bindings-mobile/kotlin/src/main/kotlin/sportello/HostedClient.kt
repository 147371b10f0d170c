package sportello

import java.io.File
import java.io.IOException
import java.io.OutputStream
import java.math.BigDecimal
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.async
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.channelFlow
import kotlinx.coroutines.launch
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext

/** An app's own network: OkHttp, `java.net.http`. The project's conformance server tries it; about 40 lines are in `examples/kotlin`. */
public fun interface HostNetwork {
    /**
     * Performs one request, once, and says how it went: [HostEvent.Answered] with a whole answer of whatever status, or [HostEvent.Failed] with what is
     * surely known. It follows no redirect, keeps no cookie, sends nothing again, and takes no longer than [HostRequest.timeoutMs].
     *
     * Where [HostRequest.file] names a number, the pieces of a 200 answer's body go to [onPiece] as they come, and the answer is given without them.
     */
    public suspend fun perform(request: HostRequest, onPiece: (ByteArray) -> Unit): HostEvent
}

/**
 * The counter, by a network of the app's. What it may do and what is paid once, the library decides; the app only performs requests. Safe to
 * share; make one and keep it.
 *
 * [session] gives the session with the relay as it is now, or null; it is asked before every request.
 *
 * Cancelling stops the waiting and never a commit, as for [SportelloClient]. What pays is done one at a time.
 */
public class HostedClient(
    target: HostTarget,
    keys: JournalKeys,
    settings: HostSettings,
    private val network: HostNetwork,
    private val session: suspend () -> String?,
) : AutoCloseable {
    private val client = HostClient(target, keys, settings)
    // What pays is led by the library: whoever waits for it may go.
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.IO)
    private val counter = Mutex()

    /** What can be asked for; with [search], the services whose name or category holds all its words. */
    @Throws(SportelloException::class)
    public suspend fun services(search: String? = null): List<ServiceSummary> =
        lead<HostOutcome.Services> { it.services(search) }.services

    /** What a service needs. Named by id, by exact name or by alias (`assegno-unico`), never by a part of its name. */
    @Throws(SportelloException::class)
    public suspend fun service(name: String): Service = lead<HostOutcome.Service> { it.service(name) }.service

    /** What a service will cost with these paid options, by name. No network. */
    @Throws(SportelloException::class)
    public fun quote(service: Service, options: List<String> = emptyList()): Quote = client.quote(service, options)

    /** Hands a request in, paid at most once whatever happens: the same [reference] may be submitted again after any error. */
    @Throws(SportelloException::class)
    public suspend fun submit(service: Service, answers: Answers, reference: String, options: SubmitOptions): Submission =
        pay<HostOutcome.Submission> { it.submit(service, answers, reference, options) }.submission

    /** What this device's journal knows, oldest first, without asking anybody. */
    @Throws(SportelloException::class)
    public suspend fun submissions(): List<Submission> = lead<HostOutcome.Submissions> { it.submissions() }.submissions

    /** Where a submission is; never pays. */
    @Throws(SportelloException::class)
    public suspend fun status(reference: String): Submission = lead<HostOutcome.Submission> { it.status(reference) }.submission

    /** One update per change, until something is there to be done or nothing will come. */
    public fun watch(reference: String): Flow<SubmissionUpdate> = channelFlow {
        lead<HostOutcome.Watched>(onUpdate = { send(it) }) { it.watch(reference) }
    }

    /** Chooses a result of a search: paid, and at most once. */
    @Throws(SportelloException::class)
    public suspend fun choose(reference: String, result: SearchResult, confirmPrice: BigDecimal): Submission =
        pay<HostOutcome.Submission> { it.choose(reference, result.id(), confirmPrice) }.submission

    /** Adds a search: paid, and at most once for its [number], which is 2 for the first after the one that came with handing in. */
    @Throws(SportelloException::class)
    public suspend fun searchAgain(
        reference: String,
        number: Int,
        service: Service,
        answers: Answers,
        confirmPrice: BigDecimal,
    ): Submission = pay<HostOutcome.Submission> { it.searchAgain(reference, number.toUInt(), service, answers, confirmPrice) }.submission

    /** Fetches the documents of a submission into a folder, which is made when it is not there; gives back the files. Nothing is held in memory. */
    @Throws(SportelloException::class)
    public suspend fun delivery(reference: String, folder: File): List<File> {
        folder.mkdirs()
        val parts = Parts(folder, reference)
        return try {
            val files = lead<HostOutcome.Delivery>(parts) { it.delivery(reference) }.files
            files.mapIndexed { number, document -> parts.publish(number, document) }
        } finally {
            parts.remove()
        }
    }

    /**
     * Goes on with everything that was under way, without being given anything: hands in what was kept when the app was killed, and sees through what
     * was paid or may have been.
     */
    @Throws(SportelloException::class)
    public suspend fun resume(): List<Resumed> = pay<HostOutcome.Resumed> { it.resume() }.resumed

    /** The answers kept under a reference that was not handed in yet. */
    @Throws(SportelloException::class)
    public suspend fun keptAnswers(reference: String): Answers? = withContext(Dispatchers.IO) { client.keptAnswers(reference) }

    /** Gives up a submission that was not handed in: its draft's fields are blanked, what was kept is removed. */
    @Throws(SportelloException::class)
    public suspend fun abandon(reference: String) {
        pay<HostOutcome.Abandoned> { it.abandon(reference) }
    }

    /** Lets go of the library's side. What pays goes on to its end. */
    override fun close() {
        scope.launch { counter.withLock { client.close() } }
    }

    private suspend inline fun <reified T : HostOutcome> pay(crossinline verb: (HostClient) -> HostRun): T =
        scope.async { counter.withLock { lead<T>(verb = { verb(it) }) } }.await()

    private suspend inline fun <reified T : HostOutcome> lead(
        parts: Parts? = null,
        noinline onUpdate: suspend (SubmissionUpdate) -> Unit = {},
        verb: (HostClient) -> HostRun,
    ): T = lead(verb(client), parts, onUpdate) as T

    /** The journal is on a disk, and files are read while they are sent: not on the caller's thread. */
    private suspend fun lead(run: HostRun, parts: Parts?, onUpdate: suspend (SubmissionUpdate) -> Unit): HostOutcome =
        withContext(Dispatchers.IO) { run.use { toItsEnd(it, parts, onUpdate) } }

    private suspend fun toItsEnd(run: HostRun, parts: Parts?, onUpdate: suspend (SubmissionUpdate) -> Unit): HostOutcome {
        var event: HostEvent = HostEvent.Continue
        while (true) {
            client.setToken(session().orEmpty())
            val steady = System.nanoTime() / 1_000_000
            event = when (val step = run.next(event, System.currentTimeMillis().toULong(), steady.toULong())) {
                is HostStep.Send -> perform(run, step.request, parts)
                is HostStep.Wait -> HostEvent.Elapsed.also { delay(step.millis.toLong()) }
                is HostStep.Update -> HostEvent.Continue.also { onUpdate(step.update) }
                is HostStep.Done -> return step.outcome
            }
        }
    }

    private suspend fun perform(run: HostRun, request: HostRequest, parts: Parts?): HostEvent {
        request.use {
            val number = request.file() ?: return network.perform(request) { }
            val part = checkNotNull(parts) { "only a delivery has files" }.begin(number.toInt(), run)
            val event = try {
                part.use { network.perform(request, part::take) }
            } catch (cancelled: CancellationException) {
                throw cancelled
            } catch (error: Exception) {
                // Each network has a way of its own to tell that the reading was ended here.
                if (part.failure == null) throw error
                null
            }
            return part.failure?.let { HostEvent.Failed(it) } ?: checkNotNull(event) { "a network that gave no answer" }
        }
    }

    override fun toString(): String = "HostedClient"
}

/** The files of a delivery while they come in. */
private class Parts(private val folder: File, private val reference: String) {
    private val begun = mutableSetOf<File>()

    fun begin(number: Int, run: HostRun): Part = Part(file(number).also(begun::add), run)

    private fun file(number: Int) = File(folder, ".$reference-$number.part")

    /** Gives a whole file its name; one that is there already is kept. */
    fun publish(number: Int, document: HostDocument): File {
        val name = File(document.name())
        val ending = if (name.extension.isEmpty()) "" else ".${name.extension}"
        val names = generateSequence(1) { it + 1 }.map { if (it == 1) name.name else "${name.nameWithoutExtension}-$it$ending" }
        val target = names.map { File(folder, it) }.first { it.createNewFile() }
        if (!file(number).renameTo(target)) throw IOException("a file of the delivery can't be written")
        return target
    }

    fun remove() = begun.forEach { it.delete() }
}

/** One file, begun anew with each request. */
private class Part(private val file: File, private val run: HostRun) : AutoCloseable {
    private var out: OutputStream? = null

    /** Why it could not be taken in, where it could not. */
    var failure: HostFailure? = null
        private set

    fun take(piece: ByteArray) {
        try {
            val plain = run.receive(piece)
            val out = out ?: file.outputStream().also { out = it }
            out.write(plain)
        } catch (_: IOException) {
            stop(HostFailure.SINK_FAILED)
        } catch (_: SportelloException) {
            stop(HostFailure.UNREADABLE)
        }
    }

    private fun stop(why: HostFailure): Nothing {
        failure = why
        throw StopReading()
    }

    override fun close() {
        out?.close()
    }
}

/** Ends the reading of an answer that is of no use. */
private class StopReading : IOException("what was read is of no use")
