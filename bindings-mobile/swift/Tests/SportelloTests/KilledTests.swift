import Foundation
import XCTest

import Sportello

/// The last row of the table at `SportelloClient`: the system kills the app, and after its next start `resume()` finds out.
final class KilledTests: XCTestCase {
    func testAnAppKilledAtAnyStepLosesNothingAndPaysOnce() async throws {
        for step in ["recording", "opening", "filling", "uploading", "verifying", "committing", "settling"] {
            let simulator = try Simulator()
            if step == "settling" { try await simulator.fault(#"{"call": "commit", "fault": {"kind": "cut_after"}}"#) }
            let folder = try place()
            let killed = try app(simulator, folder, step)
            XCTAssertTrue(killed.wasKilled, "\(step): \(killed.said)")
            let resumed = try app(simulator, folder, "resume")
            XCTAssertFalse(resumed.wasKilled)
            if !resumed.said.contains(" yes ") {
                // Nothing was paid: the same reference goes on.
                XCTAssertTrue(resumed.said.isEmpty || resumed.said.contains(" needsAnswers no "), "\(step): \(resumed.said)")
                XCTAssertFalse(["committing", "settling"].contains(step), resumed.said)
                let again = try app(simulator, folder, "never")
                XCTAssertTrue(again.said.hasPrefix("committed"), "\(step): \(again.said)")
            }
            let charges = try await simulator.charges()
            XCTAssertEqual(charges, 1, step)
        }
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
