// From text to matchers: the UTF-8 grammar, the classic one, and which of them counts.
#include <algorithm>
#include <array>
#include <utility>

#include "dispatch/label_text.h"
#include "dispatch/matcher.h"

namespace fengsui::dispatch {
namespace {

using Op = Matcher::Op;

Error at_column(size_t column, const std::string& what) {
  return Error::usage("column " + std::to_string(column + 1) + ": " + what);
}

struct Token {
  enum class Kind : uint8_t { End, Open, Close, Comma, Operator, Quoted, Unquoted };
  Kind kind = Kind::End;
  Matcher::Op op{};
  std::string_view text;
  size_t column = 0;  // code points before it

  std::string shown() const {
    return kind == Kind::End ? "the end of the text" : "`" + std::string(text) + "`";
  }
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : rest_(text) {}

  Expected<Token> next() {
    while (!rest_.empty()) {
      std::string_view after = rest_;
      if (!is_space(take_code_point(after))) break;
      take(rest_.size() - after.size());
    }
    Token token;
    token.column = column_;
    if (rest_.empty()) return token;
    const char c = rest_.front();
    size_t size = 1;
    if (c == '{' || c == '}' || c == ',') {
      using enum Token::Kind;
      token.kind = c == '{' ? Open : c == '}' ? Close : Comma;
    } else if (c == '=' || c == '!') {
      token.kind = Token::Kind::Operator;
      const char second = rest_.size() > 1 ? rest_[1] : '\0';
      if (c == '!' && second != '=' && second != '~') {
        return fail(at_column(column_, "`!` must be followed by `=` or `~`"));
      }
      size = second == '~' || c == '!' ? 2 : 1;
      token.op = c == '!' ? (second == '=' ? Op::NotEqual : Op::NotRegex)
                          : (size == 2 ? Op::Regex : Op::Equal);
    } else if (c == '"') {
      token.kind = Token::Kind::Quoted;
      const std::optional<size_t> end = end_of_quoted();
      if (!end) return fail(at_column(column_, "the quote has no end"));
      size = *end;
    } else {
      token.kind = Token::Kind::Unquoted;
      size = size_of_unquoted();
      if (size == 0) {
        return fail(at_column(column_, std::string("`") + c + "` must stand in double quotes"));
      }
    }
    token.text = take(size);
    return token;
  }

 private:
  std::string_view take(size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    for (std::string_view left = taken; !left.empty(); ++column_) take_code_point(left);
    rest_.remove_prefix(size);
    return taken;
  }
  std::optional<size_t> end_of_quoted() const {
    for (size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') return i + 1;
      if (rest_[i] == '\\') ++i;
    }
    return std::nullopt;
  }
  size_t size_of_unquoted() const {
    std::string_view left = rest_;
    while (!left.empty()) {
      const size_t before = left.size();
      if (is_reserved(take_code_point(left))) return rest_.size() - before;
    }
    return rest_.size();
  }

  std::string_view rest_;
  size_t column_ = 0;
};

class Utf8Parser {
 public:
  explicit Utf8Parser(std::string_view text) : lexer_(text) {}

  Expected<Matchers> all() {
    using Kind = Token::Kind;
    if (Expected<void> first = advance(); !first) return fail(first.error());
    const bool in_braces = token_.kind == Kind::Open;
    if (in_braces) {
      if (Expected<void> next = advance(); !next) return fail(next.error());
    }
    Matchers out;
    while (token_.kind != Kind::End && token_.kind != Kind::Close) {
      Expected<Matcher> one = matcher();
      if (!one) return fail(one.error());
      out.push_back(std::move(*one));
      if (token_.kind == Kind::Close || token_.kind == Kind::End) break;
      if (token_.kind != Kind::Comma) return fail(unexpected("a comma or a closing brace"));
      if (Expected<void> next = advance(); !next) return fail(next.error());
    }
    if (in_braces) {
      if (token_.kind != Kind::Close) return fail(unexpected("a closing brace"));
      if (Expected<void> next = advance(); !next) return fail(next.error());
    }
    if (token_.kind != Kind::End) {
      return fail(unexpected(token_.kind == Kind::Close ? "an opening brace before it"
                                                        : "the end of the text"));
    }
    return out;
  }

 private:
  Expected<void> advance() {
    Expected<Token> next = lexer_.next();
    if (!next) return fail(next.error());
    token_ = *next;
    return {};
  }
  Error unexpected(const std::string& wanted) const {
    return at_column(token_.column, token_.shown() + " stands where there must be " + wanted);
  }
  // A name or a value, with or without quotes.
  Expected<std::string> text(const std::string& what) {
    using Kind = Token::Kind;
    if (token_.kind != Kind::Quoted && token_.kind != Kind::Unquoted) {
      return fail(unexpected(what));
    }
    std::optional<std::string> said = std::string(token_.text);
    if (token_.kind == Kind::Quoted) said = unquoted(token_.text);
    if (!said) {
      return fail(at_column(token_.column, token_.shown() + " has an escape that there is not"));
    }
    if (Expected<void> next = advance(); !next) return fail(next.error());
    return *said;
  }
  Expected<Matcher> matcher() {
    const size_t column = token_.column;
    Expected<std::string> name = text("a label's name");
    if (!name) return fail(name.error());
    if (token_.kind != Token::Kind::Operator) return fail(unexpected("one of = != =~ !~"));
    const Op op = token_.op;
    if (Expected<void> next = advance(); !next) return fail(next.error());
    Expected<std::string> value = text("a label's value");
    if (!value) return fail(value.error());
    Expected<Matcher> made = Matcher::make(op, std::move(*name), std::move(*value));
    if (!made) return fail(at_column(column, made.error().message));
    return made;
  }

  Lexer lexer_;
  Token token_;
};

bool is_classic_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_classic_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_classic_space(text.back())) text.remove_suffix(1);
  return text;
}

// Splits at commas outside quotes. One behind which nothing follows ends the last.
std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> pieces;
  bool in_quotes = false, is_escaped = false;
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ',') {
      if (!in_quotes) {
        pieces.push_back(text.substr(begin, i - begin));
        begin = i + 1;
      }
      continue;
    }
    if (c == '"' && !is_escaped) in_quotes = !in_quotes;
    is_escaped = c == '\\' && !is_escaped;
  }
  const std::string_view last = trimmed(text.substr(begin));
  if (!last.empty()) pieces.push_back(last);
  return pieces;
}

// The value of a classic matcher, without its quotes and escapes; nullopt: a quote too many.
std::optional<std::string> classic_value(std::string_view raw) {
  bool wants_quote = false;
  if (!raw.empty() && raw.front() == '"') {
    raw.remove_prefix(1);
    wants_quote = true;
  }
  std::string value;
  for (size_t i = 0; i < raw.size(); ++i) {
    const bool is_last = i + 1 == raw.size();
    if (raw[i] == '\\' && !is_last) {
      const char next = raw[++i];
      if (next != 'n' && next != '"' && next != '\\') value += '\\';
      value += next == 'n' ? '\n' : next;
    } else if (raw[i] == '"') {
      if (!wants_quote || !is_last) return std::nullopt;
      wants_quote = false;
    } else {
      value += raw[i];
    }
  }
  if (wants_quote) return std::nullopt;
  return value;
}

Expected<Matcher> classic_matcher(std::string_view text) {
  const auto bad = [&] {
    return fail(Error::usage("`" + std::string(text) + "` is no matcher: name=\"value\""));
  };
  const auto is_name = [](char c, bool is_first) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' ||
           (!is_first && c >= '0' && c <= '9');
  };
  std::string_view rest = trimmed(text);
  size_t size = 0;
  while (size < rest.size() && is_name(rest[size], size == 0)) ++size;
  if (size == 0) return bad();
  std::string name(rest.substr(0, size));
  rest = trimmed(rest.substr(size));
  constexpr std::array kOps = {Op::Regex, Op::NotRegex, Op::NotEqual, Op::Equal};
  const auto op = std::find_if(kOps.begin(), kOps.end(),
                               [&](Op one) { return rest.starts_with(op_text(one)); });
  if (op == kOps.end()) return bad();
  rest = trimmed(rest.substr(std::string_view(op_text(*op)).size()));
  if (!is_utf8(rest)) return fail(Error::usage("a matcher's value is no UTF-8"));
  std::optional<std::string> value = classic_value(rest);
  if (!value) {
    return fail(Error::usage("a quote in `" + std::string(rest) + "` needs a backslash"));
  }
  return Matcher::make(*op, std::move(name), std::move(*value));
}

bool is_same(const Matchers& a, const Matchers& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Matcher& left, const Matcher& right) {
                      return left.op() == right.op() && left.name() == right.name() &&
                             left.value() == right.value();
                    });
}

}  // namespace

Expected<Matchers> parse_utf8_matchers(std::string_view text) { return Utf8Parser(text).all(); }

Expected<Matchers> parse_classic_matchers(std::string_view text) {
  if (text.starts_with('{')) text.remove_prefix(1);
  if (text.ends_with('}')) text.remove_suffix(1);
  Matchers out;
  for (const std::string_view piece : split(text)) {
    Expected<Matcher> one = classic_matcher(piece);
    if (!one) return fail(one.error());
    out.push_back(std::move(*one));
  }
  return out;
}

Expected<Matchers> parse_matchers(std::string_view text) {
  Expected<Matchers> read = parse_utf8_matchers(text);
  Expected<Matchers> classic = parse_classic_matchers(text);
  if (!classic || (read && is_same(*read, *classic))) return read;
  return classic;
}

}  // namespace fengsui::dispatch
