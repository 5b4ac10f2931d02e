#include "event/tripwire.h"

#include "event/identity.h"
#include "event/json_check.h"

namespace fengsui::event {
namespace {

// A mobile number; a citizen number has more.
constexpr size_t kDigitsMin = 11;
// GB 11643-1999, 4.3: ISO 7064 MOD 11-2 over 17 digits.
constexpr int kWeights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
constexpr std::string_view kCheckCharacters = "10X98765432";
constexpr size_t kCitizenSize = 18;
constexpr size_t kMobileSize = 11;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool all_digits(std::string_view text) {
  for (const char c : text) {
    if (!is_digit(c)) return false;
  }
  return true;
}

bool is_citizen_number(std::string_view word) {
  if (word.size() != kCitizenSize || !all_digits(word.substr(0, kCitizenSize - 1))) return false;
  int sum = 0;
  for (size_t i = 0; i + 1 < kCitizenSize; ++i) sum += kWeights[i] * (word[i] - '0');
  const char last = word.back() == 'x' ? 'X' : word.back();
  return last == kCheckCharacters[static_cast<size_t>(sum % 11)];
}

bool is_mobile_number(std::string_view word) {
  return word.size() == kMobileSize && word[0] == '1' && word[1] >= '3' && all_digits(word);
}

// The index of the quote that ends the string whose first character is at `at`.
size_t string_end(std::string_view json, size_t at) {
  while (json[at] != '"') at += json[at] == '\\' ? 2 : 1;
  return at;
}

}  // namespace

// Only ASCII letters and digits count as neighbours: Chinese text is written without spaces, and a
// number between two characters is one all the same.
bool names_a_person(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    if (!is_digit(text[i]) && !is_letter(text[i])) {
      ++i;
      continue;
    }
    const size_t start = i;
    while (i < text.size() && (is_digit(text[i]) || is_letter(text[i]))) ++i;
    const std::string_view word = text.substr(start, i - start);
    if (is_citizen_number(word) || is_mobile_number(word)) return true;
  }
  return false;
}

bool may_name_a_person(std::string_view json) {
  // Of eleven digits in a row, one stands at a multiple of eleven.
  for (size_t i = kDigitsMin - 1; i < json.size(); i += kDigitsMin) {
    if (!is_digit(json[i])) continue;
    size_t first = i;
    size_t last = i;
    while (first > 0 && is_digit(json[first - 1])) --first;
    while (last + 1 < json.size() && is_digit(json[last + 1])) ++last;
    if (last - first + 1 >= kDigitsMin) return true;
  }
  return json.find("\\u003") != json.npos;  // a digit written as an escape
}

bool value_names_a_person(std::string_view json, std::string& scratch) {
  int depth = 0;
  for (size_t i = 0; i < json.size();) {
    const char c = json[i];
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c != '"') {
      ++i;
      // A scalar that is no string, or white space before the value.
      const bool inside = depth > 0 || c == ' ' || c == '\t' || c == '\n' || c == '\r';
      if (!inside) return false;
      continue;
    }
    const size_t end = string_end(json, i + 1);
    std::string_view text = json.substr(i + 1, end - i - 1);
    i = end + 1;
    const size_t next = json.find_first_not_of(" \t\n\r", i);
    const bool is_name = depth > 0 && next != json.npos && json[next] == ':';
    if (is_name) continue;
    if (text.find('\\') != text.npos) {
      scratch.clear();
      append_unescaped(scratch, text);
      text = scratch;
    }
    if (names_a_person(text)) return true;
    if (depth == 0) return false;
  }
  return false;
}

}  // namespace fengsui::event
