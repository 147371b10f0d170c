import XCTest

import Sportello

/// What belongs to Swift alone: errors, texts, masking.
final class FormTests: XCTestCase {
    func testABrokenDescriptionIsAnErrorWithACode() {
        XCTAssertThrowsError(try Service.fromJson(json: "not json")) { error in
            guard let error = error as? SportelloError, case .Schema = error else { return XCTFail("\(error)") }
            XCTAssertEqual(error.code, "schema.not_json")
            XCTAssertFalse(error.text.isEmpty)
            XCTAssertEqual(error.localizedDescription, error.text)
            XCTAssertEqual("\(error)", "\(error.code): \(error.text)")
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

    func testADayThatTheCalendarDoesNotHaveIsAnError() throws {
        for day in [DateComponents(year: 2023, month: 2, day: 29), DateComponents(year: 2023), DateComponents()] {
            XCTAssertThrowsError(try PersonDetails(birthDate: day)) { error in
                XCTAssertEqual((error as? SportelloError)?.code, "answers.not_a_day")
            }
        }
        let leap = try PersonDetails(
            surname: "Prova", name: "Rosella", sex: .female, birthDate: DateComponents(year: 2024, month: 2, day: 29), birthplace: "H501")
        let code = try CodiceFiscale.encode(person: leap)
        XCTAssertTrue(code.birthDates().contains(DateComponents(year: 2024, month: 2, day: 29)))
    }

    func testMoneyIsADecimal() throws {
        XCTAssertEqual(try sharedService("assegno-unico").price(), Decimal(19))
    }
}
