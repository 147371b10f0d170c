import Foundation

// What UniFFI makes objects of shows nothing when it is printed. What follows has something that belongs in no log; its text form and
// its mirror, which `dump` and a debugger go by, leave it out.

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

extension HostSettings: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Everything but the account, which may be a person's name.
    public var description: String {
        "HostSettings(journal: \(journal), sendsOnce: \(sendsOnce), account: \(masked(account)))"
    }

    /// As ``description``.
    public var debugDescription: String { description }

    /// As ``description``.
    public var customMirror: Mirror { Mirror(self, children: [("settings", description)]) }
}

extension HostEvent: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Without the answer, which repeats what was handed in.
    public var description: String {
        switch self {
        case .continue: "continue"
        case .answered(let status, _, _): "answered(\(status), masked)"
        case .failed(let failure): "failed(\(failure))"
        case .elapsed: "elapsed"
        case .cancelled: "cancelled"
        }
    }

    /// As ``description``.
    public var debugDescription: String { description }

    /// As ``description``.
    public var customMirror: Mirror { Mirror(self, children: [("event", description)]) }
}

private func masked(_ value: String?) -> String { value == nil ? "none" : "masked" }
