#include "rules/lint_scope.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "cel/utf8.h"
#include "rules/aggregates.h"
#include "rules/placed_expression.h"

namespace fengsui::rules {
namespace {

using cel::Node;
using cel::Value;
using event::Field;
using event::FieldType;
using NodeKind = cel::Node::Kind;

std::string first_part(const std::string& path) { return path.substr(0, path.find('.')); }

// `data.x` names the field, whatever let is called x.
bool is_under_data(const Node& node) {
  const Node* at = &node;
  while (at->kind == NodeKind::Select) at = &at->child(0);
  return at != &node && at->kind == NodeKind::Name && at->text == "data";
}

// What the schema lets a field be. The value of an identity field is its token.
ValueRange range_of(const Field& field) {
  ValueRange range;
  range.whole = field.type == FieldType::Integer;
  if (field.identity) return range;
  if (field.type == FieldType::Boolean) {
    range.only = std::vector<Value>{Value::boolean(false), Value::boolean(true)};
  }
  if (!field.allowed.empty()) range.only = field.allowed;
  if (range.only) return range;
  if (field.minimum) range.low = ValueRange::Bound{Value::real(*field.minimum)};
  if (field.maximum) range.high = ValueRange::Bound{Value::real(*field.maximum)};
  return range;
}

std::string text_of(const Value& value) {
  std::string text;
  cel::append_json(text, value);
  return text;
}

bool is_number(const Field& field) {
  return field.type == FieldType::Integer || field.type == FieldType::Number;
}

// The word of the schema by which the field cannot be the value; null: it can be.
const char* refusing_word(const Field& field, const Value& value) {
  if (field.identity) return nullptr;
  const bool is_enum = !field.allowed.empty();
  if (is_enum) {
    const bool listed = std::any_of(field.allowed.begin(), field.allowed.end(),
                                    [&](const Value& one) { return cel::equal(one, value); });
    return listed ? nullptr : "enum";
  }
  if (is_number(field)) return range_of(field).contains(value) ? nullptr : "limits";
  if (field.type != FieldType::String || value.kind() != cel::Kind::String) return nullptr;
  const std::string& text = value.as_string();
  if (field.length_max && cel::count_code_points(text) > *field.length_max) return "maxLength";
  if (field.pattern != nullptr && !RE2::PartialMatch(text, *field.pattern)) return "pattern";
  return nullptr;
}

Subject at_least_zero(bool whole, const char* what) {
  Subject subject;
  subject.range = ValueRange::from(Value::integer(0));
  subject.range.whole = whole;
  subject.never_nan = whole;
  subject.why = std::string(what) + " is never below 0";
  return subject;
}

}  // namespace

bool may_be(const std::vector<const Field*>& fields, const Value& value, std::string& why) {
  const char* word = nullptr;
  for (const Field* field : fields) {
    word = refusing_word(*field, value);
    if (word == nullptr) return true;
  }
  if (word != nullptr) why = word;
  return word == nullptr;
}

void LintScope::add_let(const std::string& name, const Node& node, const WindowFacts& facts) {
  Let let;
  const bool is_aggregate = node.kind == NodeKind::Call && find_aggregate(node.text) != nullptr;
  let.subject = is_aggregate ? of_aggregate(node, facts) : subject(node);
  if (!is_aggregate) {
    let.node = &node;
    let.above = std::make_shared<LintScope>(*this);
  }
  let.subject.key = "let " + name;
  lets_[name] = std::move(let);
}

bool LintScope::is_def(const std::string& name) const {
  return defs_.contains(name) && !lets_.contains(name) && !steps_.contains(name);
}

ConditionScope::Meaning LintScope::meaning(const Node& name) const {
  if (name.kind != NodeKind::Name) return {};
  if (const auto let = lets_.find(name.text); let != lets_.end()) {
    // Plain CEL of another form than a condition is a subject of its own.
    const Node* node = let->second.node;
    const bool is_condition =
        node != nullptr && (node->kind == NodeKind::And || node->kind == NodeKind::Or ||
                            node->kind == NodeKind::Unary || node->kind == NodeKind::Binary);
    return is_condition ? Meaning{node, let->second.above.get()} : Meaning{};
  }
  if (!is_def(name.text)) return {};
  return {defs_.find(name.text)->second, this};
}

std::vector<const Field*> LintScope::fields_of(const Node& node) const {
  std::vector<const Field*> fields;
  const std::optional<std::string> path = field_path(node);
  if (!path) return fields;
  const std::string first = first_part(*path);
  if (!is_under_data(node)) {
    if (lets_.contains(first)) return fields;
    if (const auto step = steps_.find(first); step != steps_.end()) {
      const size_t dot = path->find('.');
      const Field* field = step->second == nullptr || dot == std::string::npos
                               ? nullptr
                               : step->second->find(path->substr(dot + 1));
      if (field != nullptr) fields.push_back(field);
      return fields;
    }
  }
  for (const event::EventType* type : types_) {
    if (const Field* field = type->find(*path)) fields.push_back(field);
  }
  return fields;
}

Subject LintScope::of_field(const Node& node, std::string key) const {
  Subject subject;
  subject.key = std::move(key);
  const std::vector<const Field*> fields = fields_of(node);
  if (fields.empty()) return subject;
  subject.range = range_of(*fields.front());
  for (const Field* field : fields) subject.range = either(subject.range, range_of(*field));
  subject.never_nan = std::all_of(fields.begin(), fields.end(),
                                  [](const Field* field) { return is_number(*field); });
  subject.from_enum = subject.range.only && !fields.front()->allowed.empty();
  if (subject.from_enum) {
    subject.why = "its schema's `enum` has no other values";
  } else if (subject.range.low || subject.range.high) {
    subject.why = "its schema's limits are ";
    subject.why += subject.range.low ? text_of(subject.range.low->value) : "none";
    subject.why += " and ";
    subject.why += subject.range.high ? text_of(subject.range.high->value) : "none";
  }
  return subject;
}

bool LintScope::reads_row(const Node& node) const {
  bool found = false;
  visit_paths(node, [&](const std::string& path, const Node&) {
    const std::string first = first_part(path);
    found = found || lets_.contains(first) || steps_.contains(first);
  });
  return found;
}

Subject LintScope::subject(const Node& node) const {
  if (const std::optional<std::string> path = field_path(node)) {
    const std::string first = first_part(*path);
    if (!is_under_data(node)) {
      if (const auto let = lets_.find(first); let != lets_.end()) {
        if (*path == first) return let->second.subject;
        Subject part;
        part.key = "let " + *path;
        return part;
      }
      if (steps_.contains(first)) return of_field(node, "step " + *path);
    }
    return of_field(node, *path);
  }
  Subject subject = of_call(node);
  // What is said of a let is not said of the field that it hides.
  subject.key = (reads_row(node) ? "row " : "call ") + fingerprint(node);
  return subject;
}

Subject LintScope::of_call(const Node& node) const {
  if (node.kind != NodeKind::Call && node.kind != NodeKind::MethodCall) return {};
  const std::string& name = node.text;
  if (name == "size") return at_least_zero(true, "a size");
  if (name == "mentionCount") return at_least_zero(true, "a count");
  if (name == "distance") return at_least_zero(false, "a distance");
  if (name == "double" && node.children.size() == 1) {
    Subject subject = this->subject(node.child(0));
    subject.never_errs = false;
    if (subject.range.only) subject.range = {};  // of a text, its number
    return subject;
  }
  return {};
}

Subject LintScope::of_aggregate(const Node& call, const WindowFacts& facts) const {
  const auto& arguments = call.children;
  const std::string& name = call.text;
  if (name == "count" || name == "distinct" || name == "approx_distinct") {
    Subject subject = at_least_zero(true, "a count");
    subject.never_errs = true;
    const bool is_plain = name == "count" && arguments.empty();
    if (facts.alone) {
      subject.range = ValueRange::one_of({Value::integer(1)});
      if (!is_plain) subject.range.only->push_back(Value::integer(0));
      subject.why = "the rule sees one event at a time";
    } else if (facts.most > 0) {
      subject.range = both(subject.range, ValueRange::up_to(Value::integer(facts.most)));
      subject.why = "the window holds " + std::to_string(facts.most) + " events at most";
    }
    return subject;
  }
  if (name == "stddev" || name == "speed") return at_least_zero(false, name.c_str());
  const bool keeps = name == "min" || name == "max" || name == "first" || name == "last" ||
                     name == "percentile" || name == "avg";
  if (arguments.empty() || (!keeps && name != "sum")) return {};
  // An argument sees the event alone.
  Subject subject = LintScope(types_, defs_).subject(*arguments.front());
  subject.never_errs = false;
  if (keeps) {
    if (name == "avg") {
      subject.range.whole = false;
      if (subject.range.only) subject.range = {};
    }
    return subject;
  }
  const bool positive = subject.range.within(ValueRange::from(Value::integer(0)));
  const bool whole = subject.range.whole;
  subject.range = positive ? ValueRange::from(Value::integer(0)) : ValueRange{};
  subject.range.whole = whole;
  subject.from_enum = false;
  subject.why = positive ? "no value that is added is below 0" : "";
  return subject;
}

}  // namespace fengsui::rules
