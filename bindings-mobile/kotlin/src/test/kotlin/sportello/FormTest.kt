package sportello

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** What belongs to Kotlin alone: errors, texts, masking. */
class FormTest {
    @Test
    fun `a broken description is an error with a code`() {
        val error = assertThrows(SportelloException.Schema::class.java) { Service.fromJson("not json") }
        assertEquals("schema.not_json", error.code)
        assertTrue(error.text.isNotBlank())
    }

    @Test
    fun `answers that can't be read are an error that quotes none of them`() {
        val error = assertThrows(SportelloException::class.java) { Answers.fromJson("\"RSSMRA85T10A562S\"") }
        assertEquals("answers.not_readable", error.code)
        assertFalse("RSSMRA" in error.toString() + error.text)
    }

    @Test
    fun `an unknown kind is an error`() {
        val error = assertThrows(SportelloException.Check::class.java) { checkValue("shoe_size", "42") }
        assertEquals("check.kind_unknown", (error as SportelloException).code)
    }

    @Test
    fun `a finding has a text in every language, and its text form shows no answer`() {
        val finding = checkValue("codice_fiscale", "RSSMRA85T10A562X").first()
        val texts = Lang.entries.map { finding.text(it) }.toSet()
        assertEquals(Lang.entries.size, texts.size)
        assertTrue(texts.none { it.isBlank() })
        assertFalse("RSSMRA" in finding.toString())
    }
}
