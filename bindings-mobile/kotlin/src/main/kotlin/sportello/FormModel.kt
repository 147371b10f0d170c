package sportello

import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update

/**
 * A form while it is filled in, ready for a screen: `val fields by model.fields.collectAsState()` in Compose. It needs no toolkit of its own.
 *
 * Its text form shows no answer.
 */
public class FormModel(public val service: Service, private val lang: Lang) {
    private val answers = Answers()
    private val state = MutableStateFlow(service.fields().map(::fieldState))

    /** The fields in display order, each time anew when something about one changes. */
    public val fields: StateFlow<List<FieldState>> = state.asStateFlow()

    /** Takes what was typed, and checks this field and what depends on it. */
    public fun type(key: String, text: String) {
        answers[key] = text
        judge(key)
    }

    /** Takes a file, and checks this field and what depends on it. */
    public fun attach(key: String, file: Attachment) {
        answers[key] = file
        judge(key)
    }

    /** Checks everything, as the last step before handing in; the fields show what was found. */
    public fun check(): Report {
        val report = service.check(answers)
        show(report.findings(), about = null)
        return report
    }

    /** Takes answers that were given before: a draft of [FormDrafts], or what [SportelloClient.keptAnswers] gives back. */
    public fun restore(given: Answers) {
        for (key in given.keys()) {
            given.text(key)?.let { answers[key] = it } ?: given.file(key)?.let { answers[key] = it }
        }
        show(service.check(answers).findings().filter { finding -> finding.field()?.let(::isAnswered) ?: false }, about = null)
    }

    /** What was typed into a text field by now. Personal data. */
    public fun text(key: String): String = answers.text(key).orEmpty()

    /** What was answered by now. Personal data. */
    public fun answers(): Answers = answers.copy()

    private fun isAnswered(key: String) = !answers.text(key).isNullOrBlank() || answers.file(key) != null

    private fun judge(key: String) {
        val report = service.checkField(answers, key)
        show(report.findings, about = report.fields.toSet())
    }

    /** Shows findings at their fields; of other fields than those they speak [about], what was shown stays. */
    private fun show(findings: List<Finding>, about: Set<String>?) {
        val byField = findings.groupBy { it.field() }
        val required = service.required(answers).toSet()
        state.update { fields ->
            fields.map { field ->
                val key = field.field.key
                val problems = if (about == null || key in about) byField[key].orEmpty().map(::problem) else field.problems
                field.copy(problems = problems, isRequired = key in required, hasFile = answers.file(key) != null)
            }
        }
    }

    private fun fieldState(field: FormField): FieldState {
        val words = service.fieldHelp(field.key, lang)
        return FieldState(field, words?.label ?: field.label, words?.help ?: field.help, field.required, emptyList(), false)
    }

    private fun problem(finding: Finding) =
        FieldProblem(finding.text(lang), finding.severity() == Severity.ERROR, finding.code(), finding.position()?.toInt())

    override fun toString(): String = "FormModel(${service.id()})"
}

/** A field as a screen shows it. What was typed is not in it: a text field keeps that itself. */
public data class FieldState(
    /** The field: its kind, choices, keyboard and autofill hints. */
    val field: FormField,
    /** The label in the phone's language where there is one, else the provider's. */
    val label: String,
    /** What to write or to attach. */
    val help: String,
    /** True when the form can't be handed in without it, as it is filled by now. */
    val isRequired: Boolean,
    /** What to correct or to look at; empty before the first answer. */
    val problems: List<FieldProblem>,
    /** True when a file was attached. */
    val hasFile: Boolean,
)

/** Something to correct or to look at. */
public data class FieldProblem(
    /** What to tell the person, in the phone's language. */
    val text: String,
    /** False for a likely mistake, which may be right. */
    val isError: Boolean,
    /** The stable dotted code, by which a warning is accepted. */
    val code: String,
    /** The first wrong character, counted from 0, where there is one. */
    val position: Int?,
)
