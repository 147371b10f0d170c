import Foundation

extension Answers {
    /// Answers by key (`$4`), slug (`codice_fiscale`) or label: texts and files.
    public convenience init(_ texts: [String: String], files: [String: Attachment] = [:]) {
        self.init()
        for (key, text) in texts { setText(key: key, value: text) }
        for (key, file) in files { setFile(key: key, file: file) }
    }

    /// The text under exactly this key. Personal data.
    public subscript(key: String) -> String? {
        get { text(key: key) }
        set { setText(key: key, value: newValue ?? "") }
    }

    /// Adds or replaces a file.
    public func attach(_ file: Attachment, to key: String) {
        setFile(key: key, file: file)
    }
}

extension NextStep {
    /// The step in a sentence for the person it is up to.
    public func text(in lang: Lang) -> String { nextStepText(step: self, lang: lang) }
}

extension Lang {
    /// The first of the person's languages that there are texts in; Italian, as the forms are, when there is none.
    public static var device: Lang { preferred(among: Locale.preferredLanguages) }

    /// The first of these languages (`de-CH`, `fr`) that there are texts in; Italian when there is none.
    public static func preferred(among tags: [String]) -> Lang {
        for tag in tags {
            switch tag.lowercased().split(whereSeparator: { $0 == "-" || $0 == "_" }).first {
            case "it": return .it
            case "en": return .en
            case "fr": return .fr
            case "de": return .de
            default: continue
            }
        }
        return .it
    }
}
