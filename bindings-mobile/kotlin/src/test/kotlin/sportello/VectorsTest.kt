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
        assertEquals(found(expect["findings"], withField = true), report.findings().map { seen(it, withField = true) })
        assertEquals(expect["ok"].booleanValue(), report.isOk())
        expect["missing"]?.let { missing ->
            assertEquals(missing["sets"].map { set -> set.map { it.textValue() } }, report.missingSets())
            assertEquals(missing["more"].intValue(), report.missingMore().toInt())
        }
    }

    @TestFactory
    fun values(): List<DynamicTest> = cases("values") { file, case ->
        val findings = checkValue(file["kind"].textValue(), case["input"].textValue())
        assertEquals(found(case["findings"], withField = false), findings.map { seen(it, withField = false) })
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

    private fun found(findings: JsonNode, withField: Boolean): List<String> = findings.map { finding ->
        listOfNotNull(
            if (withField) finding["field"]?.textValue() ?: "-" else null,
            finding["code"].textValue(),
            finding["severity"].textValue(),
            finding["position"]?.takeIf { it.isNumber }?.asText() ?: "-",
        ).joinToString(" ")
    }

    private fun seen(finding: Finding, withField: Boolean): String = listOfNotNull(
        if (withField) finding.field() ?: "-" else null,
        finding.code(),
        if (finding.severity() == Severity.ERROR) "error" else "warning",
        finding.position()?.toString() ?: "-",
    ).joinToString(" ")
}
