// Reads an event's `data` by its type's plan: checks it against the schema and fills the slots that
// are needed. Part of the decoder (decoder.cc); one a thread.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/decode_plan.h"
#include "event/event.h"

namespace fengsui::event {

// A string's text: of the record where it has no escapes, of the parser's buffer where it has;
// valid until the parser rewinds or takes the next document. False: not a string.
bool read_text(simdjson::ondemand::value& value, std::string_view& text);
// A field's name in the same way. Consumes the key if it has escapes.
simdjson::error_code read_name(simdjson::ondemand::field& field, std::string_view& name);

class DataReader {
 public:
  // `keys` may be null.
  explicit DataReader(const KeyRing* keys) : keys_(keys) {}

  // What the tripwire looks at: with `watch`, all strings but those of identity fields.
  // nullopt: read, and `slots` filled, unless identity_fault() has something to say. Requires:
  // `slots` is the plan's `blank`; `record_end` is the end of the record's text, which passed
  // check_json.
  std::optional<Rejected> read(const TypePlan& plan, simdjson::ondemand::object data, bool watch,
                               const char* record_end, std::vector<cel::Value>& slots);
  // Of the last read.
  const std::optional<Rejected>& identity_fault() const { return identity_fault_; }

 private:
  // All of these: false once fault_ says why. `out` is null where no value is wanted.
  bool read_object(const PlanNode& node, simdjson::ondemand::object object, cel::Value* out);
  bool read_part(const PlanNode& part, simdjson::ondemand::value value, cel::Value* shown);
  bool read_value(const PlanNode& node, simdjson::ondemand::value value, cel::Value* out);
  bool read_typed(const PlanNode& node, simdjson::ondemand::value value, cel::Value* out);
  bool read_array(const PlanNode& node, simdjson::ondemand::array array, cel::Value* out);
  bool read_number(const PlanNode& node, simdjson::ondemand::value value, cel::Value* out);
  bool read_string(const PlanNode& node, simdjson::ondemand::value value, cel::Value* out);
  bool read_identity(const PlanNode& node, simdjson::ondemand::value value, cel::Value* out);
  bool read_tokens(const PlanNode& node, simdjson::ondemand::object object, cel::Value* out);
  bool make_tokens(const PlanNode& node, std::string_view text, cel::Value* out);
  bool read_anything(simdjson::ondemand::value value, cel::Value* out);

  bool check_words(const PlanNode& node, std::string_view text);
  bool check_range(const PlanNode& node, const cel::Value& number);
  bool check_allowed(const PlanNode& node, const cel::Value& value);
  bool find_part(const PlanNode& node, simdjson::ondemand::field& field, size_t expected,
                 int& part);
  void watch_unknown(simdjson::ondemand::value& value);

  bool schema_fault(const PlanNode& node, std::string_view words);
  void note_identity(std::string message);
  bool ok(simdjson::error_code code);

  const KeyRing* keys_;
  const TypePlan* plan_ = nullptr;
  std::vector<cel::Value>* slots_ = nullptr;
  bool watch_ = false;
  const char* record_end_ = nullptr;
  std::vector<uint8_t> seen_;  // a stack: the parts of each open object
  std::string scratch_;
  std::optional<Rejected> fault_;
  std::optional<Rejected> identity_fault_;
};

}  // namespace fengsui::event
