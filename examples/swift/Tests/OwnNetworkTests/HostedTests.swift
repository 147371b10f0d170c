import Foundation
import Sportello
import XCTest

@testable import OwnNetwork

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// A whole client over the app's own network.
final class HostedTests: XCTestCase {
    func testTheStoryByTheAppsOwnNetworkThroughARelay() async throws {
        let relay = try Running("sportello-relay", "serve", "--simulator", "--listen", "127.0.0.1:0")
        let url = try XCTUnwrap(relay.line().components(separatedBy: "listening on ").last)
        let session = try XCTUnwrap(relay.line().components(separatedBy: ": ").last)
        let client = try HostedClient(
            .relay(url: url), keys: InMemoryJournalKeys(), settings: HostSettings(journal: .memory), network: URLSessionNetwork()
        ) { session }
        let found = try await client.services(search: "assegno unico")
        XCTAssertEqual(found.count, 1)
        let service = try await client.service("assegno-unico")
        let quote = try client.quote(service)
        let options = SubmitOptions(confirmPrice: quote.dueNow)
        let submission = try await client.submit(service, answers: try answers(service), reference: "auu-1", options: options)
        XCTAssertEqual(submission.charged, .yes)
        var last: SubmissionUpdate?
        for try await update in client.watch("auu-1") { last = update }
        XCTAssertEqual(last?.remote.progress, .delivered)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hosted-\(UUID().uuidString)")
        let files = try await client.delivery("auu-1", into: folder)
        XCTAssertFalse(files.isEmpty)
        XCTAssertTrue(files.allSatisfy { FileManager.default.fileExists(atPath: $0.path) })
        XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".part") }, [])
        // The same reference again finds what there is.
        let again = try await client.submit(service, answers: try answers(service), reference: "auu-1", options: options)
        XCTAssertEqual(again.id, submission.id)
        let known = try await client.submissions()
        XCTAssertEqual(known.map(\.reference), ["auu-1"])
    }

    func testANetworkThatCannotPromiseToSendOnceGetsNoCommit() async throws {
        let simulator = try Running("sportello", "--json", "simulator", "--stage-ms", "50")
        let said = try XCTUnwrap(JSONSerialization.jsonObject(with: Data(try simulator.line().utf8)) as? [String: String])
        let (url, token) = (said["baseUrl"] ?? "", said["token"])
        for promises in [false, true] {
            let client = try HostedClient(
                .visengine(url: url), keys: InMemoryJournalKeys(), settings: HostSettings(journal: .memory, sendsOnce: promises),
                network: URLSessionNetwork()
            ) { token }
            let service = try await client.service("assegno-unico")
            let options = SubmitOptions(confirmPrice: try client.quote(service).dueNow)
            do {
                let submission = try await client.submit(service, answers: try answers(service), reference: "auu-1", options: options)
                XCTAssertEqual(submission.charged, .yes)
                XCTAssertTrue(promises, "it was handed in")
            } catch let error as SportelloError {
                XCTAssertEqual(error.code, "config.once_not_guaranteed")
                XCTAssertFalse(promises)
            }
            let charges = try await charges(url)
            XCTAssertEqual(charges, promises ? 1 : 0)
        }
    }

    func testCancellingStopsTheWaitingAndNeverACommit() async throws {
        let simulator = try Running("sportello", "--json", "simulator", "--stage-ms", "50")
        let said = try XCTUnwrap(JSONSerialization.jsonObject(with: Data(try simulator.line().utf8)) as? [String: String])
        let (url, token) = (said["baseUrl"] ?? "", said["token"])
        let client = try HostedClient(
            .visengine(url: url), keys: InMemoryJournalKeys(), settings: HostSettings(journal: .memory, sendsOnce: true),
            network: URLSessionNetwork()
        ) { token }
        let service = try await client.service("assegno-unico")
        let answers = try answers(service)
        let options = SubmitOptions(confirmPrice: try client.quote(service).dueNow)
        for pause in [5, 20, 60, 150] {
            let reference = "auu-\(pause)"
            let options = SubmitOptions(confirmPrice: options.confirmPrice, allowDuplicate: true)
            let waiting = Task { try await client.submit(service, answers: answers, reference: reference, options: options) }
            try await Task.sleep(for: .milliseconds(pause))
            let before = ContinuousClock.now
            waiting.cancel()
            let outcome = await waiting.result
            XCTAssertLessThan(ContinuousClock.now - before, .milliseconds(100))
            if case .failure(let error) = outcome { XCTAssertTrue(error is CancellationError, "\(error)") }
            let submission = try await client.submit(service, answers: answers, reference: reference, options: options)
            XCTAssertEqual(submission.charged, .yes)
        }
        let charges = try await charges(url)
        XCTAssertEqual(charges, 4)
    }

    private func charges(_ url: String) async throws -> Int {
        let (data, _) = try await URLSession.shared.data(from: try XCTUnwrap(URL(string: "\(url)/_simulator/ledger")))
        return try XCTUnwrap((JSONSerialization.jsonObject(with: data) as? [String: Any])?["charges"] as? [Any]).count
    }

    /// An invented applicant's.
    private func answers(_ service: Service) throws -> Answers {
        let examples = URL(fileURLWithPath: ProcessInfo.processInfo.environment["SPORTELLO_EXAMPLES"] ?? "")
        let file = { (name: String) in try Attachment(contentsOf: examples.appendingPathComponent(name)) }
        return try AssegnoUnico(
            givenName: "Rosella", familyName: "Prova", email: "rosella.prova@example.org", mobile: "+39 333 1234567",
            codiceFiscale: "PRVRLL90E52H501S", identityDocument: try pages(front: file("identity-front.jpg"), back: file("identity-back.jpg")),
            codiceFiscaleCard: try file("codice-fiscale-card.pdf"), mandate: try file("mandate.pdf")
        ).answers(service: service)
    }
}
