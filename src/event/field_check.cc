#include "event/field_check.h"

#include <algorithm>

#include "base/time.h"

namespace fengsui::event {
namespace {

int64_t code_points(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;  // not a continuation byte
  });
}

}  // namespace

const char* words_fault(const PlanNode& node, std::string_view text) {
  const Field& field = *node.field;
  if (!field.allowed.empty() &&
      !std::binary_search(node.allowed.begin(), node.allowed.end(), text)) {
    return "is none of its enum";
  }
  if (field.length_max && static_cast<int64_t>(text.size()) > *field.length_max &&
      code_points(text) > *field.length_max) {
    return "is longer than its maxLength";
  }
  if (field.pattern &&
      !RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *field.pattern)) {
    return "does not match its pattern";
  }
  if (field.date_time && !parse_rfc3339(text)) return "is not an RFC 3339 date-time";
  return nullptr;
}

const char* range_fault(const Field& field, const cel::Value& number) {
  if (field.minimum && cel::compare(number, cel::Value::real(*field.minimum)) < 0) {
    return "is below its minimum";
  }
  if (field.maximum && cel::compare(number, cel::Value::real(*field.maximum)) > 0) {
    return "is above its maximum";
  }
  return nullptr;
}

}  // namespace fengsui::event
