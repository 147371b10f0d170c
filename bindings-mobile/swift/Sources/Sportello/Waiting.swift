import Foundation

/// The changes of one submission, from ``SportelloClient/watch(_:)``: `for try await update in client.watch(reference)`.
///
/// It ends by itself after the last change. A task that is cancelled ends it with `CancellationError`; watching is free and changes nothing.
public struct SubmissionUpdates: AsyncSequence, Sendable {
    /// A look at the submission that showed a change.
    public typealias Element = SubmissionUpdate

    let client: Client
    let reference: String

    /// Begins to watch, at its first `next()`.
    public func makeAsyncIterator() -> AsyncIterator {
        let handle = CancelHandle()
        return AsyncIterator(client: client.cancelledBy(handle: handle), handle: handle, reference: reference)
    }

    /// Watches for one loop.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let client: Client
        let handle: CancelHandle
        let reference: String
        private var watch: Watch?

        init(client: Client, handle: CancelHandle, reference: String) {
            self.client = client
            self.handle = handle
            self.reference = reference
        }

        /// The next change; none after the last.
        public mutating func next() async throws -> SubmissionUpdate? {
            let (client, reference, begun) = (client, reference, watch)
            let (watch, update) = try await handle.stopping {
                let watch: Watch
                if let begun { watch = begun } else { watch = try await client.watch(reference: reference) }
                return (watch, try await watch.next())
            }
            self.watch = watch
            return update
        }
    }
}

extension CancelHandle {
    /// A task's cancelling does not reach Rust by itself.
    func stopping<Value: Sendable>(_ call: @Sendable () async throws -> Value) async throws -> Value {
        do {
            return try await withTaskCancellationHandler(operation: call, onCancel: { self.cancel() })
        } catch SportelloError.Cancelled {
            throw CancellationError()
        }
    }
}

extension Duration {
    /// As the library counts time.
    var seconds: TimeInterval {
        TimeInterval(components.seconds) + TimeInterval(components.attoseconds) / 1e18
    }
}

/// Bridges to the library, which asks on a thread of its own where waiting is allowed: no task of Swift's is held up.
final class Sessions: SessionProvider {
    private let ask: @Sendable () async throws -> String?

    init(_ ask: @escaping @Sendable () async throws -> String?) {
        self.ask = ask
    }

    func session() throws -> String? {
        let answered = DispatchSemaphore(value: 0)
        let answer = Answer()
        let ask = ask
        Task.detached {
            answer.text = try? await ask()
            answered.signal()
        }
        answered.wait()
        return answer.text
    }

    /// Written before the signal, read after it.
    private final class Answer: @unchecked Sendable {
        var text: String?
    }
}

final class Listener: ProgressListener {
    private let report: @Sendable (SubmitProgress) -> Void

    init(_ report: @escaping @Sendable (SubmitProgress) -> Void) {
        self.report = report
    }

    func onProgress(progress: SubmitProgress) {
        report(progress)
    }
}
