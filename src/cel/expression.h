// The expression language of rules.md: text -> Syntax (parse) -> Program (check and compile) ->
// Value.
//
//   Syntax     the tree with places; says what is wrong with the text
//   Environment what names mean where the expression stands: slots, types, lists, keyword sets
//   Program    compiled against one environment; evaluate() is const and thread-safe
//
// CEL is cel-spec's langdef.md, statically typed; error rules are CEL's. Own functions and the one
// rule about int literals beside declared double fields are rules.md's "Expressions".
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cel/environment.h"
#include "cel/tables.h"
#include "cel/type.h"
#include "cel/value.h"

namespace fengsui::cel {

// Parsing nests at most so deep (brackets, operators, macros); beyond it is an error of the text.
inline constexpr int kExpressionDepthMax = 128;
// No expression is longer, in bytes.
inline constexpr size_t kExpressionBytesMax = 64 * 1024;
// One evaluation visits at most so many nodes and copies so many items (a nested comprehension
// could run for years); beyond it is an error of code OutOfRange.
inline constexpr int64_t kEvaluationStepsMax = 10'000'000;

// A finding about one expression; `offset` in bytes from the expression's first character.
struct Finding {
  enum class Code : uint8_t {
    Syntax,
    UnknownName,  // hint: the nearest known one
    TypeMismatch,
    UnknownFunction,
    NotHere,  // known to the language, not allowed in this place (an aggregate inside CEL …)
    ProtectedField,
    OptionalField,  // warning: read without has()
    BadPattern,     // a constant pattern, timestamp, duration that cannot be read
  };
  bool warning = false;
  Code code = Code::Syntax;
  size_t offset = 0;
  std::string message;
  std::string hint;  // may be empty
};

struct Node;  // of the tree; syntax.h

// A parsed expression. Cheap to copy; the tree is shared and immutable.
class Syntax {
 public:
  const Node& root() const { return *root_; }
  const std::string& text() const { return *text_; }
  const std::shared_ptr<const Node>& shared_root() const { return root_; }
  // Another tree over the same text: its nodes' places must lie in it.
  Syntax with_root(std::shared_ptr<const Node> root) const { return {text_, std::move(root)}; }

  // If the expression is a call of a plain function name (`sum(x, where)`): that name.
  std::optional<std::string_view> called_function() const;
  // Requires: called_function(). The arguments as expressions; places stay those of the whole text.
  std::vector<Syntax> arguments() const;

  Syntax(std::shared_ptr<const std::string> text, std::shared_ptr<const Node> root)
      : text_(std::move(text)), root_(std::move(root)) {}

 private:
  std::shared_ptr<const std::string> text_;
  std::shared_ptr<const Node> root_;
};

Expected<Syntax, Finding> parse(std::string_view text);

// The length in bytes of the CEL expression that `text` begins with, up to and without the first
// `}` that closes no bracket and stands in no string; nullopt: there is none. (For "{CEL}" in
// messages.)
std::optional<size_t> length_to_closing_brace(std::string_view text);

// A condition of an expression and what it came to.
struct TracedCondition {
  size_t offset = 0;  // bytes of Program::text()
  size_t end = 0;
  std::optional<Value> value;  // may be an error; nullopt: others decided, it was not evaluated
};

struct Conjunct;  // conjuncts.h

class Program {
 public:
  Program();
  ~Program();
  Program(const Program&);
  Program(Program&&) noexcept;
  Program& operator=(const Program&);
  Program& operator=(Program&&) noexcept;

  // Never throws, never blocks; an error is a Value. Requires: slots covers every slot that the
  // environment named, tables every index.
  Value evaluate(const Tables& tables, std::span<const Value> slots) const;
  bool holds(const Tables& tables, std::span<const Value> slots) const;  // ….is_true()
  // The same without a copy: the value stays among the slots or in the program, or `made` gets it.
  const Value& evaluate_in_place(const Tables& tables, std::span<const Value> slots,
                                 std::optional<Value>& made) const;
  // The same, and the values of its conditions in the order of the text: what stands between the
  // whole's `&&`, `||`, `!` and `?:`, constants too, then the whole. Copies the program.
  std::vector<TracedCondition> trace(const Tables& tables, std::span<const Value> slots) const;

  const Type& type() const;
  // Slots that it may read, ascending.
  const std::vector<int>& slots_read() const;
  // Indexes of lists and keyword sets that it names.
  const std::vector<int>& lists_read() const;
  const std::vector<int>& keyword_sets_read() const;
  // Set if the value is a slot's, as it stands.
  std::optional<int> slot() const;
  // Set if the value is the same for every event.
  const std::optional<Value>& constant() const;
  const std::string& text() const;

 private:
  friend struct Checker;
  friend std::vector<Conjunct> conjuncts_of(const Program& when);
  struct Code;
  std::shared_ptr<const Code> code_;
};

struct Checked {
  std::optional<Program> program;  // absent if there is an error among the findings
  std::vector<Finding> findings;   // errors and warnings, in the order of their places
};

// `wanted`: what the place needs (dyn: any).
Checked check(const Syntax& syntax, const Environment& environment,
              const Type& wanted = Type::of(Type::Kind::Dyn));

// The same without static types, as for CEL's unchecked expressions: a name, a function or a type
// that does not fit is an error where it is evaluated, not before. What is left are faults of form.
Checked check_dynamically(const Syntax& syntax, const Environment& environment);

// The known name nearest to `name` (edit distance at most a third of its length), or nullopt.
std::optional<std::string> nearest_name(std::string_view name,
                                        const std::vector<std::string>& known);

}  // namespace fengsui::cel
