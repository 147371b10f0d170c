import Foundation
import Sportello

/// What a call across the boundary costs, in microseconds: the median of many rounds, on the shared form of the Assegno Unico.
@main
struct Benchmarks {
    static func main() throws {
        guard let vectors = ProcessInfo.processInfo.environment["SPORTELLO_VECTORS"] else { throw CocoaError(.fileNoSuchFile) }
        let file = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: "\(vectors)/form/assegno-unico.json")))
        let description = (file as? [String: Any])?["service"] ?? [:]
        let service = try Service.fromJson(json: String(decoding: JSONSerialization.data(withJSONObject: description), as: UTF8.self))
        let key = { (role: FieldRole) in service.fields().first { $0.role == role }?.key ?? "" }
        let (code, email) = (key(.codiceFiscale), key(.email))
        let right = Answers([key(.givenName): "Rosella", key(.surname): "Prova", email: "rosella.prova@example.org", code: "PRVRLL90E52H501S"])
        let wrong = Answers([email: "rosella.prova@", code: "PRVRLL90E52H501X"])

        measure("checkField, a codice fiscale that is right and agrees with the name") { service.checkField(answers: right, key: code).findings.count }
        measure("checkField, an e-mail address that is right") { service.checkField(answers: right, key: email).findings.count }
        measure("checkField, a codice fiscale with a wrong check letter") { service.checkField(answers: wrong, key: code).findings.count }
        measure("checkField, an e-mail address that is none") { service.checkField(answers: wrong, key: email).findings.count }
        measure("setText") { right.setText(key: email, value: "rosella.prova@example.org"); return 0 }
        measure("check, the whole form") { service.check(answers: right).isOk() ? 1 : 0 }
    }

    private static func measure(_ what: String, _ call: () -> Int) {
        let clock = ContinuousClock()
        var kept = 0
        var rounds: [Double] = []
        for _ in 0..<300 {
            let took = clock.measure { for _ in 0..<500 { kept &+= call() } }
            rounds.append(Double(took.components.attoseconds) / 1e12 / 500)
        }
        rounds.sort()
        let (median, best) = (rounds[rounds.count / 2], rounds[0])
        print(String(format: "bench: %6.2f us (best %5.2f)  %@", median, best, what), kept == Int.min ? "!" : "")
    }
}
