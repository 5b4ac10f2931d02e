// The situations of the default city, one or more a rule of the default pack. Thresholds are those
// of rules/: who changes one there looks here.
#include <array>

#include "cli/default_city.h"

namespace fengsui::cli {
namespace {

constexpr double kMinute = 60, kHour = 3600, kDay = 86'400, kWeek = 7 * kDay;
constexpr const char* kWaterText = "整栋楼突然停水";
constexpr const char* kWater = "050201";
constexpr const char* kOther = "020105";
constexpr const char* kHelp = "050203";
constexpr std::array<const char*, 4> kIllness = {"昨晚聚餐后全家上吐下泻", "孩子吃了外卖一直腹泻",
                                                 "同桌几个人都呕吐怀疑食物中毒",
                                                 "吃完冷盘后拉肚子发低烧"};
constexpr std::array<const char*, 4> kGasTexts = {"楼道有明显燃气味", "怀疑天然气泄漏请派人来",
                                                  "家里煤气味很重不敢开灯", "邻居家气罐漏气"};
constexpr std::array<const char*, 5> kFrauds = {"自称客服退款让我下载软件",
                                                "拉我进群刷单先垫付返利", "说贷款保证金交了才放款",
                                                "让我把钱转到安全账户", "荐股群里说稳赚不赔"};
constexpr const char* kHazardText = "楼道里有人飞线充电还楼道堆放纸箱";
constexpr const char* kSmokeText = "楼道里有焦糊味还冒烟";
constexpr const char* kOdorText = "附近有刺鼻的味道刚才还有一声巨响";

}  // namespace

// Those that need a window's end come first: a short run begins just before one.
const std::vector<DefaultCity::Scenario>& DefaultCity::scenarios() {
  using D = DefaultCity;
  // clang-format off
  static const std::vector<Scenario> kAll = {
    &D::utility_outage, &D::uninspected_parcels, &D::fire_load, &D::document_at_many_listings,
    &D::gas_leak, &D::prohibited_parcels, &D::fraud_rising, &D::volume_swing,
    &D::document_at_far_outlets, &D::waiting_parcels, &D::orders_unregistered,
    &D::unregistered_listing, &D::minors_at_night, &D::area_fire_risk, &D::over_capacity,
    &D::valuables_to_one_point, &D::suspended_outlet, &D::minors_alone, &D::meal_makes_ill,
    &D::hazard_then_smoke, &D::ticket_unaccepted, &D::hazmat_and_odor, &D::hazmat_to_listing,
    &D::volume_stop};
  // clang-format on
  return kAll;
}

// TIC-003: an hour's usual few, four weeks long, then many.
void DefaultCity::utility_outage() {
  constexpr std::array<int, 5> kTickets = {2, 8, 4, 6, 22};
  const Place& place = any(listings_);
  const double hour = until_next(3600) + kMinute;
  for (size_t week = 0; week < kTickets.size(); ++week) {
    for (int i = 0; i < kTickets[week]; ++i) {
      const double at = hour + static_cast<double>(week) * kWeek + i * kMinute;
      plan_ticket(at, ticket(place, kWaterText, kWater));
    }
  }
}

// COU-009: a county's half hours of 640, 205 and 34 parcels, in daylight.
void DefaultCity::volume_swing() {
  constexpr std::array<int, 3> kParcels = {640, 205, 34};
  double begin = until_next(1800);
  while (hour_at(begin) < 8 || hour_at(begin) >= 18) begin += kHour / 2;
  const Place& outlet = any(outlets_);
  for (size_t half = 0; half < kParcels.size(); ++half) {
    for (int i = 0; i < kParcels[half]; ++i) {
      const double at = begin + static_cast<double>(half) * kHour / 2;
      plan_accepted(at + kHour / 2 * i / kParcels[half], parcel(outlet, "accepted", "daily"));
    }
  }
}

// COU-009: a county's records do not come; seldom, since it lasts longer than a round of these.
void DefaultCity::volume_stop() {
  if (now_ < silent_until_ || !random_.chance(0.1)) return;
  silent_division_ = any(outlets_).division;
  silent_until_ = now_ + std::chrono::minutes(40);
}

// COU-001 at once, raised where a second look finds worse; and COU-002 up to red as they come
// together at one outlet.
void DefaultCity::prohibited_parcels() {
  constexpr std::array<const char*, 4> kHazards = {"H06", "H05", "H03", "H02"};
  const Place& outlet = any(outlets_);
  Json data;
  for (size_t i = 0; i < 9; ++i) {
    const bool second_look = i == 1;
    if (!second_look) data = parcel(outlet, "inspected", "flammable_liquid");
    data["goods"]["hazard"] = kHazards[i % kHazards.size()];
    data["inspect"] = {{"opened", true}, {"xray", "suspect"}, {"result", "prohibited"}};
    plan_parcel(2.0 * static_cast<double>(i), data);
  }
}

// COU-003: an outlet where more and more goes unopened, hour by hour.
void DefaultCity::uninspected_parcels() {
  const Place& outlet = any(outlets_);
  for (int i = 0; i < 120; ++i) {
    Json data = parcel(outlet, "accepted", "daily");
    const bool later = i >= 60;
    const bool skipped = later ? i % 6 == 0 : i % 30 == 0;
    if (skipped) data["inspect"] = {{"opened", false}, {"xray", "none"}};
    plan_accepted((later ? kHour - kMinute : 0) + i, std::move(data));
  }
}

// COU-004: blue within the half hour, up to red in the second hour.
void DefaultCity::fire_load() {
  constexpr std::array<int, 4> kParcels = {4, 3, 5, 11};
  const Place& outlet = any(outlets_);
  for (size_t half = 0; half < kParcels.size(); ++half) {
    for (int i = 0; i < kParcels[half]; ++i) {
      Json data = parcel(outlet, "accepted", "lithium_battery");
      data["weight_g"] = 20'000;
      plan_accepted(static_cast<double>(half) * kHour / 2 + i, std::move(data));
    }
  }
}

// COU-005: one document, three counties, one of them three hundred kilometres off.
void DefaultCity::document_at_far_outlets() {
  std::array<Place, 3> places = {new_outlet(), new_outlet(), new_outlet()};
  places[0].division = "620502";
  places[1].division = "610113";
  places[1].cell.replace(0, 4, "wqj6");
  places[2].division = "620503";
  const Json sender = identity({"fraud_victim", "identity_misuse"}, anybody());
  for (size_t i = 0; i < places.size(); ++i) {
    Json data = parcel(places[i], "accepted", "daily");
    data["sender"]["tok"] = sender;
    plan_accepted(30.0 * static_cast<double>(i), std::move(data));
  }
}

// COU-006: several people send gold to the same locker.
void DefaultCity::valuables_to_one_point() {
  const Place drop = new_place();
  for (int i = 0; i < 6; ++i) {
    Json data = parcel(any(outlets_), "accepted", "gold_jewelry");
    data["recv"] = {{"division", "610113"}, {"cell8", drop.cell}, {"point_type", "locker"}};
    plan_accepted(5.0 * i, std::move(data));
  }
}

// COU-007: what is handed in and never inspected.
void DefaultCity::waiting_parcels() {
  const Place& outlet = any(outlets_);
  for (int i = 0; i < 35; ++i) plan_parcel(i, parcel(outlet, "accepted", "daily"));
}

// COU-008.
void DefaultCity::suspended_outlet() {
  for (int i = 0; i < 22; ++i) plan_accepted(1.5 * i, parcel(suspended_, "accepted", "daily"));
}

// HOM-001: yellow, then orange for the same order once it is plain that no adult came.
void DefaultCity::minors_alone() {
  Json first = stay(new_listing(), 1, 2);
  first["minor"]["guardian_contact"] = false;
  Json second = first;
  second["party"] = {
      {"total", 2}, {"adults", 0}, {"minors", 2}, {"minors_14_17", 1}, {"minors_u14", 1}};
  plan_stay(1, std::move(first));
  plan_stay(20, std::move(second));
}

// HOM-002: this night, or the next.
void DefaultCity::minors_at_night() {
  double begin = 1;
  if (hour_at(begin) < 20 && hour_at(begin) >= 5) {
    begin = until_next(3600) + kMinute / 2;
    while (hour_at(begin) != 20) begin += kHour;
  }
  const Place listing = new_listing();
  for (int i = 0; i < 3; ++i) plan_stay(begin + 15.0 * i, stay(listing, 0, 2));
}

// HOM-003: twelve guests where six may be, for some hours.
void DefaultCity::over_capacity() {
  const Place listing = new_listing();
  for (int i = 0; i < 3; ++i) {
    Json data = stay(listing, 4, 0);
    Json leaving = data;
    leaving["stage"] = "checkout";
    plan_stay(10.0 * i, std::move(data));
    plan_stay(3 * kHour, std::move(leaving));
  }
}

// HOM-004.
void DefaultCity::orders_unregistered() {
  const Place listing = new_listing();
  for (int i = 0; i < 9; ++i) {
    Json data = stay(listing, 2, 0);
    data["stage"] = "ordered";
    data["due_at"] = format_event_time(now_ + std::chrono::hours(6));
    plan_stay(2.0 * i, std::move(data));
  }
}

// HOM-005: three listings, later five.
void DefaultCity::document_at_many_listings() {
  constexpr std::array<double, 5> kAt = {0, 5, 10, 25 * kMinute, 26 * kMinute};
  const Json guest = identity({"identity_misuse"}, anybody());
  for (const double at : kAt) {
    Json data = stay(new_listing(), 1, 0);
    data["guest"]["tok"] = guest;
    plan_stay(at, std::move(data));
  }
}

// HOM-006: seven parties today, thirteen tomorrow, each gone before the next.
void DefaultCity::unregistered_listing() {
  const Place listing = new_listing();
  for (int i = 0; i < 20; ++i) {
    Json data = stay(listing, 1, 0);
    data["listing"]["lic_status"] = "unregistered";
    Json leaving = data;
    leaving["stage"] = "checkout";
    const double at = (i < 7 ? 0 : kDay) + 4.0 * i;
    plan_stay(at, std::move(data));
    plan_stay(at + 2, std::move(leaving));
  }
}

// TIC-001: up to red in one cell, with a neighbouring cell's caller among the three.
void DefaultCity::gas_leak() {
  Place place = new_place();
  place.cell[6] = '4';
  Place beside = place;
  beside.cell[6] = '5';
  plan_ticket(0, ticket(place, kGasTexts[0], kHelp));
  plan_ticket(8, ticket(place, kGasTexts[1], kHelp));
  plan_ticket(16, ticket(beside, kGasTexts[2], kHelp));
  plan_ticket(24, ticket(place, kGasTexts[3], kHelp));
}

// TIC-002: up to red.
void DefaultCity::meal_makes_ill() {
  const Place& enterprise = any(enterprises_);
  for (size_t i = 0; i < 12; ++i) {
    Json data = ticket(enterprise, kIllness[i % kIllness.size()], kOther);
    data["subject"] = {{"uscc", enterprise.code}};
    plan_ticket(4.0 * static_cast<double>(i), std::move(data));
  }
}

// TIC-004: a hazard, smoke, and smoke again.
void DefaultCity::hazard_then_smoke() {
  const Place place = new_place();
  plan_ticket(0, ticket(place, kHazardText, kOther));
  plan_ticket(15, ticket(place, kSmokeText, kHelp));
  plan_ticket(30, ticket(place, kSmokeText, kHelp));
}

// TIC-005: fifty minutes in a department's tray.
void DefaultCity::ticket_unaccepted() {
  Json data = ticket(any(listings_), kWaterText, kWater);
  data["urgency"] = "urgent";
  plan_ticket(0, data);
  data["stage"] = "dispatched";
  plan_ticket(2, data);
  data["stage"] = "accepted";
  plan_ticket(50 * kMinute, std::move(data));
}

// TIC-006: one pattern out of nothing, another over its usual few.
void DefaultCity::fraud_rising() {
  const size_t pattern = random_.below(kFrauds.size());
  fraud_wave(1, any(listings_), kFrauds[pattern], 6, 5);
  const char* usual = kFrauds[(pattern + 1) % kFrauds.size()];
  const Place& place = any(listings_);
  const double begin = until_next(3600) + kMinute;
  for (int hour = 0; hour < 6; ++hour) {
    fraud_wave(begin + hour * kHour, place, usual, hour < 3 ? 3 : 2, 10 * kMinute);
  }
  fraud_wave(begin + 6 * kHour, place, usual, 16, kMinute);
}

void DefaultCity::fraud_wave(double from, const Place& place, const char* text, int callers,
                             double apart) {
  for (int i = 0; i < callers; ++i) plan_ticket(from + apart * i, ticket(place, text, kOther));
}

// up to red.
void DefaultCity::hazmat_and_odor() {
  const Place outlet = new_outlet();
  Json data = parcel(outlet, "inspected", "flammable_liquid");
  data["goods"]["hazard"] = "H05";
  data["inspect"] = {{"opened", true}, {"xray", "suspect"}, {"result", "suspect"}};
  plan_parcel(0, std::move(data));
  for (int i = 1; i <= 3; ++i) plan_ticket(10.0 * i, ticket(outlet, kOdorText, kHelp));
}

// up to red.
void DefaultCity::hazmat_to_listing() {
  const Place listing = new_listing();
  plan_stay(0, stay(listing, 2, 0));
  for (int i = 1; i <= 5; ++i) {
    Json data = parcel(any(outlets_), "delivered", "flammable_liquid");
    data["goods"]["hazard"] = "H05";
    data["recv"] = {
        {"division", listing.division}, {"cell8", listing.cell}, {"point_type", "door"}};
    plan_parcel(5.0 * i, std::move(data));
  }
}

// smoke and gas in one community.
void DefaultCity::area_fire_risk() {
  const Place place = new_place();
  Place other = new_place();
  other.division = place.division;
  other.grid = place.grid.substr(0, 12) + "021";
  plan_ticket(0, ticket(place, kHazardText, kOther));
  plan_ticket(10, ticket(place, kSmokeText, kHelp));
  for (size_t i = 0; i < 3; ++i) {
    plan_ticket(20 + 8.0 * static_cast<double>(i), ticket(other, kGasTexts[i], kHelp));
  }
}

}  // namespace fengsui::cli
