#include "event/schema.h"

#include "base/invariant.h"

namespace fengsui::event {
namespace {

// Marks `field` and its parts where `slot` is theirs, or where the object round them was.
void mark_needed(Field& field, int slot, bool whole) {
  const bool here = field.slot >= 0 && (whole || field.slot == slot);
  if (here) field.needed = true;
  for (Field& part : field.properties) mark_needed(part, slot, here);
}

}  // namespace

// What a field inherits from where it stands.
struct EventType::Place {
  std::string path;
  bool in_items = false;  // nothing below an array's items has a slot
  bool dropped = false;   // nor has what a protected field holds
};

EventType::EventType(std::string name, std::string title, Field root)
    : name_(std::move(name)), title_(std::move(title)), root_(std::move(root)) {
  INVARIANT(root_.type == FieldType::Object);
  root_.path.clear();
  root_.slot = -1;
  place_parts(root_, Place{});
}

void EventType::place(Field& field, const Place& at) {
  field.path = at.path;
  const bool dropped = at.dropped || field.is_protected;
  field.slot = dropped || at.in_items ? -1 : slots_++;
  field.needed = false;
  has_identity_ |= field.identity;
  if (field.area && field.slot >= 0) area_slot_ = field.slot;
  if (!at.in_items) fields_.push_back(&field);
  place_parts(field, Place{at.path, at.in_items, dropped});
}

void EventType::place_parts(Field& field, const Place& at) {
  for (Field& part : field.properties) {
    place(part,
          Place{at.path.empty() ? part.name : at.path + "." + part.name, at.in_items, at.dropped});
  }
  if (field.items) {
    const auto items = std::make_shared<Field>(*field.items);
    field.items = items;
    place(*items, Place{at.path + "[]", true, at.dropped});
  }
}

const Field* EventType::find(std::string_view path) const {
  for (const Field* field : fields_) {
    if (field->path == path) return field;
  }
  return nullptr;
}

void EventType::need(int slot) {
  if (slot >= kEnvelopeSlots) mark_needed(root_, slot, false);
}

cel::Type expression_type(const Field& field) {
  using cel::Type;
  if (field.identity) return Type::of(Type::Kind::String);
  switch (field.type) {
    case FieldType::String:
      return Type::of(Type::Kind::String);
    case FieldType::Number:
      return Type::of(Type::Kind::Double);
    case FieldType::Integer:
      return Type::of(Type::Kind::Int);
    case FieldType::Boolean:
      return Type::of(Type::Kind::Bool);
    case FieldType::Array:
      return Type::list_of(field.items ? expression_type(*field.items) : Type::of(Type::Kind::Dyn));
    case FieldType::Object:
      return Type::map_of(Type::of(Type::Kind::String), Type::of(Type::Kind::Dyn));
  }
  return Type::of(Type::Kind::Dyn);
}

}  // namespace fengsui::event
