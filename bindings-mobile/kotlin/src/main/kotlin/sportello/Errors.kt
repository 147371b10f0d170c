package sportello

/** The stable dotted code, whichever family the error is of: what programs branch on. */
public val SportelloException.code: String get() = details().code

/** What is wrong and what to do, in English, for developers; never holds an answer. Kotlin's own `message` lists the fields instead. */
public val SportelloException.text: String get() = details().text

/** True when the same verb with the same reference is safe and may succeed. */
public val SportelloException.isRetryable: Boolean get() = details().retryable

/** Whether the account was charged. */
public val SportelloException.charged: Charged get() = details().charged

/** The reference of the submission that it is about. */
public val SportelloException.reference: String? get() = details().reference

/** The provider's id of that submission, once a draft was bound. */
public val SportelloException.id: String? get() = details().id

/** The findings, where the error is about the answers. */
public val SportelloException.findings: List<Finding> get() = details().findings
