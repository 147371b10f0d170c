import Foundation
import XCTest

/// No public name is one of the platforms': an app imports them all together.
final class NamesTests: XCTestCase {
    func testNoPublicNameIsOneOfThePlatforms() throws {
        let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Sources/Sportello")
        let declaration = try NSRegularExpression(
            pattern: #"^(?:public|open) (?:final |indirect )*(?:class|struct|enum|protocol|typealias|actor|func) (\w+)"#, options: .anchorsMatchLines)
        var names: Set<String> = []
        for file in try FileManager.default.contentsOfDirectory(atPath: sources.path) where file.hasSuffix(".swift") {
            let text = try String(contentsOf: sources.appendingPathComponent(file), encoding: .utf8)
            for match in declaration.matches(in: text, range: NSRange(text.startIndex..., in: text)) {
                names.insert(String(text[try XCTUnwrap(Range(match.range(at: 1), in: text))]))
            }
        }
        // The generated part and the part written by hand were both read.
        XCTAssertTrue(names.isSuperset(of: ["Service", "SportelloClient", "FormModel", "SubmissionUpdates", "checkValue"]), "\(names)")
        XCTAssertEqual(names.intersection(platforms).sorted(), [])
    }

    /// Names at the top of Swift, Foundation, Combine, SwiftUI and UIKit that a library like this one might come to.
    private let platforms: Set<String> = Set(
        """
        Action Alert Alignment Angle Animation Any AnyObject App Array Async AsyncSequence Axis Badge Binding Body Bool Bundle Button ByteBuffer Calendar Cancellable Canvas \
        Capsule Cell Character Circle Clock Codable Color Command Commands Configuration Content Context ControlGroup Coordinator Data Date DateComponents DatePicker \
        DateFormatter Decimal Decoder Dictionary Dimension Disclosure Divider Document DocumentGroup Double Duration Edge Encoder Entry Environment Error ErrorAlert Event \
        FetchRequest Field FileDocument FileHandle FileManager FileWrapper Float Font Form Formatter Future Gauge Gesture Grid Group GroupBox Hashable Host HStack Identifiable \
        Image Index Int Just Label Layout Link List Locale Locked Lock Mirror Measurement Menu Message Model Namespace Never Notification Observable ObservableObject \
        Operation Optional Option OptionSet Output Page Path Person Picker Pipe Placement Port Predicate Preview PreviewProvider Process ProcessInfo Progress ProgressView Promise \
        Publisher Query Range Record Rectangle Region Request Response Result Role Row Scanner Scene ScrollView Section Selector Sequence Set Settings Shape Sheet Slider Spacer \
        Stack State StateObject Stepper Stream String Style SubmitLabel Subscriber Subscription Summary Symbol Tab TabView Table Task TaskGroup Text TextField Thread Timer \
        TimeInterval TimeZone Toggle Token ToolbarItem Transaction Transition Unit URL URLRequest URLResponse UUID View ViewModifier Void VStack Window ZStack
        """.split(whereSeparator: \.isWhitespace).map(String.init))
}
