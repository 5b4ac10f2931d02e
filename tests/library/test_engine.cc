// Includes nothing of src/: what is tested is the promise.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "fengsui/engine.h"
#include "fengsui/version.h"

using fengsui::Engine;
using fengsui::Verdict;

namespace {

std::string stay(int number, const char* time, const std::string& data) {
  return R"({"specversion":"1.0","id":"s)" + std::to_string(number) +
         R"(","source":"lodging","type":"homestay.stay","time":")" + time + R"(","data":)" + data +
         "}";
}

const char* const kMinorAlone =
    R"({"stage":"checkin","order_tok":"o1","listing":{"id":"HL1","division":"620502",)"
    R"("grid":"620502001001003","capacity":4},"party":{"total":1,"adults":0,"minors":1,)"
    R"("minors_u14":1}})";

Engine open_default_pack() {
  auto engine = Engine::open({.pack = std::string(FENGSUI_SOURCE_DIR) + "/rules"});
  REQUIRE(engine);
  return std::move(*engine);
}

}  // namespace

TEST_CASE("events in, records out, and what became of each event") {
  Engine engine = open_default_pack();
  CHECK(engine.push(stay(1, "2026-03-01T12:00:00Z", kMinorAlone)).outcome ==
        Verdict::Outcome::Processed);
  CHECK(engine.push(stay(1, "2026-03-01T12:00:00Z", kMinorAlone)).outcome ==
        Verdict::Outcome::Duplicate);
  const Verdict late = engine.push(stay(2, "2026-03-01T11:59:59Z", kMinorAlone));
  CHECK(late.outcome == Verdict::Outcome::Late);
  CHECK(late.reason == "late");
  const Verdict bad = engine.push(stay(3, "2026-03-01T12:00:01Z", R"({"stage":"asleep"})"));
  CHECK(bad.outcome == Verdict::Outcome::DeadLetter);
  CHECK(bad.reason == "schema");
  CHECK(bad.message.find("asleep") == std::string::npos);
  CHECK(engine.totals().read == 4);

  std::vector<std::string> records = engine.take_records();
  REQUIRE(records.size() == 1);
  CHECK(records[0].find(R"("rule":"hom-001-five-musts","grade":"orange")") != std::string::npos);
  CHECK(engine.take_records().empty());
  engine.flush();
  records = engine.take_records();
  REQUIRE(records.size() == 1);
  CHECK(records[0].starts_with(R"({"kind":"clear")"));
}

TEST_CASE("a pack that cannot be used is said with its findings") {
  const auto engine = Engine::open({.pack = "no/such/folder"});
  REQUIRE_FALSE(engine);
  CHECK(engine.error().message.find("error:") != std::string::npos);
  const auto keys = Engine::open(
      {.pack = std::string(FENGSUI_SOURCE_DIR) + "/rules", .key_file = "no/such/file"});
  CHECK_FALSE(keys);
}
