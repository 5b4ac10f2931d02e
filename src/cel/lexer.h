// Tokens of an expression's text (cel-spec, langdef.md, "Syntax"), one at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cel/value.h"

namespace fengsui::cel {

struct Token {
  enum class Kind : uint8_t {
    End,
    Name,
    QuotedName,  // `a-b`, which a field's name may be
    Number,      // value: Int, Uint or Double
    Text,        // value: String or Bytes
    Symbol,      // text: an operator or a bracket
    Bad,         // error says why
  };
  Kind kind = Kind::End;
  size_t offset = 0;
  size_t end = 0;
  std::string_view text;  // as written
  Value value;
  std::string error;

  bool is(std::string_view symbol) const { return kind == Kind::Symbol && text == symbol; }
};

class Lexer {
 public:
  // Requires: text outlives the lexer and its tokens.
  explicit Lexer(std::string_view text) : text_(text) {}
  Token next();
  // After a Bad token next() goes on behind it; unless this is so: a string without an end.
  bool endless() const { return endless_; }

 private:
  void skip_space();
  Token name();
  Token quoted_name();
  Token number();
  // A string or bytes literal whose first quote stands `prefix` bytes on.
  Token literal(size_t prefix);
  Token symbol();
  // How many letters of [rRbB] stand before a quote here; -1: this is no literal.
  int literal_prefix() const;
  char peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  Token token(Token::Kind kind, size_t size);
  Token bad(size_t offset, std::string error);

  std::string_view text_;
  size_t at_ = 0;
  bool endless_ = false;  // the Bad token was a string without an end
};

// A literal's content, from behind its opening quote: the escapes of langdef.md.
struct LiteralText {
  bool raw = false;
  bool bytes = false;
  std::string_view quote;  // ' " ''' """
};
struct LiteralEnd {
  std::string content;
  size_t end = 0;     // behind the closing quote
  std::string error;  // not empty: what is wrong at `error_at`
  size_t error_at = 0;
  bool endless = false;  // there is no closing quote
};
LiteralEnd read_literal(std::string_view text, size_t at, const LiteralText& form);

}  // namespace fengsui::cel
