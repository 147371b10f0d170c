package sportello

/** The stable dotted code of an error, whichever kind it is: what programs branch on. */
public val SportelloException.code: String get() = errorCode(this)

/** What is wrong, for developers; never holds an answer. Kotlin's own `message` lists the fields instead. */
public val SportelloException.detail: String get() = errorDetail(this)
