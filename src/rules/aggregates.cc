#include "rules/aggregates.h"

#include <cmath>
#include <string>

namespace fengsui::rules {
namespace {

using Function = Aggregate::Function;
using Kind = cel::Type::Kind;

constexpr const char* kValueForm = "a value and, if need be, a condition";
constexpr AggregateWord kWords[] = {
    {"count", Function::Count, 0, false, "a condition or nothing"},
    {"distinct", Function::Distinct, 1, false, kValueForm},
    {"sum", Function::Sum, 1, false, kValueForm},
    {"avg", Function::Avg, 1, false, kValueForm},
    {"min", Function::Min, 1, false, kValueForm},
    {"max", Function::Max, 1, false, kValueForm},
    {"first", Function::First, 1, false, kValueForm},
    {"last", Function::Last, 1, false, kValueForm},
    {"stddev", Function::Stddev, 1, false, kValueForm},
    {"approx_distinct", Function::ApproxDistinct, 1, false, kValueForm},
    {"percentile", Function::Percentile, 1, true,
     "a value, a literal from 0 to 100 and, if need be, a condition"},
    {"top", Function::Top, 1, true,
     "a value, an int literal from 1 to 100 and, if need be, a condition"},
    {"speed", Function::Speed, 2, true,
     "a latitude, a longitude, a literal of metres and, if need be, a condition"},
};

constexpr int64_t kTopMax = 100;

bool is_number(const cel::Type& type) {
  return type.is(Kind::Int) || type.is(Kind::Uint) || type.is(Kind::Double) || type.is(Kind::Dyn);
}

// What min and max compare.
bool is_ordered(const cel::Type& type) {
  return is_number(type) || type.is(Kind::Bool) || type.is(Kind::String) || type.is(Kind::Bytes) ||
         type.is(Kind::Timestamp) || type.is(Kind::Duration);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A number's decimal text ("99.9", "1e1") as a whole number over a power of ten. False: it has too
// many digits, or none.
bool read_decimal(std::string_view text, uint64_t& numerator, uint64_t& denominator) {
  constexpr uint64_t kMost = 1'000'000'000'000'000;  // a hundred times it still fits
  numerator = 0;
  denominator = 1;
  size_t digits = 0, at = 0;
  bool behind_point = false;
  for (; at < text.size() && (is_digit(text[at]) || text[at] == '.'); ++at) {
    if (text[at] == '.') {
      behind_point = true;
      continue;
    }
    if (numerator >= kMost / 10 || denominator >= kMost / 10) return false;
    numerator = numerator * 10 + static_cast<uint64_t>(text[at] - '0');
    if (behind_point) denominator *= 10;
    ++digits;
  }
  if (at < text.size() && (text[at] == 'u' || text[at] == 'U')) ++at;
  int exponent = 0;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    const bool is_negative = at < text.size() && text[at] == '-';
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    for (; at < text.size() && is_digit(text[at]) && exponent < 100; ++at) {
      exponent = exponent * 10 + (text[at] - '0');
    }
    for (int i = 0; i < exponent; ++i) {
      uint64_t& grows = is_negative ? denominator : numerator;
      if (grows >= kMost / 10) return false;
      grows *= 10;
    }
  }
  return digits > 0 && at == text.size();
}

bool set_percentile(Aggregate& aggregate, const cel::Value& value, std::string_view text) {
  uint64_t numerator = 0, denominator = 1;
  if (value.kind() == cel::Kind::Int) {  // hexadecimal ones, too
    if (value.as_int() < 0 || value.as_int() > 100) return false;
    numerator = static_cast<uint64_t>(value.as_int());
  } else if (!read_decimal(text, numerator, denominator) || numerator > denominator * 100) {
    return false;
  }
  aggregate.rank_numerator = numerator;
  aggregate.rank_denominator = denominator * 100;
  return true;
}

// The literal's text without brackets and blanks round it.
std::string_view bare(std::string_view text) {
  const auto is_round = [](char c) {
    return c == '(' || c == ')' || c == ' ' || c == '\t' || c == '\n' || c == '\r';
  };
  while (!text.empty() && is_round(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_round(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

std::span<const AggregateWord> aggregate_words() { return kWords; }

const AggregateWord* find_aggregate(std::string_view name) {
  for (const AggregateWord& word : kWords) {
    if (word.name == name) return &word;
  }
  return nullptr;
}

std::optional<cel::Type> aggregate_type(Function function, const cel::Type& argument) {
  switch (function) {
    case Function::Count:
    case Function::Distinct:
    case Function::ApproxDistinct:
      return cel::Type::of(Kind::Int);
    case Function::Sum:
      if (is_number(argument)) return argument;
      break;
    case Function::Avg:
    case Function::Stddev:
    case Function::Speed:
      if (is_number(argument)) return cel::Type::of(Kind::Double);
      break;
    case Function::Min:
    case Function::Max:
    case Function::Percentile:
      if (is_ordered(argument)) return argument;
      break;
    case Function::Top:
      if (!is_ordered(argument)) break;
      return cel::Type::list_of(
          cel::Type::map_of(cel::Type::of(Kind::String), cel::Type::of(Kind::Dyn)));
    case Function::First:
    case Function::Last:
      return argument;
  }
  return std::nullopt;
}

bool set_literal(Aggregate& aggregate, const cel::Node& literal, std::string_view text) {
  if (literal.kind != cel::Node::Kind::Literal) return false;
  const cel::Value& value = literal.value;
  const bool is_number = value.kind() == cel::Kind::Int || value.kind() == cel::Kind::Uint ||
                         value.kind() == cel::Kind::Double;
  if (!is_number) return false;
  switch (aggregate.function) {
    case Function::Percentile:
      return set_percentile(aggregate, value, bare(text));
    case Function::Top:
      if (value.kind() != cel::Kind::Int || value.as_int() < 1 || value.as_int() > kTopMax) {
        return false;
      }
      aggregate.most = value.as_int();
      return true;
    default: {
      double metres = 0;
      if (value.kind() == cel::Kind::Double) metres = value.as_double();
      if (value.kind() == cel::Kind::Int) metres = static_cast<double>(value.as_int());
      if (value.kind() == cel::Kind::Uint) metres = static_cast<double>(value.as_uint());
      aggregate.distance = metres;
      return std::isfinite(metres) && metres >= 0;
    }
  }
}

}  // namespace fengsui::rules
