#include "event/shape_reader.h"

#include <bit>
#include <charconv>
#include <cmath>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/invariant.h"
#include "event/field_check.h"
#include "event/tripwire.h"

namespace fengsui::event {
namespace {

using cel::Value;

// A double holds any whole number of so many digits, and ten to the powers below exactly, so that
// one division rounds once (Clinger 1990).
constexpr size_t kExactDigits = 15;
constexpr double kPowers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                              1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
constexpr size_t kIntegerDigits = 18;  // that surely fit an int64

bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

// The quote that ends a text, or null if a backslash or a control character comes first. The zeros
// behind the record are control characters.
const char* text_end(const char* at) {
#ifdef __SSE2__
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i last_control = _mm_set1_epi8(0x1F);
  for (;; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes);
    const __m128i special = _mm_or_si128(
        control, _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)));
    const auto found = static_cast<unsigned>(_mm_movemask_epi8(special));
    if (found == 0) continue;
    at += std::countr_zero(found);
    return *at == '"' ? at : nullptr;
  }
#else
  while (*at != '"' && *at != '\\' && static_cast<unsigned char>(*at) >= 0x20) ++at;
  return *at == '"' ? at : nullptr;
#endif
}

// A number taken apart as far as the exact ways need it.
struct Number {
  uint64_t digits = 0;  // without the point; means something up to 19 of them
  size_t count = 0;     // of the digits
  size_t fraction = 0;  // of them behind the point
  bool negative = false;
  bool exponent = false;
};

bool take_digits(const char*& at, Number& number) {
  const char* start = at;
  for (; is_digit(*at); ++at) {
    number.digits = number.digits * 10 + static_cast<uint64_t>(*at - '0');
  }
  number.count += static_cast<size_t>(at - start);
  return at != start;
}

// RFC 8259, section 6.
bool take_number(const char*& at, Number& number) {
  number.negative = *at == '-';
  if (number.negative) ++at;
  const char* whole = at;
  if (!take_digits(at, number) || (*whole == '0' && at - whole > 1)) return false;
  if (*at == '.') {
    const char* point = at++;
    if (!take_digits(at, number)) return false;
    number.fraction = static_cast<size_t>(at - point) - 1;
  }
  if (*at != 'e' && *at != 'E') return true;
  number.exponent = true;
  ++at;
  if (*at == '+' || *at == '-') ++at;
  Number power;
  return take_digits(at, power);
}

bool take_real(const char*& at, double& real) {
  const char* start = at;
  Number number;
  if (!take_number(at, number)) return false;
  if (!number.exponent && number.count <= kExactDigits) {
    real = static_cast<double>(number.digits) / kPowers[number.fraction];
    if (number.negative) real = -real;
    return true;
  }
  const std::from_chars_result read = std::from_chars(start, at, real);
  return read.ec == std::errc() && read.ptr == at && std::isfinite(real);
}

bool take_integer(const char*& at, int64_t& integer) {
  Number number;
  if (!take_number(at, number)) return false;
  if (number.exponent || number.fraction > 0 || number.count > kIntegerDigits) return false;
  integer = static_cast<int64_t>(number.digits);
  if (number.negative) integer = -integer;
  return true;
}

bool take_word(const char*& at, std::string_view word) {
  if (std::memcmp(at, word.data(), word.size()) != 0) return false;
  at += word.size();
  return true;
}

int two_digits(const char* at) {
  return is_digit(at[0]) && is_digit(at[1]) ? (at[0] - '0') * 10 + (at[1] - '0') : -1;
}

}  // namespace

ShapeStep* ShapeReader::find_step(std::vector<uint32_t>& next, const char* at) {
  for (uint32_t& index : next) {
    ShapeStep& step = shapes_.step(index);
    if (!step.literal.stands_at(at)) continue;
    std::swap(index, next.front());
    return &step;
  }
  return nullptr;
}

bool ShapeReader::read(std::string_view text, Event& event) {
  const char* at = text.data();
  taken_.clear();
  std::vector<uint32_t>* next = &shapes_.roots();
  while (true) {
    ShapeStep* step = find_step(*next, at);
    if (step == nullptr) return false;
    at += step->literal.size();
    if (step->kind == StepKind::End) {
      if (at != text.data() + text.size()) return false;
      fill(*step, event);
      shapes_.note_hit();
      return true;
    }
    if (!take(*step, at)) return false;
    next = &step->next;
  }
}

bool ShapeReader::take(const ShapeStep& step, const char*& at) {
  Taken taken{&step, {}, 0, 0};
  switch (step.kind) {
    case StepKind::AnyNumber: {
      Number number;
      return take_number(at, number);
    }
    case StepKind::AnyWord:
      return take_word(at, "true") || take_word(at, "false") || take_word(at, "null");
    case StepKind::Boolean:
      taken.integer = *at == 't' ? 1 : 0;
      if (!take_word(at, "true") && !take_word(at, "false")) return false;
      break;
    case StepKind::Number:
      if (!take_real(at, taken.real)) return false;
      if (range_fault(*step.node->field, taken.real) != nullptr) return false;
      break;
    case StepKind::Integer:
      if (!take_integer(at, taken.integer)) return false;
      if (range_fault(*step.node->field, taken.integer) != nullptr) return false;
      break;
    default:
      return take_text(step, at);
  }
  if (step.node->keep) taken_.push_back(taken);
  return true;
}

bool ShapeReader::take_text(const ShapeStep& step, const char*& at) {
  const char* end = text_end(at);
  if (end == nullptr) return false;
  const std::string_view text(at, static_cast<size_t>(end - at));
  at = end;
  if (tripwire_ && step.kind != StepKind::Identity && may_name_a_person(text) &&
      names_a_person(text)) {
    return false;
  }
  switch (step.kind) {
    case StepKind::Id:
      id_ = text;
      return !text.empty();
    case StepKind::Source:
      source_ = text;
      return !text.empty();
    case StepKind::Time:
      return take_time(text);
    case StepKind::AnyText:
      return true;
    default:
      if (words_fault(*step.node, text) != nullptr) return false;
      if (step.node->keep) taken_.push_back({&step, text, 0, 0});
      return true;
  }
}

// "2026-03-01T00:12:09.480Z" of the last record's day without the calendar; others as they are.
bool ShapeReader::take_time(std::string_view text) {
  constexpr size_t kUsual = 24;
  const char* at = text.data();
  if (text.size() == kUsual && std::memcmp(at, day_text_, sizeof day_text_) == 0) {
    const int hour = two_digits(at + 11);
    const int minute = two_digits(at + 14);
    const int second = two_digits(at + 17);
    const int hundredths = two_digits(at + 20);
    const bool formed = at[13] == ':' && at[16] == ':' && at[19] == '.' && is_digit(at[22]) &&
                        at[23] == 'Z' && hundredths >= 0;
    const bool in_range =
        hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
    if (formed && in_range) {
      const int64_t seconds = day_ + hour * 3600 + minute * 60 + second;
      time_ = EventTime{Duration{seconds * 1000 + hundredths * 10 + (at[22] - '0')}};
      return true;
    }
  }
  const std::optional<Instant> instant = parse_rfc3339(text);
  if (!instant) return false;
  time_ = to_event_time(*instant);
  if (time_ < kEventTimeMin || time_ > kEventTimeMax) return false;
  if (text.size() == kUsual && text.back() == 'Z') {
    // Any second of a day whose date passed the bounds is within them: they are whole days.
    day_ = instant->seconds - instant->seconds % 86'400;
    std::memcpy(day_text_, at, sizeof day_text_);
  }
  return true;
}

void ShapeReader::fill(const ShapeStep& end, Event& event) {
  const TypePlan& plan = *end.plan;
  std::vector<Value>& slots = event.slots;
  event.time = time_;
  if (event.type != plan.type || slots.size() != end.blank.size()) {
    take_room(event, plan);
    if (slots.size() != end.blank.size()) slots = end.blank;
  }
  for (const int slot : end.left) {
    Value& value = slots[static_cast<size_t>(slot)];
    const Value& blank = end.blank[static_cast<size_t>(slot)];
    const bool is_blank = value.is_error() && value.error_code() == blank.error_code() &&
                          value.error_detail() == nullptr;
    if (!is_blank) value = blank;
  }
  slots[kSlotId].assign_string(id_);
  slots[kSlotSource].assign_string(source_);
  slots[kSlotType].assign_string(plan.type->name());
  slots[kSlotTime].assign_timestamp(to_instant(time_));
  for (const Taken& taken : taken_) {
    Value& value = slots[static_cast<size_t>(taken.step->node->field->slot)];
    switch (taken.step->kind) {
      case StepKind::Number:
        value.assign_real(taken.real);
        break;
      case StepKind::Integer:
        value.assign_integer(taken.integer);
        break;
      case StepKind::Boolean:
        value.assign_boolean(taken.integer != 0);
        break;
      case StepKind::Identity:
        value = tokens(plan, taken);
        break;
      default:
        value.assign_string(taken.text);
    }
  }
}

// An event is used again for one of another type: each type's slots keep their strings' room.
void ShapeReader::take_room(Event& event, const TypePlan& plan) {
  if (event.type != nullptr) rooms_[event.type].push_back(std::move(event.slots));
  event.type = plan.type;
  std::vector<std::vector<Value>>& spare = rooms_[plan.type];
  if (spare.empty()) return event.slots.clear();
  event.slots = std::move(spare.back());
  spare.pop_back();
}

// The shape was learnt from a record whose identity was a string, and was taken: so there are keys.
Value ShapeReader::tokens(const TypePlan& plan, const Taken& taken) const {
  INVARIANT(keys_ != nullptr);
  cel::MapValue out;
  for (const std::string& purpose : taken.step->node->token_purposes) {
    out.emplace_back(Value::string(purpose),
                     Value::string(*keys_->token(plan.type->name(), purpose, taken.text)));
  }
  return Value::map(std::move(out));
}

}  // namespace fengsui::event
