#include "rules/codes.h"
#include "rules/example_tables.h"

namespace fengsui::rules {
namespace {

constexpr Example kExamples[] = {
    {code::kGradeHidden, "rule",
     "by: outlet\nwindow: { sliding: 1h }\nlet: { n: count() }\n"
     "grade: { orange: n >= 3, yellow: n >= 5 }",
     "by: outlet\nwindow: { sliding: 1h }\nlet: { n: count() }\n"
     "grade: { orange: n >= 5, yellow: n >= 3 }"},
    {code::kContradiction, "rule", "when: item_category == 'paint' && item_category == 'solvent'",
     "when: item_category == 'paint' || item_category == 'solvent'"},
    {code::kIdlePart, "rule", "when: weight_kg > 5 && weight_kg > 10", "when: weight_kg > 10"},
    {code::kNotInEnum, "rule", "when: item_category == 'solvnt'",
     "when: item_category == 'solvent'"},
    {code::kBeyondLimits, "rule", "when: weight_kg >= 0 && verified",
     "when: weight_kg > 0 && verified"},
    {code::kUnusedList, "rule", "when: item_category == 'solvent'",
     "when: item_category in lists.hazardous_goods"},
    {code::kUnusedKeywords, "rule", "when: has(note) && note.contains('冒烟')",
     "when: has(note) && note.mentions(keywords.fire)"},
    {code::kUnusedDef, "rule", "when: item_category == 'solvent'", "when: hazardous"},
    {code::kUnreadSchema, "rule", "from: courier.parcel", "from: [courier.parcel, hotline.ticket]"},
    {code::kKeywordContained, "keywords/fire.txt", "冒烟\n楼道冒烟", "冒烟\n着火"},
    {code::kKeywordTwice, "keywords/fire.txt", "LPG\nlpg", "LPG\n液化气"},
    {code::kListKeyNever, "lists/hazardous_goods.csv", "category\nsolvnt", "category\nsolvent"},
    {code::kExceptionOver, "rule",
     "except:\n  - { name: fair, when: outlet == 'OUT1', owner: a, reason: b, until: 2020-05-01 }",
     "except:\n  - { name: fair, when: outlet == 'OUT1', owner: a, reason: b, until: 2199-05-01 }"},
    {code::kMessageGap, "rule",
     "by: outlet\nwindow: { sliding: 1h }\nlet: { n: count(verified), top: \"max(weight_kg, "
     "verified)\" }\n"
     "message: \"{top} kg\"\ngrade: { red: n >= 0.0 || pieces > 3 }",
     "by: outlet\nwindow: { sliding: 1h }\nlet: { n: count(verified), top: \"max(weight_kg, "
     "verified)\" }\n"
     "message: \"{top} kg\"\ngrade: { red: top > 5.0 }"},
    {code::kExceptionAll, "rule",
     "when: weight_kg > 10\nexcept:\n"
     "  - { name: light, when: weight_kg > 5, owner: a, reason: b }",
     "when: weight_kg > 10\nexcept:\n"
     "  - { name: heavy, when: weight_kg > 20, owner: a, reason: b, until: 2199-05-01 }"},
    {code::kWindowAlone, "rule", "window: { sliding: 1h }\nlet: { kg: sum(weight_kg) }",
     "by: outlet\nwindow: { sliding: 1h }\nlet: { kg: sum(weight_kg) }"},
    {code::kExceptionIdle, "rule",
     "when: weight_kg > 10\nexcept:\n"
     "  - { name: light, when: weight_kg < 5, owner: a, reason: b, until: 2199-05-01 }",
     "when: weight_kg > 10\nexcept:\n"
     "  - { name: heavy, when: weight_kg > 20, owner: a, reason: b, until: 2199-05-01 }"},

    {code::kTestRule, "tests/more.yaml", "tests:\n  - { name: t, events: [], never: [exmple] }",
     "tests:\n  - { name: t, events: [], never: [example] }"},
    {code::kTestType, "tests/more.yaml",
     "tests:\n  - name: t\n    events: [{ at: 0m, type: courier.parcl }]\n    never: [example]",
     "tests:\n  - name: t\n    events: [{ at: 0m, type: courier.parcel }]\n    never: [example]"},
    {code::kTestField, "tests/more.yaml",
     "tests:\n  - name: t\n    events:\n      - { at: 0m, type: courier.parcel, data: { verifed: "
     "true } }\n    never: [example]",
     "tests:\n  - name: t\n    events:\n      - { at: 0m, type: courier.parcel, data: { verified: "
     "false } }\n    never: [example]"},
    {code::kTestTime, "tests/more.yaml",
     "tests:\n  - name: t\n    events: [{ at: 90000d, type: courier.parcel }]\n    never: "
     "[example]",
     "tests:\n  - name: t\n    events: [{ at: 90d, type: courier.parcel }]\n    never: [example]"},
    {code::kTestWord, "tests/more.yaml",
     "tests:\n  - name: t\n    events: [{ at: 0m, type: courier.parcel, outcome: lost }]\n    "
     "never: [example]",
     "tests:\n  - name: t\n    events: [{ at: 0m, type: courier.parcel, outcome: late }]\n    "
     "never: [example]"},
    {code::kTestName, "tests/more.yaml",
     "tests:\n  - name: t\n    events: [{ at: 0m, type: courier.parcel, data: { verified: true } "
     "}]\n"
     "    expect: [{ at: 0m, rule: example, kind: open, values: { n: 1 } }]",
     "tests:\n  - name: t\n    events: [{ at: 0m, type: courier.parcel, data: { verified: true } "
     "}]\n"
     "    expect: [{ at: 0m, rule: example, kind: open, values: {} }]"},
    {code::kTestBoth, "tests/more.yaml",
     "tests:\n  - name: t\n    events: [{ at: 0m, type: courier.parcel, data: { verified: true } "
     "}]\n"
     "    expect: [{ at: 0m, rule: example, kind: open }]\n    never: [example]",
     "tests:\n  - name: t\n    events: [{ at: 0m, type: courier.parcel, data: { verified: true } "
     "}]\n"
     "    expect: [{ at: 0m, rule: example, kind: open }]"},
    {code::kTestDisabled, "tests/more.yaml",
     "tests:\n  - name: t\n    events: [{ at: 0m, type: courier.parcel }]\n    never: "
     "[switched-off]",
     "tests:\n  - name: t\n    events: [{ at: 0m, type: courier.parcel }]\n    never: [example]"},
    {code::kTestIdle, "tests/more.yaml", "tests:\n  - { name: t, events: [], never: [example] }",
     "tests:\n  - name: t\n    events: [{ at: 0m, type: courier.parcel }]\n    never: [example]"},
    {code::kTestTwice, "tests/more.yaml",
     "tests:\n  - { name: t, events: [], never: [example] }\n  - { name: t, events: [], never: "
     "[example] }",
     "tests:\n  - { name: t, events: [], never: [example] }\n  - { name: u, events: [], never: "
     "[example] }"},
};

}  // namespace

std::span<const Example> lint_examples() { return kExamples; }

}  // namespace fengsui::rules
