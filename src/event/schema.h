// Event types: a pack's schema files, compiled. One schema names one event type and its `data`
// fields with JSON Schema's words (rules.md, "Events"). Immutable once built; shared between
// threads.
//
// Every readable field has a slot in the events of its type. The first slots are the envelope's.
#pragma once

#include <re2/re2.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cel/type.h"

namespace fengsui::event {

enum EnvelopeSlot : int { kSlotId = 0, kSlotSource, kSlotType, kSlotTime, kEnvelopeSlots };

enum class FieldType : uint8_t { String, Number, Integer, Boolean, Array, Object };

// A field, an array's items, or `data` itself (the root, an object without a name).
struct Field {
  std::string name;  // the last part of the path
  std::string path;  // "outlet.code"; of items "goods[]"
  FieldType type = FieldType::String;
  std::string title;
  bool required = false;
  bool is_protected = false;  // x-protected: checked, then dropped
  bool identity = false;      // x-identity: leaves decode as a map from purpose to token
  std::vector<std::string> identity_purposes;  // as listed; empty: `true`, those of the rules
  bool area = false;                           // x-area

  // Constraints; those of the field's type alone are set.
  std::vector<cel::Value> allowed;  // enum; empty: any
  std::optional<double> minimum, maximum;
  std::optional<int64_t> length_max;  // code points
  std::shared_ptr<const RE2> pattern;
  bool date_time = false;

  std::vector<Field> properties;       // of an object
  std::shared_ptr<const Field> items;  // of an array; null: anything
  int slot = -1;                       // -1: none (protected, or below an array's items)
  // Some rule, list or alert needs the slot's value; decode leaves others Missing. Set by the pack
  // loader (EventType::need).
  bool needed = false;
};

class EventType {
 public:
  // Gives out paths and slots (those in `root` are overwritten). Requires: root.type == Object.
  EventType(std::string name, std::string title, Field root);
  EventType(const EventType&) = delete;  // fields() points into root()
  EventType& operator=(const EventType&) = delete;

  const std::string& name() const { return name_; }
  const std::string& title() const { return title_; }
  const Field& root() const { return root_; }
  // By path, null if there is none ("outlet", "outlet.code").
  const Field* find(std::string_view path) const;
  // All fields that a path names, objects before their parts, in file order; protected ones too,
  // not those below an array's items.
  const std::vector<const Field*>& fields() const { return fields_; }
  int slots() const { return slots_; }
  // The x-area field's slot, or -1.
  int area_slot() const { return area_slot_; }
  // Some field names a person, below an array's items too.
  bool has_identity() const { return has_identity_; }
  // Marks the field of this slot (and of an object, its parts) as needed. Before the type is
  // shared.
  void need(int slot);

 private:
  struct Place;
  void place(Field& field, const Place& at);
  void place_parts(Field& field, const Place& at);

  std::string name_;
  std::string title_;
  Field root_;
  std::vector<const Field*> fields_;
  int slots_ = kEnvelopeSlots;
  int area_slot_ = -1;
  bool has_identity_ = false;
};

// The expression type that rules see: string, double, int, bool, list(…), map(string, dyn); an
// identity field is a string.
cel::Type expression_type(const Field& field);

// All event types of a pack, by name.
using EventTypes = std::map<std::string, std::shared_ptr<const EventType>, std::less<>>;

}  // namespace fengsui::event
