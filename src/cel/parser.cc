// Recursive descent over langdef.md's grammar, operators by precedence.
#include <algorithm>

#include "cel/expression.h"
#include "cel/lexer.h"
#include "cel/syntax.h"
#include "cel/utf8.h"

namespace fengsui::cel {
namespace {

using NodePtr = std::shared_ptr<const Node>;
using Nodes = std::vector<NodePtr>;

constexpr std::string_view kReserved[] = {
    "as",  "break", "const",   "continue",  "else",   "for", "function", "if",   "import",
    "let", "loop",  "package", "namespace", "return", "var", "void",     "while"};

struct BinaryOperator {
  std::string_view text;
  Operator op;
  int precedence;  // higher binds closer
};
constexpr BinaryOperator kBinary[] = {
    {"<", Operator::Less, 1},     {"<=", Operator::LessEqual, 1},
    {">", Operator::Greater, 1},  {">=", Operator::GreaterEqual, 1},
    {"==", Operator::Equal, 1},   {"!=", Operator::NotEqual, 1},
    {"in", Operator::In, 1},      {"+", Operator::Add, 2},
    {"-", Operator::Subtract, 2}, {"*", Operator::Multiply, 3},
    {"/", Operator::Divide, 3},   {"%", Operator::Modulo, 3}};

std::string too_deep() {
  return "the expression nests deeper than " + std::to_string(kExpressionDepthMax);
}

// After the first finding every function returns null, all the way up.
class Parser {
 public:
  explicit Parser(std::string_view text) : lexer_(text) { advance(); }

  Expected<NodePtr, Finding> whole() {
    NodePtr root = expression();
    if (!error_ && token_.kind != Token::Kind::End) expected("an operator or the end");
    if (error_) return fail(std::move(*error_));
    return root;
  }

 private:
  void advance() {
    last_end_ = token_.end;
    token_ = lexer_.next();
    if (token_.kind == Token::Kind::Bad) error_at(token_.offset, token_.error);
  }

  NodePtr error_at(size_t offset, std::string message) {
    if (!error_) {
      error_ = Finding();
      error_->offset = offset;
      error_->message = std::move(message);
    }
    return nullptr;
  }

  NodePtr expected(const std::string& what) {
    const std::string found = token_.kind == Token::Kind::End
                                  ? "the expression ends"
                                  : "found `" + std::string(token_.text) + "`";
    return error_at(token_.offset, "expected " + what + ", " + found);
  }

  // Takes the symbol, or notes a finding.
  bool take(std::string_view symbol) {
    if (!error_ && !token_.is(symbol)) expected("`" + std::string(symbol) + "`");
    if (error_) return false;
    advance();
    return !error_;
  }

  bool skip(std::string_view symbol) {
    if (error_ || !token_.is(symbol)) return false;
    advance();
    return !error_;
  }

  // A node over its children, in the text from `node.offset` to the last token taken.
  NodePtr make(Node node, Nodes children) {
    if (error_) return nullptr;
    for (const NodePtr& child : children) node.depth = std::max(node.depth, child->depth + 1);
    if (node.depth > kExpressionDepthMax) return error_at(node.place, too_deep());
    node.end = last_end_;
    node.children = std::move(children);
    return std::make_shared<const Node>(std::move(node));
  }

  static Node at(Node::Kind kind, size_t offset, size_t place) {
    Node node;
    node.kind = kind;
    node.offset = offset;
    node.place = place;
    return node;
  }

  NodePtr expression() {
    if (nesting_ >= kExpressionDepthMax) return error_at(token_.offset, too_deep());
    ++nesting_;
    NodePtr out = conditional();
    --nesting_;
    return out;
  }

  NodePtr conditional() {
    NodePtr condition = logical(Node::Kind::Or, "||");
    const size_t place = token_.offset;
    if (!skip("?")) return condition;
    NodePtr yes = logical(Node::Kind::Or, "||");
    if (!take(":")) return nullptr;
    NodePtr no = expression();
    if (error_) return nullptr;
    const size_t start = condition->offset;
    return make(at(Node::Kind::Conditional, start, place),
                {std::move(condition), std::move(yes), std::move(no)});
  }

  // A chain of `||`, or of `&&` within one.
  NodePtr logical(Node::Kind kind, std::string_view symbol) {
    const auto operand = [&] {
      return kind == Node::Kind::Or ? logical(Node::Kind::And, "&&") : binary(1);
    };
    NodePtr first = operand();
    const size_t place = token_.offset;
    if (error_ || !token_.is(symbol)) return first;
    const size_t start = first->offset;
    Nodes operands{std::move(first)};
    while (skip(symbol)) operands.push_back(operand());
    return make(at(kind, start, place), std::move(operands));
  }

  const BinaryOperator* binary_operator() const {
    if (token_.kind != Token::Kind::Symbol && token_.kind != Token::Kind::Name) return nullptr;
    const auto* found = std::find_if(std::begin(kBinary), std::end(kBinary),
                                     [&](const auto& op) { return op.text == token_.text; });
    return found == std::end(kBinary) ? nullptr : found;
  }

  // Operators of `least` precedence and above; all of them group to the left.
  NodePtr binary(int least) {
    NodePtr left = unary();
    while (!error_) {
      const BinaryOperator* op = binary_operator();
      if (!op || op->precedence < least) break;
      const size_t place = token_.offset;
      advance();
      NodePtr right = binary(op->precedence + 1);
      if (error_) return nullptr;
      Node node = at(Node::Kind::Binary, left->offset, place);
      node.op = op->op;
      left = make(std::move(node), {std::move(left), std::move(right)});
    }
    return left;
  }

  NodePtr unary() {
    const size_t place = token_.offset;
    if (!token_.is("!") && !token_.is("-")) return member();
    const bool negate = token_.is("-");
    advance();
    if (negate && token_.kind == Token::Kind::Number && !is_unsigned(token_)) {
      negative_at_ = place;  // for -9223372036854775808, whose digits alone are no int
      return member();
    }
    if (nesting_ >= kExpressionDepthMax) return error_at(place, too_deep());
    ++nesting_;
    NodePtr operand = unary();
    --nesting_;
    Node node = at(Node::Kind::Unary, place, place);
    node.op = negate ? Operator::Negate : Operator::Not;
    return make(std::move(node), {std::move(operand)});
  }

  static bool is_unsigned(const Token& token) {
    return token.text.ends_with('u') || token.text.ends_with('U');
  }

  NodePtr member() {
    NodePtr node = primary();
    while (!error_) {
      const size_t start = node->offset;
      if (skip(".")) {
        node = selection(std::move(node), start);
      } else if (const size_t place = token_.offset; skip("[")) {
        NodePtr index = expression();
        if (!take("]")) return nullptr;
        node = make(at(Node::Kind::Index, start, place), {std::move(node), std::move(index)});
      } else {
        break;
      }
    }
    return node;
  }

  // Behind the dot: a field's name, which may be a reserved word, or a call.
  NodePtr selection(NodePtr target, size_t start) {
    const bool quoted = token_.kind == Token::Kind::QuotedName;
    const std::string name(quoted ? token_.text.substr(1, token_.text.size() - 2) : token_.text);
    const size_t place = token_.offset;
    const bool is_word = name == "in" || name == "true" || name == "false" || name == "null";
    if (!quoted && (token_.kind != Token::Kind::Name || is_word)) {
      return expected("a field's name");
    }
    advance();
    Node node = at(Node::Kind::Select, start, place);
    node.text = name;
    node.quoted = quoted;
    if (quoted || !skip("(")) return make(std::move(node), {std::move(target)});
    node.kind = Node::Kind::MethodCall;
    Nodes children{std::move(target)};
    items(children, ")");
    return make(std::move(node), std::move(children));
  }

  // Expressions parted by commas, and the closing bracket.
  void items(Nodes& out, std::string_view closing) {
    const bool comma_may_end = closing != ")";
    while (!error_ && !token_.is(closing)) {
      out.push_back(expression());
      if (closing == "}" && take(":")) out.push_back(expression());
      if (!skip(",")) break;
      if (!comma_may_end && token_.is(closing)) {
        expected("an argument");
        return;
      }
    }
    take(closing);
  }

  NodePtr primary() {
    if (error_) return nullptr;
    const size_t place = token_.offset;
    switch (token_.kind) {
      case Token::Kind::Number:
        return number();
      case Token::Kind::Text: {
        Node node = at(Node::Kind::Literal, place, place);
        node.value = token_.value;
        advance();
        return make(std::move(node), {});
      }
      case Token::Kind::Name:
        return name(false);
      default:
        break;
    }
    if (skip("(")) {
      NodePtr inner = expression();
      if (!take(")")) return nullptr;
      auto widened = std::make_shared<Node>(*inner);
      widened->offset = place;
      widened->end = last_end_;
      return widened;
    }
    if (skip(".")) {
      if (token_.kind != Token::Kind::Name) return expected("a name");
      return name(true);
    }
    for (const auto& [opening, closing, kind] :
         {std::tuple("[", "]", Node::Kind::List), std::tuple("{", "}", Node::Kind::Map)}) {
      if (!skip(opening)) continue;
      Nodes children;
      items(children, closing);
      return make(at(kind, place, place), std::move(children));
    }
    return expected("a value");
  }

  NodePtr number() {
    Node node = at(Node::Kind::Literal, token_.offset, token_.offset);
    node.value = token_.value;
    const bool beyond = node.value.kind() == Kind::Uint && !is_unsigned(token_);
    constexpr uint64_t kLeast = uint64_t{1} << 63;
    if (negative_at_) {
      node.offset = node.place = *negative_at_;
      negative_at_.reset();
      if (node.value.kind() == Kind::Double) {
        node.value = Value::real(-node.value.as_double());
      } else if (node.value.kind() == Kind::Int) {
        node.value = Value::integer(-node.value.as_int());
      } else if (node.value.as_uint() == kLeast) {
        node.value = Value::integer(INT64_MIN);
      } else {
        return error_at(node.offset, "the number does not fit an int");
      }
    } else if (beyond) {
      return error_at(node.offset, "the number does not fit an int");
    }
    advance();
    return make(std::move(node), {});
  }

  NodePtr name(bool absolute) {
    Node node = at(Node::Kind::Name, token_.offset, token_.offset);
    node.text = std::string(token_.text);
    node.absolute = absolute;
    if (!absolute && (node.text == "true" || node.text == "false" || node.text == "null")) {
      node.kind = Node::Kind::Literal;
      if (node.text != "null") node.value = Value::boolean(node.text == "true");
      advance();
      return make(std::move(node), {});
    }
    if (node.text == "in") return expected("a value");
    if (std::find(std::begin(kReserved), std::end(kReserved), node.text) != std::end(kReserved)) {
      return error_at(node.offset, "`" + node.text + "` is a reserved word of CEL");
    }
    advance();
    if (!skip("(")) return make(std::move(node), {});
    node.kind = Node::Kind::Call;
    Nodes children;
    items(children, ")");
    return make(std::move(node), std::move(children));
  }

  Lexer lexer_;
  Token token_;
  size_t last_end_ = 0;
  int nesting_ = 0;  // of functions that call each other, and so of our stack
  // Where the `-` stands that belongs to the number which comes next.
  std::optional<size_t> negative_at_;
  std::optional<Finding> error_;
};

Finding syntax_finding(size_t offset, std::string message) {
  Finding finding;
  finding.offset = offset;
  finding.message = std::move(message);
  return finding;
}

}  // namespace

Expected<Syntax, Finding> parse(std::string_view text) {
  if (text.size() > kExpressionBytesMax) {
    return fail(syntax_finding(
        0, "the expression is longer than " + std::to_string(kExpressionBytesMax) + " bytes"));
  }
  if (!is_utf8(text)) return fail(syntax_finding(0, "the expression is not UTF-8"));
  auto owned = std::make_shared<const std::string>(text);
  Expected<NodePtr, Finding> root = Parser(*owned).whole();
  if (!root) return fail(std::move(root.error()));
  return Syntax(std::move(owned), std::move(*root));
}

std::optional<size_t> length_to_closing_brace(std::string_view text) {
  Lexer lexer(text);
  int open = 0;
  while (true) {
    const Token token = lexer.next();
    switch (token.kind) {
      case Token::Kind::End:
        return std::nullopt;
      case Token::Kind::Bad:
        // Its finding is the parser's to tell; the text goes on, unless a string has no end.
        if (lexer.endless()) return std::nullopt;
        break;
      default:
        if (token.is("{")) ++open;
        if (token.is("}") && open-- == 0) return token.offset;
    }
  }
}

}  // namespace fengsui::cel
