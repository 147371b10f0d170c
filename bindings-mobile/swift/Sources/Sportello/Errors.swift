extension SportelloError {
    /// The stable dotted code, whichever family the error is of: what programs branch on.
    public var code: String { details().code }

    /// What is wrong and what to do, in English, for developers; never holds an answer.
    public var text: String { details().text }
}
