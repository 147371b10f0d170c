import Foundation

extension Attachment {
    /// A file on disk; its content is read when it is sent. The type comes from the name's ending.
    ///
    /// Leave the file there until it is handed in; what a document picker gave is read between `startAccessingSecurityScopedResource()`
    /// and its counterpart only, so copy it into the app first.
    ///
    /// - Throws: ``SportelloError/File(details:)`` when it can't be read or the URL is of no file.
    public convenience init(contentsOf url: URL) throws {
        self.init(unsafeFromHandle: try Attachment.fromPath(path: url.path).uniffiCloneHandle())
    }

    /// A file in memory; its type is told by its name unless it is given.
    public convenience init(_ data: Data, named name: String, mime: String? = nil) {
        self.init(unsafeFromHandle: Attachment.fromBytes(name: name, bytes: data, mime: mime).uniffiCloneHandle())
    }

    /// A file behind a handle, read in pieces, as often as needed, while it is checked and sent. Leave it open until then, and to the library alone.
    ///
    /// - Throws: ``SportelloError/File(details:)`` when it can't be read.
    public convenience init(_ file: FileHandle, named name: String, mime: String? = nil) throws {
        let made = try Attachment.fromSource(name: name, source: OpenFile(file), mime: mime)
        self.init(unsafeFromHandle: made.uniffiCloneHandle())
    }
}

/// One PDF of the front and the back of a document, photographed. EXIF and GPS data are left out.
///
/// - Throws: ``SportelloError/File(details:)`` for a photo that is none, is damaged or too large.
public func pages(front: Attachment, back: Attachment) throws -> Attachment {
    try pages(photos: [front, back])
}

/// Position and reading belong together: two uploads may read at once.
private final class OpenFile: SeekableSource, @unchecked Sendable {
    private let file: FileHandle
    private let lock = NSLock()

    init(_ file: FileHandle) {
        self.file = file
    }

    func size() throws -> UInt64 {
        try lock.withLock { try file.seekToEnd() }
    }

    func read(offset: UInt64, length: UInt32) throws -> Data {
        try lock.withLock {
            try file.seek(toOffset: offset)
            return try file.read(upToCount: Int(length)) ?? Data()
        }
    }
}
