// A schema made ready for decoding: which slots are wanted, enums sorted, names hashed, the
// purposes for which there is a key. Immutable once made; used by decoder.cc and data_reader.cc
// alone.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cel/value.h"
#include "event/identity.h"
#include "event/schema.h"

namespace fengsui::event {

// A field, `data` itself, or an array's items.
struct PlanNode {
  const Field* field = nullptr;
  // Its slot is needed.
  bool keep = false;
  // It stands in the map or list that is made of what is round it.
  bool shown = true;
  // The name has no character that JSON would have escaped, so raw bytes can be compared.
  bool plain_name = false;

  std::vector<PlanNode> parts;      // an object's, as in the schema
  std::vector<uint32_t> by_name;    // hash table: part index + 1, 0 is free; a power of two in size
  std::vector<int> missing_inside;  // slots that go from MissingParent to Missing once it is there
  std::unique_ptr<PlanNode> items;  // an array's; null: anything
  std::vector<std::string_view> allowed;    // a string's enum, sorted
  std::vector<std::string> token_purposes;  // an identity's, those that have a key

  // The part of this name, or -1.
  int find(std::string_view name) const;
};

struct TypePlan {
  const EventType* type = nullptr;
  PlanNode data;
  std::vector<cel::Value> blank;  // the slots before anything is read
};

// Requires: `type` outlives the plan; need() has been called for all that is wanted, unless
// `keep_all`. `keys` may be null.
TypePlan make_plan(const EventType& type, const KeyRing* keys, bool keep_all = false);

}  // namespace fengsui::event
