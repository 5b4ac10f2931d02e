#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "base/json_text.h"

using namespace fengsui;

TEST_CASE("a string written as JSON reads back the same") {
  std::string all;
  for (int c = 0; c < 128; ++c) all.push_back(static_cast<char>(c));
  for (const std::string& text : {all, std::string("煤气\"\\漏"), std::string()}) {
    std::string out;
    append_json_string(out, text);
    CHECK(nlohmann::json::parse(out).get<std::string>() == text);
  }
}

TEST_CASE("a double is written in the fewest digits that read back, and stays a double") {
  struct Case {
    double value;
    const char* json;
  };
  for (const Case& c : {Case{4.5, "4.5"},
                        {4.0, "4.0"},
                        {0.1, "0.1"},
                        {1e300, "1e+300"},
                        {-0.0, "-0.0"},
                        {INFINITY, "\"Infinity\""},
                        {-INFINITY, "\"-Infinity\""},
                        {NAN, "\"NaN\""}}) {
    std::string out;
    append_json_double(out, c.value);
    CHECK(out == c.json);
  }
  CHECK(double_text(4.0) == "4");
}
