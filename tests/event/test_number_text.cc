#include "event/number_text.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

namespace fengsui::event {
namespace {

TEST_CASE("whole numbers, however they are written") {
  struct Case {
    const char* text;
    std::optional<int64_t> value;
  };
  const Case cases[] = {
      {"0", 0},
      {"-0", 0},
      {"-0.0", 0},
      {"0e999999999999999999999", 0},
      {"0.000e-99", 0},
      {"7", 7},
      {"1.0", 1},
      {"1e3", 1000},
      {"1E+3", 1000},
      {"0.1e1", 1},
      {"10e-1", 1},
      {"1200.00e-2", 12},
      {"-12.5e1", -125},
      {"1e18", 1'000'000'000'000'000'000},
      {"9.2e18", 9'200'000'000'000'000'000},
      {"9007199254740993", 9007199254740993},  // 2^53 + 1
      {"9007199254740993.000", 9007199254740993},
      {"9223372036854775807", INT64_MAX},
      {"9223372036854775807.0", INT64_MAX},
      {"922337203685477580.7e1", INT64_MAX},
      {"-9223372036854775808", INT64_MIN},
      {"9223372036854775808", std::nullopt},
      {"-9223372036854775809", std::nullopt},
      {"9.3e18", std::nullopt},
      {"1e19", std::nullopt},
      {"99999999999999999999", std::nullopt},
      {"1e400", std::nullopt},
      {"1e99999999999999999999", std::nullopt},
      {"1e-99999999999999999999", std::nullopt},
      {"0.5", std::nullopt},
      {"1.5e0", std::nullopt},
      {"15e-1", std::nullopt},
      {"9223372036854775807.5", std::nullopt},
      {"123456789012345678901234567890", std::nullopt},
  };
  for (const Case& one : cases) CHECK_MESSAGE(whole_number(one.text) == one.value, one.text);
}

TEST_CASE("long texts of small numbers") {
  CHECK(whole_number("1" + std::string(1000, '0') + "e-1000") == 1);
  CHECK(whole_number("0." + std::string(1000, '0') + "5e1001") == 5);
  CHECK(whole_number("3." + std::string(1000, '0')) == 3);
  CHECK(whole_number("3." + std::string(1000, '0') + "1") == std::nullopt);
}

TEST_CASE("the nearest double, however a number is written") {
  constexpr double kTiniest = 5e-324;
  struct Case {
    std::string text;
    std::optional<double> value;
  };
  const Case cases[] = {
      {"0", 0.0},
      {"2.50", 2.5},
      {"1E+22", 1e22},
      {"0.1234567890123456782345678", 0.12345678901234568},
      {"-0.000001234567890123456782345678", -1.2345678901234568e-6},
      {"3.14159265358979323846264338327950288", 3.141592653589793},
      {"9007199254740993", 9007199254740992.0},  // halfway: to even
      {"9007199254740993." + std::string(100, '0') + "1", 9007199254740994.0},
      {"5e-324", kTiniest},
      {"3e-324", kTiniest},
      {"2e-324", 0.0},
      {"1e-400", 0.0},
      {"1e-99999999999999999999", 0.0},
      {"0." + std::string(1000, '0') + "1", 0.0},
      {"0e99999999999999999999", 0.0},
      {"1" + std::string(1000, '0') + "e-1000", 1.0},
      {"1.7976931348623157e308", 1.7976931348623157e308},
      {"1.8e308", std::nullopt},
      {"-1e400", std::nullopt},
      {"1e99999999999999999999", std::nullopt},
      {"1" + std::string(1000, '0'), std::nullopt},
  };
  for (const Case& one : cases) CHECK_MESSAGE(real_number(one.text) == one.value, one.text);
  CHECK(std::signbit(*real_number("-0.0")));
  CHECK(std::signbit(*real_number("-1e-400")));
  CHECK_FALSE(std::signbit(*real_number("1e-400")));
}

}  // namespace
}  // namespace fengsui::event
