#include "author/condition_mutants.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "cel/expression.h"
#include "cel/syntax.h"

namespace fengsui::author {
namespace {

using cel::Node;
using cel::Operator;

// The operator that holds at the bound where this one does not, and the other way round.
std::optional<Operator> moved_over_bound(Operator op) {
  switch (op) {
    case Operator::Less:
      return Operator::LessEqual;
    case Operator::LessEqual:
      return Operator::Less;
    case Operator::Greater:
      return Operator::GreaterEqual;
    case Operator::GreaterEqual:
      return Operator::Greater;
    default:
      return std::nullopt;
  }
}

bool is_comparison(const Node& node) {
  return node.kind == Node::Kind::Binary &&
         (moved_over_bound(node.op) || node.op == Operator::Equal || node.op == Operator::NotEqual);
}

bool is_number(const Node& node) {
  if (node.kind != Node::Kind::Literal) return false;
  const cel::Kind kind = node.value.kind();
  return kind == cel::Kind::Int || kind == cel::Kind::Uint || kind == cel::Kind::Double;
}

// A decimal number as it is written, its last digit one higher or lower: "2.50" -> "2.51". Nothing
// for other forms (hexadecimal, with an exponent), nor where a uint would fall below 0.
std::optional<std::string> stepped(std::string_view written, int by) {
  const bool negative = written.starts_with('-');
  std::string digits;
  size_t after_point = 0;
  bool point = false, is_uint = false;
  for (size_t i = negative ? 1 : 0; i < written.size(); ++i) {
    const char c = written[i];
    if (c >= '0' && c <= '9') {
      digits += c;
      after_point += point ? 1 : 0;
    } else if (c == '.' && !point) {
      point = true;
    } else if ((c == 'u' || c == 'U') && i + 1 == written.size()) {
      is_uint = true;
    } else {
      return std::nullopt;
    }
  }
  if (digits.empty() || digits.size() > 18) return std::nullopt;
  const int64_t number = (negative ? -1 : 1) * std::stoll(digits) + by;
  if (is_uint && number < 0) return std::nullopt;
  std::string text = std::to_string(number < 0 ? -number : number);
  if (text.size() <= after_point) text.insert(0, after_point + 1 - text.size(), '0');
  if (after_point > 0) text.insert(text.size() - after_point, ".");
  return (number < 0 ? "-" : "") + text + (is_uint ? "u" : "");
}

class Finder {
 public:
  explicit Finder(std::string_view text) : text_(text) {}

  // `holds`: the node is a condition.
  void visit(const Node& node, bool holds) {
    switch (node.kind) {
      case Node::Kind::And:
      case Node::Kind::Or:
        for (const auto& part : node.children) {
          const char* neutral = node.kind == Node::Kind::And ? "true" : "false";
          add(*part, neutral, quoted(of(*part)) + " becomes `" + neutral + "`");
          visit(*part, true);
        }
        return;
      case Node::Kind::Conditional:
        visit(node.child(0), true);
        visit(node.child(1), holds);
        visit(node.child(2), holds);
        return;
      default:
        break;
    }
    if (holds) negate(node);
    if (is_comparison(node)) compare(node);
    for (const auto& part : node.children) visit(*part, false);
  }

  void visit_let(const Node& node) {
    if (node.kind != Node::Kind::Call || node.children.empty()) return visit(node, false);
    const bool has_where = node.text == "count" || node.children.size() > 1;
    for (size_t i = 0; i < node.children.size(); ++i) {
      const bool last = i + 1 == node.children.size();
      visit(node.child(i), has_where && last && !is_number(node.child(i)));
    }
  }

  std::vector<ConditionMutant> take() { return std::move(found_); }

 private:
  std::string_view of(const Node& node) const {
    return text_.substr(node.offset, node.end - node.offset);
  }
  static std::string quoted(std::string_view text) { return "`" + std::string(text) + "`"; }

  void add(const Node& node, std::string text, std::string change) {
    found_.push_back({node.offset, node.end, std::move(text), std::move(change)});
  }

  // `!(…)` would be a tag where a plain scalar of YAML begins. An error stays one that does not
  // hold.
  void negate(const Node& node) {
    if (node.kind == Node::Kind::Literal) return;
    add(node, "($) == false", quoted(of(node)) + " is negated");
  }

  void compare(const Node& node) {
    if (const std::optional<Operator> other = moved_over_bound(node.op)) {
      const size_t length = std::string_view(cel::operator_text(node.op)).size();
      replace(node, node.place, node.place + length, cel::operator_text(*other));
    }
    for (const auto& side : node.children) step_numbers(node, *side);
  }

  // Numbers of a comparison's side, through arithmetic.
  void step_numbers(const Node& comparison, const Node& side) {
    if (is_number(side)) {
      for (const int by : {-1, 1}) {
        const std::optional<std::string> other = stepped(of(side), by);
        if (other) replace(comparison, side.offset, side.end, *other);
      }
    } else if ((side.kind == Node::Kind::Binary && side.op <= Operator::Modulo) ||
               side.kind == Node::Kind::Unary) {
      for (const auto& part : side.children) step_numbers(comparison, *part);
    }
  }

  void replace(const Node& comparison, size_t from, size_t to, const std::string& text) {
    std::string changed(of(comparison));
    changed.replace(from - comparison.offset, to - from, text);
    found_.push_back({from, to, text, quoted(of(comparison)) + " becomes " + quoted(changed)});
  }

  std::string_view text_;
  std::vector<ConditionMutant> found_;
};

}  // namespace

std::vector<ConditionMutant> condition_mutants(std::string_view text, Place place) {
  const Expected<cel::Syntax, cel::Finding> syntax = cel::parse(text);
  if (!syntax) return {};
  Finder finder(text);
  if (place == Place::Let) {
    finder.visit_let(syntax->root());
  } else {
    finder.visit(syntax->root(), true);
  }
  return finder.take();
}

}  // namespace fengsui::author
