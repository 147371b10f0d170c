import Foundation
import XCTest

import Sportello

/// The whole story, through the relay and direct.
final class ClientTests: XCTestCase {
    func testTheStoryThroughARelay() async throws {
        let relay = try Running("sportello-relay", "serve", "--simulator", "--listen", "127.0.0.1:0")
        let url = try XCTUnwrap(URL(string: relay.line().components(separatedBy: "listening on ").last ?? ""))
        let session = try XCTUnwrap(relay.line().components(separatedBy: ": ").last)
        let client = try SportelloClient.throughRelay(url, keys: InMemoryJournalKeys(), settings: settings()) { session }
        let found = try await client.services(search: "assegno unico")
        XCTAssertEqual(found.count, 1)
        let service = try await client.service(try XCTUnwrap(found.first).id)
        let answers = try application().answers(service: service)
        XCTAssertTrue(client.check(service, answers: answers).isOk())
        let quote = try await client.quote(service)
        XCTAssertEqual(quote.dueNow, price)
        XCTAssertNil(quote.credit)
        let moved = Heard()
        let options = SubmitOptions(confirmPrice: quote.dueNow)
        let submission = try await client.submit(service, answers: answers, reference: "auu-1", options: options) { moved.add($0.doing) }
        XCTAssertEqual(submission.charged, .yes)
        XCTAssertTrue(moved.all.isSuperset(of: ["filling", "uploading", "committing"]), "\(moved.all)")
        var updates: [SubmissionUpdate] = []
        for try await update in client.watch("auu-1") { updates.append(update) }
        let last = try XCTUnwrap(updates.last)
        XCTAssertEqual(last.remote.progress, .delivered)
        XCTAssertEqual(last.remote.nextStep, .fetch)
        XCTAssertNotEqual(NextStep.fetch.text(in: .de), NextStep.fetch.text(in: .it))
        let folder = try place()
        let delivery = try await client.delivery("auu-1", into: folder)
        for file in delivery.files() {
            XCTAssertEqual(UInt64(try Data(contentsOf: URL(fileURLWithPath: file.path())).count), file.length())
        }
        let unpacked = try await delivery.extract(folder: folder.appendingPathComponent("unpacked").path)
        XCTAssertFalse(unpacked.isEmpty)
        let refused = await assertFails("submissions.not_listed") { try await client.submissions() }
        guard case .Submit = refused else { return XCTFail("\(String(describing: refused))") }
    }

    func testASearchIsChosenFromAndSearchedAgainEachPaidOnce() async throws {
        let simulator = try Simulator()
        let client = try simulator.client()
        let (service, answers) = try await search(client)
        let quote = try await client.quote(service)
        _ = try await client.submit(
            service, answers: answers, reference: "search-1", options: SubmitOptions(confirmPrice: quote.dueNow))
        let seen = try await client.wait("search-1", atMost: .seconds(30))
        XCTAssertEqual(seen?.remote.progress, .choiceNeeded)
        let result = try XCTUnwrap(seen?.remote.searches.first?.results.last)
        let chosen = try await client.choose("search-1", result: result, confirmPrice: quote.dueOnChoice)
        XCTAssertEqual(chosen.remote?.chosen, result.id())
        let charges = try await simulator.charges()
        XCTAssertEqual(charges, 2)
        let listed = try await client.submissions()
        XCTAssertTrue(listed.contains { $0.reference == "search-1" })
    }

    func testNobodySignedInIsAnErrorOfTheSession() async throws {
        let simulator = try Simulator()
        struct NotSignedIn: Error { let who = "RSSMRA85T10A562S" }
        let client = try SportelloClient.direct(
            .visengine, .simulator(baseUrl: simulator.url), keys: InMemoryJournalKeys(), settings: settings()
        ) { throw NotSignedIn() }
        let error = await assertFails("config.token_missing") { try await client.services() }
        XCTAssertFalse("\(String(describing: error))\(error?.localizedDescription ?? "")".contains("RSSMRA"))
    }

    func testWhatIsWrongWithTheAnswersIsToldBeforeAnythingIsSent() async throws {
        let simulator = try Simulator()
        let client = try simulator.client()
        let service = try await client.service("assegno-unico")
        let wrong = Answers(["codice_fiscale": "PRVRLL90E52H501X"])
        let error = await assertFails("check.errors") {
            try await client.submit(service, answers: wrong, reference: "auu-1", options: agreed)
        }
        XCTAssertEqual(error?.findings.isEmpty, false)
        XCTAssertEqual(error?.reference, "auu-1")
        XCTAssertEqual(error?.charged, .no)
        XCTAssertEqual(error?.isRetryable, false)
        let answers = try application().answers(service: service)
        let gross = try XCTUnwrap(Decimal(string: "23.18"))
        _ = await assertFails("price.is_gross") {
            try await client.submit(service, answers: answers, reference: "auu-2", options: SubmitOptions(confirmPrice: gross))
        }
        _ = await assertFails("price.unconfirmed") {
            try await client.submit(service, answers: answers, reference: "auu-3", options: SubmitOptions(confirmPrice: Decimal.nan))
        }
        let charges = try await simulator.charges()
        XCTAssertEqual(charges, 0)
    }

    func testTheProvidersOwnRefusalCarriesItsStatusAndCode() async throws {
        let simulator = try Simulator()
        try await simulator.fillWallet(cents: 100)
        let client = try simulator.client()
        let service = try await client.service("assegno-unico")
        let answers = try application().answers(service: service)
        let error = await assertFails("submit.credit_insufficient") {
            try await client.submit(service, answers: answers, reference: "auu-1", options: agreed)
        }
        XCTAssertEqual(error?.httpStatus, 402)
        XCTAssertNotNil(error?.apiCode)
        XCTAssertNotNil(error?.id)
        XCTAssertEqual(error?.charged, .no)
        XCTAssertEqual(error?.isRetryable, true)
        XCTAssertEqual(error?.localizedDescription, error?.text)
        // Topped up, the same reference goes on with the same draft.
        try await simulator.fillWallet(cents: 10_000)
        let submission = try await client.submit(service, answers: answers, reference: "auu-1", options: agreed)
        XCTAssertEqual(submission.id, error?.id)
        XCTAssertEqual(submission.charged, .yes)
    }

    func testAKeyOfAnotherLengthIsRefused() throws {
        let keys = InMemoryJournalKeys(Data(count: 5))
        let url = try XCTUnwrap(URL(string: "http://127.0.0.1:9"))
        XCTAssertThrowsError(try SportelloClient.throughRelay(url, keys: keys, settings: settings()) { nil }) { error in
            XCTAssertEqual((error as? SportelloError)?.code, "journal.key_unreadable")
        }
    }
}

/// A search that finds two.
func search(_ client: SportelloClient) async throws -> (Service, Answers) {
    let service = try await client.service("afa0b4cu7yd06226i5d89p00077c3j6t")
    return (service, Answers(["$0": "PROVA"]))
}

/// What was said on other threads.
final class Heard: @unchecked Sendable {
    private let lock = NSLock()
    private var words: Set<String> = []

    var all: Set<String> { lock.withLock { words } }

    func add(_ word: String) {
        lock.withLock { _ = words.insert(word) }
    }
}
