// speed(lat, lon, d): the highest speed that two successive events' places imply.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>

#include "cel/value.h"
#include "rules/rule_set.h"
#include "window/entry.h"

namespace fengsui::window {

// O(log n) an entry: it has two neighbours, and they have each other once it is gone.
class SpeedOf {
 public:
  explicit SpeedOf(double distance_least) : distance_least_(distance_least) {}

  // The argument is the list [lat, lon]. One that is no place contributes nothing.
  void change(const Entry& entry, const cel::Value* argument, int by);
  cel::Value value(const rules::Aggregate& aggregate) const;

 private:
  struct Place {
    double lat = 0, lon = 0;
  };
  using Places = std::map<EntryKey, Place>;
  static std::optional<Place> place_of(const cel::Value& argument);
  // Of two successive places, in metres a second; absent: they are too near each other.
  std::optional<double> speed(Places::const_iterator from, Places::const_iterator to) const;
  void count(Places::const_iterator from, Places::const_iterator to, int by);

  double distance_least_;  // metres
  Places places_;
  std::multiset<double> speeds_;
};

}  // namespace fengsui::window
