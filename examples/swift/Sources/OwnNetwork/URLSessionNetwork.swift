import Foundation

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// Performs requests for Sportello by `URLSession`, as they are told: no redirects, no cookies, no cache, honest failures. It passes
/// `examples/conformance`.
public final class URLSessionNetwork: NSObject, URLSessionTaskDelegate, Sendable {
    /// What came of a request.
    public enum Outcome: Sendable {
        /// A whole answer was read, whatever its status.
        case answered(HTTPURLResponse, Data)
        /// Surely nothing left this device.
        case notSent
        /// The time was over.
        case timedOut
        /// Anything else: it may have arrived.
        case unknown
    }

    /// Performs one request. What must be sent `once` gets a session, and with it a connection, of its own: a kept connection that turns out
    /// to be dead would be sent on a second time.
    public func send(_ request: URLRequest, once: Bool, timeout: Duration) async -> Outcome {
        let session = once ? makeSession() : free.session(self)
        defer { if once { session.invalidateAndCancel() } }
        return await withTaskGroup(of: Outcome.self) { group in
            group.addTask {
                do {
                    let (data, response) = try await session.data(for: request)
                    guard let response = response as? HTTPURLResponse, response.isWhole(data) else { return .unknown }
                    return .answered(response, data)
                } catch let error as URLError where [.cannotConnectToHost, .cannotFindHost, .dnsLookupFailed].contains(error.code) {
                    return .notSent
                } catch {
                    return .unknown
                }
            }
            // `URLSession`'s own limits count silence, not the whole.
            group.addTask {
                try? await Task.sleep(for: timeout)
                return .timedOut
            }
            let first = await group.next() ?? .unknown
            group.cancelAll()
            return first
        }
    }

    /// A redirect is an answer like any other.
    public func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse, newRequest request: URLRequest,
        completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }

    private let free = Kept()

    private final class Kept: @unchecked Sendable {
        private let lock = NSLock()
        private var kept: URLSession?

        func session(_ network: URLSessionNetwork) -> URLSession {
            lock.withLock {
                let session = kept ?? network.makeSession()
                kept = session
                return session
            }
        }
    }

    private func makeSession() -> URLSession {
        let settings = URLSessionConfiguration.ephemeral
        settings.httpCookieStorage = nil
        settings.httpShouldSetCookies = false
        settings.urlCredentialStorage = nil
        settings.urlCache = nil
        settings.requestCachePolicy = .reloadIgnoringLocalCacheData
        return URLSession(configuration: settings, delegate: self, delegateQueue: nil)
    }
}

extension HTTPURLResponse {
    /// False for a body that ended before its length.
    fileprivate func isWhole(_ data: Data) -> Bool {
        guard let length = value(forHTTPHeaderField: "Content-Length").flatMap({ Int($0) }) else { return true }
        return data.count == length
    }
}
