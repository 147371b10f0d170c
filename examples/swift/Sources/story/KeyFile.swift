import Foundation
import Sportello

/// Keeps the journal's key in a file that only its owner may read: for a command on a computer. A phone has a Keychain.
final class KeyFile: JournalKeys {
    private let bytes: Data

    init(_ url: URL) throws {
        if let found = try? Data(contentsOf: url) {
            bytes = found
            return
        }
        bytes = InMemoryJournalKeys.random()
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        guard FileManager.default.createFile(atPath: url.path, contents: bytes, attributes: [.posixPermissions: 0o600]) else {
            throw HostError.Failed
        }
    }

    func key() -> Data { bytes }
}
