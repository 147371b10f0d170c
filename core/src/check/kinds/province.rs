//! Two letters of a province; the same letters name a chamber of commerce (CCIAA).
//!
//! Source: ISTAT, list of territorial units, with the former Sardinian provinces, the older letters of two (FO, PS) and the three lost in 1947 (FU,
//! PL, ZA), where people alive today were born; `EE` is "abroad" in the forms of the tax office.

use super::offer_capitals;
use crate::check::{Finding, FindingCode};

const PROVINCES: &str = "AG AL AN AO AP AQ AR AT AV BA BG BI BL BN BO BR BS BT BZ CA CB CE CH CI CL CN CO CR CS CT CZ EE EN FC FE FG FI FM FO FR FU GE GO GR IM IS KR LC \
    LE LI LO LT LU MB MC ME MI MN MO MS MT NA NO NU OG OR OT PA PC PD PE PG PI PL PN PO PR PS PT PU PV PZ RA RC RE RG RI RM RN RO SA SI SO SP SR SS SU SV TA TE TN TO TP TR \
    TS TV UD VA VB VC VE VI VR VS VT VV ZA";

/// Two capitals that are a province.
pub(super) fn check(text: &str, findings: &mut Vec<Finding>) {
    if is_form(text) {
        if !is_known(text) {
            Finding::say_at(FindingCode::ProvinceUnknown, 0, findings);
        }
        return;
    }
    let capitals = text.trim().to_ascii_uppercase();
    if text.len() <= 64 && is_form(&capitals) && !is_known(&capitals) {
        Finding::say_at(FindingCode::ProvinceUnknown, 0, findings);
    } else {
        findings.push(offer_capitals(text, FindingCode::ProvinceForm, |code| {
            is_form(code) && is_known(code)
        }));
    }
}

fn is_form(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn is_known(code: &str) -> bool {
    let mut pairs = PROVINCES.as_bytes().chunks(3);
    pairs.any(|pair| pair.get(..2) == Some(code.as_bytes()))
}
