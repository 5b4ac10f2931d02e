#include <doctest/doctest.h>

#include "sample_types.h"

namespace fengsui::event {
namespace {

int slot_of(const EventType& type, const char* path) {
  const Field* found = type.find(path);
  REQUIRE_MESSAGE(found != nullptr, path);
  return found->slot;
}

TEST_CASE("fields are found by path, objects before their parts") {
  const std::shared_ptr<EventType> type = sample_type(Need::Nothing);
  std::vector<std::string> paths;
  for (const Field* one : type->fields()) paths.push_back(one->path);
  const auto outlet = std::find(paths.begin(), paths.end(), "outlet");
  REQUIRE(outlet != paths.end());
  CHECK(std::vector<std::string>(outlet, outlet + 8) ==
        std::vector<std::string>{"outlet", "outlet.code", "outlet.open", "outlet.spot",
                                 "outlet.spot.x", "outlet.spot.y", "outlet.secret", "goods"});
  CHECK(type->find("goods[]") == nullptr);
  CHECK(type->find("") == nullptr);
  CHECK(type->find("outlet.") == nullptr);
  CHECK(type->find("goods")->items->path == "goods[]");
  CHECK(type->find("goods")->items->properties[0].path == "goods[].weight");
}

TEST_CASE("slots: one a readable field, after the envelope's") {
  const std::shared_ptr<EventType> type = sample_type(Need::Nothing);
  CHECK(slot_of(*type, "plain") == kEnvelopeSlots);
  CHECK(slot_of(*type, "outlet.spot.x") == slot_of(*type, "outlet.spot") + 1);
  for (const char* path : {"secret", "hidden", "hidden.part", "outlet.secret"}) {
    CHECK_MESSAGE(slot_of(*type, path) == -1, path);
  }
  CHECK(type->find("goods")->items->properties[0].slot == -1);
  CHECK(type->area_slot() == slot_of(*type, "grid"));
  CHECK(type->has_identity());
  int highest = 0;
  for (const Field* one : type->fields()) highest = std::max(highest, one->slot);
  CHECK(type->slots() == highest + 1);
}

TEST_CASE("a needed object needs its parts, a needed part not its object") {
  const std::shared_ptr<EventType> type = sample_type(Need::Nothing);
  type->need(slot_of(*type, "outlet.spot"));
  type->need(kSlotTime);
  for (const Field* one : type->fields()) {
    const bool wanted = one->path.starts_with("outlet.spot");
    CHECK_MESSAGE(one->needed == wanted, one->path);
  }
}

TEST_CASE("the types that rules see") {
  const std::shared_ptr<EventType> type = sample_type(Need::Nothing);
  const std::pair<const char*, const char*> cases[] = {
      {"plain", "string"},      {"grams", "double"},
      {"count", "int"},         {"open", "bool"},
      {"person", "string"},     {"outlet", "map(string, dyn)"},
      {"tags", "list(string)"}, {"goods", "list(map(string, dyn))"},
      {"any", "list(dyn)"},
  };
  for (const auto& [path, text] : cases) {
    CHECK_MESSAGE(expression_type(*type->find(path)).text() == text, path);
  }
}

}  // namespace
}  // namespace fengsui::event
