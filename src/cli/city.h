// A simulated city: a seeded, endless stream of CloudEvents in event-time order. Two sets of feeds:
//   city       the default pack's (rules/): couriers, homestays, the 12345 hotline; every two
//              hundred events a situation begins that trips one of the pack's rules
//   reference  the benchmark workload's (bench/reference): flat records, heavy hitters, no
//              identities
// Made-up data: no name, number or address in it belongs to anybody. Same seed, same bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/time.h"

namespace fengsui::cli {

// A seeded generator whose numbers are the same on every machine (xoshiro256**, Blackman and
// Vigna).
class Random {
 public:
  explicit Random(uint64_t seed);
  uint64_t bits();
  uint64_t below(uint64_t bound);  // Requires: bound > 0
  double unit();                   // [0, 1)
  bool chance(double p) { return unit() < p; }
  double exponential(double mean);
  double normal();

 private:
  uint64_t state_[4];
};

struct CityEvent {
  EventTime time{};
  std::string line;  // one JSON object, no line feed
};

enum class IdentityForm { Tokens, Strings };

// 2026-03-01 19:58:30 in the city: a short run sees an hour end and the night begin.
inline constexpr EventTime kCityEvening{Duration{1772366310000}};

struct CityOptions {
  uint64_t seed = 7;
  double rate = 100;  // events a second of city time
  // How identity fields look on the wire: objects from purpose to a made-up token, as a gateway
  // writes them, or plain made-up strings, as a source without one does.
  IdentityForm identity = IdentityForm::Tokens;
  EventTime start{Duration{1772323200000}};  // 2026-03-01T00:00:00Z
};

class City {
 public:
  virtual ~City() = default;
  virtual CityEvent next() = 0;
};

std::unique_ptr<City> make_default_city(const CityOptions& options);
std::unique_ptr<City> make_reference_city(const CityOptions& options);

// The same stream with faults of the road: arrivals out of order by up to `disorder_ms`, a share
// repeated, a share of malformed lines put in between.
struct NoiseOptions {
  int64_t disorder_ms = 0;
  double duplicates = 0;
  double bad = 0;
};

class NoisyCity {
 public:
  NoisyCity(std::unique_ptr<City> city, NoiseOptions options, uint64_t seed);
  ~NoisyCity();
  // The next line to arrive, while `events` events (repeats and bad lines not counted) last.
  bool next(uint64_t events, std::string& line);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fengsui::cli
