package sportello

import java.io.File
import java.nio.file.Files
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

private const val CANARY = "PRVRLL90E52H501S"

/** What a log would show, and what a disk holds. */
class PrivacyTest {
    private val description = File(System.getProperty("sportello.vectors"), "form/assegno-unico.json")
    private val service = Service.fromJson(com.fasterxml.jackson.databind.ObjectMapper().readTree(description)["service"].toString())

    @Test
    fun `no text form shows an answer, a name or a file's content`() {
        val application = application()
        val answers = application.answers(service)
        val wrong = answersOf("codice_fiscale" to CANARY.replace('S', 'X'), "email" to "rosella.prova", "nome" to "Rosella")
        val report = service.check(wrong)
        val model = FormModel(service, Lang.IT)
        wrong.keys().forEach { key -> model.type(key, wrong.text(key)!!) }
        val file = attachment("$CANARY.pdf", CANARY.toByteArray())
        val drafts = FormDrafts(place().toString(), InMemoryJournalKeys())
        val error = assertThrows(SportelloException::class.java) { Answers.fromJson("\"$CANARY\"") }
        val code = CodiceFiscale.parse(CANARY)
        val shown = listOf<Any>(
            application, answers, wrong, report, report.findings(), model, model.fields.value, file, drafts, error, error.details(), code,
            HostRequest.trial("https://counter.example/$CANARY", CANARY, CANARY, true, 1u), SubmitOptions(confirmPrice = price),
        ).map { it.toString() }
        for (canary in listOf(CANARY, CANARY.dropLast(1), "rosella", "Rosella")) {
            assertFalse(shown.any { canary in it }, "$canary in ${shown.filter { canary in it }}")
        }
    }

    @Test
    fun `a form's draft is sealed, restored and forgotten`() {
        val folder = place()
        val keys = InMemoryJournalKeys()
        val model = FormModel(service, Lang.IT)
        val texts = service.fields().filter { it.kind == FieldKind.CODICE_FISCALE_PERSONA }
        texts.forEach { model.type(it.key, CANARY) }
        val upload = service.fields().first { it.kind == FieldKind.FILE }
        model.attach(upload.key, attachment("card.pdf", File(System.getProperty("sportello.examples"), "codice-fiscale-card.pdf").readBytes()))
        FormDrafts(folder.toString(), keys).keep("assegno", model.answers())
        val bytes = Files.list(folder).use { it.toList() }.single().toFile().readBytes().toString(Charsets.ISO_8859_1)
        assertTrue(CANARY !in bytes && "%PDF" !in bytes)
        // The app was killed; the screen comes up again.
        val drafts = FormDrafts(folder.toString(), keys)
        assertEquals(listOf("assegno"), drafts.names())
        val again = FormModel(service, Lang.IT)
        again.restore(drafts.restore("assegno")!!)
        assertEquals(CANARY, again.text(texts.first().key))
        assertTrue(again.fields.value.single { it.field.key == upload.key }.hasFile)
        assertTrue(again.fields.value.none { field -> field.problems.any { it.isError } && field.field.key == texts.first().key })
        drafts.forget("assegno")
        assertNull(drafts.restore("assegno"))
        val personal = assertThrows(SportelloException.Reference::class.java) { drafts.keep(CANARY, Answers()) }
        assertEquals("reference.personal_data", (personal as SportelloException).code)
        drafts.keep("locked", model.answers())
        val other = assertThrows(SportelloException.Journal::class.java) { FormDrafts(folder.toString(), InMemoryJournalKeys()).restore("locked") }
        assertEquals("sealed.other_key", (other as SportelloException).code)
    }
}
