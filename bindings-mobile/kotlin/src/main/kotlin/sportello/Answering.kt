package sportello

/** Answers by key, slug or label: texts and files. */
public fun answersOf(vararg answers: Pair<String, Any>): Answers {
    val made = Answers()
    for ((key, answer) in answers) {
        when (answer) {
            is String -> made[key] = answer
            is Attachment -> made[key] = answer
            // Not the answer itself: it is a person's.
            else -> throw IllegalArgumentException("the answer to `$key` is neither a text nor an attachment")
        }
    }
    return made
}

/** Adds or replaces a text. */
public operator fun Answers.set(key: String, text: String): Unit = setText(key, text)

/** Adds or replaces a file. */
public operator fun Answers.set(key: String, file: Attachment): Unit = setFile(key, file)

/** The text under exactly this key. */
public operator fun Answers.get(key: String): String? = text(key)

/** The step in a sentence for the person it is up to. */
public fun NextStep.text(lang: Lang): String = nextStepText(this, lang)
