#include <doctest/doctest.h>

#include "server/query.h"

namespace fengsui::server {
namespace {

using Pairs = std::map<std::string, std::string>;

TEST_CASE("a query's names and values") {
  CHECK(parse_query("") == Pairs{});
  CHECK(parse_query("a=1&b=&c") == Pairs{{"a", "1"}, {"b", ""}, {"c", ""}});
  CHECK(parse_query("&&a=b=c&") == Pairs{{"a", "b=c"}});
  CHECK(parse_query("q=%E7%87%83+x%2b") == Pairs{{"q", "燃 x+"}});
}

TEST_CASE("what is no query") {
  for (const char* const text : {"a=%", "a=%4", "a=%zz", "a=1&a=2", "a=%FF", "%00%=1"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_query(text));
  }
}

TEST_CASE("a list by commas") {
  CHECK(split_list("") == std::vector<std::string>{});
  CHECK(split_list(",a,,b,") == std::vector<std::string>{"a", "b"});
}

}  // namespace
}  // namespace fengsui::server
