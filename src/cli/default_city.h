// The default city: what the feeds of rules/ look like on an ordinary day (default_city.cc), and,
// in turn, the beginnings of the situations of the default pack (city_scenarios.cc). An ordinary
// day's pace is the stream's rate; a situation has its own: minutes, hours, or the same hour of
// five weeks.
#pragma once

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "cli/city.h"

namespace fengsui::cli {

class DefaultCity final : public City {
 public:
  explicit DefaultCity(const CityOptions& options);
  CityEvent next() override;

 private:
  using Json = nlohmann::ordered_json;

  struct Place {
    std::string code;      // of the outlet, listing or enterprise
    std::string division;  // 6 digits
    std::string grid;      // 15 digits
    std::string cell;      // 8 characters of a geohash
  };
  struct Planned {
    EventTime time;
    uint64_t number;
    std::string type, source;
    Json data;
    bool operator>(const Planned& other) const {
      return std::pair(time, number) > std::pair(other.time, other.number);
    }
  };
  // Who stays in a listing, from when on.
  struct Guests {
    Json stay;
    EventTime from;
  };
  using Scenario = void (DefaultCity::*)();
  static const std::vector<Scenario>& scenarios();

  Place new_place();
  Place new_listing();
  Place new_outlet();
  const Place& any(const std::vector<Place>& places) {
    return places[random_.below(places.size())];
  }
  // A made-up identity of one person: the object from purpose to token that a gateway writes, or a
  // string.
  Json identity(std::initializer_list<const char*> purposes, uint64_t person);
  uint64_t anybody();

  Json parcel(const Place& outlet, const char* stage, const char* goods);
  Json stay(const Place& listing, uint64_t adults, uint64_t minors);
  Json ticket(const Place& place, const char* text, const char* category);

  CityEvent finish(const std::string& type, const std::string& source, Json data);
  CityEvent ordinary();
  CityEvent ordinary_parcel();
  CityEvent ordinary_stay();
  CityEvent ordinary_ticket();

  // So long after now.
  void plan_parcel(double seconds, Json data);
  void plan_stay(double seconds, Json data);
  void plan_ticket(double seconds, Json data);
  void plan(double seconds, const char* type, std::string source, Json data);
  // A parcel is handed in, and inspected before it leaves.
  void plan_accepted(double seconds, Json data);
  // Hours since midnight of the city's day, and how long it is until the next full `seconds` of it.
  int hour_at(double seconds_from_now) const;
  double until_next(int64_t seconds) const;

  // --- Situations (city_scenarios.cc)
  void utility_outage();
  void volume_swing();
  void volume_stop();
  void prohibited_parcels();
  void uninspected_parcels();
  void fire_load();
  void document_at_far_outlets();
  void valuables_to_one_point();
  void waiting_parcels();
  void suspended_outlet();
  void minors_alone();
  void minors_at_night();
  void over_capacity();
  void orders_unregistered();
  void document_at_many_listings();
  void unregistered_listing();
  void gas_leak();
  void meal_makes_ill();
  void hazard_then_smoke();
  void ticket_unaccepted();
  void fraud_rising();
  void fraud_wave(double from, const Place& place, const char* text, int callers, double apart);
  void hazmat_and_odor();
  void hazmat_to_listing();
  void area_fire_risk();

  Random random_;
  IdentityForm identity_;
  double mean_gap_ms_;
  EventTime now_, ordinary_at_;
  uint64_t number_ = 0, made_ = 0, begun_ = 0, plans_ = 0;
  uint64_t waybills_ = 0, orders_ = 0, tickets_ = 0, places_ = 0;
  std::vector<Place> outlets_, listings_, enterprises_;
  std::vector<std::optional<Guests>> guests_;  // by listing
  Place suspended_;
  // A county whose couriers' records do not come, until then.
  std::string silent_division_;
  EventTime silent_until_{};
  std::priority_queue<Planned, std::vector<Planned>, std::greater<>> planned_;
};

}  // namespace fengsui::cli
