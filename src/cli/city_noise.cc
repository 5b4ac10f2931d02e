#include <algorithm>
#include <cmath>
#include <deque>
#include <queue>
#include <utility>
#include <vector>

#include "cli/city.h"

namespace fengsui::cli {
namespace {

uint64_t split_mix(uint64_t& state) {
  uint64_t z = state += 0x9e3779b97f4a7c15ULL;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
  return z ^ z >> 31;
}

uint64_t rotate_left(uint64_t v, int by) { return v << by | v >> (64 - by); }

// What sources in trouble send. None is an event of any pack.
const char* const kBadLines[] = {
    R"({"specversion":"1.0","id":"x")",
    "not json at all",
    "[]",
    R"({"specversion":"1.0","id":"b1","source":"s","type":"courier.parcel","time":"yesterday","data":{}})",
    R"({"specversion":"1.0","id":"b2","source":"s","type":"courier.parcel","time":"2026-03-01T00:00:00Z","data":{"outlet":7,"weight_g":"heavy"}})",
    R"({"specversion":"1.0","source":"s","type":"hotline.ticket","time":"2026-03-01T00:00:00Z","data":{}})",
    "{\"a\":\"\xff\"}",
    R"({"specversion":"1.0","id":"b3","source":"s","type":"no.such.type","time":"2026-03-01T00:00:00Z","data":{}})",
    R"({"specversion":"1.0","id":"b4","id":"b5","source":"s","type":"hotline.ticket","time":"2026-03-01T00:00:00Z","data":{}})",
    R"({"specversion":"1.0","id":"b6","source":"s","type":"hotline.ticket","time":"2026-03-01T00:00:00Z","data":{"x":01}})",
};

}  // namespace

Random::Random(uint64_t seed) {
  for (uint64_t& word : state_) word = split_mix(seed);
}

uint64_t Random::bits() {
  const uint64_t result = rotate_left(state_[1] * 5, 7) * 9;
  const uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = rotate_left(state_[3], 45);
  return result;
}

uint64_t Random::below(uint64_t bound) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<uint64_t>(static_cast<Wide>(bits()) * bound >> 64);
}

double Random::unit() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }

double Random::exponential(double mean) { return -mean * std::log1p(-unit()); }

double Random::normal() {
  // Box and Muller; one of the pair is enough here.
  const double radius = std::sqrt(-2 * std::log1p(-unit()));
  return radius * std::cos(2 * 3.14159265358979323846 * unit());
}

struct NoisyCity::State {
  struct Waiting {
    int64_t arrival;
    uint64_t number;
    std::string line;
    bool operator>(const Waiting& other) const {
      return std::pair(arrival, number) > std::pair(other.arrival, other.number);
    }
  };
  std::unique_ptr<City> city;
  NoiseOptions options;
  Random random;
  uint64_t made = 0;
  std::priority_queue<Waiting, std::vector<Waiting>, std::greater<>> waiting;
  std::deque<std::string> extra;  // repeats and bad lines, right after an event
};

NoisyCity::NoisyCity(std::unique_ptr<City> city, NoiseOptions options, uint64_t seed)
    : state_(new State{std::move(city), options, Random(seed * 31 + 5), 0, {}, {}}) {}

NoisyCity::~NoisyCity() = default;

bool NoisyCity::next(uint64_t events, std::string& line) {
  State& s = *state_;
  if (!s.extra.empty()) {
    line = std::move(s.extra.front());
    s.extra.pop_front();
    return true;
  }
  // An event may arrive once no later one of the city can arrive before it.
  while (s.made < events) {
    CityEvent event = s.city->next();
    const int64_t now = event.time.time_since_epoch().count();
    const auto delay =
        static_cast<int64_t>(s.random.below(static_cast<uint64_t>(s.options.disorder_ms) + 1));
    s.waiting.push({now + delay, s.made++, std::move(event.line)});
    if (s.waiting.top().arrival <= now) break;
  }
  if (s.waiting.empty()) return false;
  line = s.waiting.top().line;
  s.waiting.pop();
  if (s.options.duplicates > 0 && s.random.chance(s.options.duplicates)) s.extra.push_back(line);
  if (s.options.bad > 0 && s.random.chance(s.options.bad)) {
    s.extra.emplace_back(kBadLines[s.random.below(std::size(kBadLines))]);
  }
  return true;
}

}  // namespace fengsui::cli
