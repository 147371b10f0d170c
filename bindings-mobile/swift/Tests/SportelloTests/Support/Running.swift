import Foundation
import XCTest

/// A program of the project's, ended with the test.
final class Running {
    private let process = Process()
    private let output = Pipe()

    init(_ name: String, _ arguments: String...) throws {
        let folder = try XCTUnwrap(ProcessInfo.processInfo.environment["SPORTELLO_PROGRAMS"], "SPORTELLO_PROGRAMS")
        process.executableURL = URL(fileURLWithPath: "\(folder)/\(name)")
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    /// The next line that it says.
    func line() throws -> String {
        var line = Data()
        while let byte = try output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty, byte[0] != UInt8(ascii: "\n") {
            line += byte
        }
        return String(decoding: line, as: UTF8.self)
    }

    deinit {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
