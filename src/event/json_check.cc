#include "event/json_check.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "base/invariant.h"

namespace fengsui::event {
namespace {

constexpr uint64_t kOnes = 0x0101010101010101ULL;
constexpr uint64_t kHighs = 0x8080808080808080ULL;

// High bit set in each byte of `word` that is zero; exact up to the first such byte.
uint64_t zero_bytes(uint64_t word) { return (word - kOnes) & ~word & kHighs; }

// The same for each that is a quote, a backslash or a control character.
uint64_t special_bytes(uint64_t word) {
  const uint64_t control = (word - kOnes * 0x20) & ~word & kHighs;
  return zero_bytes(word ^ kOnes * '"') | zero_bytes(word ^ kOnes * '\\') | control;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_high_surrogate(int unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool is_low_surrogate(int unit) { return unit >= 0xDC00 && unit < 0xE000; }

// Four hex digits, or -1. Requires: at + 4 is within the text.
int hex_unit(const char* at) {
  int unit = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex_digit(at[i]);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

// Open brackets, innermost last: a bit each, set for an object.
class Brackets {
 public:
  int depth() const { return depth_; }
  void open(bool object) {
    uint64_t& word = bits_[static_cast<size_t>(depth_) / 64];
    const uint64_t bit = 1ULL << (depth_ % 64);
    word = object ? word | bit : word & ~bit;
    ++depth_;
  }
  void close() { --depth_; }
  bool in_object() const {
    const int top = depth_ - 1;
    return bits_[static_cast<size_t>(top) / 64] >> (top % 64) & 1;
  }

 private:
  std::array<uint64_t, kJsonDepthLimit / 64> bits_;  // only those below depth_ mean anything
  int depth_ = 0;
};

// Each step returns false once `fault_` says why.
class Checker {
 public:
  Checker(std::string_view text, int depth_max)
      : begin_(text.data()), at_(begin_), end_(begin_ + text.size()), depth_max_(depth_max) {}

  std::optional<JsonFault> run() {
    bool more = true;
    while (more) {
      if (!value_start() || !after_value(more)) {
        return JsonFault{what_, static_cast<size_t>(at_ - begin_)};
      }
    }
    return std::nullopt;
  }

 private:
  bool fault(const char* what) {
    what_ = what;
    return false;
  }

  void skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }

  // Reads a scalar whole, or a bracket with what must follow it up to the next value's start.
  bool value_start() {
    while (true) {
      skip_space();
      if (at_ == end_) return fault("the end where a value should be");
      switch (*at_) {
        case '"':
          return string();
        case '{':
        case '[': {
          const bool object = *at_ == '{';
          if (brackets_.depth() == depth_max_) return fault("nested too deeply");
          brackets_.open(object);
          ++at_;
          skip_space();
          if (at_ != end_ && *at_ == (object ? '}' : ']')) {
            ++at_;
            brackets_.close();
            return true;
          }
          if (object && !name()) return false;
          break;  // to the first value inside
        }
        case 't':
          return literal("true");
        case 'f':
          return literal("false");
        case 'n':
          return literal("null");
        default:
          return number();
      }
    }
  }

  // Closes what ends here and steps over the comma; `more`: another value must follow.
  bool after_value(bool& more) {
    while (true) {
      skip_space();
      if (brackets_.depth() == 0) {
        more = false;
        return at_ == end_ || fault("something after the value");
      }
      if (at_ == end_) return fault("the end inside brackets");
      const bool object = brackets_.in_object();
      if (*at_ == ',') {
        ++at_;
        if (!object) return true;
        skip_space();
        return name();
      }
      if (*at_ != (object ? '}' : ']')) return fault("neither a comma nor the closing bracket");
      ++at_;
      brackets_.close();
    }
  }

  // A name and its colon.
  bool name() {
    if (at_ == end_ || *at_ != '"') return fault("no name where one should be");
    if (!string()) return false;
    skip_space();
    if (at_ == end_ || *at_ != ':') return fault("no colon after a name");
    ++at_;
    return true;
  }

  bool literal(std::string_view word) {
    if (static_cast<size_t>(end_ - at_) < word.size() ||
        std::memcmp(at_, word.data(), word.size()) != 0) {
      return fault("a word that is not true, false or null");
    }
    at_ += word.size();
    return true;
  }

  bool digits() {
    if (at_ == end_ || !is_digit(*at_)) return fault("no digit where one should be");
    while (at_ != end_ && is_digit(*at_)) ++at_;
    return true;
  }

  bool number() {
    if (*at_ != '-' && !is_digit(*at_)) return fault("no value where one should be");
    if (*at_ == '-') ++at_;
    if (at_ != end_ && *at_ == '0') {
      ++at_;
      if (at_ != end_ && is_digit(*at_)) return fault("a number with a leading zero");
    } else if (!digits()) {
      return false;
    }
    if (at_ != end_ && *at_ == '.') {
      ++at_;
      if (!digits()) return false;
    }
    if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
      ++at_;
      if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
      if (!digits()) return false;
    }
    return true;
  }

  bool string() {
    ++at_;
    while (true) {
      uint64_t special = 0;
      for (uint64_t word; end_ - at_ >= 8; at_ += 8) {
        std::memcpy(&word, at_, sizeof word);
        special = special_bytes(word);
        if (special != 0) break;
      }
      static_assert(std::endian::native == std::endian::little);
      if (special != 0) at_ += std::countr_zero(special) / 8;
      while (at_ != end_ && *at_ != '"' && *at_ != '\\' && static_cast<unsigned char>(*at_) >= 0x20)
        ++at_;
      if (at_ == end_) return fault("the end inside a string");
      if (*at_ == '"') {
        ++at_;
        return true;
      }
      if (*at_ != '\\') return fault("a control character in a string");
      if (!escape()) return false;
    }
  }

  bool escape() {
    if (end_ - at_ < 2) return fault("the end inside a string");
    if (at_[1] != 'u') {
      if (std::string_view("\"\\/bfnrt").find(at_[1]) == std::string_view::npos) {
        return fault("an unknown escape");
      }
      at_ += 2;
      return true;
    }
    const int unit = end_ - at_ < 6 ? -1 : hex_unit(at_ + 2);
    if (unit < 0) return fault("\\u without four hex digits");
    if (is_low_surrogate(unit)) return fault("a lone surrogate");
    if (is_high_surrogate(unit)) {
      const bool pair = end_ - at_ >= 12 && at_[6] == '\\' && at_[7] == 'u' &&
                        is_low_surrogate(hex_unit(at_ + 8));
      if (!pair) return fault("a lone surrogate");
      at_ += 6;
    }
    at_ += 6;
    return true;
  }

  const char* begin_;
  const char* at_;
  const char* end_;
  int depth_max_;
  Brackets brackets_;
  const char* what_ = nullptr;
};

void append_code_point(std::string& out, uint32_t c) {
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
    return;
  }
  if (c < 0x800) {
    out.push_back(static_cast<char>(0xC0 | c >> 6));
  } else {
    if (c < 0x10000) {
      out.push_back(static_cast<char>(0xE0 | c >> 12));
    } else {
      out.push_back(static_cast<char>(0xF0 | c >> 18));
      out.push_back(static_cast<char>(0x80 | (c >> 12 & 0x3F)));
    }
    out.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
  }
  out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
}

}  // namespace

std::optional<JsonFault> check_json(std::string_view text, int depth_max) {
  INVARIANT(depth_max >= 0 && depth_max <= kJsonDepthLimit);
  return Checker(text, depth_max).run();
}

void append_unescaped(std::string& out, std::string_view escaped) {
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  for (size_t i = 0; i < escaped.size();) {
    const size_t plain = std::min(escaped.find('\\', i), escaped.size());
    out.append(escaped, i, plain - i);
    i = plain;
    if (i == escaped.size()) return;
    if (escaped[i + 1] != 'u') {
      out.push_back(kMeanings[kLetters.find(escaped[i + 1])]);
      i += 2;
      continue;
    }
    int unit = hex_unit(escaped.data() + i + 2);
    i += 6;
    if (is_high_surrogate(unit)) {
      unit = 0x10000 + ((unit - 0xD800) << 10) + (hex_unit(escaped.data() + i + 2) - 0xDC00);
      i += 6;
    }
    append_code_point(out, static_cast<uint32_t>(unit));
  }
}

}  // namespace fengsui::event
