// libFuzzer: whatever the text, parse(), check() and evaluate() come back, with findings that stand
// in the text, and values that can be written, read and printed. A trace comes to the same value.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "cel/expression.h"

namespace {

using namespace fengsui;
using namespace fengsui::cel;
using K = Type::Kind;

enum Slot : int {
  kString,
  kDouble,
  kInt,
  kBool,
  kTags,
  kObject,
  kTime,
  kOptional,
  kIdentity,
  kSlots
};

void demand(bool condition) {
  if (!condition) std::abort();
}

struct World {
  Environment environment;
  Tables tables;
  std::vector<Value> slots;

  void field(const char* name, Type type, int slot) {
    Variable variable;
    variable.type = std::move(type);
    variable.slot = slot;
    variable.field = true;
    variable.optional = slot == kOptional;
    if (slot == kIdentity) variable.entry = "safety";
    environment.declare(name, std::move(variable));
  }

  World() {
    field("text", Type::of(K::String), kString);
    field("weight", Type::of(K::Double), kDouble);
    field("n", Type::of(K::Int), kInt);
    field("ok", Type::of(K::Bool), kBool);
    field("tags", Type::list_of(Type::of(K::String)), kTags);
    field("outlet", Type::map_of(Type::of(K::String), Type()), kObject);
    field("outlet.code", Type::of(K::String), kString);
    field("event.time", Type::of(K::Timestamp), kTime);
    field("note", Type::of(K::String), kOptional);
    field("any", Type(), kObject);
    field("who", Type::of(K::String), kIdentity);
    environment.refuse_function("count", "not here");
    environment.explain_name("guests", "of another type");
    auto list = std::make_shared<const ValueList>(
        std::vector<std::string>{"class"}, std::vector<std::vector<std::string>>{{"solvent", "3"}});
    tables.lists = {list};
    environment.declare_list("goods", 0, list);
    tables.keywords =
        std::make_shared<const KeywordSets>(std::vector<std::vector<std::string>>{{"gas", "煤气"}});
    environment.declare_keywords("leak", 0);

    slots.assign(kSlots, Value::missing());
    slots[kString] = Value::string("闻到煤气 GAS");
    slots[kDouble] = Value::real(2.5);
    slots[kInt] = Value::integer(INT64_MIN);
    slots[kBool] = Value::boolean(true);
    slots[kTags] = Value::list({Value::string("a"), Value::string("")});
    slots[kObject] = Value::map({{Value::string("code"), Value::uinteger(7)}});
    slots[kTime] = Value::timestamp({1772323200, 480000000});
    slots[kIdentity] = Value::map({{Value::string("safety"), Value::string("tok")}});
  }
};

// Printed forms of a value may be large: lists share their items.
constexpr size_t kPrintedItemsMax = 1000;

size_t items_in(const Value& v, size_t budget) {
  size_t count = 1;
  if (v.kind() == Kind::List) {
    for (const Value& item : v.as_list()) {
      if (count > budget) break;
      count += items_in(item, budget - std::min(budget, count));
    }
  } else if (v.kind() == Kind::Map) {
    for (const auto& [key, item] : v.as_map()) {
      if (count > budget) break;
      count += 1 + items_in(item, budget - std::min(budget, count));
    }
  }
  return count;
}

void look_at(const Value& v) {
  if (items_in(v, kPrintedItemsMax) > kPrintedItemsMax) return;
  std::string bytes;
  ByteWriter writer(bytes);
  encode_value(writer, v);
  ByteReader reader(bytes);
  const Value back = decode_value(reader);
  demand(reader.ok() && reader.at_end() && back.kind() == v.kind());
  if (v.is_error()) {
    demand(!v.error_text().empty());
    return;
  }
  std::string json;
  append_json(json, v);
  demand(!json.empty());
  if (equal(v, back)) demand(hash_value(v) == hash_value(back));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const World world;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const std::optional<size_t> end = length_to_closing_brace(text)) {
    demand(*end < size && text[*end] == '}');
  }
  const Expected<Syntax, Finding> syntax = parse(text);
  if (!syntax) {
    demand(syntax.error().offset <= size && !syntax.error().message.empty());
    return 0;
  }
  // A text that is an expression has no brace too many.
  demand(!length_to_closing_brace(text));
  const Checked checked = check(*syntax, world.environment);
  for (const Finding& finding : checked.findings) demand(finding.offset <= size);
  const Checked dynamic = check_dynamically(*syntax, world.environment);
  if (dynamic.program) look_at(dynamic.program->evaluate(world.tables, world.slots));
  if (!checked.program) {
    demand(!checked.findings.empty());
    return 0;
  }
  demand(dynamic.program.has_value());
  const Value value = checked.program->evaluate(world.tables, world.slots);
  look_at(value);
  const auto conditions = checked.program->trace(world.tables, world.slots);
  demand(conditions.back().value && conditions.back().value->kind() == value.kind());
  for (const TracedCondition& at : conditions) {
    demand(at.offset <= at.end && at.end <= checked.program->text().size());
  }
  const std::vector<Value> nothing(kSlots, Value::missing());
  look_at(checked.program->evaluate(world.tables, nothing));
  return 0;
}
