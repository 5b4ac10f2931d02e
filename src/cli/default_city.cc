#include "cli/default_city.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace fengsui::cli {
namespace {

constexpr uint64_t kScenarioEvery = 200, kFirstScenario = 10;
constexpr size_t kOutlets = 400;
constexpr size_t kListings = 291;
constexpr size_t kEnterprises = 60;
constexpr uint64_t kPeople = 200'000;
// A parcel is two records, some tickets are three, and the situations come on top.
constexpr double kRecordsADraw = 2.0;
constexpr Duration kZone = std::chrono::hours(8);
// Of rules/lists/suspended_outlets.csv.
constexpr const char* kSuspendedOutlet = "YT6205020900";

constexpr const char* kBrands[] = {"YT", "ZT", "SF", "YD"};
constexpr const char* kEverydayGoods[] = {"daily", "daily",    "electronics", "fresh",
                                          "daily", "medicine", "other",       "daily"};
struct Topic {
  const char* text;
  const char* category;  // some of rules/lists/infra_categories.csv
};
constexpr Topic kTopics[] = {
    {"夜里装修电钻声不断希望管一管", "010301"}, {"电梯停用多日物业一直不修", "050207"},
    {"路口井盖塌陷夜里看不清", "050205"},       {"家里暖气一直不热报修没人来", "050204"},
    {"整个单元停水半天没有通知", "050201"},     {"河边有人倾倒垃圾没人管", "020105"}};

std::string numbered(const char* prefix, uint64_t n, size_t width) {
  std::string digits = std::to_string(n);
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  return prefix + digits;
}

Duration seconds(double n) { return Duration{std::llround(n * 1000)}; }

}  // namespace

DefaultCity::DefaultCity(const CityOptions& options)
    : random_(options.seed),
      identity_(options.identity),
      mean_gap_ms_(1000 * kRecordsADraw / options.rate),
      now_(options.start),
      ordinary_at_(options.start) {
  for (size_t i = 0; i < kOutlets; ++i) outlets_.push_back(new_outlet());
  for (size_t i = 0; i < kListings; ++i) listings_.push_back(new_listing());
  guests_.resize(kListings);
  for (size_t i = 0; i < kEnterprises; ++i) {
    Place place = new_place();
    place.code = "92" + place.division + numbered("MAKEUP", i, 4);
    enterprises_.push_back(std::move(place));
  }
  suspended_ = new_place();
  suspended_.code = kSuspendedOutlet;
}

CityEvent DefaultCity::next() {
  if (made_++ % kScenarioEvery == kFirstScenario) {
    (this->*scenarios()[begun_++ % scenarios().size()])();
  }
  const bool is_planned = !planned_.empty() && planned_.top().time <= ordinary_at_;
  now_ = std::max(now_ + Duration{1}, is_planned ? planned_.top().time : ordinary_at_);
  if (is_planned) {
    Planned due = planned_.top();
    planned_.pop();
    return finish(due.type, due.source, std::move(due.data));
  }
  ordinary_at_ = now_ + Duration{static_cast<int64_t>(random_.exponential(mean_gap_ms_))};
  return ordinary();
}

CityEvent DefaultCity::ordinary() {
  const double kind = random_.unit();
  if (kind < 0.72) return ordinary_parcel();
  if (kind < 0.84) return ordinary_stay();
  return ordinary_ticket();
}

DefaultCity::Place DefaultCity::new_place() {
  constexpr const char* kBase32 = "0123456789bcdefghjkmnpqrstuvwxyz";
  Place place;
  place.division = numbered("6205", 2 + random_.below(6), 2);
  place.grid = place.division + numbered("", 1 + random_.below(40), 3) +
               numbered("", 1 + random_.below(30), 3) + numbered("", 1 + random_.below(20), 3);
  place.cell = "wq5h";
  for (int i = 0; i < 4; ++i) place.cell += kBase32[random_.below(32)];
  return place;
}

DefaultCity::Place DefaultCity::new_outlet() {
  Place place = new_place();
  place.code = kBrands[places_ % 4] + place.division + numbered("", places_, 4);
  ++places_;
  return place;
}

DefaultCity::Place DefaultCity::new_listing() {
  Place place = new_place();
  place.code = "HL" + place.division + numbered("", places_++, 6);
  return place;
}

DefaultCity::Json DefaultCity::identity(std::initializer_list<const char*> purposes,
                                        uint64_t person) {
  constexpr const char* kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  if (identity_ == IdentityForm::Strings) return numbered("made-up-person-", person, 7);
  Json tokens = Json::object();
  uint64_t which = 0;
  for (const char* purpose : purposes) {
    std::string token = "p1.k2026q1.";
    Random digits(person * 1'000'003 + ++which);
    for (int i = 0; i < 22; ++i) token += kDigits[digits.below(64)];
    tokens[purpose] = std::move(token);
  }
  return tokens;
}

uint64_t DefaultCity::anybody() { return random_.below(kPeople); }

// --- Records ------------------------------------------------------------------------------------

CityEvent DefaultCity::finish(const std::string& type, const std::string& source, Json data) {
  const Json event = {
      {"specversion", "1.0"}, {"id", numbered("c", number_++, 10)}, {"source", source},
      {"type", type},         {"time", format_event_time(now_)},    {"data", std::move(data)}};
  return {now_, event.dump()};
}

void DefaultCity::plan(double seconds_from_now, const char* type, std::string source, Json data) {
  planned_.push(
      {now_ + seconds(seconds_from_now), plans_++, type, std::move(source), std::move(data)});
}

namespace {

std::string courier_source(const nlohmann::ordered_json& parcel) {
  return "courier/" + parcel["brand"].get<std::string>() + "/" +
         parcel["outlet"]["division"].get<std::string>();
}

}  // namespace

void DefaultCity::plan_parcel(double seconds_from_now, Json data) {
  std::string source = courier_source(data);
  plan(seconds_from_now, "courier.parcel", std::move(source), std::move(data));
}

void DefaultCity::plan_accepted(double seconds_from_now, Json data) {
  Json inspected = data;
  inspected["stage"] = "inspected";
  inspected["inspect"]["result"] = "pass";
  plan_parcel(seconds_from_now, std::move(data));
  plan_parcel(seconds_from_now + 0.5 + 2.5 * random_.unit(), std::move(inspected));
}

void DefaultCity::plan_stay(double seconds_from_now, Json data) {
  plan(seconds_from_now, "homestay.stay", "lodging/gs-wyf", std::move(data));
}

void DefaultCity::plan_ticket(double seconds_from_now, Json data) {
  plan(seconds_from_now, "hotline.ticket", "hotline/12345", std::move(data));
}

int DefaultCity::hour_at(double seconds_from_now) const {
  const Duration local = (now_ + seconds(seconds_from_now)).time_since_epoch() + kZone;
  return static_cast<int>(local / std::chrono::hours(1) % 24);
}

double DefaultCity::until_next(int64_t full_seconds) const {
  const Duration full = std::chrono::seconds(full_seconds);
  const Duration local = now_.time_since_epoch() + kZone;
  return std::chrono::duration<double>(full - local % full).count();
}

DefaultCity::Json DefaultCity::parcel(const Place& outlet, const char* stage, const char* goods) {
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
            {"tok", identity({"fraud_victim", "identity_misuse"}, anybody())}}},
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

DefaultCity::Json DefaultCity::stay(const Place& listing, uint64_t adults, uint64_t minors) {
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
          {"guest", {{"tok", identity({"identity_misuse"}, anybody())}}},
          {"cell6", listing.cell.substr(0, 6)},
          {"cell7", listing.cell.substr(0, 7)},
          {"cell8", listing.cell}};
}

DefaultCity::Json DefaultCity::ticket(const Place& place, const char* text, const char* category) {
  return {{"ticket", {{"id", numbered("TS", tickets_++, 12)}}},
          {"channel", "phone"},
          {"kind", "help"},
          {"category", category},
          {"stage", "created"},
          {"urgency", "normal"},
          {"caller",
           {{"tok",
             identity({"food_health", "fire_gas", "fraud_victim", "dangerous_goods"}, anybody())}}},
          {"text_redacted", text},
          {"division6", place.division},
          {"division12", place.grid.substr(0, 12)},
          {"grid", place.grid},
          {"addr_conf", 0.92},
          {"cell6", place.cell.substr(0, 6)},
          {"cell7", place.cell.substr(0, 7)},
          {"cell8", place.cell}};
}

// --- An ordinary day ----------------------------------------------------------------------------

CityEvent DefaultCity::ordinary_parcel() {
  const Place* outlet = &any(outlets_);
  while (now_ < silent_until_ && outlet->division == silent_division_) outlet = &any(outlets_);
  const char* goods = random_.chance(0.004) ? "lithium_battery" : kEverydayGoods[random_.below(8)];
  Json data = parcel(*outlet, "accepted", goods);
  if (random_.chance(0.003)) data["inspect"]["xray"] = "none";
  Json inspected = data;
  inspected["stage"] = "inspected";
  inspected["inspect"]["result"] = random_.chance(0.001) ? "suspect" : "pass";
  plan_parcel(0.5 + 2.5 * random_.unit(), std::move(inspected));
  const std::string source = courier_source(data);
  return finish("courier.parcel", source, std::move(data));
}

// One party at a time: ordered or not, in, and out again.
CityEvent DefaultCity::ordinary_stay() {
  size_t at = random_.below(kListings);
  while (guests_[at] && guests_[at]->from > now_) at = random_.below(kListings);
  if (guests_[at]) {
    Json leaving = std::move(guests_[at]->stay);
    guests_[at].reset();
    leaving["stage"] = "checkout";
    return finish("homestay.stay", "lodging/gs-wyf", std::move(leaving));
  }
  const uint64_t minors = random_.chance(0.08) ? 1 + random_.below(2) : 0;
  Json data = stay(listings_[at], 1 + random_.below(3), minors);
  guests_[at] = Guests{data, now_ + Duration{1}};
  if (random_.chance(0.3)) {
    Json order = data;
    order["stage"] = "ordered";
    order["due_at"] = format_event_time(now_ + std::chrono::hours(1));
    plan_stay(3, std::move(data));
    guests_[at]->from = now_ + seconds(4);
    data = std::move(order);
  }
  return finish("homestay.stay", "lodging/gs-wyf", std::move(data));
}

CityEvent DefaultCity::ordinary_ticket() {
  const Topic& topic = kTopics[random_.below(std::size(kTopics))];
  Json data = ticket(any(listings_), topic.text, topic.category);
  if (random_.chance(0.06)) {
    data["urgency"] = "urgent";
    Json step = data;
    step["stage"] = "dispatched";
    plan_ticket(1, step);
    step["stage"] = "accepted";
    plan_ticket(2 + 3 * random_.unit(), std::move(step));
  }
  return finish("hotline.ticket", "hotline/12345", std::move(data));
}

std::unique_ptr<City> make_default_city(const CityOptions& options) {
  return std::make_unique<DefaultCity>(options);
}

}  // namespace fengsui::cli
