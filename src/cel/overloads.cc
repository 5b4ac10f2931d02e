#include "cel/overloads.h"

#include <algorithm>
#include <set>

namespace fengsui::cel {
namespace {

using enum Overload::Form;

// Names of math and strings stand with their prefix, as they are written. math.greatest and
// math.least take any number of numbers, or one list of them: the checker knows that
// (checker_calls.cc), has() and the macros, and rules.md's functions over tables.
constexpr Overload kOverloads[] = {
    {"size", Both, "s", 'i', text_size},
    {"size", Both, "y", 'i', text_size},
    {"size", Both, "L", 'i', text_size},
    {"size", Both, "M", 'i', text_size},
    {"contains", Method, "ss", 'b', text_contains},
    {"startsWith", Method, "ss", 'b', text_starts_with},
    {"endsWith", Method, "ss", 'b', text_ends_with},
    {"matches", Both, "ss", 'b', text_matches},

    {"int", Function, "i", 'i', to_int},
    {"int", Function, "u", 'i', to_int},
    {"int", Function, "d", 'i', to_int},
    {"int", Function, "s", 'i', to_int},
    {"int", Function, "t", 'i', to_int},
    {"uint", Function, "u", 'u', to_uint},
    {"uint", Function, "i", 'u', to_uint},
    {"uint", Function, "d", 'u', to_uint},
    {"uint", Function, "s", 'u', to_uint},
    {"double", Function, "d", 'd', to_double},
    {"double", Function, "i", 'd', to_double},
    {"double", Function, "u", 'd', to_double},
    {"double", Function, "s", 'd', to_double},
    {"string", Function, "s", 's', to_text},
    {"string", Function, "i", 's', to_text},
    {"string", Function, "u", 's', to_text},
    {"string", Function, "d", 's', to_text},
    {"string", Function, "b", 's', to_text},
    {"string", Function, "y", 's', to_text},
    {"string", Function, "t", 's', to_text},
    {"string", Function, "D", 's', to_text},
    {"bytes", Function, "y", 'y', to_bytes},
    {"bytes", Function, "s", 'y', to_bytes},
    {"bool", Function, "b", 'b', to_bool},
    {"bool", Function, "s", 'b', to_bool},
    {"timestamp", Function, "t", 't', to_timestamp},
    {"timestamp", Function, "s", 't', to_timestamp},
    {"timestamp", Function, "i", 't', to_timestamp},
    {"duration", Function, "D", 'D', to_duration},
    {"duration", Function, "s", 'D', to_duration},
    {"type", Function, "*", 'T', to_type},
    {"dyn", Function, "*", '*', to_dyn},

    {"getFullYear", Method, "t", 'i', time_full_year},
    {"getFullYear", Method, "ts", 'i', time_full_year},
    {"getMonth", Method, "t", 'i', time_month},
    {"getMonth", Method, "ts", 'i', time_month},
    {"getDate", Method, "t", 'i', time_date},
    {"getDate", Method, "ts", 'i', time_date},
    {"getDayOfMonth", Method, "t", 'i', time_day_of_month},
    {"getDayOfMonth", Method, "ts", 'i', time_day_of_month},
    {"getDayOfWeek", Method, "t", 'i', time_day_of_week},
    {"getDayOfWeek", Method, "ts", 'i', time_day_of_week},
    {"getDayOfYear", Method, "t", 'i', time_day_of_year},
    {"getDayOfYear", Method, "ts", 'i', time_day_of_year},
    {"getHours", Method, "t", 'i', time_hours},
    {"getHours", Method, "ts", 'i', time_hours},
    {"getHours", Method, "D", 'i', time_hours},
    {"getMinutes", Method, "t", 'i', time_minutes},
    {"getMinutes", Method, "ts", 'i', time_minutes},
    {"getMinutes", Method, "D", 'i', time_minutes},
    {"getSeconds", Method, "t", 'i', time_seconds},
    {"getSeconds", Method, "ts", 'i', time_seconds},
    {"getSeconds", Method, "D", 'i', time_seconds},
    {"getMilliseconds", Method, "t", 'i', time_milliseconds},
    {"getMilliseconds", Method, "ts", 'i', time_milliseconds},
    {"getMilliseconds", Method, "D", 'i', time_milliseconds},

    {"charAt", Method, "si", 's', text_char_at},
    {"indexOf", Method, "ss", 'i', text_index_of},
    {"indexOf", Method, "ssi", 'i', text_index_of},
    {"lastIndexOf", Method, "ss", 'i', text_last_index_of},
    {"lastIndexOf", Method, "ssi", 'i', text_last_index_of},
    {"lowerAscii", Method, "s", 's', text_lower_ascii},
    {"upperAscii", Method, "s", 's', text_upper_ascii},
    {"replace", Method, "sss", 's', text_replace},
    {"replace", Method, "sssi", 's', text_replace},
    {"split", Method, "ss", 'S', text_split},
    {"split", Method, "ssi", 'S', text_split},
    {"substring", Method, "si", 's', text_substring},
    {"substring", Method, "sii", 's', text_substring},
    {"trim", Method, "s", 's', text_trim},
    {"join", Method, "S", 's', text_join},
    {"join", Method, "Ss", 's', text_join},
    {"reverse", Method, "s", 's', text_reverse},
    {"format", Method, "sL", 's', text_format},
    {"strings.quote", Function, "s", 's', text_quote},

    {"math.abs", Function, "i", 'i', math_abs},
    {"math.abs", Function, "u", 'u', math_abs},
    {"math.abs", Function, "d", 'd', math_abs},
    {"math.ceil", Function, "d", 'd', math_ceil},
    {"math.floor", Function, "d", 'd', math_floor},
    {"math.round", Function, "d", 'd', math_round},
    {"math.sign", Function, "i", 'i', math_sign},
    {"math.sign", Function, "u", 'u', math_sign},
    {"math.sign", Function, "d", 'd', math_sign},
    {"math.isNaN", Function, "d", 'b', math_is_nan},
    {"math.isInf", Function, "d", 'b', math_is_inf},
    {"math.isFinite", Function, "d", 'b', math_is_finite},
    {"math.trunc", Function, "d", 'd', math_trunc},
    {"math.sqrt", Function, "i", 'd', math_sqrt},
    {"math.sqrt", Function, "u", 'd', math_sqrt},
    {"math.sqrt", Function, "d", 'd', math_sqrt},
    {"math.bitAnd", Function, "ii", 'i', math_bit_and},
    {"math.bitAnd", Function, "uu", 'u', math_bit_and},
    {"math.bitOr", Function, "ii", 'i', math_bit_or},
    {"math.bitOr", Function, "uu", 'u', math_bit_or},
    {"math.bitXor", Function, "ii", 'i', math_bit_xor},
    {"math.bitXor", Function, "uu", 'u', math_bit_xor},
    {"math.bitNot", Function, "i", 'i', math_bit_not},
    {"math.bitNot", Function, "u", 'u', math_bit_not},
    {"math.bitShiftLeft", Function, "ii", 'i', math_bit_shift_left},
    {"math.bitShiftLeft", Function, "ui", 'u', math_bit_shift_left},
    {"math.bitShiftRight", Function, "ii", 'i', math_bit_shift_right},
    {"math.bitShiftRight", Function, "ui", 'u', math_bit_shift_right},

    {"distance", Function, "dddd", 'd', place_distance},
    {"geohash", Function, "ddi", 's', place_geohash},
    {"neighbours", Function, "s", 'S', place_neighbours},
    {"cellLat", Function, "s", 'd', place_cell_lat},
    {"cellLon", Function, "s", 'd', place_cell_lon},
};

bool allows(Overload::Form form, CallForm call) {
  return form == Both || (form == Function) == (call == CallForm::Function);
}

bool fits(const Overload& overload, const std::vector<Type>& arguments) {
  if (overload.arguments.size() != arguments.size()) return false;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (!assignable(arguments[i], type_of_letter(overload.arguments[i]))) return false;
  }
  return true;
}

}  // namespace

Type type_of_letter(char letter) {
  using K = Type::Kind;
  switch (letter) {
    case 'b':
      return Type::of(K::Bool);
    case 'i':
      return Type::of(K::Int);
    case 'u':
      return Type::of(K::Uint);
    case 'd':
      return Type::of(K::Double);
    case 's':
      return Type::of(K::String);
    case 'y':
      return Type::of(K::Bytes);
    case 't':
      return Type::of(K::Timestamp);
    case 'D':
      return Type::of(K::Duration);
    case 'L':
      return Type::of(K::List);
    case 'S':
      return Type::list_of(Type::of(K::String));
    case 'M':
      return Type::of(K::Map);
    case 'T':
      return Type::of(K::TypeType);
    default:
      return Type::of(K::Dyn);
  }
}

OverloadChoice choose_overload(std::string_view name, CallForm form,
                               const std::vector<Type>& arguments) {
  OverloadChoice out;
  bool other_form = false;
  for (const Overload& overload : kOverloads) {
    if (overload.name != name) continue;
    if (!allows(overload.form, form)) {
      other_form = true;
      continue;
    }
    out.name_known = true;
    if (!fits(overload, arguments)) continue;
    const Type result = type_of_letter(overload.result);
    if (!out.overload) {
      out.overload = &overload;
      out.result = result;
    } else if (!same_type(out.result, result)) {
      out.result = Type();
    }
  }
  out.only_other_form = other_form && !out.name_known;
  return out;
}

std::string signatures_of(std::string_view name) {
  std::string out;
  for (const Overload& overload : kOverloads) {
    if (overload.name != name) continue;
    if (!out.empty()) out += ", ";
    std::string_view rest = overload.arguments;
    if (overload.form != Function) {
      out += type_of_letter(rest[0]).text() + ".";
      rest.remove_prefix(1);
    }
    out += std::string(name) + "(";
    for (size_t i = 0; i < rest.size(); ++i) {
      out += (i == 0 ? "" : ", ") + type_of_letter(rest[i]).text();
    }
    out += ")";
  }
  return out;
}

std::vector<std::string> function_names() {
  std::set<std::string> names{"has",      "all",          "exists",        "exists_one",
                              "map",      "filter",       "math.greatest", "math.least",
                              "mentions", "mentionCount", "inArea",        "cel.bind"};
  for (const Overload& overload : kOverloads) names.emplace(overload.name);
  return {names.begin(), names.end()};
}

std::string type_name(Kind kind) {
  switch (kind) {
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
      return "google.protobuf.Timestamp";
    case Kind::Duration:
      return "google.protobuf.Duration";
    case Kind::List:
      return "list";
    case Kind::Map:
      return "map";
    case Kind::Type:
      return "type";
    case Kind::Error:
      break;
  }
  return "error";
}

}  // namespace fengsui::cel
