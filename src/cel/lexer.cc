#include "cel/lexer.h"

#include <charconv>

#include "cel/decimal.h"
#include "cel/utf8.h"

namespace fengsui::cel {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool starts_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_exponent(char c) { return c == 'e' || c == 'E'; }
bool is_sign(char c) { return c == '+' || c == '-'; }

// Whole numbers stay without a sign here: the parser joins a `-` to them (-9223372036854775808).
bool read_whole(std::string_view digits, int base, uint64_t& out) {
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), out, base);
  return error == std::errc() && end == digits.end();
}

}  // namespace

Token Lexer::token(Token::Kind kind, size_t size) {
  Token token;
  token.kind = kind;
  token.offset = at_;
  token.end = at_ + size;
  token.text = text_.substr(at_, size);
  at_ += size;
  return token;
}

Token Lexer::bad(size_t offset, std::string error) {
  Token token;
  token.kind = Token::Kind::Bad;
  token.offset = offset;
  token.end = text_.size();
  token.error = std::move(error);
  return token;
}

void Lexer::skip_space() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '/' && peek(1) == '/') {
      while (at_ < text_.size() && text_[at_] != '\n') ++at_;
    } else if (c == ' ' || (c >= '\t' && c <= '\r' && c != '\v')) {
      ++at_;
    } else {
      return;
    }
  }
}

int Lexer::literal_prefix() const {
  bool raw = false;
  bool bytes = false;
  for (int size = 0; size < 3; ++size) {
    const char c = peek(static_cast<size_t>(size));
    if (c == '"' || c == '\'') return size;
    if ((c == 'r' || c == 'R') && !raw) {
      raw = true;
    } else if ((c == 'b' || c == 'B') && !bytes) {
      bytes = true;
    } else {
      return -1;
    }
  }
  return -1;
}

Token Lexer::next() {
  skip_space();
  if (at_ >= text_.size()) return token(Token::Kind::End, 0);
  if (const int prefix = literal_prefix(); prefix >= 0) return literal(static_cast<size_t>(prefix));
  const char c = text_[at_];
  if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
  if (starts_name(c)) return name();
  if (c == '`') return quoted_name();
  return symbol();
}

Token Lexer::quoted_name() {
  size_t size = 1;
  const auto may_stand = [](char c) {
    return starts_name(c) || is_digit(c) || c == '.' || c == '-' || c == '/' || c == ' ';
  };
  while (may_stand(peek(size))) ++size;
  if (size == 1 || peek(size) != '`') return bad(at_++, "a name in backquotes does not end");
  return token(Token::Kind::QuotedName, size + 1);
}

Token Lexer::name() {
  size_t size = 1;
  while (starts_name(peek(size)) || is_digit(peek(size))) ++size;
  return token(Token::Kind::Name, size);
}

Token Lexer::number() {
  size_t size = 0;
  const bool hex = peek() == '0' && (peek(1) == 'x' || peek(1) == 'X') && is_hex(peek(2));
  bool real = false;
  if (hex) {
    for (size = 2; is_hex(peek(size)); ++size) {
    }
  } else {
    while (is_digit(peek(size))) ++size;
    if (peek(size) == '.' && is_digit(peek(size + 1))) {
      real = true;
      for (++size; is_digit(peek(size)); ++size) {
      }
    }
    const size_t sign = is_sign(peek(size + 1)) ? 1 : 0;
    if (is_exponent(peek(size)) && is_digit(peek(size + 1 + sign))) {
      real = true;
      for (size += 1 + sign; is_digit(peek(size)); ++size) {
      }
    }
  }
  const bool is_unsigned = !real && (peek(size) == 'u' || peek(size) == 'U');
  const std::string_view digits = text_.substr(at_, size).substr(hex ? 2 : 0);
  Token out = token(Token::Kind::Number, size + (is_unsigned ? 1 : 0));
  if (starts_name(peek())) return bad(at_, "a number ends in a letter");
  if (real) {
    double value = 0;
    if (read_decimal(digits, value).ec != std::errc()) {
      return bad(out.offset, "the number does not fit a double");
    }
    out.value = Value::real(value);
    return out;
  }
  uint64_t value = 0;
  if (!read_whole(digits, hex ? 16 : 10, value)) {
    return bad(out.offset, "the number does not fit 64 bits");
  }
  // An int literal beyond int64 is told by the parser, which knows of a `-` before it.
  out.value = is_unsigned || value > INT64_MAX ? Value::uinteger(value)
                                               : Value::integer(static_cast<int64_t>(value));
  return out;
}

Token Lexer::literal(size_t prefix) {
  LiteralText form;
  for (size_t i = 0; i < prefix; ++i) {
    (peek(i) == 'r' || peek(i) == 'R' ? form.raw : form.bytes) = true;
  }
  const std::string_view rest = text_.substr(at_ + prefix);
  const bool triple = rest.starts_with("'''") || rest.starts_with("\"\"\"");
  form.quote = rest.substr(0, triple ? 3 : 1);
  const LiteralEnd read = read_literal(text_, at_ + prefix + form.quote.size(), form);
  if (!read.error.empty()) {
    at_ = read.end;
    endless_ = read.endless;
    return bad(read.error_at, read.error);
  }
  Token out = token(Token::Kind::Text, read.end - at_);
  out.value = form.bytes ? Value::bytes(read.content) : Value::string(read.content);
  return out;
}

Token Lexer::symbol() {
  static constexpr std::string_view kTwo[] = {"&&", "||", "==", "!=", "<=", ">="};
  for (const std::string_view two : kTwo) {
    if (text_.substr(at_).starts_with(two)) return token(Token::Kind::Symbol, 2);
  }
  static constexpr std::string_view kOne = "-+*/%<>!?:.,()[]{}";
  if (kOne.find(text_[at_]) != kOne.npos) return token(Token::Kind::Symbol, 1);
  const size_t offset = at_;
  const char32_t c = next_code_point(text_, at_);
  if (c == '=') return bad(offset, "`=` alone; to compare, write `==`");
  if (c == '&' || c == '|') return bad(offset, "`&` or `|` alone; write `&&`, `||`");
  if (c < 0x20 || c == 0x7F) return bad(offset, "a control character");
  return bad(offset,
             "unexpected character `" + std::string(text_.substr(offset, at_ - offset)) + "`");
}

}  // namespace fengsui::cel
