import Foundation

// What UniFFI makes objects of shows nothing when it is printed. Two records have something that belongs in no log; their text forms and
// their mirrors, which `dump` and a debugger go by, leave it out.

extension SubmitOptions: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Everything but the address that the documents are mailed to.
    public var description: String {
        let price = confirmPrice.map { "\($0)" } ?? "none"
        return "SubmitOptions(confirmPrice: \(price), options: \(options), acceptWarnings: \(acceptWarnings), "
            + "notifyEmail: \(masked(notifyEmail)), allowDuplicate: \(allowDuplicate))"
    }

    /// As ``description``.
    public var debugDescription: String { description }

    /// As ``description``.
    public var customMirror: Mirror { Mirror(self, children: [("options", description)]) }
}

extension ClientSettings: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Whether there is a proxy and not which: its address may hold a password. The account may be a person's name.
    public var description: String {
        "ClientSettings(journal: \(journal), account: \(masked(account)), proxy: \(masked(proxy)))"
    }

    /// As ``description``.
    public var debugDescription: String { description }

    /// As ``description``.
    public var customMirror: Mirror { Mirror(self, children: [("settings", description)]) }
}

private func masked(_ value: String?) -> String { value == nil ? "none" : "masked" }
