#include "cel/checker.h"

#include <algorithm>

namespace fengsui::cel {
namespace {

using Code = Instruction::Code;
using K = Type::Kind;

Type type_of_literal(const Value& v) {
  switch (v.kind()) {
    case Kind::Null:
      return Type::of(K::Null);
    case Kind::Bool:
      return Type::of(K::Bool);
    case Kind::Int:
      return Type::of(K::Int);
    case Kind::Uint:
      return Type::of(K::Uint);
    case Kind::Double:
      return Type::of(K::Double);
    case Kind::String:
      return Type::of(K::String);
    default:
      return Type::of(K::Bytes);
  }
}

// What an expression reads, by walking its instructions.
struct Reads {
  std::set<int> slots, lists, keyword_sets;
  bool anything = false;

  void walk(const Instruction& at) {
    switch (at.code) {
      case Code::Slot:
      case Code::SlotEntry:
      case Code::HasSlot:
        slots.insert(at.index);
        break;
      case Code::InTable:
      case Code::TableColumn:
        lists.insert(at.index);
        break;
      case Code::Mentions:
      case Code::MentionCount:
        keyword_sets.insert(at.index);
        break;
      case Code::InArea:
        anything = true;
        break;
      default:
        break;
    }
    for (const Instruction& child : at.children) walk(child);
    anything = anything || !slots.empty() || !lists.empty() || !keyword_sets.empty();
  }
};

bool is_logical(const Node& node) {
  return node.kind == Node::Kind::And || node.kind == Node::Kind::Or ||
         node.kind == Node::Kind::Conditional ||
         (node.kind == Node::Kind::Unary && node.op == Operator::Not);
}

bool may_be_key(const Type& type) {
  return type.is(K::Dyn) || type.is(K::Bool) || type.is(K::Int) || type.is(K::Uint) ||
         type.is(K::String);
}

}  // namespace

Instruction constant(Value value) {
  Instruction out;
  out.value = std::move(value);
  return out;
}

const Type& element_of(const Type& list_or_map) {
  static const Type dyn;
  return list_or_map.element ? *list_or_map.element : dyn;
}

std::optional<Type> joined(const Type& a, const Type& b) {
  if (same_type(a, b)) return a;
  if (!assignable(a, b)) return std::nullopt;
  if (a.is(K::Dyn) || b.is(K::Dyn)) return Type();
  const std::optional<Type> element = joined(element_of(a), element_of(b));
  if (a.is(K::List)) return Type::list_of(element.value_or(Type()));
  static const Type dyn;
  const std::optional<Type> key = joined(a.key ? *a.key : dyn, b.key ? *b.key : dyn);
  return Type::map_of(key.value_or(Type()), element.value_or(Type()));
}

Typed Checker::fail_at(size_t place, Finding::Code code, std::string message, std::string hint) {
  if (dynamic && code != Finding::Code::Syntax) {
    Typed out;
    out.code = constant(Value::error(ErrorCode::NoMatchingOverload, std::move(message)));
    return out;
  }
  Finding finding;
  finding.code = code;
  finding.offset = place;
  finding.message = std::move(message);
  finding.hint = std::move(hint);
  findings.push_back(std::move(finding));
  Typed out;
  out.failed = true;
  return out;
}

Typed Checker::check(const Node& node) {
  Typed out = check_node(node);
  const bool is_table =
      out.type.is(K::ListTable) || out.type.is(K::ListRow) || out.type.is(K::KeywordSet);
  if (dynamic && !is_table) out.type = Type();
  if (const auto found = condition_of.find(&node); found != condition_of.end()) {
    if (out.code.is_constant()) {
      conditions[static_cast<size_t>(found->second)].constant = out.code.value;
    } else {
      out.code.condition = found->second;
    }
  }
  return out;
}

// Those that stand between the logical operators from `node` down. `start`: of the whole.
void Checker::collect_conditions(const Node& node, size_t start) {
  for (const auto& child : node.children) {
    if (is_logical(*child)) {
      collect_conditions(*child, start);
      continue;
    }
    condition_of.emplace(child.get(), static_cast<int>(conditions.size()));
    conditions.push_back({child->offset - start, child->end - start, std::nullopt});
  }
}

Typed Checker::check_node(const Node& node) {
  switch (node.kind) {
    case Node::Kind::Literal: {
      Typed out;
      out.type = type_of_literal(node.value);
      out.code = constant(node.value);
      return out;
    }
    case Node::Kind::Name:
    case Node::Kind::Select:
      return name_or_selection(node);
    case Node::Kind::Index:
      return index(node);
    case Node::Kind::Call:
      return call(node);
    case Node::Kind::MethodCall:
      return method(node);
    case Node::Kind::List:
      return list_literal(node);
    case Node::Kind::Map:
      return map_literal(node);
    case Node::Kind::Unary:
      return unary(node);
    case Node::Kind::Binary:
      return binary(node);
    case Node::Kind::And:
    case Node::Kind::Or:
      return logical(node);
    case Node::Kind::Conditional:
      return conditional(node);
  }
  return {};
}

Typed Checker::value(const Node& node) {
  Typed out = check(node);
  if (out.failed) return out;
  switch (out.type.kind) {
    case K::ListTable:
      return fail_at(node.offset, Finding::Code::NotHere, "a value list is no value",
                     "write `x in lists.NAME` or `lists.NAME[x].column`");
    case K::ListRow:
      return fail_at(node.offset, Finding::Code::NotHere, "a row of a value list is no value",
                     "select a column: `lists.NAME[x].column`");
    case K::KeywordSet:
      return fail_at(node.offset, Finding::Code::NotHere, "a keyword set is no value",
                     "write `text.mentions(keywords.NAME)`");
    default:
      return out;
  }
}

void Checker::require_bool(const Typed& typed, const Node& node, const std::string& what) {
  if (typed.failed || assignable(typed.type, Type::of(K::Bool))) return;
  fail_at(node.offset, Finding::Code::TypeMismatch,
          what + " is a bool, this is of type " + typed.type.text());
}

Typed Checker::list_literal(const Node& node) {
  Typed out;
  out.code.code = Code::List;
  std::optional<Type> element;
  for (const auto& child : node.children) {
    Typed item = value(*child);
    out.failed = out.failed || item.failed;
    // Items of several types make a list of dyn.
    element = element ? joined(*element, item.type).value_or(Type()) : item.type;
    out.code.children.push_back(std::move(item.code));
  }
  out.type = Type::list_of(element.value_or(Type()));
  out.code = fold(std::move(out.code));
  return out;
}

Typed Checker::map_literal(const Node& node) {
  Typed out;
  out.code.code = Code::Map;
  std::optional<Type> key, element;
  for (size_t i = 0; i < node.children.size(); i += 2) {
    Typed k = value(node.child(i));
    Typed v = value(node.child(i + 1));
    if (!k.failed && !may_be_key(k.type)) {
      k = fail_at(node.child(i).offset, Finding::Code::TypeMismatch,
                  "a map's key is a bool, int, uint or string, this is of type " + k.type.text());
    }
    out.failed = out.failed || k.failed || v.failed;
    key = key ? joined(*key, k.type).value_or(Type()) : k.type;
    element = element ? joined(*element, v.type).value_or(Type()) : v.type;
    out.code.children.push_back(std::move(k.code));
    out.code.children.push_back(std::move(v.code));
  }
  out.type = Type::map_of(key.value_or(Type()), element.value_or(Type()));
  out.code = fold(std::move(out.code));
  return out;
}

Typed Checker::index(const Node& node) {
  Typed target = check(node.child(0));
  Typed key = value(node.child(1));
  Typed out;
  out.failed = target.failed || key.failed;
  if (out.failed) return out;
  const auto wrong_key = [&](const std::string& wanted) {
    return fail_at(node.child(1).offset, Finding::Code::TypeMismatch,
                   "the index is of type " + key.type.text() + ", not " + wanted);
  };
  switch (target.type.kind) {
    case K::ListTable:
      if (!assignable(key.type, Type::of(K::String))) return wrong_key("string");
      out.type = Type::of(K::ListRow);
      out.rows = target.rows;
      out.code.code = Code::TableColumn;
      out.code.index = target.code.index;
      out.code.children.push_back(std::move(key.code));
      return out;
    case K::List:
      if (!assignable(key.type, Type::of(K::Int))) return wrong_key("int");
      out.type = element_of(target.type);
      break;
    case K::Map:
      if (target.type.key && !comparable(key.type, *target.type.key)) {
        return wrong_key(target.type.key->text());
      }
      out.type = element_of(target.type);
      break;
    case K::Dyn:
      break;
    default:
      return fail_at(node.place, Finding::Code::TypeMismatch,
                     "`[]` looks into a list or a map, not into type " + target.type.text());
  }
  out.code.code = Code::Index;
  out.code.children.push_back(std::move(target.code));
  out.code.children.push_back(std::move(key.code));
  out.code = fold(std::move(out.code));
  return out;
}

Typed Checker::conditional(const Node& node) {
  Typed condition = value(node.child(0));
  Typed yes = value(node.child(1));
  Typed no = value(node.child(2));
  require_bool(condition, node.child(0), "what stands before `?`");
  Typed out;
  out.failed = condition.failed || yes.failed || no.failed;
  if (out.failed) return out;
  const std::optional<Type> type = joined(yes.type, no.type);
  if (!type) {
    return fail_at(
        node.place, Finding::Code::TypeMismatch,
        "the branches of `?:` are of types " + yes.type.text() + " and " + no.type.text(),
        "make them alike, or write dyn(…) round one");
  }
  out.type = *type;
  out.code.code = Code::Conditional;
  for (Typed* part : {&condition, &yes, &no}) out.code.children.push_back(std::move(part->code));
  out.code = fold(std::move(out.code));
  return out;
}

Typed Checker::logical(const Node& node) {
  const bool is_and = node.kind == Node::Kind::And;
  Typed out;
  out.type = Type::of(K::Bool);
  out.code.code = is_and ? Code::And : Code::Or;
  for (const auto& child : node.children) {
    Typed operand = value(*child);
    require_bool(operand, *child, is_and ? "what stands beside `&&`" : "what stands beside `||`");
    out.failed = out.failed || operand.failed;
    out.code.children.push_back(std::move(operand.code));
  }
  out.code = fold(std::move(out.code));
  return out;
}

Typed Checker::unary(const Node& node) {
  Typed operand = value(node.child(0));
  if (operand.failed) return operand;
  Typed out;
  if (node.op == Operator::Not) {
    require_bool(operand, node.child(0), "what stands behind `!`");
    out.type = Type::of(K::Bool);
    out.code.code = Code::Not;
  } else {
    const bool fits =
        operand.type.is(K::Dyn) || operand.type.is(K::Int) || operand.type.is(K::Double);
    if (!fits) {
      return fail_at(node.place, Finding::Code::TypeMismatch,
                     "`-` has no form for " + operand.type.text());
    }
    out.type = operand.type;
    out.code.code = Code::Arithmetic;
    out.code.op = Operator::Negate;
  }
  out.code.children.push_back(std::move(operand.code));
  out.code = fold(std::move(out.code));
  return out;
}

Checked Checker::run(const Syntax& syntax, const Type& wanted) {
  const Node& root = syntax.root();
  if (is_logical(root)) collect_conditions(root, root.offset);
  Typed typed = value(root);
  if (!typed.failed && !assignable(typed.type, wanted)) {
    fail_at(root.offset, Finding::Code::TypeMismatch,
            "this is of type " + typed.type.text() + ", " + wanted.text() + " is needed");
  }
  const bool has_error = !findings.empty();
  if (!dynamic) warn_of_optional_reads();
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Finding& a, const Finding& b) { return a.offset < b.offset; });
  Checked out;
  out.findings = std::move(findings);
  if (has_error) return out;

  auto code = std::make_shared<Program::Code>();
  code->root = std::move(typed.code);
  code->flat = FlatCondition(code->root);
  code->conditions = std::move(conditions);
  code->type = std::move(typed.type);
  code->text = syntax.text().substr(root.offset, root.end - root.offset);
  Reads reads;
  reads.walk(code->root);
  code->slots.assign(reads.slots.begin(), reads.slots.end());
  code->lists.assign(reads.lists.begin(), reads.lists.end());
  code->keyword_sets.assign(reads.keyword_sets.begin(), reads.keyword_sets.end());
  if (!reads.anything) code->constant = evaluate_constant(code->root);
  Program program;
  program.code_ = std::move(code);
  out.program = std::move(program);
  return out;
}

Checked check(const Syntax& syntax, const Environment& environment, const Type& wanted) {
  return Checker(environment).run(syntax, wanted);
}

Checked check_dynamically(const Syntax& syntax, const Environment& environment) {
  return Checker(environment, true).run(syntax, Type());
}

}  // namespace fengsui::cel
