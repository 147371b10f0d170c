package sportello

/** [text] that may say who somebody is, or hold a password: it is no part of the record's text form, which ends up in logs. */
public class Masked(public val text: String) {
    override fun equals(other: Any?): Boolean = other is Masked && other.text == text

    override fun hashCode(): Int = text.hashCode()

    override fun toString(): String = "masked"
}
