#include "event/data_reader.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "event/field_check.h"
#include "event/number_text.h"
#include "event/tripwire.h"

namespace fengsui::event {
namespace {

namespace ondemand = simdjson::ondemand;
using cel::Value;

// What a message calls a place; the schema's names, never the record's.
std::string place(const PlanNode& node) {
  return node.field->path.empty() ? "data" : "data." + node.field->path;
}

// A number's token without the white space behind it.
std::string_view number_token(std::string_view token) {
  const size_t end = token.find_last_not_of(" \t\n\r");
  return token.substr(0, end + 1);
}

bool starts_number(char c) { return c == '-' || (c >= '0' && c <= '9'); }

}  // namespace

bool read_text(ondemand::value& value, std::string_view& text) {
  const std::string_view token = value.raw_json_token();
  if (token[0] != '"') return false;
  const std::string_view inside = token.substr(1, token.rfind('"') - 1);
  if (std::memchr(inside.data(), '\\', inside.size()) == nullptr) {
    text = inside;
    return true;
  }
  return value.get_string().get(text) == simdjson::SUCCESS;
}

simdjson::error_code read_name(ondemand::field& field, std::string_view& name) {
  const char* raw = field.key().raw();
  const char* end = raw;
  while (*end != '"' && *end != '\\') ++end;
  if (*end == '\\') return field.unescaped_key().get(name);
  name = std::string_view(raw, static_cast<size_t>(end - raw));
  return simdjson::SUCCESS;
}

std::optional<Rejected> DataReader::read(const TypePlan& plan, ondemand::object data, bool watch,
                                         const char* record_end, std::vector<Value>& slots) {
  plan_ = &plan;
  slots_ = &slots;
  watch_ = watch;
  record_end_ = record_end;
  seen_.clear();
  fault_.reset();
  identity_fault_.reset();
  read_object(plan.data, data, nullptr);
  return fault_;
}

bool DataReader::read_object(const PlanNode& node, ondemand::object object, Value* out) {
  const size_t base = seen_.size();
  seen_.resize(base + node.parts.size(), 0);
  if (node.field->slot >= 0) {
    for (const int slot : node.missing_inside)
      (*slots_)[static_cast<size_t>(slot)] = Value::missing();
  }
  cel::ListValue shown;  // by part
  if (out != nullptr) shown.resize(node.parts.size(), Value::missing());

  size_t expected = 0;
  for (simdjson::simdjson_result<ondemand::field> item : object) {
    ondemand::field field;
    if (!ok(std::move(item).get(field))) return false;
    int found = -1;
    if (!find_part(node, field, expected, found)) return false;
    if (found < 0) {
      watch_unknown(field.value());
      continue;
    }
    const size_t index = static_cast<size_t>(found);
    const PlanNode& part = node.parts[index];
    if (seen_[base + index] != 0) return schema_fault(part, "is given twice");
    seen_[base + index] = 1;
    expected = index + 1;
    const bool show = out != nullptr && part.shown;
    if (!read_part(part, field.value(), show ? &shown[index] : nullptr)) return false;
  }
  for (size_t i = 0; i < node.parts.size(); ++i) {
    const PlanNode& part = node.parts[i];
    if (part.field->required && seen_[base + i] == 0) return schema_fault(part, "is missing");
  }
  seen_.resize(base);
  if (out == nullptr) return true;

  cel::MapValue map;
  for (size_t i = 0; i < shown.size(); ++i) {
    if (shown[i].is_error()) continue;
    map.emplace_back(Value::string(node.parts[i].field->name), std::move(shown[i]));
  }
  *out = Value::map(std::move(map));
  return true;
}

bool DataReader::read_part(const PlanNode& part, ondemand::value value, Value* shown) {
  if (!part.keep) return read_value(part, value, shown);
  Value kept;
  if (!read_value(part, value, &kept)) return false;
  if (shown != nullptr) *shown = kept;
  (*slots_)[static_cast<size_t>(part.field->slot)] = std::move(kept);
  return true;
}

bool DataReader::read_value(const PlanNode& node, ondemand::value value, Value* out) {
  if (node.field->identity) return read_identity(node, value, out);
  const bool composite =
      node.field->type == FieldType::Array || node.field->type == FieldType::Object;
  if (!composite || node.field->allowed.empty()) return read_typed(node, value, out);
  Value whole;
  if (!read_typed(node, value, &whole) || !check_allowed(node, whole)) return false;
  if (out != nullptr) *out = std::move(whole);
  return true;
}

bool DataReader::read_typed(const PlanNode& node, ondemand::value value, Value* out) {
  const char first = value.raw_json_token()[0];
  switch (node.field->type) {
    case FieldType::String:
      return read_string(node, value, out);
    case FieldType::Number:
    case FieldType::Integer:
      return read_number(node, value, out);
    case FieldType::Boolean: {
      if (first != 't' && first != 'f') return schema_fault(node, "is not a boolean");
      const Value truth = Value::boolean(first == 't');
      if (!check_allowed(node, truth)) return false;
      if (out != nullptr) *out = truth;
      return true;
    }
    case FieldType::Array: {
      if (first != '[') return schema_fault(node, "is not an array");
      ondemand::array array;
      return ok(value.get_array().get(array)) && read_array(node, array, out);
    }
    case FieldType::Object: {
      if (first != '{') return schema_fault(node, "is not an object");
      ondemand::object object;
      return ok(value.get_object().get(object)) && read_object(node, object, out);
    }
  }
  return true;
}

bool DataReader::read_array(const PlanNode& node, ondemand::array array, Value* out) {
  cel::ListValue list;
  for (simdjson::simdjson_result<ondemand::value> item : array) {
    ondemand::value value;
    if (!ok(std::move(item).get(value))) return false;
    Value* into = nullptr;
    const bool show = out != nullptr && (!node.items || node.items->shown);
    if (show) into = &list.emplace_back();
    if (node.items) {
      if (!read_value(*node.items, value, into)) return false;
    } else {
      watch_unknown(value);
      if (into != nullptr && !read_anything(value, into)) return false;
    }
  }
  if (out != nullptr) *out = Value::list(std::move(list));
  return true;
}

bool DataReader::read_number(const PlanNode& node, ondemand::value value, Value* out) {
  const std::string_view token = value.raw_json_token();
  const bool whole = node.field->type == FieldType::Integer;
  if (!starts_number(token[0])) {
    return schema_fault(node, whole ? "is not an integer" : "is not a number");
  }
  Value number;
  if (whole) {
    const std::optional<int64_t> integer = whole_number(number_token(token));
    if (!integer) return schema_fault(node, "is not whole or does not fit 64 bits");
    number = Value::integer(*integer);
  } else {
    const std::optional<double> real = real_number(number_token(token));
    if (!real) return schema_fault(node, "does not fit a double");
    number = Value::real(*real);
  }
  if (!check_range(node, number) || !check_allowed(node, number)) return false;
  if (out != nullptr) *out = std::move(number);
  return true;
}

bool DataReader::read_string(const PlanNode& node, ondemand::value value, Value* out) {
  std::string_view text;
  if (!read_text(value, text)) return schema_fault(node, "is not a string");
  if (watch_ && names_a_person(text))
    note_identity(place(node) + " holds a number that names a person");
  if (!check_words(node, text)) return false;
  if (out != nullptr) *out = Value::string(std::string(text));
  return true;
}

bool DataReader::read_identity(const PlanNode& node, ondemand::value value, Value* out) {
  std::string_view text;
  if (read_text(value, text)) return check_words(node, text) && make_tokens(node, text, out);
  if (value.raw_json_token()[0] != '{') {
    return schema_fault(node, "is neither a string nor an object of tokens");
  }
  ondemand::object object;
  return ok(value.get_object().get(object)) && read_tokens(node, object, out);
}

bool DataReader::read_tokens(const PlanNode& node, ondemand::object object, Value* out) {
  cel::MapValue tokens;
  for (simdjson::simdjson_result<ondemand::field> item : object) {
    ondemand::field field;
    if (!ok(std::move(item).get(field))) return false;
    std::string_view purpose;
    std::string_view token;
    if (!ok(read_name(field, purpose))) return false;
    if (!read_text(field.value(), token) || token.empty()) {
      return schema_fault(node, "has a token that is empty or no string");
    }
    if (out == nullptr) continue;
    const auto same = std::find_if(tokens.begin(), tokens.end(), [&](const auto& entry) {
      return entry.first.as_string() == purpose;
    });
    if (same != tokens.end()) {  // a purpose is no schema name: the last one counts
      same->second = Value::string(std::string(token));
    } else {
      tokens.emplace_back(Value::string(std::string(purpose)), Value::string(std::string(token)));
    }
  }
  if (out != nullptr) *out = Value::map(std::move(tokens));
  return true;
}

bool DataReader::make_tokens(const PlanNode& node, std::string_view text, Value* out) {
  const bool no_keys = keys_ == nullptr || !keys_->has_keys();
  // Purposes without a single key: the value could not be told from one of another person.
  if (no_keys || (node.token_purposes.empty() && !node.field->identity_purposes.empty())) {
    note_identity(place(node) + " is a string, and there is no key to make its token");
    return true;
  }
  if (out == nullptr) return true;
  cel::MapValue tokens;
  for (const std::string& purpose : node.token_purposes) {
    tokens.emplace_back(Value::string(purpose),
                        Value::string(*keys_->token(plan_->type->name(), purpose, text)));
  }
  *out = Value::map(std::move(tokens));
  return true;
}

// An item of an array whose items are not declared. Objects in it have no declared properties, so
// nothing of them is kept; a number beyond the doubles is infinite, since nothing was asked of it.
bool DataReader::read_anything(ondemand::value value, Value* out) {
  const std::string_view token = value.raw_json_token();
  switch (token[0]) {
    case '"': {
      std::string_view text;
      read_text(value, text);
      *out = Value::string(std::string(text));
      return true;
    }
    case '[': {
      ondemand::array array;
      if (!ok(value.get_array().get(array))) return false;
      cel::ListValue list;
      for (simdjson::simdjson_result<ondemand::value> item : array) {
        ondemand::value inner;
        if (!ok(std::move(item).get(inner)) || !read_anything(inner, &list.emplace_back())) {
          return false;
        }
      }
      *out = Value::list(std::move(list));
      return true;
    }
    case '{':
      *out = Value::map({});
      return true;
    case 't':
    case 'f':
      *out = Value::boolean(token[0] == 't');
      return true;
    case 'n':
      *out = Value::null();
      return true;
    default: {
      const double beyond = std::numeric_limits<double>::infinity() * (token[0] == '-' ? -1 : 1);
      *out = Value::real(real_number(number_token(token)).value_or(beyond));
      return true;
    }
  }
}

bool DataReader::check_words(const PlanNode& node, std::string_view text) {
  const char* fault = words_fault(node, text);
  return fault == nullptr || schema_fault(node, fault);
}

bool DataReader::check_range(const PlanNode& node, const Value& number) {
  const char* fault = number.kind() == cel::Kind::Int
                          ? range_fault(*node.field, number.as_int())
                          : range_fault(*node.field, number.as_double());
  return fault == nullptr || schema_fault(node, fault);
}

bool DataReader::check_allowed(const PlanNode& node, const Value& value) {
  const std::vector<Value>& allowed = node.field->allowed;
  if (allowed.empty()) return true;
  for (const Value& one : allowed) {
    if (cel::equal(one, value)) return true;
  }
  return schema_fault(node, "is none of its enum");
}

// Fields mostly come in the schema's order, so the one after the last is tried before the table.
bool DataReader::find_part(const PlanNode& node, ondemand::field& field, size_t expected,
                           int& part) {
  const char* raw = field.key().raw();
  if (expected < node.parts.size()) {
    const PlanNode& next = node.parts[expected];
    const std::string& name = next.field->name;
    if (next.plain_name && name.size() < static_cast<size_t>(record_end_ - raw) &&
        raw[name.size()] == '"' && std::memcmp(raw, name.data(), name.size()) == 0) {
      part = static_cast<int>(expected);
      return true;
    }
  }
  std::string_view name;
  if (!ok(read_name(field, name))) return false;
  part = node.find(name);
  return true;
}

void DataReader::watch_unknown(ondemand::value& value) {
  if (!watch_ || identity_fault_) return;
  const char* start = value.raw_json_token().data();
  if (value_names_a_person({start, static_cast<size_t>(record_end_ - start)}, scratch_)) {
    note_identity("a field that the schema does not declare holds a number that names a person");
  }
}

bool DataReader::schema_fault(const PlanNode& node, std::string_view words) {
  fault_ = Rejected{Rejection::Schema, place(node) + " " + std::string(words)};
  return false;
}

void DataReader::note_identity(std::string message) {
  if (!identity_fault_) identity_fault_ = Rejected{Rejection::Identity, std::move(message)};
}

// The text has been checked, so the parser has nothing to refuse; if it does, the record is
// refused.
bool DataReader::ok(simdjson::error_code code) {
  if (code == simdjson::SUCCESS) return true;
  fault_ = Rejected{Rejection::Parse, std::string("simdjson: ") + simdjson::error_message(code)};
  return false;
}

}  // namespace fengsui::event
