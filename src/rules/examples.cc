#include "rules/examples.h"

#include <algorithm>
#include <iterator>
#include <span>

#include "rules/codes.h"
#include "rules/example_tables.h"
#include "rules/issue.h"

namespace fengsui::rules {
namespace {

constexpr Example kExamples[] = {
    {code::kEmptyFile, "more.yaml", "# rules to come", "rules: []"},

    {code::kYamlSyntax, "rule", "message: 网点 {outlet}: {n} 件: 请核查",
     "message: \"网点 {outlet}: 请核查\""},
    {code::kAnchor, "rule", "when: &heavy weight_kg > 10\nlabels: { why: *heavy }",
     "when: weight_kg > 10\nlabels: { why: heavy }"},
    {code::kTag, "rule", "when: !verified", "when: \"!verified\""},
    {code::kDuplicateKey, "rule", "when: verified\nwhen: weight_kg > 10",
     "when: verified && weight_kg > 10"},
    {code::kComplexKey, "rule", "labels:\n  ? [a, b]\n  : x", "labels: { a: x, b: x }"},
    {code::kTooDeep, "rule",
     "labels: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\n"
     "        ]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
     "labels: { a: '1' }"},
    {code::kDocuments, "more.yaml", "rules: []\n---\nrules: []", "rules: []"},
    {code::kWrongKind, "rule", "when: [verified, weight_kg > 10]",
     "when: verified && weight_kg > 10"},
    {code::kUnknownKey, "rule", "wen: verified", "when: verified"},
    {code::kMissingKey, "rule", "purpose: { use: 寄递安全, retain: 30d }",
     "purpose: { use: 寄递安全, basis: 反恐怖主义法 第二十条, retain: 30d }"},
    {code::kUnknownTimezone, "pack.yaml", "timezone: Beijing", "timezone: Asia/Shanghai"},

    {code::kCsvSyntax, "lists/hazardous_goods.csv", "category,name\nsolvent,a \"strong\" one",
     "category,name\nsolvent,\"a \"\"strong\"\" one\""},
    {code::kCsvRagged, "lists/hazardous_goods.csv", "category,name\nsolvent,thinner, turpentine",
     "category,name\nsolvent,\"thinner, turpentine\""},
    {code::kCsvKeyTwice, "lists/hazardous_goods.csv", "category,rank\nsolvent,1\nsolvent,2",
     "category,rank\nsolvent,2"},
    {code::kCsvHeader, "lists/hazardous_goods.csv", "category,rank,rank\nsolvent,1,2",
     "category,rank,class\nsolvent,1,2"},
    {code::kNoKeywords, "keywords/fire.txt", "# 冒烟", "冒烟"},
    {code::kUnknownParent, "areas.csv",
     "code,name,parent,kind,lat,lon\n620102,城关区,6201,district,,",
     "code,name,parent,kind,lat,lon\n6201,兰州市,,city,,\n620102,城关区,6201,district,,"},
    {code::kAreaCycle, "areas.csv",
     "code,name,parent,kind,lat,lon\n6201,兰州市,620102,city,,\n620102,城关区,6201,district,,",
     "code,name,parent,kind,lat,lon\n6201,兰州市,,city,,\n620102,城关区,6201,district,,"},
    {code::kAreaPlace, "areas.csv", "code,name,parent,kind,lat,lon\n6201,兰州市,,city,103.8,36.06",
     "code,name,parent,kind,lat,lon\n6201,兰州市,,city,36.06,103.8"},

    {code::kUnknownWord, "schemas/more.yaml",
     "event: post.letter\nproperties:\n  kind: { type: string, maxlength: 8 }",
     "event: post.letter\nproperties:\n  kind: { type: string, maxLength: 8 }"},
    {code::kFieldType, "schemas/more.yaml",
     "event: post.letter\nproperties:\n  kind: { enum: [a, b] }",
     "event: post.letter\nproperties:\n  kind: { type: string, enum: [a, b] }"},
    {code::kWordOfOtherType, "schemas/more.yaml",
     "event: post.letter\nproperties:\n  weight_g: { type: integer, maxLength: 5 }",
     "event: post.letter\nproperties:\n  weight_g: { type: integer, maximum: 99999 }"},
    {code::kBadLimit, "schemas/more.yaml",
     "event: post.letter\nproperties:\n  weight_g: { type: integer, minimum: 10, maximum: 1 }",
     "event: post.letter\nproperties:\n  weight_g: { type: integer, minimum: 1, maximum: 10 }"},
    {code::kBadEnum, "schemas/more.yaml",
     "event: post.letter\nproperties:\n  kind: { type: string, enum: [1, 2] }",
     "event: post.letter\nproperties:\n  kind: { type: string, enum: ['1', '2'] }"},
    {code::kBadPattern, "schemas/more.yaml",
     "event: post.letter\nproperties:\n  code: { type: string, pattern: '^(?!0)[0-9]+$' }",
     "event: post.letter\nproperties:\n  code: { type: string, pattern: '^[1-9][0-9]*$' }"},
    {code::kTypeTwice, "schemas/more.yaml", "event: courier.parcel", "event: post.letter"},
    {code::kReservedType, "schemas/more.yaml", "event: alert", "event: post.letter"},
    {code::kBadRequired, "schemas/more.yaml",
     "event: post.letter\nrequired: [knd]\nproperties:\n  kind: { type: string }",
     "event: post.letter\nrequired: [kind]\nproperties:\n  kind: { type: string }"},
    {code::kBadExtension, "schemas/more.yaml",
     "event: post.letter\nproperties:\n  grid: { type: string, x-area: yes }",
     "event: post.letter\nproperties:\n  grid: { type: string, x-area: true }"},
    {code::kAreaTwice, "schemas/more.yaml",
     "event: post.letter\nproperties:\n  from: { type: string, x-area: true }\n"
     "  to: { type: string, x-area: true }",
     "event: post.letter\nproperties:\n  from: { type: string, x-area: true }\n"
     "  to: { type: string }"},
    {code::kUnknownFormat, "schemas/more.yaml",
     "event: post.letter\nproperties:\n  at: { type: string, format: date }",
     "event: post.letter\nproperties:\n  at: { type: string, format: date-time }"},
    {code::kPropertyName, "schemas/more.yaml",
     "event: post.letter\nproperties:\n  outlet.code: { type: string }",
     "event: post.letter\nproperties:\n  outlet:\n    type: object\n    properties:\n"
     "      code: { type: string }"},
};

std::vector<Example> all() {
  std::vector<Example> examples(std::begin(kExamples), std::end(kExamples));
  for (const std::span<const Example> table : {rule_examples(), lint_examples()}) {
    examples.insert(examples.end(), table.begin(), table.end());
  }
  std::sort(examples.begin(), examples.end(),
            [](const Example& a, const Example& b) { return a.code < b.code; });
  return examples;
}

// Each line indented, under a heading.
void append_lines(std::string& out, std::string_view heading, std::string_view lines) {
  out += "\n\n";
  out += heading;
  for (size_t at = 0; at <= lines.size();) {
    const size_t end = std::min(lines.find('\n', at), lines.size());
    out += "\n    ";
    out += lines.substr(at, end - at);
    at = end + 1;
  }
}

// Broken between words at 80 columns; wide characters count twice, near enough.
std::string folded(std::string_view text) {
  constexpr size_t kColumns = 80;
  std::string out;
  size_t column = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(' ', at), text.size());
    const size_t length = end - at;
    if (column > 0 && column + 1 + length > kColumns) {
      out += '\n';
      column = 0;
    } else if (column > 0) {
      out += ' ';
      ++column;
    }
    out += text.substr(at, length);
    column += length;
    at = end + 1;
  }
  return out;
}

}  // namespace

const std::vector<Example>& examples() {
  static const std::vector<Example> kAll = all();
  return kAll;
}

std::string explanation_text(std::string_view code) {
  const std::string_view page = explanation(code);
  if (page.empty()) return {};
  std::string text = std::string(code) + "\n\n" + folded(page);
  for (const Example& example : examples()) {
    if (example.code != code) continue;
    const std::string where =
        example.place == "rule" ? " (in a rule):" : " (" + std::string(example.place) + "):";
    append_lines(text, "Wrong" + where, example.wrong);
    append_lines(text, "Right:", example.right);
  }
  return text;
}

}  // namespace fengsui::rules
