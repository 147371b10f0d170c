import type { Finding, Report } from "../types.js";
import type { FieldSource } from "./source.js";

/** A finding about several fields of which one, or one set, is enough. */
export interface GroupMessage {
  finding: Finding;
  /** The fields it is about, in the form's order. */
  keys: string[];
}

/** The report's alternatives with the fields that each is about: what the rule says, not each field by itself. */
export function groupsOf(report: Report, fields: readonly FieldSource[]): GroupMessage[] {
  const required = new Set(fields.filter((field) => field.required).map((field) => field.key));
  const { sets, groups } = report.missing;
  const open = (groups && groups.length > 0 ? groups : [sets])
    .map((alternatives) => alternatives.map((set) => set.filter((key) => !required.has(key))))
    // Where one alternative is complete but for what is required anyway, there is nothing to choose.
    .filter((alternatives) => alternatives.length > 0 && alternatives.every((set) => set.length > 0));
  const findings = report.findings.filter((finding) => finding.code === "required.alternatives");
  return findings.map((finding, index) => {
    const keys = new Set(open[index]?.flat());
    return { finding, keys: fields.map((field) => field.key).filter((key) => keys.has(key)) };
  });
}
