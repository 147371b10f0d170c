import Foundation
import XCTest

/// The example, from beginning to end.
final class StoryTests: XCTestCase {
    func testTheStoryIsToldThroughARelay() throws {
        let relay = try Running("sportello-relay", "serve", "--simulator", "--listen", "127.0.0.1:0")
        let url = try XCTUnwrap(relay.line().components(separatedBy: "listening on ").last)
        let session = try XCTUnwrap(relay.line().components(separatedBy: ": ").last)
        try assertTold(["relay", url, session])
    }

    func testTheStoryIsToldDirectlyToTheSimulator() throws {
        let simulator = try Running("sportello", "--json", "simulator", "--stage-ms", "50")
        let said = try JSONSerialization.jsonObject(with: Data(try simulator.line().utf8)) as? [String: String]
        try assertTold(["simulator", try XCTUnwrap(said?["baseUrl"]), try XCTUnwrap(said?["token"])])
    }

    private func assertTold(_ arguments: [String]) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("story-\(UUID().uuidString)")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appendingPathComponent("story")
        process.arguments = arguments + [folder.path]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        XCTAssertEqual(process.terminationStatus, 0, said)
        for part in ["Domanda Assegno Unico", "check letter", "complete: true", "price: 19 net, 23.18 with VAT", "charged: yes", "unpacked"] {
            XCTAssertTrue(said.contains(part), "no `\(part)` in:\n\(said)")
        }
        // What was typed belongs to the screen alone.
        XCTAssertFalse(said.contains("PRVRLL"), said)
    }
}
