import Foundation

extension DateComponents {
    /// A day as it crosses: `1990-05-12`.
    init(calendarDay text: String) {
        let numbers = text.split(separator: "-").map { Int($0) }
        self.init(year: numbers.first ?? nil, month: numbers.dropFirst().first ?? nil, day: numbers.dropFirst(2).first ?? nil)
    }

    /// A day as it crosses. Components that are no day make a text that is none, which the library refuses with an error.
    var calendarDay: String {
        guard let year, let month, let day else { return "no day" }
        return "\(year)-\(month)-\(day)"
    }
}
