#include "window/implied_speed.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "cel/overloads.h"

namespace fengsui::window {
namespace {

using cel::Value;

constexpr double kLatMax = 90, kLonMax = 180;
constexpr double kSecondsLeast = 1;  // two events nearer in time count as so far apart

std::optional<double> degrees(const Value& v, double most) {
  double degrees = 0;
  if (v.kind() == cel::Kind::Double) {
    degrees = v.as_double();
  } else if (v.kind() == cel::Kind::Int) {
    degrees = static_cast<double>(v.as_int());
  } else {
    return std::nullopt;
  }
  if (!(degrees >= -most && degrees <= most)) return std::nullopt;
  return degrees;
}

}  // namespace

std::optional<SpeedOf::Place> SpeedOf::place_of(const Value& argument) {
  if (argument.kind() != cel::Kind::List || argument.as_list().size() != 2) return std::nullopt;
  const std::optional<double> lat = degrees(argument.as_list()[0], kLatMax);
  const std::optional<double> lon = degrees(argument.as_list()[1], kLonMax);
  if (!lat || !lon) return std::nullopt;
  return Place{*lat, *lon};
}

std::optional<double> SpeedOf::speed(Places::const_iterator from, Places::const_iterator to) const {
  const Value places[] = {Value::real(from->second.lat), Value::real(from->second.lon),
                          Value::real(to->second.lat), Value::real(to->second.lon)};
  const Value* const arguments[] = {&places[0], &places[1], &places[2], &places[3]};
  cel::Budget budget;
  const double metres = cel::place_distance(arguments, budget).as_double();
  if (!(metres >= distance_least_)) return std::nullopt;
  const auto ms = static_cast<double>((to->first.time - from->first.time).count());
  return metres / std::max(ms / 1000, kSecondsLeast);
}

void SpeedOf::count(Places::const_iterator from, Places::const_iterator to, int by) {
  const std::optional<double> found = speed(from, to);
  if (!found) return;
  if (by > 0) {
    speeds_.insert(*found);
  } else {
    speeds_.erase(speeds_.find(*found));
  }
}

void SpeedOf::change(const Entry& entry, const Value* argument, int by) {
  const std::optional<Place> place = place_of(*argument);
  if (!place) return;
  const auto at = by > 0 ? places_.emplace(entry.key, *place).first : places_.find(entry.key);
  const bool is_first = at == places_.begin(), is_last = std::next(at) == places_.end();
  if (!is_first) count(std::prev(at), at, by);
  if (!is_last) count(at, std::next(at), by);
  if (!is_first && !is_last) count(std::prev(at), std::next(at), -by);
  if (by < 0) places_.erase(at);
}

Value SpeedOf::value(const rules::Aggregate&) const {
  return Value::real(speeds_.empty() ? 0.0 : *speeds_.rbegin());
}

}  // namespace fengsui::window
