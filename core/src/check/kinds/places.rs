//! Codes of municipalities and provinces, by their form. Whether a municipality exists, and existed on a date, needs the register, which is not part of this
//! version.
//!
//! Source of the provinces: ISTAT, list of territorial units, with the former Sardinian provinces, the older letters of two (FO, PS) and the three lost in 1947 (FU,
//! PL, ZA), where people alive today were born; `EE` is "abroad" in the forms of the tax office.

use crate::check::{Finding, FindingCode};

const PROVINCES: &str = "AG AL AN AO AP AQ AR AT AV BA BG BI BL BN BO BR BS BT BZ CA CB CE CH CI CL CN CO CR CS CT CZ EE EN FC FE FG FI FM FO FR FU GE GO GR IM IS KR LC \
    LE LI LO LT LU MB MC ME MI MN MO MS MT NA NO NU OG OR OT PA PC PD PE PG PI PL PN PO PR PS PT PU PV PZ RA RC RE RG RI RM RN RO SA SI SO SP SR SS SU SV TA TE TN TO TP TR \
    TS TV UD VA VB VC VE VI VR VS VT VV ZA";

/// A cadastral code: a capital and three digits.
pub(super) fn check_municipality(text: &str, findings: &mut Vec<Finding>) {
    let fits = |code: &str| matches!(code.as_bytes(), [letter, digits @ ..] if letter.is_ascii_uppercase() && digits.len() == 3 && digits.iter().all(u8::is_ascii_digit));
    check_form(text, FindingCode::MunicipalityForm, &fits, findings);
}

/// Two capitals that are a province.
pub(super) fn check_province(text: &str, findings: &mut Vec<Finding>) {
    let fits = |code: &str| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    let known = |code: &str| PROVINCES.split(' ').any(|province| province == code);
    check_form(text, FindingCode::ProvinceForm, &fits, findings);
    let code: String = text
        .trim()
        .chars()
        .take(3)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    if fits(&code) && !known(&code) {
        findings.retain(|finding| finding.code != FindingCode::ProvinceForm);
        findings.push(Finding::new(FindingCode::ProvinceUnknown));
    }
}

fn check_form(text: &str, code: FindingCode, fits: &dyn Fn(&str) -> bool, findings: &mut Vec<Finding>) {
    if fits(text) {
        return;
    }
    let offered: String = text
        .trim()
        .chars()
        .take(8)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let finding = Finding::new(code);
    findings.push(if fits(&offered) {
        finding.offering(offered)
    } else {
        finding
    });
}
