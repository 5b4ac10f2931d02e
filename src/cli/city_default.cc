// The default city: what the feeds of rules/ look like on an ordinary day, and, every
// kScenarioEvery events, the beginning of one scenario of domain.md §4, in turn, so that a few
// thousand events trip every rule of the default pack.
#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <queue>
#include <utility>
#include <vector>

#include "cli/city.h"

namespace fengsui::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr uint64_t kScenarioEvery = 250;
constexpr size_t kOutlets = 400;
constexpr size_t kListings = 291;
constexpr uint64_t kPeople = 200'000;

constexpr const char* kBrands[] = {"YT", "ZT", "SF", "YD"};
constexpr const char* kEverydayGoods[] = {"daily",    "daily", "electronics", "fresh",
                                          "medicine", "other", "daily",       "lithium_battery"};
constexpr const char* kHotlineTopics[] = {
    "夜里装修电钻声不断希望管一管", "电梯停用多日物业一直不修", "路口井盖塌陷夜里看不清",
    "家里暖气一直不热报修没人来",   "整个单元停水半天没有通知", "河边有人倾倒垃圾气味难闻"};
constexpr const char* kIllness[] = {"昨晚聚餐后全家上吐下泻", "孩子吃了外卖一直腹泻",
                                    "同桌几个人都呕吐怀疑食物中毒", "吃完冷盘后拉肚子发低烧"};
// Of rules/lists/suspended_outlets.csv.
constexpr const char* kSuspendedOutlet = "YT6205020900";

std::string numbered(const char* prefix, uint64_t n, size_t width) {
  std::string digits = std::to_string(n);
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  return prefix + digits;
}

struct Place {
  std::string code;      // of the outlet, listing or enterprise
  std::string division;  // 6 digits
  std::string grid;      // 15 digits
  std::string cell;      // 8 characters of a geohash
};

class DefaultCity final : public City {
 public:
  explicit DefaultCity(const CityOptions& options)
      : random_(options.seed),
        identity_(options.identity),
        mean_gap_ms_(1000 / options.rate),
        now_(options.start) {
    for (size_t i = 0; i < kOutlets; ++i) {
      Place place = new_place();
      place.code = std::string(kBrands[i % 4]) + place.division + numbered("", i, 4);
      outlets_.push_back(std::move(place));
    }
    for (size_t i = 0; i < kListings; ++i) {
      Place place = new_place();
      place.code = "HL" + place.division + numbered("", i, 6);
      listings_.push_back(std::move(place));
    }
    for (size_t i = 0; i < 60; ++i) {
      Place place = new_place();
      place.code = "92" + place.division + numbered("MAKEUP", i, 10).substr(0, 10);
      enterprises_.push_back(std::move(place));
    }
    suspended_ = new_place();
    suspended_.code = kSuspendedOutlet;
  }

  CityEvent next() override {
    now_ += Duration{std::max<int64_t>(1, static_cast<int64_t>(random_.exponential(mean_gap_ms_)))};
    if (made_++ % kScenarioEvery == kScenarioEvery / 2) begin_scenario();
    if (!planned_.empty() && planned_.top().time <= now_) {
      Planned due = planned_.top();
      planned_.pop();
      return finish(due.type, due.source, std::move(due.data));
    }
    const double kind = random_.unit();
    if (kind < 0.72) return ordinary_parcel();
    if (kind < 0.84) return ordinary_stay();
    return ordinary_ticket();
  }

 private:
  struct Planned {
    EventTime time;
    uint64_t number;
    std::string type, source;
    Json data;
    bool operator>(const Planned& other) const {
      return std::pair(time, number) > std::pair(other.time, other.number);
    }
  };

  Place new_place() {
    constexpr const char* kBase32 = "0123456789bcdefghjkmnpqrstuvwxyz";
    Place place;
    place.division = numbered("6205", 2 + random_.below(6), 2);
    place.grid = place.division + numbered("", 1 + random_.below(40), 3) +
                 numbered("", 1 + random_.below(30), 3) + numbered("", 1 + random_.below(20), 3);
    place.cell = "wq5h";
    for (int i = 0; i < 4; ++i) place.cell += kBase32[random_.below(32)];
    return place;
  }
  const Place& any(const std::vector<Place>& places) {
    return places[random_.below(places.size())];
  }

  // A made-up identity of one person for one purpose: the object that a gateway writes, or a
  // string.
  Json identity(const char* purpose, uint64_t person) {
    constexpr const char* kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    if (identity_ == IdentityForm::Strings) return numbered("made-up-person-", person, 7);
    std::string token = "p1.k2026q1.";
    Random digits(person * 1000003 + static_cast<uint64_t>(purpose[0]));
    for (int i = 0; i < 22; ++i) token += kDigits[digits.below(64)];
    return {{purpose, token}};
  }

  CityEvent finish(const std::string& type, const std::string& source, Json data) {
    const Json event = {
        {"specversion", "1.0"}, {"id", numbered("c", number_++, 10)}, {"source", source},
        {"type", type},         {"time", format_event_time(now_)},    {"data", std::move(data)}};
    return {now_, event.dump()};
  }

  // After about `events` more events of the stream.
  void plan(double events, std::string type, std::string source, Json data) {
    const auto delay = Duration{static_cast<int64_t>(events * mean_gap_ms_)};
    planned_.push({now_ + delay, plans_++, std::move(type), std::move(source), std::move(data)});
  }

  Json parcel(const Place& outlet, const char* stage, const char* goods) {
    return {{"waybill_tok", numbered("w", waybills_++, 12)},
            {"brand", outlet.code.substr(0, 2)},
            {"stage", stage},
            {"outlet",
             {{"code", outlet.code},
              {"division", outlet.division},
              {"grid", outlet.grid},
              {"cell", outlet.cell.substr(0, 6)},
              {"lic_status", outlet.code == kSuspendedOutlet ? "suspended" : "valid"}}},
            {"sender",
             {{"kind", "person"},
              {"verify", "machine_read"},
              {"doc_status", "valid"},
              {"tok", identity("fraud_victim", random_.below(kPeople))}}},
            {"recv",
             {{"division", numbered("6101", 1 + random_.below(20), 2)},
              {"cell8", "wqj6" + outlet.cell.substr(4)},
              {"point_type", random_.chance(0.5) ? "locker" : "station"}}},
            {"goods",
             {{"cls", goods},
              {"hazard", std::string(goods) == "lithium_battery" ? "H06" : "none"},
              {"qty", 1 + random_.below(3)},
              {"value_band", "B2"}}},
            {"weight_g", 50 + random_.below(8000)},
            {"inspect", {{"opened", true}, {"xray", "pass"}}},
            {"cell6", outlet.cell.substr(0, 6)},
            {"cell7", outlet.cell.substr(0, 7)},
            {"cell8", outlet.cell}};
  }

  static std::string courier_source(const Place& outlet) {
    return "courier/" + outlet.code.substr(0, 2) + "/" + outlet.division;
  }

  CityEvent ordinary_parcel() {
    const Place& outlet = any(outlets_);
    Json data = parcel(outlet, "accepted", kEverydayGoods[random_.below(8)]);
    if (random_.chance(0.003)) data["inspect"]["xray"] = "none";
    Json inspected = data;
    inspected["stage"] = "inspected";
    inspected["inspect"]["result"] = random_.chance(0.002) ? "suspect" : "pass";
    plan(40 + 200 * random_.unit(), "courier.parcel", courier_source(outlet), std::move(inspected));
    return finish("courier.parcel", courier_source(outlet), std::move(data));
  }

  Json stay(const Place& listing, uint64_t adults, uint64_t minors) {
    return {{"stage", "checkin"},
            {"order_tok", numbered("o", orders_++, 10)},
            {"listing",
             {{"id", listing.code},
              {"type", "homestay"},
              {"lic_status", "registered"},
              {"division", listing.division},
              {"grid", listing.grid},
              {"capacity", 6}}},
            {"party",
             {{"total", adults + minors},
              {"adults", adults},
              {"minors", minors},
              {"minors_14_17", minors},
              {"minors_u14", 0}}},
            {"verify", {{"method", "face_match"}, {"result", "pass"}}},
            {"minor",
             {{"id_checked", true},
              {"guardian_contact", true},
              {"relation_recorded", true},
              {"guardian_present", adults > 0},
              {"police_notified", false}}},
            {"cell6", listing.cell.substr(0, 6)},
            {"cell7", listing.cell.substr(0, 7)},
            {"cell8", listing.cell}};
  }

  CityEvent ordinary_stay() {
    const uint64_t minors = random_.chance(0.08) ? 1 + random_.below(2) : 0;
    Json data = stay(any(listings_), 1 + random_.below(3), minors);
    if (random_.chance(0.4)) data["stage"] = "checkout";
    return finish("homestay.stay", "lodging/gs-wyf", std::move(data));
  }

  Json ticket(const Place& place, const char* text) {
    return {{"ticket", {{"id", numbered("TS", tickets_++, 12)}}},
            {"channel", "phone"},
            {"kind", "help"},
            {"category", numbered("0", 10000 + random_.below(89999), 5)},
            {"stage", "created"},
            {"urgency", "normal"},
            {"caller", {{"tok", identity("food_health", random_.below(kPeople))}}},
            {"text_redacted", text},
            {"division6", place.division},
            {"division12", place.grid.substr(0, 12)},
            {"grid", place.grid},
            {"addr_conf", 0.92},
            {"cell6", place.cell.substr(0, 6)},
            {"cell7", place.cell.substr(0, 7)},
            {"cell8", place.cell}};
  }

  CityEvent ordinary_ticket() {
    return finish("hotline.ticket", "hotline/12345",
                  ticket(any(listings_), kHotlineTopics[random_.below(6)]));
  }

  // --- Scenarios, one a rule, in turn ---------------------------------------------------------

  void begin_scenario() {
    switch (scenarios_++ % 6) {
      case 0:
        return prohibited_parcels();
      case 1:
        return uninspected_parcels();
      case 2:
        return valuables_to_one_point();
      case 3:
        return suspended_outlet();
      case 4:
        return minors_alone();
      case 5:
        return meal_makes_ill();
    }
  }

  // COU-001 at once, raised where a second look finds worse; and COU-002 up to red as they come
  // together at one outlet.
  void prohibited_parcels() {
    constexpr std::array<const char*, 4> kHazards = {"H06", "H05", "H03", "H02"};
    const Place& outlet = any(outlets_);
    Json data;
    for (int i = 0; i < 9; ++i) {
      const bool second_look = i == 1;
      if (!second_look) data = parcel(outlet, "inspected", "flammable_liquid");
      data["goods"]["hazard"] = kHazards[static_cast<size_t>(i) % kHazards.size()];
      data["inspect"] = {{"opened", true}, {"xray", "suspect"}, {"result", "prohibited"}};
      plan(4.0 * i, "courier.parcel", courier_source(outlet), data);
    }
  }

  // COU-003: a busy outlet where more and more goes unopened.
  void uninspected_parcels() {
    const Place& outlet = any(outlets_);
    for (int i = 0; i < 70; ++i) {
      Json data = parcel(outlet, "accepted", "daily");
      const bool skipped = i == 10 || (i > 50 && i % 2 == 0);
      if (skipped) data["inspect"] = {{"opened", false}, {"xray", "none"}};
      plan(1.5 * i, "courier.parcel", courier_source(outlet), std::move(data));
    }
  }

  // COU-006: several people send gold to the same locker.
  void valuables_to_one_point() {
    const Place drop = new_place();
    for (int i = 0; i < 6; ++i) {
      const Place& outlet = any(outlets_);
      Json data = parcel(outlet, "accepted", "gold_jewelry");
      data["recv"] = {{"division", "610113"}, {"cell8", drop.cell}, {"point_type", "locker"}};
      plan(10.0 * i, "courier.parcel", courier_source(outlet), std::move(data));
    }
  }

  // COU-008.
  void suspended_outlet() {
    for (int i = 0; i < 22; ++i) {
      plan(3.0 * i, "courier.parcel", courier_source(suspended_),
           parcel(suspended_, "accepted", "daily"));
    }
  }

  // HOM-001: yellow, then orange for the same order once it is plain that no adult came.
  void minors_alone() {
    Json first = stay(any(listings_), 1, 2);
    first["minor"]["guardian_contact"] = false;
    Json second = first;
    second["party"] = {
        {"total", 2}, {"adults", 0}, {"minors", 2}, {"minors_14_17", 1}, {"minors_u14", 1}};
    plan(1, "homestay.stay", "lodging/gs-wyf", std::move(first));
    plan(500, "homestay.stay", "lodging/gs-wyf", std::move(second));
  }

  // TIC-002: up to red.
  void meal_makes_ill() {
    const Place& enterprise = any(enterprises_);
    for (size_t i = 0; i < 12; ++i) {
      Json data = ticket(enterprise, kIllness[i % 4]);
      data["subject"] = {{"uscc", enterprise.code}};
      plan(8.0 * static_cast<double>(i), "hotline.ticket", "hotline/12345", std::move(data));
    }
  }

  Random random_;
  IdentityForm identity_;
  double mean_gap_ms_;
  EventTime now_;
  uint64_t number_ = 0, made_ = 0, scenarios_ = 0, plans_ = 0;
  uint64_t waybills_ = 0, orders_ = 0, tickets_ = 0;
  std::vector<Place> outlets_, listings_, enterprises_;
  Place suspended_;
  std::priority_queue<Planned, std::vector<Planned>, std::greater<>> planned_;
};

}  // namespace

std::unique_ptr<City> make_default_city(const CityOptions& options) {
  return std::make_unique<DefaultCity>(options);
}

}  // namespace fengsui::cli
