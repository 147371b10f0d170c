import Foundation

/// An app's own network: `URLSession`, or whatever it has. The project's conformance server tries it; `examples/swift` has one.
public protocol HostNetwork: Sendable {
    /// Performs one request, once, and says how it went: ``HostEvent/answered(status:headers:body:)`` with a whole answer of whatever status, or
    /// ``HostEvent/failed(failure:)`` with what is surely known. It follows no redirect, keeps no cookie, sends nothing again, and takes no
    /// longer than ``HostRequest/timeoutMs()``.
    ///
    /// Where ``HostRequest/file()`` names a number, the pieces of a 200 answer's body go to `onPiece` as they come, and the answer is given
    /// without them. A failure that `onPiece` gives back ends the reading, and is what is said.
    func perform(_ request: HostRequest, onPiece: @escaping @Sendable (Data) -> HostFailure?) async -> HostEvent
}

/// The counter, by a network of the app's. What it may do and what is paid once, the library decides; the app only performs requests. Safe to
/// share; make one and keep it.
///
/// Cancelling stops the waiting and never a commit, as for ``SportelloClient``. What pays is done one at a time.
public final class HostedClient: Sendable {
    private let client: HostClient
    private let network: any HostNetwork
    private let session: @Sendable () async throws -> String?
    private let counter = Counter()
    private let begun = ContinuousClock.now

    /// A client whose requests the network performs.
    ///
    /// - Parameters:
    ///   - target: your relay, or the provider itself with short-lived tokens.
    ///   - keys: keeps the journal's key: a `KeychainJournalKeys` in an app.
    ///   - settings: where the journal is kept, and whether the network sends once.
    ///   - network: performs the requests.
    ///   - session: the session with the relay as it is now, or none; asked before every request.
    /// - Throws: ``SportelloError/Config(details:)``, ``SportelloError/Journal(details:)``.
    public init(
        _ target: HostTarget,
        keys: any JournalKeys,
        settings: HostSettings,
        network: any HostNetwork,
        session: @escaping @Sendable () async throws -> String?
    ) throws {
        client = try HostClient(target: target, keys: keys, settings: settings)
        self.network = network
        self.session = session
    }

    /// What can be asked for; with `search`, the services whose name or category holds all its words.
    public func services(search: String? = nil) async throws -> [ServiceSummary] {
        guard case .services(let services) = try await lead(client.services(search: search)) else { throw HostError.Failed }
        return services
    }

    /// What a service needs. Named by id, by exact name or by alias (`assegno-unico`), never by a part of its name.
    public func service(_ name: String) async throws -> Service {
        guard case .service(let service) = try await lead(client.service(name: name)) else { throw HostError.Failed }
        return service
    }

    /// What a service will cost with these paid options, by name. No network.
    public func quote(_ service: Service, options: [String] = []) throws -> Quote {
        try client.quote(service: service, options: options)
    }

    /// Hands a request in, paid at most once whatever happens: the same reference may be submitted again after any error.
    public func submit(_ service: Service, answers: Answers, reference: String, options: SubmitOptions) async throws -> Submission {
        try await submission(
            pay { $0.submit(service: service, answers: answers, reference: reference, options: options) })
    }

    /// What this device's journal knows, oldest first, without asking anybody.
    public func submissions() async throws -> [Submission] {
        guard case .submissions(let submissions) = try await lead(client.submissions()) else { throw HostError.Failed }
        return submissions
    }

    /// Where a submission is; never pays.
    public func status(_ reference: String) async throws -> Submission {
        try submission(await lead(client.status(reference: reference)))
    }

    /// One update per change, until something is there to be done or nothing will come.
    public func watch(_ reference: String) -> AsyncThrowingStream<SubmissionUpdate, any Error> {
        AsyncThrowingStream { continuation in
            let watching = Task {
                do {
                    _ = try await lead(client.watch(reference: reference)) { continuation.yield($0) }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in watching.cancel() }
        }
    }

    /// Chooses a result of a search: paid, and at most once.
    public func choose(_ reference: String, result: SearchResult, confirmPrice: Decimal) async throws -> Submission {
        try await submission(pay { $0.choose(reference: reference, resultId: result.id(), confirmPrice: confirmPrice) })
    }

    /// Adds a search: paid, and at most once for its `number`, which is 2 for the first after the one that came with handing in.
    public func searchAgain(
        _ reference: String, number: Int, service: Service, answers: Answers, confirmPrice: Decimal
    ) async throws -> Submission {
        try await submission(
            pay {
                $0.searchAgain(
                    reference: reference, number: UInt32(clamping: number), service: service, answers: answers, confirmPrice: confirmPrice)
            })
    }

    /// Fetches the documents of a submission into a folder, which is made when it is not there; gives back the files. Nothing is held in memory.
    public func delivery(_ reference: String, into folder: URL) async throws -> [URL] {
        let parts = try DeliveryParts(folder, reference)
        defer { parts.remove() }
        guard case .delivery(let files) = try await lead(client.delivery(reference: reference), parts: parts) else { throw HostError.Failed }
        return try files.enumerated().map { try parts.publish($0, as: $1.name()) }
    }

    /// Goes on with everything that was under way, without being given anything: hands in what was kept when the app was killed, and sees through
    /// what was paid or may have been.
    public func resume() async throws -> [Resumed] {
        guard case .resumed(let resumed) = try await pay({ $0.resume() }) else { throw HostError.Failed }
        return resumed
    }

    /// The answers kept under a reference that was not handed in yet.
    public func keptAnswers(_ reference: String) throws -> Answers? {
        try client.keptAnswers(reference: reference)
    }

    /// Gives up a submission that was not handed in: its draft's fields are blanked, what was kept is removed.
    public func abandon(_ reference: String) async throws {
        _ = try await pay { $0.abandon(reference: reference) }
    }

    private func submission(_ outcome: HostOutcome) throws -> Submission {
        guard case .submission(let submission) = outcome else { throw HostError.Failed }
        return submission
    }

    /// What pays is led to its end: whoever waits for it may go.
    private func pay(_ verb: @escaping @Sendable (HostClient) -> HostRun) async throws -> HostOutcome {
        try Task.checkCancellation()
        let work = await counter.next { try await self.lead(verb(self.client)) }
        let (outcomes, done) = AsyncThrowingStream<HostOutcome, any Error>.makeStream()
        Task {
            do {
                done.yield(try await work.value)
                done.finish()
            } catch {
                done.finish(throwing: error)
            }
        }
        for try await outcome in outcomes { return outcome }
        throw CancellationError()
    }

    private func lead(
        _ run: HostRun, parts: DeliveryParts? = nil, onUpdate: @Sendable (SubmissionUpdate) -> Void = { _ in }
    ) async throws -> HostOutcome {
        var event = HostEvent.continue
        while true {
            try Task.checkCancellation()
            client.setToken(token: (try? await session()) ?? "")
            let steady = begun.duration(to: .now)
            let step = try run.next(
                event: event, wallMs: UInt64(Date().timeIntervalSince1970 * 1000), steadyMs: UInt64(steady.seconds * 1000))
            switch step {
            case .send(let request): event = await perform(run, request, parts)
            case .wait(let millis):
                try await Task.sleep(for: .milliseconds(Int64(clamping: millis)))
                event = .elapsed
            case .update(let update):
                onUpdate(update)
                event = .continue
            case .done(let outcome): return outcome
            }
        }
    }

    private func perform(_ run: HostRun, _ request: HostRequest, _ parts: DeliveryParts?) async -> HostEvent {
        guard let number = request.file() else { return await network.perform(request) { _ in nil } }
        guard let file = parts?.begin(Int(number)) else { return .failed(failure: .sinkFailed) }
        defer { try? file.close() }
        return await network.perform(request) { piece in
            guard let bytes = try? run.receive(piece: piece) else { return .unreadable }
            do { try file.write(contentsOf: bytes) } catch { return .sinkFailed }
            return nil
        }
    }
}

/// What pays, one after the other.
private actor Counter {
    private var last: Task<Void, Never>?

    func next<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) -> Task<Value, any Error> {
        let before = last
        let task = Task.detached {
            await before?.value
            return try await work()
        }
        last = Task { _ = await task.result }
        return task
    }
}

/// The files of a delivery while they come in.
private final class DeliveryParts: Sendable {
    private let folder: URL
    private let reference: String

    init(_ folder: URL, _ reference: String) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        (self.folder, self.reference) = (folder, reference)
    }

    func begin(_ number: Int) -> FileHandle? {
        FileManager.default.createFile(atPath: part(number).path, contents: nil) ? try? FileHandle(forWritingTo: part(number)) : nil
    }

    /// Gives a whole file its name; one that is there already is kept.
    func publish(_ number: Int, as name: String) throws -> URL {
        let wanted = folder.appendingPathComponent(URL(fileURLWithPath: name).lastPathComponent)
        var (target, copy) = (wanted, 1)
        while FileManager.default.fileExists(atPath: target.path) {
            copy += 1
            let stem = wanted.deletingPathExtension().lastPathComponent
            target = folder.appendingPathComponent("\(stem)-\(copy)").appendingPathExtension(wanted.pathExtension)
        }
        try FileManager.default.moveItem(at: part(number), to: target)
        return target
    }

    func remove() {
        let prefix = ".\(reference)-"
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [] where name.hasPrefix(prefix) && name.hasSuffix(".part") {
            try? FileManager.default.removeItem(at: folder.appendingPathComponent(name))
        }
    }

    private func part(_ number: Int) -> URL { folder.appendingPathComponent(".\(reference)-\(number).part") }
}
