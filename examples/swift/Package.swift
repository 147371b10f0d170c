// swift-tools-version: 5.9
import PackageDescription

// `cargo xtask build swift` makes the package that this depends on. An app names the released one instead, by its address.
let sportello = Context.environment["SPORTELLO_PACKAGE"] ?? "../../dist/swift/sportello"

let package = Package(
    name: "Story",
    platforms: [.macOS(.v13), .iOS(.v16)],
    dependencies: [.package(name: "Sportello", path: sportello)],
    targets: [
        .executableTarget(name: "story", dependencies: ["OwnNetwork", .product(name: "Sportello", package: "Sportello")]),
        .target(name: "OwnNetwork", dependencies: [.product(name: "Sportello", package: "Sportello")]),
        .testTarget(name: "OwnNetworkTests", dependencies: ["OwnNetwork", "story"]),
    ],
    swiftLanguageVersions: [.v5, .version("6")]
)
