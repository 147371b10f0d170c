import XCTest

import Sportello

/// What belongs to Swift alone: errors, texts, masking.
final class FormTests: XCTestCase {
    func testABrokenDescriptionIsAnErrorWithACode() {
        XCTAssertThrowsError(try Service.fromJson(json: "not json")) { error in
            guard let error = error as? SportelloError, case .Schema = error else { return XCTFail("\(error)") }
            XCTAssertEqual(error.code, "schema.not_json")
            XCTAssertFalse(error.text.isEmpty)
        }
    }

    func testAnswersThatCannotBeReadAreAnErrorThatQuotesNoneOfThem() {
        XCTAssertThrowsError(try Answers.fromJson(json: "\"RSSMRA85T10A562S\"")) { error in
            XCTAssertEqual((error as? SportelloError)?.code, "answers.not_readable")
            XCTAssertFalse(String(reflecting: error).contains("RSSMRA"))
        }
    }

    func testAnUnknownKindIsAnError() {
        XCTAssertThrowsError(try checkValue(kind: "shoe_size", value: "42")) { error in
            XCTAssertEqual((error as? SportelloError)?.code, "check.kind_unknown")
        }
    }

    func testAFindingHasATextInEveryLanguageAndShowsNoAnswer() throws {
        let finding = try XCTUnwrap(try checkValue(kind: "codice_fiscale", value: "RSSMRA85T10A562X").first)
        let languages: [Lang] = [.it, .en, .fr, .de]
        let texts = Set(languages.map { finding.text(lang: $0) })
        XCTAssertEqual(texts.count, languages.count)
        XCTAssertFalse(texts.contains(""))
        XCTAssertFalse(String(describing: finding).contains("RSSMRA"))
    }
}
