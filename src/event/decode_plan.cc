#include "event/decode_plan.h"

#include <algorithm>

namespace fengsui::event {
namespace {

// FNV-1a (Fowler, Noll, Vo), 64 bits: short names, no attacker can choose them.
size_t name_hash(std::string_view name) {
  uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash ^ hash >> 32;
}

std::vector<uint32_t> name_table(const std::vector<PlanNode>& parts) {
  size_t size = 4;
  while (size < parts.size() * 2) size *= 2;
  std::vector<uint32_t> table(size, 0);
  for (uint32_t i = 0; i < parts.size(); ++i) {
    size_t at = name_hash(parts[i].field->name) & (size - 1);
    while (table[at] != 0) at = (at + 1) & (size - 1);
    table[at] = i + 1;
  }
  return table;
}

struct Making {
  const EventType& type;
  const KeyRing* keys;
  bool keep_all;
};

// Fills a node in its place, so that no pointer into it moves.
void fill(PlanNode& node, const Field& field, const Making& making) {
  node.field = &field;
  node.keep = (field.needed || making.keep_all) && field.slot >= 0;
  node.shown = !field.is_protected && !field.identity;
  node.plain_name = field.name.find_first_of("\"\\") == std::string::npos;
  if (field.identity && making.keys != nullptr) {
    for (const std::string& purpose : field.identity_purposes) {
      if (making.keys->has_key(making.type.name(), purpose)) node.token_purposes.push_back(purpose);
    }
  }
  for (const cel::Value& value : field.allowed) {
    if (value.kind() == cel::Kind::String) node.allowed.push_back(value.as_string());
  }
  std::sort(node.allowed.begin(), node.allowed.end());

  node.parts.resize(field.properties.size());
  for (size_t i = 0; i < node.parts.size(); ++i) {
    fill(node.parts[i], field.properties[i], making);
    if (node.parts[i].keep) node.missing_inside.push_back(node.parts[i].field->slot);
  }
  node.by_name = name_table(node.parts);
  if (field.items) {
    node.items = std::make_unique<PlanNode>();
    fill(*node.items, *field.items, making);
  }
}

// Slots of fields whose object has not been seen.
void blank_inside(const PlanNode& node, bool top, std::vector<cel::Value>& slots) {
  for (const PlanNode& part : node.parts) {
    if (part.keep && !top) {
      slots[static_cast<size_t>(part.field->slot)] =
          cel::Value::error(cel::ErrorCode::MissingParent);
    }
    blank_inside(part, false, slots);
  }
}

}  // namespace

int PlanNode::find(std::string_view name) const {
  const size_t mask = by_name.size() - 1;
  for (size_t at = name_hash(name) & mask; by_name[at] != 0; at = (at + 1) & mask) {
    const uint32_t part = by_name[at] - 1;
    if (parts[part].field->name == name) return static_cast<int>(part);
  }
  return -1;
}

TypePlan make_plan(const EventType& type, const KeyRing* keys, bool keep_all) {
  TypePlan plan;
  plan.type = &type;
  fill(plan.data, type.root(), Making{type, keys, keep_all});
  plan.blank.resize(static_cast<size_t>(type.slots()), cel::Value::missing());
  blank_inside(plan.data, true, plan.blank);
  return plan;
}

}  // namespace fengsui::event
