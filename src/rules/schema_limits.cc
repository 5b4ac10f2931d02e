#include <re2/re2.h>

#include <cmath>
#include <optional>
#include <utility>

#include "rules/codes.h"
#include "rules/schema_reader.h"
#include "rules/yaml_shape.h"

namespace fengsui::rules {
namespace {

using event::Field;
using event::FieldType;

const char* type_text(FieldType type) {
  static constexpr const char* kTexts[] = {"string",  "number", "integer",
                                           "boolean", "array",  "object"};
  return kTexts[static_cast<size_t>(type)];
}

bool is_numeric(FieldType type) { return type == FieldType::Number || type == FieldType::Integer; }

// An enum's value as the field's type reads it: `1.0` is an integer, `1` a number.
std::optional<cel::Value> value_of_type(const YamlNode& node, FieldType type) {
  if (type == FieldType::String && node.is_string()) return cel::Value::string(node.text);
  if (type == FieldType::Boolean && node.as_bool()) return cel::Value::boolean(*node.as_bool());
  const std::optional<double> number = node.as_number();
  if (!number) return std::nullopt;
  if (type == FieldType::Number) return cel::Value::real(*number);
  if (type != FieldType::Integer) return std::nullopt;
  if (const std::optional<int64_t> whole = node.as_int()) return cel::Value::integer(*whole);
  constexpr double kIntRange = 9223372036854775808.0;  // 2^63
  if (*number != std::floor(*number) || *number < -kIntRange || *number >= kIntRange) {
    return std::nullopt;
  }
  return cel::Value::integer(static_cast<int64_t>(*number));
}

void read_enum(const YamlNode& schema, Field& field, Findings& findings) {
  const YamlNode* values = schema.find("enum");
  if (values == nullptr || field.type == FieldType::Array || field.type == FieldType::Object ||
      !expect_list(*values, "`enum`", findings)) {
    return;
  }
  if (values->items.empty()) {
    error_at(*values, code::kBadEnum, "`enum` allows no value", {}, findings);
  }
  for (const YamlNode& item : values->items) {
    std::optional<cel::Value> value = value_of_type(item, field.type);
    if (!value) {
      const bool quote = field.type == FieldType::String && item.is_scalar();
      error_at(item, code::kBadEnum,
               "`" + (item.is_scalar() ? item.text : item.kind_name()) +
                   "` is not of the property's type, " + type_text(field.type),
               quote ? "put it in quotes if it is meant as text" : "", findings);
      continue;
    }
    for (const cel::Value& other : field.allowed) {
      if (!cel::equal(other, *value)) continue;
      error_at(item, code::kBadEnum, "`" + item.text + "` stands twice in `enum`", {}, findings);
      break;
    }
    field.allowed.push_back(std::move(*value));
  }
}

std::optional<double> read_bound(const YamlNode& schema, const char* word, Findings& findings) {
  const YamlNode* node = schema.find(word);
  if (node == nullptr) return std::nullopt;
  const std::optional<double> bound = node->as_number();
  if (!bound) {
    error_at(*node, code::kBadLimit, std::string("`") + word + "` is a number", {}, findings);
  }
  return bound;
}

void read_length(const YamlNode& schema, Field& field, Findings& findings) {
  const YamlNode* node = schema.find("maxLength");
  if (node == nullptr) return;
  field.length_max = node->as_int();
  if (!field.length_max || *field.length_max < 0) {
    error_at(*node, code::kBadLimit, "`maxLength` is a whole number of code points, from 0", {},
             findings);
  }
}

void read_pattern(const YamlNode& schema, Field& field, Findings& findings) {
  const YamlNode* node = schema.find("pattern");
  if (node == nullptr) return;
  if (!node->is_scalar()) {
    expect_text(*node, "`pattern`", findings);
    return;
  }
  RE2::Options options;
  options.set_log_errors(false);
  auto pattern = std::make_shared<const RE2>(node->text, options);
  if (!pattern->ok()) {
    error_at(*node, code::kBadPattern, "`pattern` is no RE2 expression: " + pattern->error(),
             "RE2 has no look-around and no back references", findings);
    return;
  }
  field.pattern = std::move(pattern);
}

}  // namespace

void read_limits(const YamlNode& schema, Field& field, Findings& findings) {
  read_enum(schema, field, findings);
  if (is_numeric(field.type)) {
    field.minimum = read_bound(schema, "minimum", findings);
    field.maximum = read_bound(schema, "maximum", findings);
    if (field.minimum && field.maximum && *field.minimum > *field.maximum) {
      error_at(*schema.find("minimum"), code::kBadLimit,
               "`minimum` is above `maximum`: no value can be right", {}, findings);
    }
  }
  if (field.type != FieldType::String) return;
  read_length(schema, field, findings);
  read_pattern(schema, field, findings);
  if (const YamlNode* format = schema.find("format")) {
    field.date_time = format->text == "date-time";
    if (!field.date_time) {
      error_at(*format, code::kUnknownFormat, "`" + format->text + "` is no format known here",
               "`date-time` is the only one", findings);
    }
  }
}

}  // namespace fengsui::rules
