// Every code of a finding: its page, and an example that raises it beside one that does not. The
// examples are those that `--explain` prints; what only the file system can raise stands here.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <regex>
#include <set>
#include <sstream>

#include "pack_fixture.h"
#include "rules/examples.h"

namespace fengsui::rules {
namespace {

namespace fs = std::filesystem;

const char* const kParcel = R"(event: courier.parcel
required: [outlet, item_category, weight_kg, pieces, verified, grid, lat, lon]
properties:
  outlet: { type: string }
  item_category: { type: string, enum: [paper, paint, solvent, food] }
  weight_kg: { type: number, minimum: 0, maximum: 50 }
  pieces: { type: integer, minimum: 1 }
  verified: { type: boolean }
  grid: { type: string, x-area: true }
  lat: { type: number }
  lon: { type: number }
  note: { type: string }
  religion: { type: string, x-protected: true }
  sender: { type: string, x-identity: { purposes: [fraud] } }
)";

// Given where an example speaks of them.
const std::map<std::string, Files> kSupport = {
    {"lists.hazardous_goods", {{"lists/hazardous_goods.csv", "category,name\nsolvent,溶剂\n"}}},
    {"keywords.fire", {{"keywords/fire.txt", "冒烟\n着火\n"}}},
    {"when: hazardous", {{"defs/goods.yaml", "defs: { hazardous: item_category == 'solvent' }\n"}}},
    {"switched-off",
     {{"off.yaml",
       "rules:\n  - id: switched-off\n    from: courier.parcel\n    mode: disabled\n"
       "    grade: blue\n    purpose: { use: u, basis: b, retain: 1d }\n"}}},
    {"hotline.ticket",
     {{"schemas/ticket.yaml",
       "event: hotline.ticket\nrequired: [outlet]\nproperties: { outlet: { type: string } }\n"}}},
};

// The codes of codes.h, however they are written there.
std::set<std::string> codes_in_header() {
  std::ifstream header(std::string(FENGSUI_SOURCE_DIR) + "/src/rules/codes.h");
  std::stringstream text;
  text << header.rdbuf();
  const std::string all = text.str();
  const std::regex code("\"(FS[0-9]{3})\"");
  std::set<std::string> codes;
  for (std::sregex_iterator at(all.begin(), all.end(), code), end; at != end; ++at) {
    CHECK_MESSAGE(codes.insert((*at)[1]).second, "twice: " << (*at)[1]);
  }
  return codes;
}

std::string rule_with(std::string_view keys) {
  const std::string lines(keys);
  const auto has = [&](const char* key) { return ("\n" + lines).find(key) != std::string::npos; };
  std::string text = "rules:\n  - ";
  text += has("\nid:") ? "" : "id: example\n    ";
  text += has("\nfrom:") || has("\nsequence:") ? "" : "from: courier.parcel\n    ";
  for (const char c : lines) {
    text += c;
    if (c == '\n') text += "    ";
  }
  text += '\n';
  if (!has("\ngrade:")) text += "    grade: blue\n";
  if (!has("\npurpose:")) text += "    purpose: { use: u, basis: b, retain: 30d }\n";
  return text;
}

// The pack round an example; both of its sides have the same files.
Files pack_of(const Example& example, std::string_view lines) {
  const std::string place(example.place);
  Files files = {{"schemas/parcel.yaml", kParcel}, {"r.yaml", rule_with("when: verified")}};
  std::string all = std::string(example.wrong) + "\n" + std::string(example.right);
  if (place == "schemas/more.yaml") {
    // Its type is read, if it is one.
    files["more.yaml"] =
        "rules:\n  - id: letters\n    from: post.letter\n    grade: blue\n"
        "    purpose: { use: u, basis: b, retain: 30d }\n";
  }
  if (place.starts_with("lists/")) {
    all += "lists.hazardous_goods";
    files["r.yaml"] = rule_with("when: item_category in lists.hazardous_goods");
  }
  if (place.starts_with("keywords/")) {
    files["r.yaml"] = rule_with("when: has(note) && note.mentions(keywords.fire)");
  }
  for (const auto& [word, more] : kSupport) {
    if (all.find(word) != std::string::npos) files.insert(more.begin(), more.end());
  }
  if (place == "rule") {
    files["r.yaml"] = rule_with(lines);
  } else {
    files[place] = std::string(lines) + "\n";
  }
  return files;
}

bool raises(const std::vector<Issue>& issues, std::string_view code) {
  return std::any_of(issues.begin(), issues.end(),
                     [&](const Issue& issue) { return issue.code == code; });
}

const EventTime kNow{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};

std::vector<Issue> issues_of(const Files& files) {
  return load_pack(TempPack(files).path(), kNow).issues;
}

// What no text of a file shows: the pack that raises it and one that nearly does.
struct OnDisk {
  std::function<std::vector<Issue>()> wrong, right;
};

Files sound() {
  return {{"schemas/parcel.yaml", kParcel}, {"r.yaml", rule_with("when: verified")}};
}

Files with(const std::string& path, const std::string& bytes) {
  Files files = sound();
  files[path] = bytes;
  return files;
}

std::vector<Issue> with_link(const std::string& target) {
  const TempPack pack(with("kept.txt", "rules: []\n"));
  fs::create_symlink(fs::path(pack.path()) / target, fs::path(pack.path()) / "more.yaml");
  return load_pack(pack.path()).issues;
}

std::vector<Issue> with_folders(int depth) {
  std::string path;
  for (int i = 0; i < depth; ++i) path += "d/";
  return issues_of(with(path + "more.yaml", "rules: []\n"));
}

const std::map<std::string, OnDisk> kOnDisk = {
    {"FS001",
     {[] {
        return issues_of({{"README.md", "x"}});
      },
      [] { return issues_of(sound()); }}},
    {"FS002", {[] { return with_link("nowhere.yaml"); }, [] { return with_link("kept.txt"); }}},
    {"FS003", {[] { return with_folders(17); }, [] { return with_folders(16); }}},
    {"FS004",
     {[] { return issues_of(with("more.yaml", "rules: [] # \xb1\xea\n")); },
      [] { return issues_of(with("more.yaml", "\xef\xbb\xbfrules: [] # 标\n")); }}},
    {"FS005",
     {[] { return issues_of(with("more.yaml", "rules: [] # \x01\n")); },
      [] { return issues_of(with("more.yaml", "rules: []\t# x\r\n")); }}},
    {"FS007",
     {[] { return issues_of(with("more.yml", "rules: []\n")); },
      [] { return issues_of(with("more.txt", "rules: []\n")); }}},
    {"FS008",
     {[] { return issues_of(with("lists/hazardous-goods.csv", "key\n")); },
      [] { return issues_of(with("lists/hazardous_goods.csv", "key\n")); }}},
};

}  // namespace

TEST_CASE("every code has a page, and every page is of a code") {
  const std::set<std::string> codes = codes_in_header();
  CHECK(codes.size() > 70);
  std::set<std::string> pages;
  for (const std::string_view code : all_codes()) pages.emplace(code);
  CHECK(pages == codes);
  for (const std::string& code : codes) {
    const std::string text = explanation_text(code);
    CHECK_MESSAGE(text.size() > 70, code);
    CHECK_MESSAGE(text.starts_with(code + "\n"), code);
  }
  CHECK(explanation_text("FS999").empty());
}

TEST_CASE("every code is raised by its example and not by the one beside it") {
  std::set<std::string> shown;
  for (const Example& example : examples()) {
    const std::string code(example.code);
    shown.insert(code);
    const std::vector<Issue> wrong = issues_of(pack_of(example, example.wrong));
    if (raises(wrong, "FS903") || raises(wrong, "FS904")) continue;
    CHECK_MESSAGE(raises(wrong, code), code << " is not raised:\n" << as_text(wrong));
    const std::vector<Issue> right = issues_of(pack_of(example, example.right));
    CHECK_MESSAGE(!raises(right, code), code << " is raised by both:\n" << as_text(right));
    CHECK_MESSAGE(!has_errors(right), code << ": what is right has errors:\n" << as_text(right));
  }
  for (const auto& [code, packs] : kOnDisk) {
    shown.insert(code);
    CHECK_MESSAGE(raises(packs.wrong(), code), code);
    const std::vector<Issue> right = packs.right();
    CHECK_MESSAGE(!raises(right, code), code);
    CHECK_MESSAGE(!has_errors(right), code << "\n" << as_text(right));
  }
  for (const std::string& code : codes_in_header()) {
    if (code.starts_with("FS9")) continue;  // what is not built has nothing right to show
    CHECK_MESSAGE(shown.contains(code), code << " has no example");
  }
}

}  // namespace fengsui::rules
