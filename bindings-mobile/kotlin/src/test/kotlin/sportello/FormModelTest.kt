package sportello

import java.io.File
import java.math.BigDecimal
import java.time.LocalDate
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** Forms while they are filled in, and what none of the library's values shows of a person. */
class FormModelTest {
    private val service = Service.fromJson(File(System.getProperty("sportello.vectors"), "form/coherence.json").readText().let(::serviceOf))

    @Test
    fun `a field tells at once what is wrong, in the phone's language`() {
        val model = FormModel(service, Lang.DE)
        val code = service.fields().first { it.kind == FieldKind.CODICE_FISCALE_PERSONA }
        assertTrue(model.fields.value.all { it.problems.isEmpty() })
        model.type(code.key, "PRVRSL90E52H501X")
        val shown = model.fields.value.first { it.field.key == code.key }
        assertTrue(shown.problems.single().isError)
        assertFalse("PRVRSL" in shown.toString() + model)
        model.type(code.key, "PRVRSL90E52H501A")
        assertEquals(emptyList<FieldProblem>(), model.fields.value.first { it.field.key == code.key }.problems)
    }

    @Test
    fun `an input is told its keyboard, its capitals and whose data it is`() {
        val fields = service.fields().associateBy { it.key }
        assertEquals("personGivenName", fields.getValue("$0").input.androidAutofill)
        assertEquals(Capitals.WORDS, fields.getValue("$0").input.capitals)
        assertFalse(fields.getValue("$5").input.mayAutofill)
    }

    @Test
    fun `nothing that holds a person's data shows it`() {
        val canary = "CANARIA"
        val answers = answersOf("nome" to canary, "file" to attachment("$canary.pdf", canary.toByteArray()))
        val person = PersonDetails(surname = canary, name = canary, sex = Sex.FEMALE, birthDate = LocalDate.of(1990, 5, 12), birthplace = "H501")
        val code = CodiceFiscale.encode(person)
        val report = service.check(answersOf("$0" to canary, "$4" to "${canary}90E52H501A"))
        val shown = listOf(
            answers, answers.file("file"), person, code, code.canonical(), report, report.findings(), code.findings(person),
            service.checkField(answers, "$0"), application(), application().answers(auu), FormModel(auu, Lang.IT).apply { type("$0", canary) },
            service.corrected(report, answers),
            SubmitOptions(notifyEmail = Masked("$canary@example.org")),
            ClientSettings(JournalPlace.Memory, account = Masked(canary), proxy = Masked("http://u:$canary@example.org")),
            HostSettings(JournalPlace.Memory, account = Masked(canary)),
        )
        for (value in shown) {
            val text = value.toString()
            assertFalse(listOf(canary, "CNRCNR", "PRVRLL", "Rosella").any { it in text }, text)
        }
    }

    @Test
    fun `a codice fiscale is read, made and compared with java-time`() {
        val person = PersonDetails("Prova", "Rosella", Sex.FEMALE, LocalDate.of(1990, 5, 12), "H501")
        val code = CodiceFiscale.encode(person)
        assertEquals("PRVRLL90E52H501S", code.text())
        assertTrue(LocalDate.of(1990, 5, 12) in CodiceFiscale.parse("PRVRLL90E52H501S").birthDates())
        assertEquals(Coherence(emptyList(), emptyList(), false), code.coherence(person))
        assertEquals(listOf(CodiceFiscalePart.NAME), code.coherence(PersonDetails(name = "Luca")).disagreeing)
    }

    @Test
    fun `money is a decimal`() {
        assertEquals(BigDecimal("19.00"), auu.price())
    }

    private val auu = Service.fromJson(File(System.getProperty("sportello.vectors"), "form/assegno-unico.json").readText().let(::serviceOf))

    private fun serviceOf(text: String) = com.fasterxml.jackson.databind.ObjectMapper().readTree(text)["service"].toString()
}
