#include "rules/codes.h"
#include "rules/example_tables.h"

namespace fengsui::rules {
namespace {

constexpr Example kExamples[] = {
    {code::kRuleId, "rule", "id: Courier_Hazard", "id: courier-hazard"},
    {code::kRuleTwice, "more.yaml",
     "rules:\n  - id: example\n    from: courier.parcel\n    grade: blue\n"
     "    purpose: { use: u, basis: b, retain: 1d }",
     "rules:\n  - id: another\n    from: courier.parcel\n    grade: blue\n"
     "    purpose: { use: u, basis: b, retain: 1d }"},
    {code::kUnknownType, "rule", "from: courier.parcl", "from: courier.parcel"},
    {code::kFromTwice, "rule", "from: [courier.parcel, courier.parcel]", "from: [courier.parcel]"},
    {code::kGroupCount, "rule",
     "from:\n  courier.parcel: { by: [outlet, grid] }\n  hotline.ticket: { by: outlet }",
     "from:\n  courier.parcel: { by: outlet }\n  hotline.ticket: { by: outlet }"},
    {code::kGroupValue, "rule", "by: geohash(lat, lon, 6)",
     "by: { cell: \"geohash(lat, lon, 6)\" }"},
    {code::kDuration, "rule", "by: outlet\nwindow: { sliding: 1 hour }",
     "by: outlet\nwindow: { sliding: 1h }"},
    {code::kWindow, "rule", "by: outlet\nwindow: { slide: 1h }",
     "by: outlet\nwindow: { sliding: 1h }"},
    {code::kRetain, "rule",
     "by: outlet\nwindow: { sliding: 7d }\npurpose: { use: u, basis: b, retain: 1d }",
     "by: outlet\nwindow: { sliding: 7d }\npurpose: { use: u, basis: b, retain: 30d }"},
    {code::kGrade, "rule", "grade: { purple: weight_kg > 10 }", "grade: { red: weight_kg > 10 }"},
    {code::kGradeNever, "rule", "grade: { red: weight_kg > 10 && weight_kg < 5, blue: verified }",
     "grade: { red: weight_kg > 5 && weight_kg < 10, blue: verified }"},
    {code::kChoice, "rule", "mode: shadwo", "mode: shadow"},
    {code::kLabel, "rule", "labels: { level: 1 }", "labels: { level: '1' }"},
    {code::kLetName, "rule", "let: { in: weight_kg }", "let: { inside: weight_kg }"},
    {code::kNoPurpose, "rule",
     "when: has(sender)\nby: sender\npurpose: { use: u, basis: b, retain: 1d }",
     "when: has(sender)\nby: sender\npurpose: { id: fraud, use: u, basis: b, retain: 1d }"},
    {code::kOtherPurpose, "rule",
     "when: has(sender)\nby: sender\npurpose: { id: marketing, use: u, basis: b, retain: 1d }",
     "when: has(sender)\nby: sender\npurpose: { id: fraud, use: u, basis: b, retain: 1d }"},
    {code::kBrace, "rule", "message: \"网点 {outlet\"", "message: \"网点 {outlet}\""},

    {code::kSyntax, "rule", "when: weight_kg > ", "when: weight_kg > 10"},
    {code::kUnknownName, "rule", "when: wieght_kg > 10", "when: weight_kg > 10"},
    {code::kTypeMismatch, "rule", "when: outlet > 10", "when: int(outlet) > 10"},
    {code::kUnknownFunction, "rule", "when: outlet.startWith('OUT')",
     "when: outlet.startsWith('OUT')"},
    {code::kNotHere, "rule", "by: outlet\nwindow: { sliding: 1h }\ngrade: { red: count() > 3 }",
     "by: outlet\nwindow: { sliding: 1h }\nlet: { n: count() }\ngrade: { red: n > 3 }"},
    {code::kProtected, "rule", "when: religion == 'none'", "when: outlet != ''"},
    {code::kOptionalField, "rule", "when: note != ''", "when: has(note) && note != ''"},
    {code::kBadConstant, "rule", "when: outlet.matches('[')", "when: outlet.matches('[0-9]')"},
    {code::kAggregate, "rule", "by: outlet\nwindow: { sliding: 1h }\nlet: { kg: sum() }",
     "by: outlet\nwindow: { sliding: 1h }\nlet: { kg: sum(weight_kg) }"},
};

}  // namespace

std::span<const Example> rule_examples() { return kExamples; }

}  // namespace fengsui::rules
