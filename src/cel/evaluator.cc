// Runs a compiled expression. Operands stay where they are (a slot, a constant, an item of a list):
// evaluating gives a reference, and `scratch` is only filled by what makes a new value.
//
// Errors are CEL's: `&&` and `||` absorb them where the other side decides, `?:` takes one branch
// alone, everything else passes on its first one.
#include "cel/evaluator.h"

#include "cel/overloads.h"

namespace fengsui::cel {

namespace {

using Code = Instruction::Code;

const Value kTrue = Value::boolean(true);
const Value kFalse = Value::boolean(false);
const Value& truth(bool v) { return v ? kTrue : kFalse; }

}  // namespace

const Value& Evaluation::run(const Instruction& at, Scratch& scratch) {
  if (!budget_.spend(1)) return put(scratch, out_of_budget());
  switch (at.code) {
    case Code::Constant:
      return at.value;
    case Code::Slot:
      return slots_[static_cast<size_t>(at.index)];
    case Code::SlotEntry:
      return slot_entry(at, scratch);
    case Code::Local:
      return *locals_[static_cast<size_t>(at.index)];
    case Code::HasSlot:
      return has_slot(at, scratch);
    case Code::HasEntry:
      return has_entry(at, scratch);
    case Code::Select:
      return select(at, scratch);
    case Code::Index:
      return index(at, scratch);
    case Code::And:
    case Code::Or:
      return logical(at, scratch);
    case Code::Not:
      return negation(at, scratch);
    case Code::Conditional:
      return conditional(at, scratch);
    case Code::Arithmetic:
    case Code::Compare:
    case Code::Equal:
    case Code::NotEqual:
    case Code::In:
    case Code::InArea:
      return binary(at, scratch);
    case Code::InSet:
    case Code::InTable:
      return in_set(at, scratch);
    case Code::TableColumn:
      return table_column(at, scratch);
    case Code::Mentions:
    case Code::MentionCount:
    case Code::Matches:
      return over_text(at, scratch);
    case Code::Call:
      return call(at, scratch);
    case Code::List:
      return list(at, scratch);
    case Code::Map:
      return map(at, scratch);
    case Code::All:
    case Code::Exists:
    case Code::ExistsOne:
    case Code::Filter:
    case Code::Transform:
      return macro(at, scratch);
    case Code::Bind:
      return bind(at, scratch);
    case Code::Note:
      return note(at, scratch);
  }
  return put(scratch, Value());
}

const Value& Evaluation::slot_entry(const Instruction& at, Scratch& scratch) {
  const Value& map = slots_[static_cast<size_t>(at.index)];
  if (map.is_error()) return map;
  const Value* entry = map.kind() == Kind::Map ? find_entry(map, at.text) : nullptr;
  return entry ? *entry : put(scratch, Value::missing());
}

const Value& Evaluation::has_slot(const Instruction& at, Scratch& scratch) {
  const Value& v =
      at.text.empty() ? slots_[static_cast<size_t>(at.index)] : slot_entry(at, scratch);
  if (!v.is_error()) return kTrue;
  return v.error_code() == ErrorCode::Missing ? kFalse : v;
}

const Value& Evaluation::has_entry(const Instruction& at, Scratch& scratch) {
  const Value& target = run(at.children[0], scratch);
  if (target.is_error()) return target;
  if (target.kind() != Kind::Map) return put(scratch, no_overload("has()"));
  return truth(find_entry(target, at.text) != nullptr);
}

const Value& Evaluation::select(const Instruction& at, Scratch& scratch) {
  Scratch held;
  const Value& target = run(at.children[0], held);
  if (target.is_error()) return put(scratch, target);
  if (target.kind() != Kind::Map) return put(scratch, no_overload("field selection"));
  const Value* entry = find_entry(target, at.text);
  if (!entry) return put(scratch, Value::error(ErrorCode::NoSuchKey));
  return is_in(held, target) ? put(scratch, *entry) : *entry;
}

const Value& Evaluation::index(const Instruction& at, Scratch& scratch) {
  Scratch held;
  Scratch held_key;
  const Value& target = run(at.children[0], held);
  if (target.is_error()) return put(scratch, target);
  const Value& key = run(at.children[1], held_key);
  if (key.is_error()) return put(scratch, key);
  if (target.kind() == Kind::Map) {
    const Value* entry = find_entry(target, key);
    if (!entry) return put(scratch, Value::error(ErrorCode::NoSuchKey));
    return is_in(held, target) ? put(scratch, *entry) : *entry;
  }
  if (target.kind() != Kind::List) return put(scratch, no_overload("[]"));
  const ListValue& items = target.as_list();
  // A whole number of any type, as CEL compares them by value.
  const Value zero = Value::integer(0);
  const Value size = Value::integer(static_cast<int64_t>(items.size()));
  const Kind kind = key.kind();
  if (kind != Kind::Int && kind != Kind::Uint && kind != Kind::Double) {
    return put(scratch, no_overload("[]"));
  }
  if (!(compare(key, zero) >= 0 && compare(key, size) == -1)) {
    return put(scratch, Value::error(ErrorCode::OutOfRange, "the index of a list"));
  }
  const auto i = kind == Kind::Int    ? static_cast<size_t>(key.as_int())
                 : kind == Kind::Uint ? static_cast<size_t>(key.as_uint())
                                      : static_cast<size_t>(key.as_double());
  if (kind == Kind::Double && static_cast<double>(i) != key.as_double()) {
    return put(scratch, Value::error(ErrorCode::InvalidArgument, "the index of a list"));
  }
  return is_in(held, target) ? put(scratch, items[i]) : items[i];
}

const Value& Evaluation::logical(const Instruction& at, Scratch& scratch) {
  const bool decides = at.code == Code::Or;
  Scratch error;
  for (const Instruction& child : at.children) {
    Scratch held;
    const Value& v = run(child, held);
    if (v.kind() == Kind::Bool) {
      if (v.as_bool() == decides) return truth(decides);
    } else if (!error) {
      error = v.is_error() ? v : no_overload(decides ? "||" : "&&");
    }
  }
  return error ? put(scratch, std::move(*error)) : truth(!decides);
}

const Value& Evaluation::negation(const Instruction& at, Scratch& scratch) {
  const Value& v = run(at.children[0], scratch);
  if (v.is_error()) return v;
  if (v.kind() != Kind::Bool) return put(scratch, no_overload("!"));
  return truth(!v.as_bool());
}

const Value& Evaluation::conditional(const Instruction& at, Scratch& scratch) {
  bool condition = false;
  {
    Scratch held;
    const Value& v = run(at.children[0], held);
    if (v.is_error()) return put(scratch, v);
    if (v.kind() != Kind::Bool) return put(scratch, no_overload("?:"));
    condition = v.as_bool();
  }
  return run(at.children[condition ? 1 : 2], scratch);
}

namespace {

constexpr double kTwoTo63 = 9223372036854775808.0;

// Beside an int, the double 2^63 is the largest int to cel-spec's conformance cases (`<` and its
// kin; the one place where they do not compare by exact value).
bool is_beside_int(const Value& a, const Value& b) {
  return a.kind() == Kind::Double && a.as_double() == kTwoTo63 && b.kind() == Kind::Int &&
         static_cast<double>(b.as_int()) == kTwoTo63;
}

const Value& compared(Operator op, const Value& a, const Value& b, Scratch& scratch) {
  const bool alike = is_beside_int(a, b) || is_beside_int(b, a);
  const int order = alike ? 0 : compare(a, b);
  if (order == 2) {
    // NaN is beside no number, and that is no error.
    if (a.kind() == Kind::Double || b.kind() == Kind::Double) {
      const auto is_number = [](const Value& v) {
        return v.kind() == Kind::Int || v.kind() == Kind::Uint || v.kind() == Kind::Double;
      };
      if (is_number(a) && is_number(b)) return truth(false);
    }
    return scratch.emplace(no_overload(operator_text(op)));
  }
  switch (op) {
    case Operator::Less:
      return truth(order < 0);
    case Operator::LessEqual:
      return truth(order <= 0);
    case Operator::Greater:
      return truth(order > 0);
    default:
      return truth(order >= 0);
  }
}

bool has_items(const Value& v) { return v.kind() == Kind::List || v.kind() == Kind::Map; }

// `in` over a list or a map's keys.
Value contained(const Value& item, const Value& container, Budget& budget) {
  if (container.kind() == Kind::Map) return Value::boolean(find_entry(container, item) != nullptr);
  if (container.kind() != Kind::List) return no_overload("in");
  const bool paid = has_items(item)
                        ? budget.spend_on(container)
                        : budget.spend(static_cast<int64_t>(container.as_list().size()));
  if (!paid) return out_of_budget();
  for (const Value& other : container.as_list()) {
    if (equal(item, other)) return Value::boolean(true);
  }
  return Value::boolean(false);
}

}  // namespace

const Value& Evaluation::binary(const Instruction& at, Scratch& scratch) {
  Scratch held_a;
  const Value& a = run(at.children[0], held_a);
  if (a.is_error()) return put(scratch, a);
  if (at.children.size() == 1) return put(scratch, arithmetic(at.op, a, a, budget_));
  Scratch held_b;
  const Value& b = run(at.children[1], held_b);
  if (b.is_error()) return put(scratch, b);
  switch (at.code) {
    case Code::Compare:
      return compared(at.op, a, b, scratch);
    case Code::Equal:
    case Code::NotEqual:
      if (has_items(a) && !budget_.spend_on(a)) return put(scratch, out_of_budget());
      return truth(equal(a, b) == (at.code == Code::Equal));
    case Code::In:
      return put(scratch, contained(a, b, budget_));
    case Code::InArea:
      if (a.kind() != Kind::String || b.kind() != Kind::String) {
        return put(scratch, no_overload("inArea()"));
      }
      return truth(tables_.areas->contains(b.as_string(), a.as_string()));
    default:
      return put(scratch, arithmetic(at.op, a, b, budget_));
  }
}

const Value& Evaluation::in_set(const Instruction& at, Scratch& scratch) {
  const Value& item = run(at.children[0], scratch);
  if (item.is_error()) return item;
  if (at.code == Code::InSet) {
    if (has_items(item) && !budget_.spend_on(item)) return put(scratch, out_of_budget());
    return truth(at.set->contains(item));
  }
  const ValueList& table = *tables_.lists[static_cast<size_t>(at.index)];
  const bool found = item.kind() == Kind::String && table.contains(item.as_string());
  return truth(found);
}

const Value& Evaluation::table_column(const Instruction& at, Scratch& scratch) {
  const Value& key = run(at.children[0], scratch);
  if (key.is_error()) return key;
  const ValueList& table = *tables_.lists[static_cast<size_t>(at.index)];
  const auto* row = key.kind() == Kind::String ? table.row(key.as_string()) : nullptr;
  if (!row) return put(scratch, Value::error(ErrorCode::NoSuchKey));
  // The list may have been replaced since, by one with other columns.
  const std::vector<std::string>& columns = table.columns();
  auto column = static_cast<size_t>(at.column);
  if (column >= columns.size() || columns[column] != at.text) {
    for (column = 0; column < columns.size() && columns[column] != at.text;) ++column;
    if (column == columns.size()) return put(scratch, Value::error(ErrorCode::NoSuchKey));
  }
  return put(scratch, Value::string((*row)[column]));
}

const Value& Evaluation::over_text(const Instruction& at, Scratch& scratch) {
  const Value& text = run(at.children[0], scratch);
  if (text.is_error()) return text;
  if (text.kind() != Kind::String) return put(scratch, no_overload("a function of a text"));
  const std::string& s = text.as_string();
  if (!budget_.spend(static_cast<int64_t>(s.size() / kTextBytesPerStep))) {
    return put(scratch, out_of_budget());
  }
  if (at.code == Code::Matches) {
    return truth(RE2::PartialMatch(s, *at.pattern));
  }
  const uint32_t words = tables_.keywords->find_again(s).words_of(static_cast<size_t>(at.index));
  return at.code == Code::Mentions ? truth(words > 0) : put(scratch, Value::integer(words));
}

const Value& Evaluation::call(const Instruction& at, Scratch& scratch) {
  // All but math.greatest and math.least have four arguments at most.
  std::array<Scratch, 4> held;
  std::vector<Scratch> held_more(at.children.size() > held.size() ? at.children.size() : 0);
  std::array<const Value*, 4> few;
  std::vector<const Value*> more(held_more.size());
  const size_t count = at.children.size();
  const bool is_few = count <= held.size();
  const Value** arguments = is_few ? few.data() : more.data();
  for (size_t i = 0; i < count; ++i) {
    const Value& v = run(at.children[i], is_few ? held[i] : held_more[i]);
    if (v.is_error()) return put(scratch, v);
    if (v.kind() == Kind::String && !pay_for_copy(v)) return put(scratch, out_of_budget());
    arguments[i] = &v;
  }
  return put(scratch, at.native(Arguments(arguments, count), budget_));
}

const Value& Evaluation::list(const Instruction& at, Scratch& scratch) {
  ListValue items;
  items.reserve(at.children.size());
  for (const Instruction& child : at.children) {
    Scratch held;
    const Value& v = run(child, held);
    if (v.is_error()) return put(scratch, v);
    if (!pay_for_copy(v)) return put(scratch, out_of_budget());
    items.push_back(is_in(held, v) ? std::move(*held) : v);
  }
  return put(scratch, Value::list(std::move(items)));
}

const Value& Evaluation::map(const Instruction& at, Scratch& scratch) {
  MapValue entries;
  ValueSet keys;
  for (size_t i = 0; i < at.children.size(); i += 2) {
    Scratch held_key;
    Scratch held;
    const Value& key = run(at.children[i], held_key);
    if (key.is_error()) return put(scratch, key);
    const Kind kind = key.kind();
    if (kind != Kind::Bool && kind != Kind::Int && kind != Kind::Uint && kind != Kind::String) {
      return put(scratch, no_overload("a map's key"));
    }
    const Value& v = run(at.children[i + 1], held);
    if (v.is_error()) return put(scratch, v);
    if (!pay_for_copy(key) || !pay_for_copy(v)) return put(scratch, out_of_budget());
    if (!keys.insert(key).second) {
      return put(scratch, Value::error(ErrorCode::InvalidArgument, "a map's key given twice"));
    }
    entries.emplace_back(key, v);
  }
  return put(scratch, Value::map(std::move(entries)));
}

const Value& evaluate_instruction(const Instruction& instruction, const Tables& tables,
                                  std::span<const Value> slots, Notes* notes,
                                  std::optional<Value>& made) {
  return Evaluation(tables, slots, notes).run(instruction, made);
}

Value evaluate_constant(const Instruction& instruction) {
  static const Tables none;
  std::optional<Value> made;
  return evaluate_instruction(instruction, none, {}, nullptr, made);
}

}  // namespace fengsui::cel
