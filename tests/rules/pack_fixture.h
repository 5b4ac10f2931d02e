// Packs written as text in a test: files into a new folder, gone with the object.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "rules/pack.h"

namespace fengsui::rules {

using Files = std::map<std::string, std::string>;  // path -> bytes

class TempPack {
 public:
  explicit TempPack(const Files& files);
  ~TempPack();
  TempPack(const TempPack&) = delete;
  TempPack& operator=(const TempPack&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

LoadedPack load(const Files& files);

// "file:line:col severity code message" of each.
std::vector<std::string> lines(const std::vector<Issue>& issues);

// One finding for each expectation, in order, each of which it begins with.
void expect_issues(const std::string& name, const std::vector<Issue>& issues,
                   const std::vector<std::string>& expected);

// schemas/s.yaml of most tests: event type t.parcel.
extern const char* const kSchema;
// A whole rule file with one rule `r` over t.parcel; `body` gives further keys, indented by four,
// from line 4 on; grade (line +1) and purpose follow unless it gives them.
std::string rule_file(const std::string& body);
// kSchema and rule_file(body) as r.yaml.
Files pack_with_rule(const std::string& body);

// The rule of a pack that loads with this one alone.
std::shared_ptr<const Rule> only_rule(const Files& files);
std::shared_ptr<const Rule> only_rule(const std::string& body);
std::vector<std::string> texts(const std::vector<cel::Program>& programs);

struct RuleCase {
  const char* name;
  std::string body;
  std::vector<std::string> expected;
};
// Each against pack_with_rule(body).
void expect_findings(const std::vector<RuleCase>& cases);

}  // namespace fengsui::rules
