#include "dispatch/matcher.h"

#include <re2/re2.h>

#include <algorithm>

#include "dispatch/label_text.h"

namespace fengsui::dispatch {

const char* op_text(Matcher::Op op) {
  switch (op) {
    case Matcher::Op::Equal:
      return "=";
    case Matcher::Op::NotEqual:
      return "!=";
    case Matcher::Op::Regex:
      return "=~";
    case Matcher::Op::NotRegex:
      break;
  }
  return "!~";
}

Expected<Matcher> Matcher::make(Op op, std::string name, std::string value) {
  Matcher made;
  made.op_ = op;
  made.name_ = std::move(name);
  made.value_ = std::move(value);
  if (op == Op::Regex || op == Op::NotRegex) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    made.pattern_ = std::make_shared<const re2::RE2>(made.value_, options);
    if (!made.pattern_->ok()) {
      return fail(Error::usage("`" + made.value_ + "` is no pattern: " + made.pattern_->error()));
    }
  }
  return made;
}

bool Matcher::matches(const Labels& labels) const {
  const auto found = labels.find(name_);
  const std::string_view value = found == labels.end() ? std::string_view() : found->second;
  switch (op_) {
    case Op::Equal:
      return value == value_;
    case Op::NotEqual:
      return value != value_;
    case Op::Regex:
      return re2::RE2::FullMatch(value, *pattern_);
    case Op::NotRegex:
      break;
  }
  return !re2::RE2::FullMatch(value, *pattern_);
}

std::string Matcher::text() const {
  const bool is_quoted = name_.empty() || std::any_of(name_.begin(), name_.end(), is_reserved_byte);
  return (is_quoted ? quoted(name_) : name_) + op_text(op_) + quoted(value_);
}

bool all_match(const Matchers& matchers, const Labels& labels) {
  return std::all_of(matchers.begin(), matchers.end(),
                     [&](const Matcher& matcher) { return matcher.matches(labels); });
}

}  // namespace fengsui::dispatch
