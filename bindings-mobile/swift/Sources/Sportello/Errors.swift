extension SportelloError {
    /// The stable dotted code, whichever kind of error it is: what programs branch on.
    public var code: String { errorCode(error: self) }

    /// What is wrong, for developers; never holds an answer.
    public var detail: String { errorDetail(error: self) }
}
