import Foundation

/// A journal key that is **lost with the process**: for tests. In an app, use `KeychainJournalKeys`.
public final class InMemoryJournalKeys: JournalKeys {
    private let bytes: Data

    /// A key of its own, or a given one of 32 bytes.
    public init(_ bytes: Data = InMemoryJournalKeys.random()) {
        self.bytes = bytes
    }

    /// Gives the key.
    public func key() -> Data { bytes }

    /// 32 bytes of the system's randomness.
    public static func random() -> Data {
        var generator = SystemRandomNumberGenerator()
        return Data((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }
}

extension JournalPlace {
    /// The journal in this file, on storage that is the app's own.
    public static func file(at url: URL) -> JournalPlace { .file(path: url.path) }

    #if canImport(Darwin)
    /// The journal, and beside it what is kept sealed until it is handed in, in a folder of Application Support that no backup takes: a journal that comes back from a backup may be older than what was
    /// paid. It can be read by a background task once the device was unlocked after its start.
    ///
    /// - Throws: an error of the file system's.
    public static func applicationSupport(folder name: String = "sportello") throws -> JournalPlace {
        let support = try FileManager.default.url(for: .applicationSupportDirectory, in: .userDomainMask, appropriateFor: nil, create: true)
        var folder = support.appendingPathComponent(name, isDirectory: true)
        #if os(macOS)
        let attributes: [FileAttributeKey: Any] = [:]
        #else
        let attributes: [FileAttributeKey: Any] = [.protectionKey: FileProtectionType.completeUntilFirstUserAuthentication]
        #endif
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true, attributes: attributes)
        var values = URLResourceValues()
        values.isExcludedFromBackup = true
        try folder.setResourceValues(values)
        return .file(at: folder.appendingPathComponent("journal.sqlite"))
    }
    #endif
}

#if canImport(Security)
import Security

/// Keeps the journal's key in the Keychain: made at its first use, on this device only, in no backup, to be read once the device was unlocked
/// after its start, so that a background task can resume.
public final class KeychainJournalKeys: JournalKeys {
    private let service: String

    /// The item's name in the app's Keychain. Each journal has one of its own.
    public init(service: String = "sportello.journal") {
        self.service = service
    }

    /// The key; made where there is none.
    ///
    /// - Throws: ``HostError/Failed`` when the Keychain gives none and takes none, as before the first unlocking.
    public func key() throws -> Data {
        if let found = try read() { return found }
        var item = query
        item[kSecValueData] = InMemoryJournalKeys.random()
        item[kSecAttrAccessible] = kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly
        let status = SecItemAdd(item as CFDictionary, nil)
        // Of two that make one at the same time, the first one's counts.
        guard status == errSecSuccess || status == errSecDuplicateItem, let made = try read() else { throw HostError.Failed }
        return made
    }

    private func read() throws -> Data? {
        var item = query
        item[kSecReturnData] = true
        var found: CFTypeRef?
        switch SecItemCopyMatching(item as CFDictionary, &found) {
        case errSecSuccess: return found as? Data
        case errSecItemNotFound: return nil
        default: throw HostError.Failed
        }
    }

    private var query: [CFString: Any] {
        [kSecClass: kSecClassGenericPassword, kSecAttrService: service, kSecAttrAccount: "journal"]
    }
}
#endif
