import Foundation
import XCTest

import Sportello

/// Forms while they are filled in, on the thread of the screen.
final class FormModelTests: XCTestCase {
    func testAFieldTellsAtOnceWhatIsWrongInThePhonesLanguage() async throws {
        try await MainActor.run {
            let service = try sharedService("coherence")
            let model = FormModel(service, lang: .de)
            let code = try XCTUnwrap(service.fields().first { $0.kind == .codiceFiscalePersona })
            XCTAssertTrue(model.fields.allSatisfy { $0.problems.isEmpty })
            model.type("PRVRSL90E52H501X", into: code.key)
            let problem = try XCTUnwrap(model.fields.first { $0.id == code.key }?.problems.first)
            XCTAssertTrue(problem.isError)
            let italian = try XCTUnwrap(try checkValue(kind: "codice_fiscale_persona", value: "PRVRSL90E52H501X").first)
            XCTAssertEqual(problem.text, italian.text(lang: .de))
            XCTAssertNotEqual(problem.text, italian.text(lang: .it))
            model[text: code.key] = "PRVRSL90E52H501A"
            XCTAssertEqual(model.fields.first { $0.id == code.key }?.problems, [])
            XCTAssertEqual(model[text: code.key], "PRVRSL90E52H501A")
            XCTAssertEqual(model.answers[code.key], "PRVRSL90E52H501A")
        }
    }

    func testAFormIsFilledToItsEnd() async throws {
        try await MainActor.run {
            let service = try sharedService("assegno-unico")
            let model = FormModel(service, lang: .it)
            XCTAssertFalse(model.check().isOk())
            XCTAssertTrue(model.fields.contains { $0.isRequired })
            let answers = try application().answers(service: service)
            for field in model.fields {
                if let text = answers[field.id] { model.type(text, into: field.id) }
                if let file = answers.file(key: field.id) { model.attach(file, to: field.id) }
            }
            XCTAssertTrue(model.check().isOk())
            XCTAssertTrue(model.fields.filter { $0.field.kind == .file && $0.isRequired }.allSatisfy(\.hasFile))
            XCTAssertEqual(model.fields.flatMap(\.problems).filter(\.isError), [])
        }
    }

    func testAnInputIsToldItsKeyboardItsCapitalsAndWhoseDataItIs() async throws {
        try await MainActor.run {
            let fields = Dictionary(uniqueKeysWithValues: FormModel(try sharedService("coherence")).fields.map { ($0.id, $0.field.input) })
            XCTAssertEqual(fields["$0"]?.appleContentType, "givenName")
            XCTAssertEqual(fields["$0"]?.capitals, .words)
            XCTAssertEqual(fields["$5"]?.mayAutofill, false)
        }
    }

    func testThePhonesLanguageIsTheFirstThatThereAreTextsIn() {
        XCTAssertEqual(Lang.preferred(among: ["ro-RO", "de-CH", "it-IT"]), .de)
        XCTAssertEqual(Lang.preferred(among: ["fr"]), .fr)
        XCTAssertEqual(Lang.preferred(among: ["ro", "ar_MA"]), .it)
        XCTAssertEqual(Lang.allCases.count, 4)
    }
}
