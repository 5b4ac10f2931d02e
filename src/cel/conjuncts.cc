#include "cel/conjuncts.h"

#include <algorithm>
#include <utility>

#include "base/byte_codec.h"
#include "cel/overloads.h"

namespace fengsui::cel {
namespace {

using Form = Conjunct::Form;
using Op = Instruction::Code;

// Instructions whose cost follows a text or a list of the event: with so few of them no event that
// a source takes uses up the steps.
constexpr int kSizedMax = 16;

// Adds to `sized`; false: it may run for long whatever the event is.
bool is_cheap(const Instruction& at, int& sized) {
  switch (at.code) {
    case Op::Call:
      // These take a step for their text's bytes, and no more than that.
      if (at.native != text_starts_with && at.native != text_ends_with &&
          at.native != text_contains) {
        return false;
      }
      sized += 2;
      break;
    case Op::List:
    case Op::Map:
    case Op::All:
    case Op::Exists:
    case Op::ExistsOne:
    case Op::Filter:
    case Op::Transform:
    case Op::Bind:
    case Op::Note:
    case Op::Arithmetic:
      return false;
    case Op::In:
    case Op::InSet:
    case Op::Equal:
    case Op::NotEqual:
      // A slot that holds a list is walked over.
      if (!at.children[0].is_constant()) ++sized;
      break;
    case Op::Mentions:
    case Op::MentionCount:
    case Op::Matches:
      ++sized;
      break;
    default:
      break;
  }
  return std::all_of(at.children.begin(), at.children.end(),
                     [&](const Instruction& child) { return is_cheap(child, sized); });
}

bool is_scalar_value(const Value& v) {
  switch (v.kind()) {
    case Kind::Null:
    case Kind::Bool:
    case Kind::Int:
    case Kind::Uint:
    case Kind::Double:
    case Kind::String:
      return true;
    default:
      return false;
  }
}

Form form_of(Operator op, bool turned) {
  switch (op) {
    case Operator::Less:
      return turned ? Form::Greater : Form::Less;
    case Operator::LessEqual:
      return turned ? Form::GreaterEqual : Form::LessEqual;
    case Operator::Greater:
      return turned ? Form::Less : Form::Greater;
    default:
      return turned ? Form::LessEqual : Form::GreaterEqual;
  }
}

bool is_slot(const Instruction& at) { return at.code == Op::Slot; }

// A comparison of a slot with a constant, either way round.
bool read_comparison(const Instruction& at, Conjunct& out) {
  if (at.children.size() != 2) return false;
  const bool turned = at.children[0].is_constant();
  const Instruction& slot = at.children[turned ? 1 : 0];
  const Instruction& constant = at.children[turned ? 0 : 1];
  if (!is_slot(slot) || !constant.is_constant() || !is_scalar_value(constant.value)) return false;
  if (at.code == Op::Compare) {
    if (!is_number(constant.value.kind())) return false;
    out.form = form_of(at.op, turned);
  } else {
    out.form = at.code == Op::Equal ? Form::Equal : Form::NotEqual;
  }
  out.slot = slot.index;
  out.values = {constant.value};
  return true;
}

bool read_set(const Instruction& at, Conjunct& out) {
  if (!is_slot(at.children[0])) return false;
  for (const Value& v : *at.set) {
    if (!is_scalar_value(v)) return false;
  }
  out.form = Form::In;
  out.slot = at.children[0].index;
  out.values.assign(at.set->begin(), at.set->end());
  return true;
}

// `x == 1 || x == 2`, which is `x in [1, 2]`, errors too.
bool read_alternatives(const Instruction& at, Conjunct& out) {
  Conjunct all;
  all.form = Form::In;
  for (const Instruction& child : at.children) {
    Conjunct one;
    const bool is_read = child.code == Op::Equal   ? read_comparison(child, one)
                         : child.code == Op::InSet ? read_set(child, one)
                                                   : false;
    if (!is_read || (all.slot >= 0 && one.slot != all.slot)) return false;
    all.slot = one.slot;
    for (Value& v : one.values) {
      const bool is_there = std::any_of(all.values.begin(), all.values.end(),
                                        [&](const Value& other) { return equal(v, other); });
      if (!is_there) all.values.push_back(std::move(v));
    }
  }
  if (all.slot < 0) return false;
  out = std::move(all);
  return true;
}

bool read_affix(const Instruction& at, Conjunct& out) {
  const bool is_prefix = at.native == text_starts_with;
  if ((!is_prefix && at.native != text_ends_with) || at.children.size() != 2) return false;
  const Instruction& affix = at.children[1];
  if (!is_slot(at.children[0]) || !affix.is_constant()) return false;
  if (affix.value.kind() != Kind::String) return false;
  out.form = is_prefix ? Form::Prefix : Form::Suffix;
  out.slot = at.children[0].index;
  out.values = {affix.value};
  return true;
}

bool read_form(const Instruction& at, Conjunct& out) {
  switch (at.code) {
    case Op::Call:
      return read_affix(at, out);
    case Op::Equal:
    case Op::NotEqual:
    case Op::Compare:
      return read_comparison(at, out);
    case Op::InSet:
      return read_set(at, out);
    case Op::Or:
      return read_alternatives(at, out);
    case Op::HasSlot:
      if (!at.text.empty()) return false;
      out.form = Form::Has;
      break;
    case Op::Slot:
      out.form = Form::True;
      break;
    case Op::Not:
      if (!is_slot(at.children[0])) return false;
      out.form = Form::False;
      out.slot = at.children[0].index;
      return true;
    case Op::Mentions:
      if (!is_slot(at.children[0])) return false;
      out.form = Form::Mentions;
      out.slot = at.children[0].index;
      out.keywords = at.index;
      return true;
    default:
      return false;
  }
  out.slot = at.index;
  return true;
}

void write_key(const Instruction& at, std::string& bytes) {
  ByteWriter out(bytes);
  out.u8(static_cast<uint8_t>(at.code));
  out.u8(static_cast<uint8_t>(at.op));
  out.signed_varint(at.index);
  out.signed_varint(at.column);
  encode_value(out, at.value);
  out.text(at.text);
  out.u64(reinterpret_cast<uintptr_t>(at.native));
  out.text(at.pattern ? at.pattern->pattern() : std::string());
  std::vector<std::string> items;
  if (at.set) {
    for (const Value& v : *at.set) {
      ByteWriter item(items.emplace_back());
      encode_value(item, v);
    }
  }
  std::sort(items.begin(), items.end());
  out.varint(items.size());
  for (const std::string& item : items) out.text(item);
  out.varint(at.children.size());
  for (const Instruction& child : at.children) write_key(child, bytes);
}

void collect(const Instruction& at, std::vector<const Instruction*>& out) {
  if (at.code != Op::And) {
    out.push_back(&at);
    return;
  }
  for (const Instruction& child : at.children) collect(child, out);
}

}  // namespace

std::vector<Conjunct> conjuncts_of(const Program& when) {
  std::vector<Conjunct> out;
  if (when.code_->constant) {  // its tree may be empty
    Conjunct whole;
    whole.program = when;
    out.push_back(std::move(whole));
    return out;
  }
  std::vector<const Instruction*> parts;
  collect(when.code_->root, parts);
  int sized = 0;
  bool is_early = true;
  for (const Instruction* part : parts) {
    Conjunct conjunct;
    is_early = is_early && is_cheap(*part, sized) && sized <= kSizedMax;
    if (is_early && !read_form(*part, conjunct)) {
      auto code = std::make_shared<Program::Code>();
      code->root = *part;
      code->slots = when.code_->slots;
      code->text = when.code_->text;
      conjunct.program.code_ = std::move(code);
      write_key(*part, conjunct.key);
    }
    conjunct.is_early = is_early;
    out.push_back(std::move(conjunct));
  }
  return out;
}

}  // namespace fengsui::cel
