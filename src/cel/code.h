// A compiled expression: a tree of instructions with everything looked up beforehand. Immutable
// once compiled. Not for callers of the folder.
#pragma once

#include <re2/re2.h>

#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "cel/budget.h"
#include "cel/expression.h"
#include "cel/flat_condition.h"
#include "cel/syntax.h"

namespace fengsui::cel {

using Arguments = std::span<const Value* const>;
// A function over arguments none of which is an error. It checks their kinds itself, as a `dyn` may
// be anything. A result that is large beside its arguments is paid for.
using Native = Value (*)(Arguments arguments, Budget& budget);

struct ValueHash {
  size_t operator()(const Value& v) const { return hash_value(v); }
};
struct ValueEqual {
  bool operator()(const Value& a, const Value& b) const { return equal(a, b); }
};
using ValueSet = std::unordered_set<Value, ValueHash, ValueEqual>;

struct Instruction {
  enum class Code : uint8_t {
    Constant,   // value
    Slot,       // index: slot
    SlotEntry,  // index: slot; text: the entry of the map that it holds
    Local,      // index: a macro's variable
    HasSlot,    // index: slot; text: entry, or empty
    HasEntry,   // children[0] has the entry `text`
    Select,     // children[0] . text
    Index,      // children[0] [ children[1] ]
    And,
    Or,
    Not,
    Conditional,
    Arithmetic,  // op, and Negate
    Compare,     // op: Less … GreaterEqual
    Equal,
    NotEqual,
    In,           // children[0] in the list or map children[1]
    InSet,        // children[0] in *set
    InTable,      // children[0] in list `index`
    TableColumn,  // list `index` [ children[0] ] . text, most likely attribute `column`
    Mentions,     // children[0] and keyword set `index`
    MentionCount,
    InArea,   // children[0] lies in children[1]
    Matches,  // children[0] matches *pattern
    Call,     // native
    List,
    Map,
    // Macros over children[0], a list or a map's keys, with variable `index`; children[1] is the
    // condition, or what map() makes of an item; children[2], if any, what it makes of those that
    // children[1] lets pass.
    All,
    Exists,
    ExistsOne,
    Filter,
    Transform,
    Bind,  // children[1], where variable `index` is children[0]
    Note,  // children[0], which is noted as condition `index`: trace() alone
  };

  Code code = Code::Constant;
  Operator op = Operator::Add;
  int index = -1;
  int column = -1;
  int condition = -1;  // it is this one of Program::Code::conditions
  Native native = nullptr;
  Value value;
  std::string text;
  std::shared_ptr<const RE2> pattern;
  std::shared_ptr<const ValueSet> set;
  std::vector<Instruction> children;

  bool is_constant() const { return code == Code::Constant; }
};

// Macros nest no deeper than the text does.
inline constexpr int kLocalsMax = kExpressionDepthMax;

// A part of the text whose value says why the whole came out as it did.
struct Condition {
  size_t offset = 0;  // in Program::Code::text
  size_t end = 0;
  std::optional<Value> constant;
};

// Values of conditions; ones that were not evaluated have none.
using Notes = std::vector<std::optional<Value>>;

struct Program::Code {
  Instruction root;
  FlatCondition flat;                 // may be empty
  std::vector<Condition> conditions;  // in the order of the text; the whole is not among them
  Type type;
  std::vector<int> slots;
  std::vector<int> lists;
  std::vector<int> keyword_sets;
  std::optional<Value> constant;
  std::string text;
};

// Evaluates what needs no slot, table or variable: constant folding.
Value evaluate_constant(const Instruction& instruction);
// The result stays where it is (a slot, a constant) or is put into `made`, which is empty before.
const Value& evaluate_instruction(const Instruction& instruction, const Tables& tables,
                                  std::span<const Value> slots, Notes* notes,
                                  std::optional<Value>& made);

// `+ - * / %` and Negate (b unused) on values that are no errors.
Value arithmetic(Operator op, const Value& a, const Value& b, Budget& budget);

}  // namespace fengsui::cel
