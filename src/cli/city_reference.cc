// The reference workload: four event types in one stream, 2 % of people heavy hitters, for
// benchmarks and engine tests. Joins of persons across feeds are possible here and only here: the
// data are synthetic and bench/reference is never installed.
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "cli/city.h"

namespace fengsui::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Weighted {
  const char* name;
  double weight;
};
constexpr Weighted kGoods[] = {
    {"documents", 14}, {"clothing", 22},      {"food", 14},      {"electronics", 12},
    {"cosmetics", 9},  {"books", 7},          {"household", 10}, {"auto_parts", 4},
    {"medicine", 3},   {"seeds", 1.5},        {"jewelry", 1},    {"paint", 0.9},
    {"battery", 0.9},  {"gas_cylinder", 0.3}, {"solvent", 0.3},  {"fireworks", 0.1}};

struct Topic {
  const char* name;
  double weight;
  std::array<const char*, 2> texts;
};
const Topic kTopics[] = {{"noise", 18, {"夜里装修电钻声不断", "广场喇叭太响没法休息"}},
                         {"property", 16, {"电梯停用多日物业不修", "车库渗水没有人处理"}},
                         {"wages", 9, {"项目完工工钱还没结清", "店铺关门工资没有发"}},
                         {"gas", 3, {"厨房闻到煤气味不敢开灯", "管道接头疑似漏气味道刺鼻"}},
                         {"food_safety", 5, {"聚餐之后多人呕吐腹泻", "买到的熟食已经变质"}},
                         {"fraud", 6, {"有人冒充客服要求转账", "被拉进刷单群损失了钱"}},
                         {"environment", 9, {"河水发黑有臭味", "有人露天焚烧垃圾"}},
                         {"heating", 12, {"家里暖气一直不热", "供暖管道接口漏水"}},
                         {"water", 8, {"整个单元停水半天", "自来水颜色发黄"}},
                         {"road", 9, {"路口井盖塌陷", "路灯坏了晚上看不清"}},
                         {"fire", 2, {"楼道堆满杂物堵住通道", "隔壁仓库冒烟"}},
                         {"fundraising", 3, {"理财到期取不出本金", "养老项目负责人失联"}}};

template <class Table>
size_t pick(Random& random, const Table& table) {
  double total = 0;
  for (const auto& entry : table) total += entry.weight;
  double at = random.unit() * total;
  size_t i = 0;
  for (const auto& entry : table) {
    at -= entry.weight;
    if (at < 0) break;
    ++i;
  }
  return std::min(i, std::size(table) - 1);
}

std::string numbered(const char* prefix, uint64_t n, size_t width) {
  std::string digits = std::to_string(n);
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  return prefix + digits;
}

double two_places(double v) { return std::round(v * 100) / 100; }

class ReferenceCity final : public City {
 public:
  explicit ReferenceCity(const CityOptions& options)
      : random_(options.seed), mean_gap_ms_(1000 / options.rate), now_(options.start) {
    for (int i = 0; i < 118; ++i) {
      townships_.push_back("6205" + numbered("", 1 + random_.below(7), 2) + numbered("", i + 1, 3));
    }
    for (int i = 0; i < 5000; ++i) grids_.push_back(township() + numbered("", i, 4));
    for (int i = 0; i < 2000; ++i) outlet_grids_.push_back(grids_[random_.below(grids_.size())]);
    for (int i = 0; i < 2910; ++i) listing_grids_.push_back(grids_[random_.below(grids_.size())]);
    for (int i = 0; i < 200; ++i) frequent_.push_back(person_name(random_.below(kPeople)));
  }

  CityEvent next() override {
    now_ += Duration{std::max<int64_t>(1, static_cast<int64_t>(random_.exponential(mean_gap_ms_)))};
    const double kind = random_.unit();
    Json data;
    std::string type, source;
    if (kind < 0.80) {
      const uint64_t outlet = random_.below(outlet_grids_.size());
      data = parcel(outlet);
      type = "courier.parcel";
      source = "courier/" + numbered("", outlet / 20, 2);
    } else if (kind < 0.87) {
      const uint64_t listing = random_.below(listing_grids_.size());
      data = stay(listing);
      type = "homestay.checkin";
      source = "homestay/" + numbered("", listing / 100, 2);
    } else if (kind < 0.95 || open_tickets_.empty()) {
      data = ticket();
      type = "hotline.ticket";
      source = "hotline/12345";
    } else {
      data = update();
      type = "hotline.update";
      source = "hotline/12345";
    }
    const Json event = {
        {"specversion", "1.0"}, {"id", numbered("e", number_, 10)}, {"source", source},
        {"type", type},         {"time", format_event_time(now_)},  {"data", std::move(data)}};
    ++number_;
    return {now_, event.dump()};
  }

 private:
  static constexpr uint64_t kPeople = 1'000'000;

  static std::string person_name(uint64_t n) {
    constexpr const char* kHex = "0123456789abcdef";
    std::string out = "p";
    uint64_t bits = n * 2654435761u + 977;
    for (int i = 0; i < 12; ++i, bits = bits * 6364136223846793005ULL + 1) out += kHex[bits >> 60];
    return out;
  }
  const std::string& township() { return townships_[random_.below(townships_.size())]; }
  std::string person() {
    if (random_.chance(0.02)) return frequent_[random_.below(frequent_.size())];
    return person_name(static_cast<uint64_t>(kPeople * std::pow(random_.unit(), 2.2)));
  }

  Json parcel(uint64_t outlet) {
    const std::string& grid = outlet_grids_[outlet];
    return {{"waybill", numbered("YT", number_, 12)},
            {"sender_id", person()},
            {"receiver_id", person()},
            {"outlet", numbered("OUT", outlet, 5)},
            {"item_category", kGoods[pick(random_, kGoods)].name},
            {"weight_kg", two_places(std::exp(0.4 + 0.9 * random_.normal()))},
            {"declared_value", two_places(std::exp(4.5 + 1.4 * random_.normal()))},
            {"verified", !random_.chance(0.01)},
            {"grid", grid},
            {"region", grid.substr(0, 6)},
            {"dest_region", township().substr(0, 6)}};
  }

  Json stay(uint64_t listing) {
    const std::string& grid = listing_grids_[listing];
    const int minors = random_.chance(0.06) ? 1 : 0;
    constexpr const char* kMethods[] = {"face", "face", "card", "manual"};
    return {{"stay_id", numbered("S", number_, 10)},
            {"listing_id", numbered("HS", listing, 5)},
            {"guest_id", person()},
            {"guests", 1 + random_.below(5)},
            {"minors", minors},
            {"guardian_present", minors == 0 || random_.chance(0.7)},
            {"verify_method", kMethods[random_.below(4)]},
            {"nights", 1 + random_.below(7)},
            {"grid", grid},
            {"region", grid.substr(0, 6)}};
  }

  Json ticket() {
    const Topic& topic = kTopics[pick(random_, kTopics)];
    constexpr Weighted kUrgency[] = {{"low", 30}, {"normal", 50}, {"high", 15}, {"critical", 5}};
    const std::string& grid = grids_[static_cast<size_t>(static_cast<double>(grids_.size()) *
                                                         std::pow(random_.unit(), 3))];
    const std::string id = numbered("T", number_, 10);
    open_tickets_.emplace_back(id, grid);
    if (open_tickets_.size() > 4000) open_tickets_.erase(open_tickets_.begin());
    return {{"ticket_id", id},
            {"caller_id", person()},
            {"category", topic.name},
            {"text", topic.texts[random_.below(topic.texts.size())]},
            {"urgency", kUrgency[pick(random_, kUrgency)].name},
            {"grid", grid},
            {"region", grid.substr(0, 6)}};
  }

  Json update() {
    constexpr const char* kStatus[] = {"dispatched", "dispatched", "handled", "closed"};
    constexpr const char* kDepartments[] = {"gas", "police", "market", "labour", "fire", "housing"};
    const size_t at = random_.below(open_tickets_.size());
    const auto [id, grid] = open_tickets_[at];
    open_tickets_.erase(open_tickets_.begin() + static_cast<std::ptrdiff_t>(at));
    return {{"ticket_id", id},
            {"status", kStatus[random_.below(4)]},
            {"department", kDepartments[random_.below(6)]},
            {"grid", grid},
            {"region", grid.substr(0, 6)}};
  }

  Random random_;
  double mean_gap_ms_;
  EventTime now_;
  uint64_t number_ = 0;
  std::vector<std::string> townships_, grids_, outlet_grids_, listing_grids_, frequent_;
  std::vector<std::pair<std::string, std::string>> open_tickets_;
};

}  // namespace

std::unique_ptr<City> make_reference_city(const CityOptions& options) {
  return std::make_unique<ReferenceCity>(options);
}

}  // namespace fengsui::cli
