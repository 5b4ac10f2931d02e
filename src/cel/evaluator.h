// One evaluation of a compiled expression, over instructions (code.h). Operands stay where they are
// (a slot, a constant, an item of a list): evaluating gives a reference, and `scratch` is only
// filled by what makes a new value. Not for callers of the folder.
#pragma once

#include <array>
#include <optional>

#include "cel/code.h"

namespace fengsui::cel {

// Empty until something new is made, which most instructions do not.
using Scratch = std::optional<Value>;

inline Value no_overload(const char* what) {
  return Value::error(ErrorCode::NoMatchingOverload, what);
}

class Evaluation {
 public:
  // `notes`: of the instructions Note; null if there are none.
  Evaluation(const Tables& tables, std::span<const Value> slots, Notes* notes)
      : tables_(tables), slots_(slots), notes_(notes) {}

  // The result lives as long as `scratch`, the instruction, the slots and the tables.
  const Value& run(const Instruction& at, Scratch& scratch);

 private:
  const Value& slot_entry(const Instruction& at, Scratch& scratch);
  const Value& has_slot(const Instruction& at, Scratch& scratch);
  const Value& has_entry(const Instruction& at, Scratch& scratch);
  const Value& select(const Instruction& at, Scratch& scratch);
  const Value& index(const Instruction& at, Scratch& scratch);
  const Value& logical(const Instruction& at, Scratch& scratch);
  const Value& negation(const Instruction& at, Scratch& scratch);
  const Value& conditional(const Instruction& at, Scratch& scratch);
  const Value& binary(const Instruction& at, Scratch& scratch);
  const Value& in_set(const Instruction& at, Scratch& scratch);
  const Value& table_column(const Instruction& at, Scratch& scratch);
  const Value& over_text(const Instruction& at, Scratch& scratch);
  const Value& call(const Instruction& at, Scratch& scratch);
  const Value& list(const Instruction& at, Scratch& scratch);
  const Value& map(const Instruction& at, Scratch& scratch);
  const Value& macro(const Instruction& at, Scratch& scratch);
  const Value& bind(const Instruction& at, Scratch& scratch);
  const Value& note(const Instruction& at, Scratch& scratch);
  template <class Item>
  void each_item(const Value& range, Item item);
  Value quantify(const Instruction& at, const Value& range);
  Value collect(const Instruction& at, const Value& range);

  bool pay_for_copy(const Value& v) { return budget_.spend_on(v); }
  static const Value& put(Scratch& scratch, Value v) { return scratch.emplace(std::move(v)); }
  static bool is_in(const Scratch& scratch, const Value& v) { return scratch && &v == &*scratch; }

  const Tables& tables_;
  std::span<const Value> slots_;
  Notes* notes_;
  Budget budget_;
  std::array<const Value*, kLocalsMax> locals_;  // of the macros that stand round
};

}  // namespace fengsui::cel
