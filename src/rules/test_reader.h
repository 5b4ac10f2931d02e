// tests/*.yaml -> TestSpecs, or every finding (codes FS701 to FS719).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "event/schema.h"
#include "rules/rule_set.h"
#include "rules/test_spec.h"
#include "rules/yaml.h"

namespace fengsui::rules {

// What the names in a test may stand for.
struct TestWorld {
  EventTime start{};  // what `at` counts from
  const std::map<std::string, std::shared_ptr<event::EventType>, std::less<>>& types;
  // By id, all that are written; null: one with errors.
  std::map<std::string, const Rule*, std::less<>> rules;
};

// The tests of one file's document, in order; those with an error are left out.
std::vector<TestSpec> read_tests(const YamlNode& document, const TestWorld& world,
                                 Findings& findings);

}  // namespace fengsui::rules
