import Foundation

extension SportelloError: LocalizedError {
    /// The stable dotted code, whichever family the error is of: what programs branch on.
    public var code: String { details().code }

    /// What is wrong and what to do, in English, for developers; never holds an answer.
    public var text: String { details().text }

    /// True when the same verb with the same reference is safe and may succeed.
    public var isRetryable: Bool { details().retryable }

    /// Whether the account was charged.
    public var charged: Charged { details().charged }

    /// The reference of the submission that it is about.
    public var reference: String? { details().reference }

    /// The provider's id of that submission, once a draft was bound.
    public var id: String? { details().id }

    /// The HTTP status, where an answer came.
    public var httpStatus: Int? { details().httpStatus.map(Int.init) }

    /// The provider's own code; it means something only for this provider and call.
    public var apiCode: Int? { details().apiCode.map(Int.init) }

    /// The findings, where the error is about the answers: their texts are in the person's language.
    public var findings: [Finding] { details().findings }

    /// As ``text``: what `localizedDescription` shows.
    public var errorDescription: String? { text }
}

extension SportelloError: CustomStringConvertible {
    /// Code and text, on one line.
    public var description: String { "\(code): \(text)" }
}
