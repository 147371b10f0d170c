#!/usr/bin/env bash
# Makes Sportello.xcframework and puts it beside Package.swift in dist/swift/sportello, which is then what apps depend on.
#
#   bindings-mobile/swift/make-xcframework.sh                     on a Mac with Xcode and rustup: builds for iOS, its simulator and macOS
#   bindings-mobile/swift/make-xcframework.sh --libraries FOLDER  takes FOLDER/<slice>/libsportello_mobile.a, built elsewhere
#
# The second way runs on Linux too, up to the point where Apple's tools are needed; `cargo xtask test swift` goes that far.
set -euo pipefail

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
library=libsportello_mobile.a
# What the package says; C code in the library is built for the same.
export IPHONEOS_DEPLOYMENT_TARGET=16.0 MACOSX_DEPLOYMENT_TARGET=13.0

# slice, platform, variant, architectures, Rust's targets
slices() {
    cat <<'SLICES'
ios-arm64 ios - arm64 aarch64-apple-ios
ios-arm64_x86_64-simulator ios simulator arm64,x86_64 aarch64-apple-ios-sim,x86_64-apple-ios
macos-arm64_x86_64 macos - arm64,x86_64 aarch64-apple-darwin,x86_64-apple-darwin
SLICES
}

die() {
    echo "make-xcframework: $*" >&2
    exit 1
}

# Builds the static library of every slice into a folder.
build() {
    local into=$1 slice targets target built
    [[ $(uname) == Darwin ]] || die "building for Apple's systems takes a Mac; with --libraries FOLDER it takes libraries that were built on one"
    while read -r slice _ _ _ targets; do
        built=()
        for target in ${targets//,/ }; do
            rustup target add "$target"
            # The shared library is none of iOS's business.
            cargo rustc --manifest-path "$repo/Cargo.toml" --profile release-mobile -p sportello-mobile --lib --crate-type staticlib --target "$target"
            built+=("${CARGO_TARGET_DIR:-$repo/target}/$target/release-mobile/$library")
        done
        mkdir -p "$into/$slice"
        xcrun lipo -create "${built[@]}" -output "$into/$slice/$library"
        xcrun strip -S "$into/$slice/$library"
    done < <(slices)
}

# The description of every slice, as Xcode and SwiftPM read it.
plist() {
    local slice platform variant architectures architecture
    cat <<'HEAD'
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>AvailableLibraries</key>
	<array>
HEAD
    while read -r slice platform variant architectures _; do
        cat <<SLICE
		<dict>
			<key>BinaryPath</key>
			<string>$library</string>
			<key>HeadersPath</key>
			<string>Headers</string>
			<key>LibraryIdentifier</key>
			<string>$slice</string>
			<key>LibraryPath</key>
			<string>$library</string>
			<key>SupportedArchitectures</key>
			<array>
SLICE
        for architecture in ${architectures//,/ }; do echo "				<string>$architecture</string>"; done
        echo "			</array>"
        echo "			<key>SupportedPlatform</key>"
        echo "			<string>$platform</string>"
        if [[ $variant != - ]]; then
            echo "			<key>SupportedPlatformVariant</key>"
            echo "			<string>$variant</string>"
        fi
        echo "		</dict>"
    done < <(slices)
    cat <<'TAIL'
	</array>
	<key>CFBundlePackageType</key>
	<string>XFWK</string>
	<key>XCFrameworkFormatVersion</key>
	<string>1.0</string>
</dict>
</plist>
TAIL
}

# Puts libraries, headers and description together.
assemble() {
    local libraries=$1 ffi=$2 framework=$3 slice headers
    rm -rf "$framework"
    while read -r slice _; do
        [[ -f $libraries/$slice/$library ]] || die "no $libraries/$slice/$library"
        # In a folder of the module's name: two frameworks' module maps side by side would be in each other's way in an app.
        headers=$framework/$slice/Headers/SportelloFFI
        mkdir -p "$headers"
        cp "$ffi/SportelloFFI.h" "$ffi/module.modulemap" "$headers/"
        cp "$libraries/$slice/$library" "$framework/$slice/"
    done < <(slices)
    plist >"$framework/Info.plist"
}

main() {
    local libraries='' package=$repo/dist/swift/sportello framework
    while (($#)); do
        case $1 in
        --libraries) libraries=${2:?--libraries takes a folder} && shift 2 ;;
        --package) package=${2:?--package takes a folder} && shift 2 ;;
        *) die "unknown: $1" ;;
        esac
    done
    if [[ -z $libraries ]]; then
        (cd "$repo" && cargo xtask build swift)
        libraries=$(mktemp -d)
        build "$libraries"
    fi
    [[ -d $package/Sources/SportelloFFI ]] || die "no package in $package: \`cargo xtask build swift\` makes it"
    framework=$package/Sportello.xcframework
    assemble "$libraries" "$package/Sources/SportelloFFI" "$framework"
    echo "made $framework"
    if [[ $(uname) != Darwin ]]; then
        echo "not tried: linking and running it takes a Mac"
        return
    fi
    plutil -lint "$framework/Info.plist"
    swift build --package-path "$package"
    # What a release hands out, and what goes into `.binaryTarget(url:checksum:)`.
    (cd "$package" && zip -qry Sportello.xcframework.zip Sportello.xcframework)
    echo "checksum: $(swift package compute-checksum "$package/Sportello.xcframework.zip")"
}

main "$@"
