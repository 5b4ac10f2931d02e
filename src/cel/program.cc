#include "base/invariant.h"
#include "cel/code.h"

namespace fengsui::cel {

Program::Program() {
  // An empty program is null, always.
  auto code = std::make_shared<Code>();
  code->constant = Value();
  code->text = "null";
  code_ = std::move(code);
}
Program::~Program() = default;
Program::Program(const Program&) = default;
Program::Program(Program&&) noexcept = default;
Program& Program::operator=(const Program&) = default;
Program& Program::operator=(Program&&) noexcept = default;

Value Program::evaluate(const Tables& tables, std::span<const Value> slots) const {
  std::optional<Value> made;
  const Value& value = evaluate_in_place(tables, slots, made);
  return made && &value == &*made ? std::move(*made) : value;
}

bool Program::holds(const Tables& tables, std::span<const Value> slots) const {
  INVARIANT(code_->slots.empty() || static_cast<size_t>(code_->slots.back()) < slots.size());
  if (!code_->flat.empty()) return code_->flat.holds(slots);
  std::optional<Value> made;
  return evaluate_in_place(tables, slots, made).is_true();
}

const Value& Program::evaluate_in_place(const Tables& tables, std::span<const Value> slots,
                                        std::optional<Value>& made) const {
  INVARIANT(code_->slots.empty() || static_cast<size_t>(code_->slots.back()) < slots.size());
  if (code_->constant) return *code_->constant;
  return evaluate_instruction(code_->root, tables, slots, nullptr, made);
}

std::optional<int> Program::slot() const {
  const Instruction& root = code_->root;
  if (code_->constant || root.code != Instruction::Code::Slot) return std::nullopt;
  return root.index;
}

namespace {

// The same instructions, with a Note round each condition.
Instruction with_notes(const Instruction& at) {
  Instruction out = at;
  for (size_t i = 0; i < at.children.size(); ++i) out.children[i] = with_notes(at.children[i]);
  if (at.condition < 0) return out;
  Instruction note;
  note.code = Instruction::Code::Note;
  note.index = at.condition;
  note.children.push_back(std::move(out));
  return note;
}

}  // namespace

std::vector<TracedCondition> Program::trace(const Tables& tables,
                                            std::span<const Value> slots) const {
  INVARIANT(code_->slots.empty() || static_cast<size_t>(code_->slots.back()) < slots.size());
  const std::vector<Condition>& conditions = code_->conditions;
  Notes notes(conditions.size());
  std::optional<Value> made;
  const Instruction noting = with_notes(code_->root);
  Value whole = evaluate_instruction(noting, tables, slots, &notes, made);
  std::vector<TracedCondition> out;
  for (size_t i = 0; i < conditions.size(); ++i) {
    const Condition& at = conditions[i];
    out.push_back({at.offset, at.end, at.constant ? at.constant : std::move(notes[i])});
  }
  out.push_back({0, code_->text.size(), std::move(whole)});
  return out;
}

const Type& Program::type() const { return code_->type; }
const std::vector<int>& Program::slots_read() const { return code_->slots; }
const std::vector<int>& Program::lists_read() const { return code_->lists; }
const std::vector<int>& Program::keyword_sets_read() const { return code_->keyword_sets; }
const std::optional<Value>& Program::constant() const { return code_->constant; }
const std::string& Program::text() const { return code_->text; }

}  // namespace fengsui::cel
