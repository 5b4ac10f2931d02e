// Two-sided operators: which types they take, and rules.md's int literal beside a double field.
#include "cel/checker.h"

namespace fengsui::cel {
namespace {

using Code = Instruction::Code;
using K = Type::Kind;

struct Form {
  Operator op;
  char left, right, result;  // letters as in overloads.h
};
constexpr Form kForms[] = {{Operator::Add, 'i', 'i', 'i'},      {Operator::Add, 'u', 'u', 'u'},
                           {Operator::Add, 'd', 'd', 'd'},      {Operator::Add, 's', 's', 's'},
                           {Operator::Add, 'y', 'y', 'y'},      {Operator::Add, 'L', 'L', 'L'},
                           {Operator::Add, 't', 'D', 't'},      {Operator::Add, 'D', 't', 't'},
                           {Operator::Add, 'D', 'D', 'D'},      {Operator::Subtract, 'i', 'i', 'i'},
                           {Operator::Subtract, 'u', 'u', 'u'}, {Operator::Subtract, 'd', 'd', 'd'},
                           {Operator::Subtract, 't', 't', 'D'}, {Operator::Subtract, 't', 'D', 't'},
                           {Operator::Subtract, 'D', 'D', 'D'}, {Operator::Multiply, 'i', 'i', 'i'},
                           {Operator::Multiply, 'u', 'u', 'u'}, {Operator::Multiply, 'd', 'd', 'd'},
                           {Operator::Divide, 'i', 'i', 'i'},   {Operator::Divide, 'u', 'u', 'u'},
                           {Operator::Divide, 'd', 'd', 'd'},   {Operator::Modulo, 'i', 'i', 'i'},
                           {Operator::Modulo, 'u', 'u', 'u'}};

bool is_number(const Type& type) {
  return type.is(K::Int) || type.is(K::Uint) || type.is(K::Double);
}

bool is_ordered(const Type& type) {
  return is_number(type) || type.is(K::Bool) || type.is(K::String) || type.is(K::Bytes) ||
         type.is(K::Timestamp) || type.is(K::Duration);
}

bool can_be_ordered(const Type& a, const Type& b) {
  if (a.is(K::Dyn)) return b.is(K::Dyn) || is_ordered(b);
  if (b.is(K::Dyn)) return is_ordered(a);
  return is_ordered(a) && comparable(a, b);
}

// The result's type; nullopt: no form fits.
std::optional<Type> result_of(Operator op, const Type& a, const Type& b) {
  std::optional<Type> out;
  for (const Form& form : kForms) {
    if (form.op != op || !assignable(a, type_of_letter(form.left)) ||
        !assignable(b, type_of_letter(form.right))) {
      continue;
    }
    Type result = type_of_letter(form.result);
    if (form.result == 'L') {
      const std::optional<Type> both = joined(a, b);
      if (!both) continue;
      result = both->is(K::List) ? *both : Type::list_of(Type());
    }
    // A dyn side may leave several forms open.
    out = out && !same_type(*out, result) ? Type() : result;
  }
  return out;
}

}  // namespace

bool comparable(const Type& a, const Type& b) {
  static const Type dyn;
  if (a.is(K::Dyn) || b.is(K::Dyn)) return true;
  if (is_number(a) && is_number(b)) return true;
  if (!a.is(b.kind)) return false;
  if (!a.is(K::List) && !a.is(K::Map)) return true;
  return comparable(element_of(a), element_of(b)) &&
         comparable(a.key ? *a.key : dyn, b.key ? *b.key : dyn);
}

Typed Checker::no_form(const Node& node, const Typed& a, const Typed& b) {
  std::string hint;
  if (is_number(a.type) && is_number(b.type)) {
    hint = "convert one of them: int(…), double(…), uint(…)";
  } else if (a.type.is(K::Null) || b.type.is(K::Null)) {
    hint = "no field is null; has(x) asks whether one is there";
  }
  return fail_at(node.place, Finding::Code::TypeMismatch,
                 std::string("`") + operator_text(node.op) + "` has no form for " + a.type.text() +
                     " and " + b.type.text(),
                 hint);
}

Typed Checker::binary(const Node& node) {
  if (node.op == Operator::In) return membership(node);
  Typed a = value(node.child(0));
  Typed b = value(node.child(1));
  Typed out;
  out.failed = a.failed || b.failed;
  if (out.failed) return out;
  out.type = Type::of(K::Bool);
  switch (node.op) {
    case Operator::Equal:
    case Operator::NotEqual:
      if (!comparable(a.type, b.type)) return no_form(node, a, b);
      out.code.code = node.op == Operator::Equal ? Code::Equal : Code::NotEqual;
      break;
    case Operator::Less:
    case Operator::LessEqual:
    case Operator::Greater:
    case Operator::GreaterEqual:
      if (!can_be_ordered(a.type, b.type)) return no_form(node, a, b);
      out.code.code = Code::Compare;
      break;
    default:
      return arithmetic_of(node, std::move(a), std::move(b));
  }
  out.code.op = node.op;
  out.code.children.push_back(std::move(a.code));
  out.code.children.push_back(std::move(b.code));
  out.code = fold(std::move(out.code));
  return out;
}

// "An int literal beside + - * / whose other side is a declared double field."
void Checker::adapt_literal(const Node& literal, Typed& typed, const Typed& other) const {
  const bool is_int = literal.kind == Node::Kind::Literal && literal.value.kind() == Kind::Int;
  const bool beside_field =
      other.variable && other.variable->field && other.variable->type.is(K::Double);
  if (!is_int || !beside_field) return;
  typed.type = Type::of(K::Double);
  typed.code = constant(Value::real(static_cast<double>(literal.value.as_int())));
}

Typed Checker::arithmetic_of(const Node& node, Typed a, Typed b) {
  if (node.op != Operator::Modulo) {
    adapt_literal(node.child(0), a, b);
    adapt_literal(node.child(1), b, a);
  }
  const std::optional<Type> result = result_of(node.op, a.type, b.type);
  if (!result) return no_form(node, a, b);
  Typed out;
  out.type = *result;
  out.code.code = Code::Arithmetic;
  out.code.op = node.op;
  out.code.children.push_back(std::move(a.code));
  out.code.children.push_back(std::move(b.code));
  out.code = fold(std::move(out.code));
  return out;
}

Typed Checker::membership(const Node& node) {
  Typed item = value(node.child(0));
  Typed container = check(node.child(1));
  Typed out;
  out.failed = item.failed || container.failed;
  if (out.failed) return out;
  out.type = Type::of(K::Bool);
  if (container.type.is(K::ListTable)) {
    if (!assignable(item.type, Type::of(K::String))) {
      return fail_at(node.place, Finding::Code::TypeMismatch,
                     "the keys of a list are strings, this is of type " + item.type.text(),
                     "write string(…)");
    }
    out.code.code = Code::InTable;
    out.code.index = container.code.index;
    out.code.children.push_back(std::move(item.code));
    return out;
  }
  const Type& type = container.type;
  const bool fits = type.is(K::Dyn) ||
                    (type.is(K::List) && comparable(item.type, element_of(type))) ||
                    (type.is(K::Map) && (!type.key || comparable(item.type, *type.key)));
  if (!fits) return no_form(node, item, container);
  out.code.code = Code::In;
  out.code.children.push_back(std::move(item.code));
  out.code.children.push_back(std::move(container.code));
  out.code = fold(std::move(out.code));
  return out;
}

}  // namespace fengsui::cel
