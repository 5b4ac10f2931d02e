// What names stand for in a rule's conditions, as far as the linter reasons about them: a field's
// schema limits it, an aggregate its own nature.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "event/schema.h"
#include "rules/condition.h"

namespace fengsui::rules {

// The defs of a pack, by name.
using DefNodes = std::map<std::string, const cel::Node*, std::less<>>;

// What is known of a rule's windows beside their events.
struct WindowFacts {
  bool alone = false;  // it holds the event alone
  int64_t most = 0;    // `count` window: its length; 0: any number
};

class LintScope final : public ConditionScope {
 public:
  // Of events of any of these types. Requires: all outlive the scope.
  LintScope(std::vector<const event::EventType*> types, const DefNodes& defs)
      : types_(std::move(types)), defs_(defs) {}

  // Names from here on hide what was known by them.
  void add_step(const std::string& name, const event::EventType* type) { steps_[name] = type; }
  // Requires: `node` outlives the scope.
  void add_let(const std::string& name, const cel::Node& node, const WindowFacts& facts);

  Subject subject(const cel::Node& node) const override;
  Meaning meaning(const cel::Node& name) const override;

  // The schema's fields that the node names, one a type that has it; none: it is no field.
  std::vector<const event::Field*> fields_of(const cel::Node& node) const;
  bool is_let(const std::string& name) const { return lets_.contains(name); }
  bool is_def(const std::string& name) const;

 private:
  struct Let {
    Subject subject;
    const cel::Node* node = nullptr;         // of plain CEL; null: an aggregate
    std::shared_ptr<const LintScope> above;  // what it sees
  };

  Subject of_field(const cel::Node& node, std::string key) const;
  Subject of_aggregate(const cel::Node& call, const WindowFacts& facts) const;
  Subject of_call(const cel::Node& node) const;
  bool reads_row(const cel::Node& node) const;

  std::vector<const event::EventType*> types_;
  const DefNodes& defs_;
  std::map<std::string, const event::EventType*> steps_;
  std::map<std::string, Let> lets_;
};

// May a field of these have the value? False: a schema's word refuses it; `why` is set to which.
bool may_be(const std::vector<const event::Field*>& fields, const cel::Value& value,
            std::string& why);

}  // namespace fengsui::rules
