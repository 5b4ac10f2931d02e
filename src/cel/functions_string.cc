// Functions over texts: CEL's own and its strings extension. Positions count code points.
#include <algorithm>

#include "cel/overloads.h"
#include "cel/utf8.h"

namespace fengsui::cel {
namespace {

Value no_overload(const char* function) {
  return Value::error(ErrorCode::NoMatchingOverload, function);
}
Value bad_position(const char* function) {
  return Value::error(ErrorCode::OutOfRange, std::string("a position in ") + function);
}

bool are(Arguments arguments, std::string_view letters) {
  if (arguments.size() != letters.size()) return false;
  for (size_t i = 0; i < letters.size(); ++i) {
    if (arguments[i]->kind() != (letters[i] == 's' ? Kind::String : Kind::Int)) return false;
  }
  return true;
}

const std::string& text(Arguments arguments, size_t i) { return arguments[i]->as_string(); }

// Bytes before the code point of this number; npos: there are not so many. (The one behind the last
// is the text's size.)
size_t byte_offset(std::string_view s, int64_t position) {
  size_t at = 0;
  for (; position > 0 && at < s.size(); --position) next_code_point(s, at);
  return position == 0 ? at : s.npos;
}

bool pay(Budget& budget, size_t bytes) {
  return budget.spend(static_cast<int64_t>(bytes / kTextBytesPerStep) + 1);
}

bool is_space(char32_t c) {  // Unicode's White_Space
  return (c >= 9 && c <= 13) || c == 32 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

Value mapped_ascii(Arguments arguments, char first, char last, const char* function) {
  if (!are(arguments, "s")) return no_overload(function);
  std::string out = text(arguments, 0);
  for (char& c : out) {
    if (c >= first && c <= last) c = static_cast<char>(c ^ 0x20);
  }
  return Value::string(std::move(out));
}

// The pieces of `s` between separators, `most` of them (the last is the rest); with an empty
// separator, its code points.
std::vector<std::string_view> pieces(std::string_view s, std::string_view separator, int64_t most) {
  std::vector<std::string_view> out;
  size_t at = 0;
  while (static_cast<int64_t>(out.size()) + 1 < most) {
    size_t end = at;
    if (separator.empty()) {
      if (at < s.size()) next_code_point(s, end);
      if (end >= s.size()) break;
    } else {
      end = s.find(separator, at);
      if (end == s.npos) break;
    }
    out.push_back(s.substr(at, end - at));
    at = end + separator.size();
  }
  out.push_back(s.substr(at));
  return out;
}

}  // namespace

Value text_size(Arguments arguments, Budget& budget) {
  const Value& v = *arguments[0];
  switch (v.kind()) {
    case Kind::String:
      if (!pay(budget, v.as_string().size())) return out_of_budget();
      return Value::integer(count_code_points(v.as_string()));
    case Kind::Bytes:
      return Value::integer(static_cast<int64_t>(v.as_bytes().size()));
    case Kind::List:
      return Value::integer(static_cast<int64_t>(v.as_list().size()));
    case Kind::Map:
      return Value::integer(static_cast<int64_t>(v.as_map().size()));
    default:
      return no_overload("size()");
  }
}

Value text_contains(Arguments arguments, Budget&) {
  if (!are(arguments, "ss")) return no_overload("contains()");
  return Value::boolean(text(arguments, 0).find(text(arguments, 1)) != std::string::npos);
}

Value text_starts_with(Arguments arguments, Budget&) {
  if (!are(arguments, "ss")) return no_overload("startsWith()");
  return Value::boolean(text(arguments, 0).starts_with(text(arguments, 1)));
}

Value text_ends_with(Arguments arguments, Budget&) {
  if (!are(arguments, "ss")) return no_overload("endsWith()");
  return Value::boolean(text(arguments, 0).ends_with(text(arguments, 1)));
}

Value text_matches(Arguments arguments, Budget& budget) {
  if (!are(arguments, "ss")) return no_overload("matches()");
  // A pattern that only the event knows is compiled each time, and paid for.
  constexpr int64_t kCompileSteps = 1000;
  if (!budget.spend(kCompileSteps)) return out_of_budget();
  const RE2 pattern(text(arguments, 1), RE2::Quiet);
  if (!pattern.ok()) return Value::error(ErrorCode::InvalidArgument, "the pattern of matches()");
  return Value::boolean(RE2::PartialMatch(text(arguments, 0), pattern));
}

Value text_char_at(Arguments arguments, Budget&) {
  if (!are(arguments, "si")) return no_overload("charAt()");
  const std::string& s = text(arguments, 0);
  const size_t at = arguments[1]->as_int() < 0 ? s.npos : byte_offset(s, arguments[1]->as_int());
  if (at == s.npos) return bad_position("charAt()");
  size_t end = at;
  if (at < s.size()) next_code_point(s, end);
  return Value::string(s.substr(at, end - at));
}

Value text_index_of(Arguments arguments, Budget&) {
  const bool from = are(arguments, "ssi");
  if (!from && !are(arguments, "ss")) return no_overload("indexOf()");
  const std::string& s = text(arguments, 0);
  const int64_t position = from ? arguments[2]->as_int() : 0;
  const size_t start = position < 0 ? s.npos : byte_offset(s, position);
  if (start == s.npos) return bad_position("indexOf()");
  const size_t found = s.find(text(arguments, 1), start);
  if (found == s.npos) return Value::integer(-1);
  return Value::integer(count_code_points(std::string_view(s).substr(0, found)));
}

Value text_last_index_of(Arguments arguments, Budget&) {
  const bool upto = are(arguments, "ssi");
  if (!upto && !are(arguments, "ss")) return no_overload("lastIndexOf()");
  const std::string& s = text(arguments, 0);
  size_t last = s.npos;
  if (upto) {
    const int64_t position = arguments[2]->as_int();
    last = position < 0 ? s.npos : byte_offset(s, position);
    if (last == s.npos) return bad_position("lastIndexOf()");
  }
  const size_t found = s.rfind(text(arguments, 1), last);
  if (found == s.npos) return Value::integer(-1);
  return Value::integer(count_code_points(std::string_view(s).substr(0, found)));
}

Value text_lower_ascii(Arguments arguments, Budget&) {
  return mapped_ascii(arguments, 'A', 'Z', "lowerAscii()");
}

Value text_upper_ascii(Arguments arguments, Budget&) {
  return mapped_ascii(arguments, 'a', 'z', "upperAscii()");
}

Value text_replace(Arguments arguments, Budget& budget) {
  const bool limited = are(arguments, "sssi");
  if (!limited && !are(arguments, "sss")) return no_overload("replace()");
  const std::string& s = text(arguments, 0);
  const std::string& what = text(arguments, 1);
  const std::string& with = text(arguments, 2);
  int64_t left = limited && arguments[3]->as_int() >= 0 ? arguments[3]->as_int() : INT64_MAX;
  std::string out;
  size_t at = 0;
  for (; left > 0; --left) {
    const size_t found = s.find(what, at);
    if (found == s.npos) break;
    if (!pay(budget, found - at + with.size())) return out_of_budget();
    out.append(s, at, found - at);
    out += with;
    at = found + what.size();
    if (!what.empty()) continue;
    // The empty text stands before each code point, and at the end.
    if (at >= s.size()) return Value::string(std::move(out));
    const size_t start = at;
    next_code_point(s, at);
    out.append(s, start, at - start);
  }
  if (!pay(budget, s.size() - at)) return out_of_budget();
  out.append(s, at, s.npos);
  return Value::string(std::move(out));
}

Value text_split(Arguments arguments, Budget& budget) {
  const bool limited = are(arguments, "ssi");
  if (!limited && !are(arguments, "ss")) return no_overload("split()");
  const int64_t limit = limited ? arguments[2]->as_int() : -1;
  if (limit == 0) return Value::list({});
  ListValue out;
  for (const std::string_view piece :
       pieces(text(arguments, 0), text(arguments, 1), limit < 0 ? INT64_MAX : limit)) {
    if (!pay(budget, piece.size())) return out_of_budget();
    out.push_back(Value::string(std::string(piece)));
  }
  return Value::list(std::move(out));
}

Value text_substring(Arguments arguments, Budget&) {
  const bool with_end = are(arguments, "sii");
  if (!with_end && !are(arguments, "si")) return no_overload("substring()");
  const std::string& s = text(arguments, 0);
  const int64_t first = arguments[1]->as_int();
  const size_t start = first < 0 ? s.npos : byte_offset(s, first);
  if (start == s.npos) return bad_position("substring()");
  if (!with_end) return Value::string(s.substr(start));
  const int64_t last = arguments[2]->as_int();
  if (last < first) return bad_position("substring()");
  const size_t size = byte_offset(std::string_view(s).substr(start), last - first);
  if (size == s.npos) return bad_position("substring()");
  return Value::string(s.substr(start, size));
}

Value text_trim(Arguments arguments, Budget&) {
  if (!are(arguments, "s")) return no_overload("trim()");
  const std::string& s = text(arguments, 0);
  size_t start = s.size();
  size_t end = 0;
  for (size_t at = 0; at < s.size();) {
    const size_t before = at;
    if (is_space(next_code_point(s, at))) continue;
    start = std::min(start, before);
    end = at;
  }
  return Value::string(start < end ? s.substr(start, end - start) : std::string());
}

Value text_join(Arguments arguments, Budget& budget) {
  const bool separated = arguments.size() == 2 && arguments[1]->kind() == Kind::String;
  if (arguments[0]->kind() != Kind::List || (arguments.size() == 2 && !separated)) {
    return no_overload("join()");
  }
  std::string out;
  bool first = true;
  for (const Value& item : arguments[0]->as_list()) {
    if (item.kind() != Kind::String) return no_overload("join()");
    const size_t before = out.size();
    if (!first && separated) out += text(arguments, 1);
    first = false;
    out += item.as_string();
    if (!pay(budget, out.size() - before)) return out_of_budget();
  }
  return Value::string(std::move(out));
}

Value text_reverse(Arguments arguments, Budget& budget) {
  if (!are(arguments, "s")) return no_overload("reverse()");
  if (!pay(budget, text(arguments, 0).size())) return out_of_budget();
  std::u32string characters = to_code_points(text(arguments, 0));
  std::reverse(characters.begin(), characters.end());
  return Value::string(from_code_points(characters));
}

}  // namespace fengsui::cel
