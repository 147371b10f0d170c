import Foundation
import XCTest

import Sportello

/// The last row of the table at `SportelloClient`: the system kills the app, and `resume()` after its next start finishes, given nothing.
final class KilledTests: XCTestCase {
    func testAnAppKilledAtAnyStepIsFinishedByResumeAndPaysOnce() async throws {
        for step in ["recording", "opening", "filling", "uploading", "verifying", "committing", "settling"] {
            let simulator = try Simulator()
            if step == "settling" { try await simulator.fault(#"{"call": "commit", "fault": {"kind": "cut_after"}}"#) }
            let folder = try place()
            let killed = try app(simulator, folder, step)
            XCTAssertTrue(killed.wasKilled, "\(step): \(killed.said)")
            for file in try kept(folder) { XCTAssertFalse(try holds(file, "Rosella"), "\(step): \(file.path) is not sealed") }
            let resumed = try app(simulator, folder, "resume")
            XCTAssertTrue(resumed.said.hasPrefix("auu-1 "), "\(step): \(resumed.said)")
            XCTAssertTrue(resumed.said.contains(" yes "), "\(step): \(resumed.said)")
            let charges = try await simulator.charges()
            XCTAssertEqual(charges, 1, step)
            // What was handed in is kept no longer.
            _ = try app(simulator, folder, "resume")
            let left = try kept(folder).filter { !$0.lastPathComponent.hasPrefix("journal.sqlite") }
            XCTAssertEqual(left.map(\.lastPathComponent), [], step)
        }
    }

    func testADraftOfAFormOutlivesTheAppSealed() async throws {
        let folder = try place().appendingPathComponent("drafts")
        let keys = InMemoryJournalKeys(Data(repeating: 7, count: 32))
        let begun = Answers(["codice_fiscale": "PRVRLL90E52H501S"], files: ["$5": Attachment(Data("%PDF-1.7 Rosella".utf8), named: "card.pdf")])
        try FormDrafts(folder: folder.path, keys: keys).keep(name: "family-4711", answers: begun)
        for file in try kept(folder) { XCTAssertFalse(try holds(file, "PRVRLL") || holds(file, "Rosella"), file.path) }
        let drafts = try FormDrafts(folder: folder.path, keys: InMemoryJournalKeys(Data(repeating: 7, count: 32)))
        XCTAssertEqual(try drafts.names(), ["family-4711"])
        let restored = try XCTUnwrap(try drafts.restore(name: "family-4711"))
        XCTAssertEqual(restored["codice_fiscale"], "PRVRLL90E52H501S")
        XCTAssertEqual(restored.file(key: "$5")?.name(), "card.pdf")
        let service = try sharedService("assegno-unico")
        let code = try XCTUnwrap(service.fields().first { $0.role == .codiceFiscale }).key
        let shown = await MainActor.run {
            let model = FormModel(service)
            model.restore(Answers([code: "PRVRLL90E52H501X"]))
            return model.fields.filter { !$0.problems.isEmpty }.map(\.id)
        }
        XCTAssertEqual(shown, [code])
        let strange = try FormDrafts(folder: folder.path, keys: InMemoryJournalKeys())
        XCTAssertThrowsError(try strange.restore(name: "family-4711")) { XCTAssertEqual(($0 as? SportelloError)?.code, "sealed.other_key") }
        try drafts.forget(name: "family-4711")
        XCTAssertNil(try drafts.restore(name: "family-4711"))
    }

    private func kept(_ folder: URL) throws -> [URL] {
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path).map { folder.appendingPathComponent($0) }
        return try paths.filter { try $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true }
    }

    private func holds(_ file: URL, _ text: String) throws -> Bool {
        try Data(contentsOf: file).range(of: Data(text.utf8)) != nil
    }

    /// Runs the app once, to its end or to its death.
    private func app(_ simulator: Simulator, _ folder: URL, _ step: String) throws -> (wasKilled: Bool, said: String) {
        let process = Process()
        // Built beside the tests.
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appendingPathComponent("KilledApp")
        process.arguments = [simulator.url, simulator.token, folder.path, step]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationReason == .uncaughtSignal, said)
    }
}
