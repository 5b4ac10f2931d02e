// Matchers: what a label must be. Syntax and semantics are Alertmanager's (its documentation,
// "Matcher syntax"): UTF-8 names and values, the classic form where that one fails.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace re2 {
class RE2;
}

namespace fengsui::dispatch {

using Labels = std::map<std::string, std::string, std::less<>>;

// Immutable; copies share the compiled pattern.
class Matcher {
 public:
  enum class Op : uint8_t { Equal, NotEqual, Regex, NotRegex };

  // Errors, of kind Usage: `value` is no pattern (RE2, anchored at both ends) where `op` wants one.
  static Expected<Matcher> make(Op op, std::string name, std::string value);

  Op op() const { return op_; }
  const std::string& name() const { return name_; }
  const std::string& value() const { return value_; }
  // A label that is not there has the empty value.
  bool matches(const Labels& labels) const;
  // `name="value"`, as a matcher is written.
  std::string text() const;

 private:
  Matcher() = default;
  Op op_ = Op::Equal;
  std::string name_, value_;
  std::shared_ptr<const re2::RE2> pattern_;
};

using Matchers = std::vector<Matcher>;

const char* op_text(Matcher::Op op);  // "=~"

// All of them; none: any labels.
bool all_match(const Matchers& matchers, const Labels& labels);

// `a="x", b=~"y|z"`, in braces or not; none at all is no error. Names and values stand in quotes or
// without; in quotes there are Go's escapes (\n, \u00e9, \\, \"). What this grammar refuses, or the
// classic one reads otherwise, is read by the classic one: names of [a-zA-Z_:][a-zA-Z0-9_:]*, any
// value, in which only \n, \" and \\ are escapes. Errors, of kind Usage: the column, in code
// points, and what was expected there.
Expected<Matchers> parse_matchers(std::string_view text);

// How `parse_matchers` reads, one by one: for its tests.
Expected<Matchers> parse_utf8_matchers(std::string_view text);
Expected<Matchers> parse_classic_matchers(std::string_view text);

}  // namespace fengsui::dispatch
