// An example for each code of a finding: what raises it and what does not. `--explain` prints them
// under the code's page; tests/rules/examples_test.cc holds them to it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fengsui::rules {

struct Example {
  std::string_view code;
  // Where the lines stand: a file of the pack, or "rule": keys of a rule over courier.parcel beside
  // its id, from and purpose (and grade, where they give none).
  std::string_view place;
  std::string_view wrong;
  std::string_view right;
};

// By code. A code that only the file system can raise (FS001 …) has none.
const std::vector<Example>& examples();

// Page and example of a code, for a terminal; empty: there is no such code.
std::string explanation_text(std::string_view code);

}  // namespace fengsui::rules
