import Foundation
import Sportello

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// An app's own network under Sportello, by `URLSession`: no redirects, no cookies, no cache, honest failures. It passes `examples/conformance`,
/// so its client may say `sendsOnce`.
public struct URLSessionNetwork: HostNetwork {
    public init() {}

    public func perform(_ request: HostRequest, onPiece: @escaping @Sendable (Data) -> HostFailure?) async -> HostEvent {
        guard let url = URL(string: request.url()) else { return .failed(failure: .notSent) }
        var made = URLRequest(url: url)
        made.httpMethod = request.method()
        for (name, value) in request.headers() { made.setValue(value, forHTTPHeaderField: name) }
        // In memory: of files, the relay takes one in a request.
        if let body = request.openBody() {
            var bytes = Data()
            do { while let piece = try body.nextPiece() { bytes += piece } } catch { return .failed(failure: body.failure() ?? .fileUnreadable) }
            made.httpBody = bytes
        }
        return await send(made, within: .milliseconds(Int64(clamping: request.timeoutMs())), onPiece: request.file() == nil ? nil : onPiece)
    }

    /// Every request has a session, and with it a connection, of its own: one that was kept may be dead, and would be sent on again.
    func send(_ request: URLRequest, within limit: Duration, onPiece: (@Sendable (Data) -> HostFailure?)? = nil) async -> HostEvent {
        let settings = URLSessionConfiguration.ephemeral
        settings.httpCookieStorage = nil
        settings.httpShouldSetCookies = false
        settings.urlCredentialStorage = nil
        settings.urlCache = nil
        let exchange = Exchange(onPiece)
        let session = URLSession(configuration: settings, delegate: exchange, delegateQueue: nil)
        defer { session.invalidateAndCancel() }
        let task = session.dataTask(with: request)
        // `URLSession`'s own limits count silence, not the whole.
        let limiting = Task {
            try await Task.sleep(for: limit)
            exchange.end(.failed(failure: .timeout))
        }
        defer { limiting.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                exchange.begin(continuation)
                task.resume()
            }
        } onCancel: {
            task.cancel()
            exchange.end(.failed(failure: .unknown))
        }
    }
}

/// One request and what comes back. The session calls it on one queue.
private final class Exchange: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    private let lock = NSLock()
    private var continuation: CheckedContinuation<HostEvent, Never>?
    private var early: HostEvent?
    private let onPiece: (@Sendable (Data) -> HostFailure?)?
    private var response: HTTPURLResponse?
    private var body = Data()
    private var length = 0

    init(_ onPiece: (@Sendable (Data) -> HostFailure?)?) {
        self.onPiece = onPiece
    }

    func begin(_ continuation: CheckedContinuation<HostEvent, Never>) {
        let early = lock.withLock {
            if self.early == nil { self.continuation = continuation }
            return self.early
        }
        if let early { continuation.resume(returning: early) }
    }

    /// The first word counts.
    func end(_ event: HostEvent) {
        let waiting = lock.withLock {
            defer { (continuation, early) = (nil, early ?? event) }
            return continuation
        }
        waiting?.resume(returning: event)
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
    ) {
        self.response = response as? HTTPURLResponse
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        length += data.count
        guard let onPiece, response?.statusCode == 200 else { return body += data }
        if let failure = onPiece(data) {
            end(.failed(failure: failure))
            dataTask.cancel()
        }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        if let error {
            let notSent: [URLError.Code] = [.cannotConnectToHost, .cannotFindHost, .dnsLookupFailed]
            let isNotSent = response == nil && notSent.map(\.rawValue).contains((error as NSError).code)
            return end(.failed(failure: isNotSent ? .notSent : .unknown))
        }
        guard let response else { return end(.failed(failure: .unknown)) }
        // A body that ended before its length is no answer.
        let announced = response.value(forHTTPHeaderField: "Content-Length").flatMap { Int($0) } ?? length
        guard announced == length else { return end(.failed(failure: .unreadable)) }
        var headers: [String: String] = [:]
        for case let (name as String, value as String) in response.allHeaderFields { headers[name] = value }
        end(.answered(status: UInt16(clamping: response.statusCode), headers: headers, body: body))
    }

    /// A redirect is an answer like any other.
    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse, newRequest request: URLRequest,
        completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }
}
