#include "event/field_check.h"

#include <algorithm>

#include "base/time.h"

namespace fengsui::event {
namespace {

constexpr const char* kBelow = "is below its minimum";
constexpr const char* kAbove = "is above its maximum";
constexpr int64_t kExactInDouble = int64_t{1} << 53;  // whole numbers up to it

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

const char* range_fault(const Field& field, double number) {
  if (field.minimum && number < *field.minimum) return kBelow;
  if (field.maximum && number > *field.maximum) return kAbove;
  return nullptr;
}

const char* range_fault(const Field& field, int64_t number) {
  if (-kExactInDouble <= number && number <= kExactInDouble) {
    return range_fault(field, static_cast<double>(number));
  }
  const cel::Value value = cel::Value::integer(number);
  if (field.minimum && cel::compare(value, cel::Value::real(*field.minimum)) < 0) return kBelow;
  if (field.maximum && cel::compare(value, cel::Value::real(*field.maximum)) > 0) return kAbove;
  return nullptr;
}

}  // namespace fengsui::event
