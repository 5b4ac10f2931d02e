#include "expression_case.h"

#include "base/time.h"

namespace fengsui::cel::test {
namespace {

using K = Type::Kind;

Variable field(Type type, int slot) {
  Variable out = variable(std::move(type), slot);
  out.field = true;
  return out;
}

Value texts(const std::vector<std::string>& items) {
  ListValue list;
  for (const std::string& item : items) list.push_back(Value::string(item));
  return Value::list(std::move(list));
}

Value entries(const std::vector<std::pair<std::string, std::string>>& items) {
  MapValue map;
  for (const auto& [key, value] : items) map.emplace_back(Value::string(key), Value::string(value));
  return Value::map(std::move(map));
}

}  // namespace

Variable variable(Type type, int slot) {
  Variable out;
  out.type = std::move(type);
  out.slot = slot;
  return out;
}

World::World() {
  environment.declare("item_category", field(Type::of(K::String), kCategory));
  environment.declare("weight_kg", field(Type::of(K::Double), kWeight));
  environment.declare("data.weight_kg", field(Type::of(K::Double), kWeight));
  environment.declare("urgency", field(Type::of(K::Int), kUrgency));
  environment.declare("text", field(Type::of(K::String), kText));
  environment.declare("verified", field(Type::of(K::Bool), kVerified));
  Variable note = field(Type::of(K::String), kNote);
  note.optional = true;
  environment.declare("note", note);
  environment.declare("data.note", note);
  environment.declare("outlet.code", field(Type::of(K::String), kCode));
  environment.declare("outlet", field(Type::map_of(Type::of(K::String), Type()), kOutlet));
  Variable shop = field(Type::of(K::String), kParent);
  shop.optional = true;
  environment.declare("shop.code", shop);
  Variable sender = field(Type::of(K::String), kSender);
  sender.entry = "safety";
  environment.declare("sender", sender);
  Variable stranger = sender;
  stranger.entry = "statistics";
  environment.declare("stranger", stranger);
  Variable religion = field(Type::of(K::String), -1);
  religion.is_protected = true;
  environment.declare("religion", religion);
  environment.declare("elsewhere", field(Type::of(K::Int), -1));
  environment.declare("event.time", variable(Type::of(K::Timestamp), kTime));
  environment.declare("tags", field(Type::list_of(Type::of(K::String)), kTags));
  environment.declare("anything", field(Type(), kAnything));
  environment.declare("lat", field(Type::of(K::Double), kLat));
  environment.declare("lon", field(Type::of(K::Double), kLon));
  environment.declare("parcels", variable(Type::of(K::Int), kUrgency));
  environment.declare("heaviest", variable(Type::of(K::Double), kWeight));

  auto goods = std::make_shared<const ValueList>(
      std::vector<std::string>{"class", "limit"},
      std::vector<std::vector<std::string>>{{"solvent", "3", "5"}, {"paint", "4"}});
  tables.lists = {goods};
  environment.declare_list("hazardous_goods", 0, goods);
  tables.keywords = std::make_shared<const KeywordSets>(
      std::vector<std::vector<std::string>>{{"煤气", "气味", "gas", "爆炸"}});
  environment.declare_keywords("gas_leak", 0);
  environment.refuse_function("count", "aggregates stand in `let`");
  environment.explain_name("guests", "`guests` is a field of homestay.stay alone");

  slots.assign(kWorldSlots, Value::missing());
  slots[kCategory] = Value::string("solvent");
  slots[kWeight] = Value::real(2.5);
  slots[kUrgency] = Value::integer(3);
  slots[kText] = Value::string("闻到煤气味，ＧＡＳ leak");
  slots[kVerified] = Value::boolean(false);
  slots[kCode] = Value::string("620501");
  slots[kOutlet] = entries({{"code", "620501"}});
  slots[kParent] = Value::error(ErrorCode::MissingParent);
  slots[kSender] = entries({{"safety", "tok-1"}});
  slots[kTime] = Value::timestamp(*parse_rfc3339("2026-03-01T00:12:09.480Z"));
  slots[kTags] = texts({"a", "b"});
  slots[kAnything] = Value::integer(7);
  slots[kLat] = Value::real(34.58);
  slots[kLon] = Value::real(105.72);
}

std::vector<Value> World::slots_with(int slot, Value value) const {
  std::vector<Value> out = slots;
  out[static_cast<size_t>(slot)] = std::move(value);
  return out;
}

std::string shown(const Value& value) {
  if (value.is_error()) return "error: " + value.error_text();
  std::string json;
  append_json(json, value);
  const std::string bare = json.size() >= 2 ? json.substr(1, json.size() - 2) : json;
  switch (value.kind()) {
    case Kind::Uint:
      return json + "u";
    case Kind::Bytes:
      return "b" + json;
    case Kind::Timestamp:
      return "timestamp " + bare;
    case Kind::Duration:
      return "duration " + bare;
    case Kind::Type:
      return "type " + bare;
    default:
      return json;
  }
}

std::string shown(const Finding& finding) {
  static constexpr const char* kCodes[] = {"Syntax",          "UnknownName", "TypeMismatch",
                                           "UnknownFunction", "NotHere",     "ProtectedField",
                                           "OptionalField",   "BadPattern"};
  std::string out = std::to_string(finding.offset) + " ";
  if (finding.warning) out += "warning ";
  out += kCodes[static_cast<size_t>(finding.code)];
  out += ": " + finding.message;
  if (!finding.hint.empty()) out += "; " + finding.hint;
  return out;
}

std::string evaluated(const World& world, const std::string& text) {
  const Expected<Syntax, Finding> syntax = parse(text);
  if (!syntax) return "finding " + shown(syntax.error());
  const Checked checked = check(*syntax, world.environment);
  if (checked.program) return shown(checked.program->evaluate(world.tables, world.slots));
  for (const Finding& finding : checked.findings) {
    if (!finding.warning) return "finding " + shown(finding);
  }
  return "no program and no finding";
}

std::string findings_of(const World& world, const std::string& text, const Type& wanted) {
  const Expected<Syntax, Finding> syntax = parse(text);
  if (!syntax) return shown(syntax.error());
  std::string out;
  for (const Finding& finding : check(*syntax, world.environment, wanted).findings) {
    if (!out.empty()) out += "\n";
    out += shown(finding);
  }
  return out;
}

}  // namespace fengsui::cel::test
