package sportello

import java.io.File
import java.math.BigDecimal
import java.nio.file.Path
import java.time.Duration
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.runBlocking

/**
 * The counter: hands in requests, watches them, brings the documents back. Safe to share between threads; make one and keep it.
 *
 * **Cancelling** a coroutine stops the waiting and never a commit:
 *
 * | cancelled while | what happens |
 * |---|---|
 * | [services], [service], [quote], [status], [wait] wait | the call is dropped; nothing was changed |
 * | [submit] is at work, at whichever step | it goes on in the library; the same reference finds it, and a second [submit] of it waits for the first and pays nothing again |
 * | [choose], [searchAgain] are at work | the same |
 * | [watch] is collected | watching ends; it was free |
 * | [delivery] fetches | the unfinished file is removed; fetch again |
 * | [resume] is at work | what it settles at that moment is seen through, the rest is left for the next [resume] |
 * | [abandon] is at work | the entry is given up; [abandon] again blanks the rest |
 * | the process is killed, at any step | [resume] after the next start hands in what was kept, and pays nothing twice |
 */
public class SportelloClient private constructor(private val client: Client) : AutoCloseable {
    public companion object {
        /**
         * A client of your own backend's relay, which holds the provider's token and pays. This is the way for apps.
         *
         * [session] gives the session of the user who is signed in, or null. It is asked before every call, and once more when the relay
         * refused the last one: renew it there. [keys] keeps the journal's key.
         */
        @Throws(SportelloException::class)
        public fun throughRelay(url: String, keys: JournalKeys, settings: ClientSettings, session: suspend () -> String?): SportelloClient =
            SportelloClient(Client.throughRelay(url, Sessions(session), keys, settings))

        /**
         * A client that talks to the provider itself, with **short-lived tokens** that your backend makes for this user. Never with the
         * account's e-mail and API key: whatever is in an app can be read out of it, and whoever holds the key can spend the whole account.
         */
        @Throws(SportelloException::class)
        public fun direct(
            provider: DirectProvider,
            environment: ApiEnvironment,
            keys: JournalKeys,
            settings: ClientSettings,
            tokenProvider: suspend () -> String?,
        ): SportelloClient = SportelloClient(Client.direct(provider, environment, Sessions(tokenProvider), keys, settings))
    }

    /** What can be asked for; with [search], the services whose name or category holds all its words. */
    @Throws(SportelloException::class)
    public suspend fun services(search: String? = null): List<ServiceSummary> = client.services(search)

    /** What a service needs. Named by id, by exact name or by alias (`assegno-unico`), never by a part of its name. */
    @Throws(SportelloException::class)
    public suspend fun service(name: String): Service = client.service(name)

    /** Checks answers against what a service asks for. No network. */
    public fun check(service: Service, answers: Answers): Report = service.check(answers)

    /** What a service will cost with these paid options, by name. */
    @Throws(SportelloException::class)
    public suspend fun quote(service: Service, options: List<String> = emptyList()): Quote = client.quote(service, options)

    /**
     * Hands a request in, paid at most once whatever happens: the same [reference] may be submitted again after any error.
     *
     * The reference is your name of this one intention: 1 to 64 letters, digits, points, hyphens or underscores, that name nobody.
     * [onProgress] is called on a thread of the library's.
     */
    @Throws(SportelloException::class)
    public suspend fun submit(
        service: Service,
        answers: Answers,
        reference: String,
        options: SubmitOptions,
        onProgress: ((SubmitProgress) -> Unit)? = null,
    ): Submission = client.submit(service, answers, reference, options, onProgress?.let(::Listener))

    /** Everything handed in from this account, newest first. Only for a client that goes direct: a relay lists nothing. */
    @Throws(SportelloException::class)
    public suspend fun submissions(): List<SubmissionSummary> = client.submissions()

    /** Where a submission is. Settles first what a crash may have left open; never pays. */
    @Throws(SportelloException::class)
    public suspend fun status(reference: String): Submission = client.status(reference)

    /** One update per change, until something is there to be done or nothing will come. Each collector watches by itself. */
    public fun watch(reference: String): Flow<SubmissionUpdate> = flow {
        client.watch(reference).use { watch ->
            while (true) emit(watch.next() ?: break)
        }
    }

    /** Waits until something is there to be done or nothing will come; null when the deadline passes first, and the submission goes on. */
    @Throws(SportelloException::class)
    public suspend fun wait(reference: String, deadline: Duration): SubmissionUpdate? = client.wait(reference, deadline)

    /** Chooses a result of a search: paid, and at most once. [confirmPrice] is the exact net price, the quote's `dueOnChoice`. */
    @Throws(SportelloException::class)
    public suspend fun choose(reference: String, result: SearchResult, confirmPrice: BigDecimal): Submission =
        client.choose(reference, result.id(), confirmPrice)

    /** Adds a search: paid, and at most once for its [number], which is 2 for the first after the one that came with handing in. */
    @Throws(SportelloException::class)
    public suspend fun searchAgain(
        reference: String,
        number: Int,
        service: Service,
        answers: Answers,
        confirmPrice: BigDecimal,
    ): Submission = client.searchAgain(reference, number.toUInt(), service, answers, confirmPrice)

    /** Fetches the documents of a submission into a folder, which is made when it is not there. Nothing is ever held in memory. */
    @Throws(SportelloException::class)
    public suspend fun delivery(reference: String, folder: File): Delivery = client.delivery(reference, folder.path)

    /** The same, into a folder by its path. */
    @Throws(SportelloException::class)
    public suspend fun delivery(reference: String, folder: Path): Delivery = client.delivery(reference, folder.toString())

    /**
     * Goes on with everything that was under way, without being given anything: hands in what was kept when the app was killed, and sees through
     * what was paid or may have been; for a WorkManager. Documents that are ready are fetched below [folder], into a folder of their reference.
     *
     * What was asked for more than a day ago is not paid without somebody being asked again: its line says [ResumedState.NEEDS_ANSWERS], and
     * [keptAnswers] gives the answers back for the form.
     */
    @Throws(SportelloException::class)
    public suspend fun resume(folder: File? = null): List<Resumed> = client.resume(folder?.path)

    /** The answers kept under a reference that was not handed in yet, to be shown to whoever gave them; null where nothing is kept. */
    @Throws(SportelloException::class)
    public suspend fun keptAnswers(reference: String): Answers? = client.keptAnswers(reference)

    /** Gives up a submission that was not handed in: its draft's fields are blanked with the provider, what was kept is removed. */
    @Throws(SportelloException::class)
    public suspend fun abandon(reference: String): Unit = client.abandon(reference)

    /** Lets go of the library's side. What is under way goes on to its end. */
    override fun close(): Unit = client.close()
}

/** The library asks on a thread that may wait. */
private class Sessions(private val session: suspend () -> String?) : SessionProvider {
    override fun session(): String? = runBlocking { session.invoke() }
}

private class Listener(private val report: (SubmitProgress) -> Unit) : ProgressListener {
    override fun onProgress(progress: SubmitProgress): Unit = report(progress)
}

/** A journal key that is **lost with the process**: for tests. In an app, keep 32 random bytes encrypted under a key of the Android Keystore. */
public class InMemoryJournalKeys(private val bytes: ByteArray = ByteArray(32).also(java.security.SecureRandom()::nextBytes)) : JournalKeys {
    override fun key(): ByteArray = bytes.copyOf()
}
