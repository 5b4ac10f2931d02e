// Macros over the items of a list or a map's keys; cel.bind; what trace() listens to.
#include "cel/evaluator.h"

namespace fengsui::cel {

using Code = Instruction::Code;

// Costs no step: a traced evaluation comes to what every other does.
const Value& Evaluation::note(const Instruction& at, Scratch& scratch) {
  budget_.spend(-1);
  const Value& v = run(at.children[0], scratch);
  (*notes_)[static_cast<size_t>(at.index)] = v;
  return v;
}

const Value& Evaluation::macro(const Instruction& at, Scratch& scratch) {
  Scratch held;
  const Value& range = run(at.children[0], held);
  if (range.is_error()) return put(scratch, range);
  if (range.kind() != Kind::List && range.kind() != Kind::Map) {
    return put(scratch, no_overload("a macro over what is no list or map"));
  }
  const bool makes_list = at.code == Code::Filter || at.code == Code::Transform;
  return put(scratch, makes_list ? collect(at, range) : quantify(at, range));
}

// An error is bound as it is, and told where the variable is read.
const Value& Evaluation::bind(const Instruction& at, Scratch& scratch) {
  Scratch held;
  locals_[static_cast<size_t>(at.index)] = &run(at.children[0], held);
  const Value& v = run(at.children[1], scratch);
  // It may lie within what the variable holds.
  return is_in(scratch, v) ? v : put(scratch, v);
}

// Calls item(value) for each item, or key, until it says false.
template <class Item>
void Evaluation::each_item(const Value& range, Item item) {
  if (range.kind() == Kind::List) {
    for (const Value& v : range.as_list()) {
      if (!item(v)) return;
    }
    return;
  }
  for (const auto& entry : range.as_map()) {
    if (!item(entry.first)) return;
  }
}

// all, exists and exists_one.
Value Evaluation::quantify(const Instruction& at, const Value& range) {
  const bool one = at.code == Code::ExistsOne;
  const bool decides = at.code == Code::Exists;  // this answer ends all() or exists()
  bool decided = false;
  bool failed = false;
  Value error;
  int64_t count = 0;
  each_item(range, [&](const Value& item) {
    locals_[static_cast<size_t>(at.index)] = &item;
    Scratch held;
    const Value& v = run(at.children[1], held);
    if (v.kind() == Kind::Bool) {
      count += v.as_bool();
      decided = !one && v.as_bool() == decides;
      return !decided;
    }
    if (!failed) error = v.is_error() ? v : no_overload("a macro's condition");
    failed = true;
    return !one && !budget_.spent();
  });
  if (decided) return Value::boolean(decides);
  if (failed) return error;
  return Value::boolean(one ? count == 1 : !decides);
}

// filter and map.
Value Evaluation::collect(const Instruction& at, const Value& range) {
  const bool filter = at.code == Code::Filter;
  const bool conditional = filter || at.children.size() == 3;
  ListValue out;
  Value error;
  bool failed = false;
  const auto stop_with = [&](Value v) {
    error = std::move(v);
    failed = true;
    return false;
  };
  each_item(range, [&](const Value& item) {
    locals_[static_cast<size_t>(at.index)] = &item;
    if (conditional) {
      Scratch held;
      const Value& passes = run(at.children[1], held);
      if (passes.is_error()) return stop_with(passes);
      if (passes.kind() != Kind::Bool) return stop_with(no_overload("a macro's condition"));
      if (!passes.as_bool()) return true;
    }
    Scratch held;
    const Value& v = filter ? item : run(at.children.back(), held);
    if (v.is_error()) return stop_with(v);
    if (!pay_for_copy(v)) return stop_with(out_of_budget());
    out.push_back(v);
    return true;
  });
  return failed ? error : Value::list(std::move(out));
}

}  // namespace fengsui::cel
