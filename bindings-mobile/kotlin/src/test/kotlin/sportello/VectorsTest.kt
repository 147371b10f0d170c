package sportello

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import java.io.File
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.TestFactory

/** The shared cases: data that every language runs. */
class VectorsTest {
    private val mapper = ObjectMapper()

    @TestFactory
    fun form(): List<DynamicTest> = cases("form") { file, case ->
        val report = Service.fromJson(file["service"].toString()).check(Answers.fromJson(case["answers"].toString()))
        val expect = case["expect"]
        compare(expect["findings"], report.findings(), withField = true)
        assertEquals(expect["ok"].booleanValue(), report.isOk())
        expect["missing"]?.let { missing ->
            assertEquals(missing["sets"].map { set -> set.map { it.textValue() } }, report.missingSets())
            assertEquals(missing["more"].intValue(), report.missingMore().toInt())
        }
    }

    @TestFactory
    fun values(): List<DynamicTest> = cases("values") { file, case ->
        val findings = checkValue(file["kind"].textValue(), case["input"].textValue())
        compare(case["findings"], findings, withField = false)
    }

    /** Cases of a form that is being filled in: one field, what is required by now, what an input can be told. */
    @TestFactory
    fun typing(): List<DynamicTest> {
        val vectors = File(System.getProperty("sportello.vectors"))
        val files = File(vectors, "typing").listFiles { it -> it.extension == "json" }.orEmpty().sorted()
        val tests = files.flatMap { path ->
            val file = mapper.readTree(path)
            // By name among the cases of whole forms, or written out.
            val named = file["form"].textValue()?.let { mapper.readTree(File(vectors, "form/$it.json"))["service"] }
            val service = Service.fromJson((named ?: file["form"]).toString())
            val fields = file["field"].map { case ->
                dynamicTest("${path.name}: ${case["name"].textValue()}") {
                    val report = service.checkField(Answers.fromJson(case["answers"].toString()), case["key"].textValue())
                    compare(case["findings"], report.findings, withField = true)
                    assertEquals(case["fields"].map { it.textValue() }, report.fields)
                    assertEquals(case["whole_form"].booleanValue(), report.wholeForm)
                }
            }
            val required = file["required"].map { case ->
                dynamicTest("${path.name}: ${case["name"].textValue()}") {
                    val answers = Answers.fromJson(case["answers"].toString())
                    assertEquals(case["required"].map { it.textValue() }, service.required(answers))
                }
            }
            val hints = dynamicTest("${path.name}: hints") {
                for (field in service.fields()) {
                    val hint = file["hints"][field.key] ?: continue
                    assertEquals(hint.text("inputMode"), field.input.keyboard.name.lowercase(), field.key)
                    assertEquals(hint.text("inputType"), field.input.control.name.lowercase(), field.key)
                    assertEquals(hint.text("capitalize"), field.input.capitals.name.lowercase(), field.key)
                    assertEquals(hint["spellcheck"].booleanValue(), field.input.spellcheck, field.key)
                    assertEquals(hint["accept"].map { it.textValue() }, field.input.accept, field.key)
                }
            }
            fields + required + hints
        }
        assertTrue(tests.isNotEmpty(), "no shared case of typing")
        println("typing: ${tests.size} of the shared cases")
        return tests
    }

    private fun cases(folder: String, run: (JsonNode, JsonNode) -> Unit): List<DynamicTest> {
        val files = File(System.getProperty("sportello.vectors"), folder).listFiles { it -> it.extension == "json" }
        val tests = files.orEmpty().sorted().flatMap { path ->
            val file = mapper.readTree(path)
            file["cases"].mapIndexed { index, case ->
                val name = case["name"]?.textValue() ?: "$index"
                dynamicTest("${path.name}: $name") { run(file, case) }
            }
        }
        assertTrue(tests.isNotEmpty(), "no shared case in $folder")
        println("vectors: ${tests.size} cases ($folder)")
        return tests
    }

    /** A position that a case does not give is not compared. */
    private fun compare(expected: JsonNode, findings: List<Finding>, withField: Boolean) {
        fun line(field: String?, code: String, severity: String, position: String?) =
            listOfNotNull((field ?: "-").takeIf { withField }, code, severity, position).joinToString(" ")
        val wanted = expected.map { line(it["field"]?.textValue(), it.text("code"), it.text("severity"), it["position"]?.asText()) }
        val seen = findings.mapIndexed { index, it ->
            val severity = if (it.severity() == Severity.ERROR) "error" else "warning"
            line(it.field(), it.code(), severity, it.position().toString().takeIf { expected[index]?.has("position") == true })
        }
        assertEquals(wanted, seen)
    }

    private fun JsonNode.text(name: String): String = this[name].textValue()
}
