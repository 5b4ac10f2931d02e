#include "cel/type.h"

namespace fengsui::cel {

Type Type::list_of(Type element) {
  return Type{Kind::List, nullptr, std::make_shared<const Type>(std::move(element))};
}

Type Type::map_of(Type key, Type element) {
  return Type{Kind::Map, std::make_shared<const Type>(std::move(key)),
              std::make_shared<const Type>(std::move(element))};
}

std::string Type::text() const {
  switch (kind) {
    case Kind::Dyn:
      return "dyn";
    case Kind::Null:
      return "null_type";
    case Kind::Bool:
      return "bool";
    case Kind::Int:
      return "int";
    case Kind::Uint:
      return "uint";
    case Kind::Double:
      return "double";
    case Kind::String:
      return "string";
    case Kind::Bytes:
      return "bytes";
    case Kind::Timestamp:
      return "timestamp";
    case Kind::Duration:
      return "duration";
    case Kind::List:
      return element ? "list(" + element->text() + ")" : "list(dyn)";
    case Kind::Map:
      return "map(" + (key ? key->text() : "dyn") + ", " + (element ? element->text() : "dyn") +
             ")";
    case Kind::TypeType:
      return "type";
    case Kind::ListTable:
      return "value list";
    case Kind::ListRow:
      return "value list row";
    case Kind::KeywordSet:
      return "keyword set";
  }
  return "dyn";
}

namespace {

const Type& parameter(const std::shared_ptr<const Type>& type) {
  static const Type dyn;
  return type ? *type : dyn;
}

}  // namespace

bool same_type(const Type& a, const Type& b) {
  if (a.kind != b.kind) return false;
  if (a.kind != Type::Kind::List && a.kind != Type::Kind::Map) return true;
  return same_type(parameter(a.key), parameter(b.key)) &&
         same_type(parameter(a.element), parameter(b.element));
}

bool assignable(const Type& from, const Type& to) {
  if (from.kind == Type::Kind::Dyn || to.kind == Type::Kind::Dyn) {
    // Tables are no values: they stand only where one is asked for by name.
    const Type::Kind other = from.kind == Type::Kind::Dyn ? to.kind : from.kind;
    return other != Type::Kind::ListTable && other != Type::Kind::ListRow &&
           other != Type::Kind::KeywordSet;
  }
  if (from.kind != to.kind) return false;
  if (from.kind != Type::Kind::List && from.kind != Type::Kind::Map) return true;
  return assignable(parameter(from.key), parameter(to.key)) &&
         assignable(parameter(from.element), parameter(to.element));
}

}  // namespace fengsui::cel
