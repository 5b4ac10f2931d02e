#include "author/test_event.h"

#include <re2/re2.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/json_text.h"
#include "cel/utf8.h"

namespace fengsui::author {
namespace {

using event::Field;

Field all_optional(Field field) {
  field.required = false;
  for (Field& part : field.properties) part = all_optional(std::move(part));
  if (field.items) field.items = std::make_shared<const Field>(all_optional(*field.items));
  return field;
}

std::shared_ptr<const event::EventType> without_required(const event::EventType& type) {
  auto loose =
      std::make_shared<event::EventType>(type.name(), type.title(), all_optional(type.root()));
  for (const Field* field : type.fields()) {
    if (field->needed) loose->need(field->slot);
  }
  return loose;
}

// What the schema's words say against a string; null: nothing.
const char* fault_of(const Field& field, const std::string& text) {
  const auto is_text = [&](const cel::Value& one) {
    return one.kind() == cel::Kind::String && one.as_string() == text;
  };
  if (!field.allowed.empty() && std::none_of(field.allowed.begin(), field.allowed.end(), is_text)) {
    return "is none of its enum";
  }
  if (field.length_max && cel::count_code_points(text) > *field.length_max) {
    return "is longer than its maxLength";
  }
  if (field.pattern && !RE2::PartialMatch(text, *field.pattern)) {
    return "does not match its pattern";
  }
  if (field.date_time && !parse_rfc3339(text)) return "is not an RFC 3339 date-time";
  return nullptr;
}

class Writer {
 public:
  void write(const cel::Value& value, const Field* field) {
    if (field != nullptr && field->identity && value.kind() == cel::Kind::String) {
      write_tokens(*field, value);
    } else if (value.kind() == cel::Kind::Map) {
      write_object(value, field);
    } else if (value.kind() == cel::Kind::List) {
      out_ += '[';
      for (const cel::Value& item : value.as_list()) {
        if (out_.back() != '[') out_ += ',';
        write(item, field != nullptr ? field->items.get() : nullptr);
      }
      out_ += ']';
    } else {
      cel::append_json(out_, value);
    }
  }

  std::string& out() { return out_; }
  std::optional<std::string>& fault() { return fault_; }

 private:
  void write_object(const cel::Value& value, const Field* field) {
    out_ += '{';
    for (const auto& [key, item] : value.as_map()) {
      if (out_.back() != '{') out_ += ',';
      append_json_string(out_, key.as_string());
      out_ += ':';
      write(item, part(field, key.as_string()));
    }
    out_ += '}';
  }

  static const Field* part(const Field* object, const std::string& name) {
    if (object == nullptr || object->identity) return nullptr;
    for (const Field& one : object->properties) {
      if (one.name == name) return &one;
    }
    return nullptr;
  }

  void write_tokens(const Field& field, const cel::Value& text) {
    if (const char* fault = fault_of(field, text.as_string()); fault != nullptr && !fault_) {
      fault_ = "data." + field.path + " " + fault;
    }
    out_ += '{';
    for (const std::string& purpose : field.identity_purposes) {
      if (out_.back() != '{') out_ += ',';
      append_json_string(out_, purpose);
      out_ += ':';
      cel::append_json(out_, text);
    }
    out_ += '}';
  }

  std::string out_;
  std::optional<std::string> fault_;
};

}  // namespace

std::shared_ptr<const rules::RuleSet> without_required(const rules::RuleSet& rules) {
  auto loose = std::make_shared<rules::RuleSet>(rules);
  for (auto& [name, type] : loose->types) type = without_required(*type);
  for (std::shared_ptr<const rules::Rule>& rule : loose->rules) {
    auto copy = std::make_shared<rules::Rule>(*rule);
    for (rules::RuleSource& source : copy->sources) {
      const auto found = loose->types.find(source.type->name());
      if (found != loose->types.end()) source.type = found->second;
    }
    rule = std::move(copy);
  }
  return loose;
}

Expected<std::string, std::string> test_record(const rules::TestEvent& event,
                                               const event::EventType& type) {
  Writer writer;
  std::string& out = writer.out();
  const auto put = [&](const char* name, const std::string& text) {
    out += name;
    append_json_string(out, text);
  };
  put(R"({"specversion":"1.0","id":)", event.id);
  put(R"(,"source":)", event.source);
  put(R"(,"type":)", event.type);
  put(R"(,"time":)", format_event_time(event.time));
  out += R"(,"data":)";
  writer.write(event.data, &type.root());
  out += '}';
  if (writer.fault()) return fail(std::move(*writer.fault()));
  return std::move(out);
}

}  // namespace fengsui::author
