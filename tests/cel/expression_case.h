// What the tables of this folder share: an environment, and a value or a finding as one line of
// text.
#pragma once

#include <string>
#include <vector>

#include "cel/expression.h"

namespace fengsui::cel::test {

// Fields as an event type would declare them, tables, and the slots of one event. Names and values
// are made up.
struct World {
  World();
  Environment environment;
  Tables tables;
  std::vector<Value> slots;
  // Another event: this slot's value replaced.
  std::vector<Value> slots_with(int slot, Value value) const;
};

enum WorldSlot : int {
  kCategory,  // string "solvent"
  kWeight,    // double 2.5
  kUrgency,   // int 3
  kText,      // string "闻到煤气味，ＧＡＳ leak"
  kVerified,  // bool false
  kNote,      // string, optional, missing
  kCode,      // outlet.code: string "620501"
  kOutlet,    // outlet: map
  kParent,    // shop.code: string, missing with its parent
  kSender,    // sender: map of purposes, entry "safety"
  kTime,      // event.time
  kTags,      // list(string)
  kAnything,  // dyn
  kLat,       // double
  kLon,       // double
  kWorldSlots
};

// A name that is no field: a `let` name, say.
Variable variable(Type type, int slot);

// "3", "3u", "3.5", "\"a\"", "b\"…base64…\"", "timestamp …", "duration …", "type int",
// "error: out of range: …".
std::string shown(const Value& value);
// "4 TypeMismatch: message; hint", of a warning "4 warning OptionalField: …".
std::string shown(const Finding& finding);

// The value, or the first finding that is an error as "finding …".
std::string evaluated(const World& world, const std::string& text);
// All findings, a line each.
std::string findings_of(const World& world, const std::string& text,
                        const Type& wanted = Type::of(Type::Kind::Dyn));

}  // namespace fengsui::cel::test
