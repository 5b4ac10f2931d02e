// The tree of an expression, as written: brackets leave only their places, macros are not expanded,
// a chain of
// `&&` or `||` is one node. Immutable once parsed; no deeper than kExpressionDepthMax.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cel/value.h"

namespace fengsui::cel {

enum class Operator : uint8_t {
  Add,
  Subtract,
  Multiply,
  Divide,
  Modulo,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  Equal,
  NotEqual,
  In,
  Not,
  Negate,
};
const char* operator_text(Operator op);

struct Node {
  enum class Kind : uint8_t {
    Literal,      // value; a `-` right before a number belongs to it
    Name,         // text; absolute: written `.name`, no macro's variable hides it
    Select,       // children[0] . text; quoted: written in backquotes, no part of a dotted name
    Index,        // children[0] [ children[1] ]
    Call,         // text ( children )
    MethodCall,   // children[0] . text ( children[1..] )
    List,         // children
    Map,          // children: key, value, key, value …
    Unary,        // op children[0]
    Binary,       // children[0] op children[1]
    And,          // two or more children
    Or,           // two or more children
    Conditional,  // children[0] ? children[1] : children[2]
  };

  Kind kind = Kind::Literal;
  Operator op = Operator::Add;
  bool absolute = false;
  bool quoted = false;
  int depth = 1;      // of the tree below and with this node
  size_t offset = 0;  // bytes of the text: of the first character, brackets round it included
  size_t end = 0;     // behind the last one
  // What a finding about the node itself points to: its operator, `.name`'s name, else its start.
  size_t place = 0;
  std::string text;
  Value value;
  std::vector<std::shared_ptr<const Node>> children;

  const Node& child(size_t i) const { return *children[i]; }
};

}  // namespace fengsui::cel
