#include "archive/stored_event.h"

#include <cmath>

#include "base/json_text.h"

namespace fengsui::archive {
namespace {

using event::Field;
using event::FieldType;
using Kind = StoredField::Kind;

void add_fields(const Field& object, int parent, std::vector<StoredField>& out) {
  for (const Field& field : object.properties) {
    if (field.slot < 0) continue;  // protected
    Kind kind = field.type == FieldType::Object ? Kind::Object : Kind::Value;
    if (field.identity) kind = Kind::Identity;
    out.push_back({field.name, parent, kind});
    if (kind == Kind::Object) add_fields(field, static_cast<int>(out.size()) - 1, out);
  }
}

// Decode gives each type one kind; a schema that has changed since may want another.
cel::Value fitted(const cel::Value& value, const Field& field) {
  const cel::Kind kind = value.kind();
  if (kind == cel::Kind::Error) return value;
  if (field.identity) return kind == cel::Kind::Map ? value : cel::Value::missing();
  switch (field.type) {
    case FieldType::String:
      if (kind == cel::Kind::String) return value;
      break;
    case FieldType::Number:
      if (kind == cel::Kind::Double) return value;
      if (kind == cel::Kind::Int) return cel::Value::real(static_cast<double>(value.as_int()));
      break;
    case FieldType::Integer:
      if (kind == cel::Kind::Int) return value;
      if (kind == cel::Kind::Double && std::abs(value.as_double()) < 0x1p63 &&
          std::trunc(value.as_double()) == value.as_double()) {
        return cel::Value::integer(static_cast<int64_t>(value.as_double()));
      }
      break;
    case FieldType::Boolean:
      if (kind == cel::Kind::Bool) return value;
      break;
    case FieldType::Array:
      if (kind == cel::Kind::List) return value;
      break;
    case FieldType::Object:
      if (kind == cel::Kind::Null) return value;
      break;
  }
  return cel::Value::missing();
}

// The parts first, then the objects that are made of them.
void fill_objects(const Field& object, bool present, std::vector<cel::Value>& slots) {
  for (const Field& field : object.properties) {
    if (field.slot < 0) continue;
    cel::Value& slot = slots[static_cast<size_t>(field.slot)];
    if (!present) slot = cel::Value::error(cel::ErrorCode::MissingParent);
    if (field.type != FieldType::Object || field.identity) continue;
    const bool here = present && !slot.is_error();
    fill_objects(field, here, slots);
    if (!here) continue;
    cel::MapValue parts;
    for (const Field& part : field.properties) {
      if (part.slot < 0 || part.identity) continue;
      const cel::Value& value = slots[static_cast<size_t>(part.slot)];
      if (!value.is_error()) parts.emplace_back(cel::Value::string(part.name), value);
    }
    slot = cel::Value::map(std::move(parts));
  }
}

void append_object(std::string& out, const StoredEvent& event, int parent) {
  out += '{';
  bool first = true;
  const std::vector<StoredField>& fields = event.type->fields;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].parent != parent || event.values[i].is_error()) continue;
    if (!std::exchange(first, false)) out += ',';
    append_json_string(out, fields[i].name);
    out += ':';
    if (fields[i].kind == Kind::Object) {
      append_object(out, event, static_cast<int>(i));
    } else {
      cel::append_json(out, event.values[i]);
    }
  }
  out += '}';
}

}  // namespace

std::string StoredType::path(size_t field) const {
  const StoredField& own = fields[field];
  if (own.parent < 0) return own.name;
  return path(static_cast<size_t>(own.parent)) + "." + own.name;
}

StoredType stored_type(const event::EventType& type) {
  StoredType out;
  out.name = type.name();
  add_fields(type.root(), -1, out.fields);
  return out;
}

std::string cloud_event(const StoredEvent& event) {
  std::string out = R"({"specversion":"1.0","id":)";
  append_json_string(out, event.id);
  out += R"(,"source":)";
  append_json_string(out, event.source);
  out += R"(,"type":)";
  append_json_string(out, event.type->name);
  out += R"(,"time":")" + format_event_time(event.time) + R"(","data":)";
  append_object(out, event, -1);
  out += '}';
  return out;
}

const EventMapper::Mapping& EventMapper::mapping_of(
    const std::shared_ptr<const StoredType>& stored) {
  const auto known = mappings_.find(stored.get());
  if (known != mappings_.end()) return known->second;
  Mapping mapping;
  mapping.stored = stored;
  const auto type = types_.find(stored->name);
  if (type != types_.end()) {
    mapping.type = type->second;
    for (size_t i = 0; i < stored->fields.size(); ++i) {
      const Field* field = mapping.type->find(stored->path(i));
      mapping.fields.push_back(field != nullptr && field->slot >= 0 ? field : nullptr);
    }
  }
  return mappings_.emplace(stored.get(), std::move(mapping)).first->second;
}

bool EventMapper::map(const StoredEvent& stored, event::Event& out) {
  const Mapping& mapping = mapping_of(stored.type);
  if (!mapping.type) return false;
  out.type = mapping.type.get();
  out.time = stored.time;
  out.slots.assign(static_cast<size_t>(mapping.type->slots()), cel::Value::missing());
  out.slots[event::kSlotId] = cel::Value::string(stored.id);
  out.slots[event::kSlotSource] = cel::Value::string(stored.source);
  out.slots[event::kSlotType] = cel::Value::string(mapping.type->name());
  out.slots[event::kSlotTime] = cel::Value::timestamp(to_instant(stored.time));
  for (size_t i = 0; i < mapping.fields.size(); ++i) {
    const Field* field = mapping.fields[i];
    if (field == nullptr) continue;
    out.slots[static_cast<size_t>(field->slot)] = fitted(stored.values[i], *field);
  }
  fill_objects(mapping.type->root(), true, out.slots);
  return true;
}

}  // namespace fengsui::archive
