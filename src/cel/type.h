// Static types of the expression language. `dyn` is checked at run time.
#pragma once

#include <memory>
#include <string>

#include "cel/value.h"

namespace fengsui::cel {

struct Type {
  enum class Kind : uint8_t {
    Dyn,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Timestamp,
    Duration,
    List,
    Map,
    TypeType,
    ListTable,   // lists.NAME: only right of `in`, or indexed
    ListRow,     // lists.NAME[x]: only with a column selected
    KeywordSet,  // keywords.NAME: only as an argument of text.mentions and text.mentionCount
  };

  Kind kind = Kind::Dyn;
  std::shared_ptr<const Type> key;      // Map
  std::shared_ptr<const Type> element;  // List and Map

  static Type of(Kind kind) { return Type{kind, nullptr, nullptr}; }
  static Type list_of(Type element);
  static Type map_of(Type key, Type element);

  bool is(Kind k) const { return kind == k; }
  std::string text() const;  // "list(string)"
};

bool same_type(const Type& a, const Type& b);
// A value of `from` may stand where `to` is wanted (dyn fits everything, both ways).
bool assignable(const Type& from, const Type& to);

}  // namespace fengsui::cel
