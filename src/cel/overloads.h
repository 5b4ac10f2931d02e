// Which functions there are, over which types: one table (overloads.cc). The checker chooses an
// overload by static types; its function checks again where a type was dyn.
#pragma once

#include <string_view>
#include <vector>

#include "cel/code.h"
#include "cel/type.h"

namespace fengsui::cel {

// Types of a signature, a letter each: b bool, i int, u uint, d double, s string, y bytes,
// t timestamp, D duration, L list, S list of strings, M map, T type, * anything.
struct Overload {
  std::string_view name;
  enum class Form : uint8_t { Function, Method, Both } form;
  std::string_view arguments;  // of a method the target is the first
  char result;
  Native native;
};

// How a call looks: `name(…)` or `target.name(…)`.
enum class CallForm : uint8_t { Function, Method };

struct OverloadChoice {
  const Overload* overload = nullptr;  // null: none fits
  Type result;                         // dyn where dyn arguments leave several open
  bool name_known = false;             // in this form
  bool only_other_form = false;
};
OverloadChoice choose_overload(std::string_view name, CallForm form,
                               const std::vector<Type>& arguments);
// "matches(string, string), string.matches(string)": for hints.
std::string signatures_of(std::string_view name);
std::vector<std::string> function_names();
Type type_of_letter(char letter);

// Natives, by file.
// functions_string.cc
Value text_size(Arguments, Budget&);
Value text_contains(Arguments, Budget&);
Value text_starts_with(Arguments, Budget&);
Value text_ends_with(Arguments, Budget&);
Value text_matches(Arguments, Budget&);
Value text_char_at(Arguments, Budget&);
Value text_index_of(Arguments, Budget&);
Value text_last_index_of(Arguments, Budget&);
Value text_lower_ascii(Arguments, Budget&);
Value text_upper_ascii(Arguments, Budget&);
Value text_replace(Arguments, Budget&);
Value text_split(Arguments, Budget&);
Value text_substring(Arguments, Budget&);
Value text_trim(Arguments, Budget&);
Value text_join(Arguments, Budget&);
Value text_reverse(Arguments, Budget&);
// functions_format.cc
Value text_format(Arguments, Budget&);
Value text_quote(Arguments, Budget&);
// functions_convert.cc
Value to_int(Arguments, Budget&);
Value to_uint(Arguments, Budget&);
Value to_double(Arguments, Budget&);
Value to_text(Arguments, Budget&);
Value to_bytes(Arguments, Budget&);
Value to_bool(Arguments, Budget&);
Value to_timestamp(Arguments, Budget&);
Value to_duration(Arguments, Budget&);
Value to_type(Arguments, Budget&);
Value to_dyn(Arguments, Budget&);
// functions_time.cc
Value time_full_year(Arguments, Budget&);
Value time_month(Arguments, Budget&);
Value time_date(Arguments, Budget&);
Value time_day_of_month(Arguments, Budget&);
Value time_day_of_week(Arguments, Budget&);
Value time_day_of_year(Arguments, Budget&);
Value time_hours(Arguments, Budget&);
Value time_minutes(Arguments, Budget&);
Value time_seconds(Arguments, Budget&);
Value time_milliseconds(Arguments, Budget&);
// functions_math.cc
Value math_greatest(Arguments, Budget&);
Value math_least(Arguments, Budget&);
Value math_abs(Arguments, Budget&);
Value math_ceil(Arguments, Budget&);
Value math_floor(Arguments, Budget&);
Value math_round(Arguments, Budget&);
Value math_sign(Arguments, Budget&);
Value math_is_nan(Arguments, Budget&);
Value math_is_inf(Arguments, Budget&);
Value math_is_finite(Arguments, Budget&);
Value math_trunc(Arguments, Budget&);
Value math_sqrt(Arguments, Budget&);
Value math_bit_and(Arguments, Budget&);
Value math_bit_or(Arguments, Budget&);
Value math_bit_xor(Arguments, Budget&);
Value math_bit_not(Arguments, Budget&);
Value math_bit_shift_left(Arguments, Budget&);
Value math_bit_shift_right(Arguments, Budget&);
// functions_place.cc
Value place_distance(Arguments, Budget&);
Value place_geohash(Arguments, Budget&);
Value place_neighbours(Arguments, Budget&);
Value place_cell_lat(Arguments, Budget&);
Value place_cell_lon(Arguments, Budget&);

// "int", "list", "google.protobuf.Timestamp": what type() gives.
std::string type_name(Kind kind);

}  // namespace fengsui::cel
