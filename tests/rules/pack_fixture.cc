#include "pack_fixture.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>

namespace fengsui::rules {
namespace {

namespace fs = std::filesystem;

}  // namespace

const char* const kSchema = R"(event: t.parcel
title: Parcel
required: [outlet, item, weight, pieces, ok, grid, place]
properties:
  outlet: { type: string }
  item: { type: string }
  weight: { type: number, minimum: 0 }
  pieces: { type: integer }
  ok: { type: boolean }
  grid: { type: string, x-area: true }
  note: { type: string }
  at: { type: string, format: date-time }
  religion: { type: string, x-protected: true }
  sender: { type: string, x-identity: { purposes: [fraud, theft] } }
  tags: { type: array, items: { type: string } }
  place:
    type: object
    required: [lat, lon]
    properties:
      lat: { type: number }
      lon: { type: number }
      cell: { type: string }
      keeper: { type: string, x-identity: true }
)";

TempPack::TempPack(const Files& files) {
  static std::atomic<int> made{0};
  const fs::path root = fs::temp_directory_path() /
                        ("fengsui-pack-" + std::to_string(getpid()) + "-" + std::to_string(++made));
  fs::remove_all(root);
  fs::create_directories(root);
  path_ = root.string();
  for (const auto& [name, bytes] : files) {
    fs::create_directories((root / name).parent_path());
    std::ofstream(root / name, std::ios::binary) << bytes;
  }
}

TempPack::~TempPack() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

LoadedPack load(const Files& files) {
  const TempPack pack(files);
  LoadedPack loaded = load_pack(pack.path());
  CHECK((loaded.rules == nullptr) == has_errors(loaded.issues));
  return loaded;
}

std::vector<std::string> lines(const std::vector<Issue>& issues) {
  std::vector<std::string> out;
  for (const Issue& issue : issues) {
    out.push_back(issue.file + ":" + std::to_string(issue.line) + ":" +
                  std::to_string(issue.column) +
                  (issue.severity == Severity::Error ? " error " : " warning ") + issue.code + " " +
                  issue.message);
  }
  return out;
}

void expect_issues(const std::string& name, const std::vector<Issue>& issues,
                   const std::vector<std::string>& expected) {
  const std::vector<std::string> got = lines(issues);
  bool same = got.size() == expected.size();
  for (size_t i = 0; same && i < got.size(); ++i) same = got[i].starts_with(expected[i]);
  std::string report = name + "\n";
  for (const std::string& line : expected) report += "  expected  " + line + "\n";
  for (const std::string& line : got) report += "  got       " + line + "\n";
  CHECK_MESSAGE(same, report);
}

std::string rule_file(const std::string& body) {
  std::string text = "rules:\n  - id: r\n    from: t.parcel\n" + body;
  if (body.find("    grade:") == std::string::npos) text += "    grade: blue\n";
  if (body.find("    purpose:") == std::string::npos) {
    text += "    purpose: { id: fraud, use: u, basis: b, retain: 30d }\n";
  }
  return text;
}

Files pack_with_rule(const std::string& body) {
  return {{"schemas/s.yaml", kSchema}, {"r.yaml", rule_file(body)}};
}

std::shared_ptr<const Rule> only_rule(const Files& files) {
  const LoadedPack loaded = load(files);
  REQUIRE_MESSAGE(loaded.rules != nullptr, as_text(loaded.issues));
  REQUIRE(loaded.rules->rules.size() == 1);
  return loaded.rules->rules[0];
}

std::shared_ptr<const Rule> only_rule(const std::string& body) {
  return only_rule(pack_with_rule(body));
}

std::vector<std::string> texts(const std::vector<cel::Program>& programs) {
  std::vector<std::string> out;
  for (const cel::Program& program : programs) out.push_back(program.text());
  return out;
}

void expect_findings(const std::vector<RuleCase>& cases) {
  for (const RuleCase& c : cases) {
    expect_issues(c.name, load(pack_with_rule(c.body)).issues, c.expected);
  }
}

}  // namespace fengsui::rules
