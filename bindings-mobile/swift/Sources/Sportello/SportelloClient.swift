import Foundation

/// The counter: hands in requests, watches them, brings the documents back. Safe to share between tasks; make one and keep it.
///
/// **Cancelling** a `Task` stops the waiting and never a commit. The call ends with `CancellationError`:
///
/// | cancelled while | what happens |
/// |---|---|
/// | ``services(search:)``, ``service(_:)``, ``quote(_:options:)``, ``status(_:)``, ``wait(_:atMost:)`` wait | the call is dropped; nothing was changed |
/// | ``submit(_:answers:reference:options:onProgress:)`` has not begun | nothing is sent |
/// | ``submit(_:answers:reference:options:onProgress:)`` is at work, at whichever step | it goes on in the library; the same reference finds it, and a second `submit` of it waits for the first and pays nothing again |
/// | ``choose(_:result:confirmPrice:)``, ``searchAgain(_:number:service:answers:confirmPrice:)`` are at work | the same |
/// | ``watch(_:)`` is gone through | watching ends; it was free |
/// | ``delivery(_:into:)`` fetches | the unfinished file is removed; fetch again |
/// | ``resume(into:)`` is at work | what it settles at that moment is seen through, the rest is left for the next `resume` |
/// | ``abandon(_:)`` is at work | the same; abandon again |
/// | the process is killed, at any step | ``resume(into:)`` after the next start hands in what was kept, and pays nothing twice |
public final class SportelloClient: Sendable {
    private let client: Client

    private init(_ client: Client) {
        self.client = client
    }

    /// A client of your own backend's relay, which holds the provider's token and pays. This is the way for apps.
    ///
    /// - Parameters:
    ///   - url: where the relay is.
    ///   - keys: keeps the journal's key: a `KeychainJournalKeys` in an app.
    ///   - settings: where the journal is kept, and what else differs from the defaults.
    ///   - session: the session of the user who is signed in, or none. It is asked before every call, and once more when the relay refused the
    ///     last one: renew it there. What it throws counts as no session.
    /// - Throws: ``SportelloError/Config(details:)``, ``SportelloError/Journal(details:)``.
    public static func throughRelay(
        _ url: URL,
        keys: any JournalKeys,
        settings: ClientSettings,
        session: @escaping @Sendable () async throws -> String?
    ) throws -> SportelloClient {
        let sessions = Sessions(session)
        return SportelloClient(
            try Client.throughRelay(url: url.absoluteString, sessions: sessions, keys: keys, settings: settings))
    }

    /// A client that talks to the provider itself, with **short-lived tokens** that your backend makes for this user. Never with the account's
    /// e-mail and API key: whatever is in an app can be read out of it, and whoever holds the key can spend the whole account.
    ///
    /// - Parameters:
    ///   - provider: which API it hands in through.
    ///   - environment: where that is. Production must be named.
    ///   - keys: keeps the journal's key.
    ///   - settings: where the journal is kept, and what else differs from the defaults.
    ///   - tokenProvider: a token with few scopes, minutes of life and a limit of what it may spend. Asked as a session is.
    /// - Throws: ``SportelloError/Config(details:)``, ``SportelloError/Journal(details:)``.
    public static func direct(
        _ provider: DirectProvider,
        _ environment: ApiEnvironment,
        keys: any JournalKeys,
        settings: ClientSettings,
        tokenProvider: @escaping @Sendable () async throws -> String?
    ) throws -> SportelloClient {
        let tokens = Sessions(tokenProvider)
        return SportelloClient(
            try Client.direct(provider: provider, environment: environment, tokens: tokens, keys: keys, settings: settings))
    }

    /// What can be asked for; with `search`, the services whose name or category holds all its words.
    public func services(search: String? = nil) async throws -> [ServiceSummary] {
        try await waiting { try await $0.services(search: search) }
    }

    /// What a service needs. Named by id, by exact name or by alias (`assegno-unico`), never by a part of its name.
    public func service(_ name: String) async throws -> Service {
        try await waiting { try await $0.service(name: name) }
    }

    /// Checks answers against what a service asks for. No network.
    public func check(_ service: Service, answers: Answers) -> Report {
        service.check(answers: answers)
    }

    /// What a service will cost with these paid options, by name.
    public func quote(_ service: Service, options: [String] = []) async throws -> Quote {
        try await waiting { try await $0.quote(service: service, options: options) }
    }

    /// Hands a request in, paid at most once whatever happens: the same reference may be submitted again after any error.
    ///
    /// - Parameters:
    ///   - service: what ``service(_:)`` gave.
    ///   - answers: the person's answers and files.
    ///   - reference: your name of this one intention: 1 to 64 letters, digits, points, hyphens or underscores, that name nobody.
    ///   - options: the confirmed price, and what else is agreed on.
    ///   - onProgress: is told what happens, on a thread of the library's.
    /// - Throws: ``SportelloError``, of which each says whether it was charged; `CancellationError` when its task is cancelled, and the
    ///   submission goes on.
    public func submit(
        _ service: Service,
        answers: Answers,
        reference: String,
        options: SubmitOptions,
        onProgress: (@Sendable (SubmitProgress) -> Void)? = nil
    ) async throws -> Submission {
        let listener = onProgress.map(Listener.init)
        return try await waiting {
            try await $0.submit(service: service, answers: answers, reference: reference, options: options, listener: listener)
        }
    }

    /// Everything handed in from this account, newest first. Only for a client that goes direct: a relay lists nothing.
    public func submissions() async throws -> [SubmissionSummary] {
        try await waiting { try await $0.submissions() }
    }

    /// Where a submission is. Settles first what a crash may have left open; never pays.
    public func status(_ reference: String) async throws -> Submission {
        try await waiting { try await $0.status(reference: reference) }
    }

    /// One update per change, until something is there to be done or nothing will come. Each loop watches by itself.
    public func watch(_ reference: String) -> SubmissionUpdates {
        SubmissionUpdates(client: client, reference: reference)
    }

    /// Waits until something is there to be done or nothing will come; none when the time passes first, and the submission goes on.
    public func wait(_ reference: String, atMost deadline: Duration) async throws -> SubmissionUpdate? {
        try await waiting { try await $0.wait(reference: reference, deadline: deadline.seconds) }
    }

    /// Chooses a result of a search: paid, and at most once. `confirmPrice` is the exact net price, the quote's `dueOnChoice`.
    public func choose(_ reference: String, result: SearchResult, confirmPrice: Decimal) async throws -> Submission {
        try await waiting { try await $0.choose(reference: reference, resultId: result.id(), confirmPrice: confirmPrice) }
    }

    /// Adds a search: paid, and at most once for its `number`, which is 2 for the first after the one that came with handing in.
    public func searchAgain(
        _ reference: String,
        number: Int,
        service: Service,
        answers: Answers,
        confirmPrice: Decimal
    ) async throws -> Submission {
        // A number that is none is refused as one that does not come next.
        let number = UInt32(clamping: number)
        return try await waiting {
            try await $0.searchAgain(
                reference: reference, number: number, service: service, answers: answers, confirmPrice: confirmPrice)
        }
    }

    /// Fetches the documents of a submission into a folder, which is made when it is not there. Nothing is ever held in memory.
    public func delivery(_ reference: String, into folder: URL) async throws -> Delivery {
        try await waiting { try await $0.delivery(reference: reference, folder: folder.path) }
    }

    /// Goes on with everything that was under way, without being given anything: hands in what was kept when the app was killed, and sees through
    /// what was paid or may have been; for a `BGTaskScheduler`. Documents that are ready are fetched below `folder`, into a folder of their
    /// reference.
    ///
    /// What was asked for more than a day ago is not paid without somebody being asked again: its line says ``ResumedState/needsAnswers``, and
    /// ``keptAnswers(_:)`` gives the answers back for the form.
    public func resume(into folder: URL? = nil) async throws -> [Resumed] {
        try await waiting { try await $0.resume(folder: folder?.path) }
    }

    /// The answers kept under a reference that was not handed in yet, to be shown to whoever gave them; none where nothing is kept.
    public func keptAnswers(_ reference: String) async throws -> Answers? {
        try await waiting { try await $0.keptAnswers(reference: reference) }
    }

    /// Gives up a submission that was not handed in: its draft's fields are blanked with the provider, what was kept is removed.
    public func abandon(_ reference: String) async throws {
        try await waiting { try await $0.abandon(reference: reference) }
    }

    private func waiting<Value: Sendable>(_ call: @Sendable (Client) async throws -> Value) async throws -> Value {
        let handle = CancelHandle()
        let stoppable = client.cancelledBy(handle: handle)
        return try await handle.stopping { try await call(stoppable) }
    }
}
