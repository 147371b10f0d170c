import Foundation
import XCTest

import Sportello

/// One test for each row of the table at `SportelloClient`: what cancelling a task means.
final class CancellationTests: XCTestCase {
    func testWhatOnlyAsksIsDropped() async throws {
        let simulator = try Simulator()
        let client = try simulator.client()
        let service = try await client.service("assegno-unico")
        _ = try await client.submit(service, answers: try application().answers(service: service), reference: "auu-1", options: agreed)
        for call in ["services", "service", "read"] {
            try await simulator.fault(#"{"call": "\#(call)", "times": 0, "fault": {"kind": "latency", "after_ms": 5000}}"#)
        }
        // The first client remembers the catalogue.
        let other = try simulator.client()
        try await stopsAtOnce { try await other.services() }
        try await stopsAtOnce { try await other.service("assegno-unico") }
        try await stopsAtOnce { try await client.status("auu-1") }
        try await stopsAtOnce { try await client.wait("auu-1", atMost: .seconds(20)) }
        // A quote asks for nothing but credit, which a token's holder is not told: it is over before it can be cancelled.
        try await stopsAtOnce(after: .zero) { try await client.quote(service) }
        let charges = try await simulator.charges()
        XCTAssertEqual(charges, 1)
    }

    func testASubmitThatHasNotBegunSendsNothing() async throws {
        let simulator = try Simulator()
        let client = try simulator.client()
        let service = try await client.service("assegno-unico")
        let answers = try application().answers(service: service)
        try await stopsAtOnce(after: .zero) { try await client.submit(service, answers: answers, reference: "auu-1", options: agreed) }
        _ = await assertFails("reference.unknown") { try await client.status("auu-1") }
        let log = try await simulator.log()
        XCTAssertFalse(log.contains("POST"), log)
    }

    func testASubmitGoesOnFromWhicheverStepAndIsPaidOnce() async throws {
        for step in ["recording", "opening", "filling", "uploading", "verifying", "committing", "settling"] {
            let simulator = try Simulator()
            let client = try simulator.client()
            let service = try await client.service("assegno-unico")
            let answers = try application().answers(service: service)
            let fault = step == "settling" ? #"{"kind": "cut_after"}"# : #"{"kind": "latency", "before_ms": 300}"#
            try await simulator.fault(#"{"call": "commit", "fault": \#(fault)}"#)
            let (steps, said) = AsyncStream<String>.makeStream()
            let waiting = Task {
                defer { said.finish() }
                return try await client.submit(service, answers: answers, reference: "auu-1", options: agreed) { said.yield($0.doing) }
            }
            for await doing in steps where doing == step { break }
            let before = ContinuousClock.now
            waiting.cancel()
            let outcome = await waiting.result
            XCTAssertLessThan(ContinuousClock.now - before, .milliseconds(250), step)
            if case .failure(let error) = outcome { XCTAssertTrue(error is CancellationError, "\(step): \(error)") }
            // The same reference waits for what goes on by itself.
            let submission = try await client.submit(service, answers: answers, reference: "auu-1", options: agreed)
            XCTAssertEqual(submission.charged, .yes, step)
            let charges = try await simulator.charges()
            XCTAssertEqual(charges, 1, step)
        }
    }

    func testACommitIsNotStoppedEvenIfNobodyAsksAgain() async throws {
        let simulator = try Simulator()
        let client = try simulator.client()
        let service = try await client.service("assegno-unico")
        let answers = try application().answers(service: service)
        try await simulator.fault(#"{"call": "commit", "fault": {"kind": "latency", "before_ms": 500}}"#)
        let (steps, said) = AsyncStream<String>.makeStream()
        let waiting = Task {
            try await client.submit(service, answers: answers, reference: "auu-1", options: agreed) { said.yield($0.doing) }
        }
        for await doing in steps where doing == "committing" { break }
        waiting.cancel()
        _ = await waiting.result
        var charges = try await simulator.charges()
        XCTAssertEqual(charges, 0)
        for _ in 0..<100 where charges == 0 {
            try await Task.sleep(for: .milliseconds(100))
            charges = try await simulator.charges()
        }
        XCTAssertEqual(charges, 1)
    }

    func testChoosingAndSearchingAgainGoOnAndArePaidOnce() async throws {
        let simulator = try Simulator()
        let client = try simulator.client()
        let (service, answers) = try await search(client)
        let quote = try await client.quote(service)
        _ = try await client.submit(
            service, answers: answers, reference: "search-1", options: SubmitOptions(confirmPrice: quote.dueNow))
        _ = try await client.wait("search-1", atMost: .seconds(30))
        for call in ["search", "choose"] {
            try await simulator.fault(#"{"call": "\#(call)", "fault": {"kind": "latency", "before_ms": 1000}}"#)
        }
        let again = { @Sendable in
            try await client.searchAgain("search-1", number: 2, service: service, answers: answers, confirmPrice: quote.dueNow)
        }
        try await stopsAtOnce(again)
        _ = try await again()
        var charges = try await simulator.charges()
        XCTAssertEqual(charges, 2)
        let seen = try await client.wait("search-1", atMost: .seconds(30))
        let result = try XCTUnwrap(seen?.remote.searches.first?.results.last)
        let choose = { @Sendable in try await client.choose("search-1", result: result, confirmPrice: quote.dueOnChoice) }
        try await stopsAtOnce(choose)
        _ = try await choose()
        let status = try await client.status("search-1")
        XCTAssertEqual(status.remote?.chosen, result.id())
        charges = try await simulator.charges()
        XCTAssertEqual(charges, 3)
    }

    func testWatchingFetchingAndResumingEndAtOnceAndAgainGoWell() async throws {
        let simulator = try Simulator()
        let client = try simulator.client()
        let service = try await client.service("assegno-unico")
        _ = try await client.submit(service, answers: try application().answers(service: service), reference: "auu-1", options: agreed)
        let folder = try place()
        for call in ["read", "document"] {
            try await simulator.fault(#"{"call": "\#(call)", "times": 0, "fault": {"kind": "latency", "after_ms": 5000}}"#)
        }
        try await stopsAtOnce { for try await _ in client.watch("auu-1") {} }
        try await stopsAtOnce { try await client.delivery("auu-1", into: folder) }
        try await stopsAtOnce { try await client.resume(into: folder) }
        try await simulator.noFaults()
        for try await update in client.watch("auu-1") where update.remote.progress == .delivered { break }
        try await simulator.fault(#"{"call": "document", "fault": {"kind": "large_delivery", "bytes": 200000000}}"#)
        try await stopsAtOnce(after: .milliseconds(400)) { try await client.delivery("auu-1", into: folder) }
        let left = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        XCTAssertEqual(left, [], "an unfinished file is left")
        let delivery = try await client.delivery("auu-1", into: folder)
        XCTAssertFalse(delivery.files().isEmpty)
        let charges = try await simulator.charges()
        XCTAssertEqual(charges, 1)
    }

    func testAbandoningCanBeAskedForAgain() async throws {
        let simulator = try Simulator()
        try await simulator.fillWallet(cents: 100)
        let client = try simulator.client()
        let service = try await client.service("assegno-unico")
        let answers = try application().answers(service: service)
        _ = await assertFails("submit.credit_insufficient") {
            try await client.submit(service, answers: answers, reference: "auu-1", options: agreed)
        }
        try await simulator.fault(#"{"call": "edit", "fault": {"kind": "latency", "before_ms": 2000}}"#)
        try await stopsAtOnce { try await client.abandon("auu-1") }
        try await client.abandon("auu-1")
        _ = await assertFails("reference.unknown") { try await client.status("auu-1") }
    }
}

/// Lets a call begin, cancels its task, and requires that it ends at once with `CancellationError`.
private func stopsAtOnce<Value: Sendable>(
    after begun: Duration = .milliseconds(200),
    _ call: @escaping @Sendable () async throws -> Value,
    file: StaticString = #filePath,
    line: UInt = #line
) async throws {
    let waiting = Task {
        // At once means before the call begins.
        if begun == .zero { while !Task.isCancelled { await Task.yield() } }
        return try await call()
    }
    try await Task.sleep(for: begun)
    let before = ContinuousClock.now
    waiting.cancel()
    switch await waiting.result {
    case .success: XCTFail("it went on to its end", file: file, line: line)
    case .failure(let error): XCTAssertTrue(error is CancellationError, "\(error)", file: file, line: line)
    }
    XCTAssertLessThan(ContinuousClock.now - before, .seconds(1), file: file, line: line)
}
