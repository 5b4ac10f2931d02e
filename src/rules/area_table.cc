#include <charconv>
#include <cmath>
#include <unordered_set>

#include "rules/codes.h"
#include "rules/csv.h"

namespace fengsui::rules {
namespace {

constexpr const char* kColumns[] = {"code", "name", "parent", "kind", "lat", "lon"};
constexpr size_t kCode = 0, kParent = 2, kLatitude = 4, kLongitude = 5;

bool has_area_columns(const SourceFile& file, const CsvTable& table, Findings& findings) {
  bool right = table.header.size() == std::size(kColumns);
  for (size_t i = 0; right && i < std::size(kColumns); ++i) {
    right = table.header[i].text == kColumns[i];
  }
  if (!right && !table.header.empty()) {
    findings.error(file, table.header.front().offset, code::kCsvHeader,
                   "areas.csv has other columns than its own",
                   "its header row is code,name,parent,kind,lat,lon");
  }
  return right;
}

// Empty, or a number within [-limit, limit].
bool is_degrees(const std::string& text, double limit) {
  if (text.empty()) return true;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && std::isfinite(value) &&
         value >= -limit && value <= limit;
}

void check_coordinates(const SourceFile& file, const std::vector<CsvField>& row,
                       Findings& findings) {
  if (!is_degrees(row[kLatitude].text, 90)) {
    findings.error(file, row[kLatitude].offset, code::kAreaPlace,
                   "`" + row[kLatitude].text + "` is no latitude", "degrees from -90 to 90");
  }
  if (!is_degrees(row[kLongitude].text, 180)) {
    findings.error(file, row[kLongitude].offset, code::kAreaPlace,
                   "`" + row[kLongitude].text + "` is no longitude", "degrees from -180 to 180");
  }
}

using Parents = std::unordered_map<std::string, std::string>;

// Each area is walked up once: `cleared` are those known to end at a root.
void check_cycles(const SourceFile& file, const CsvTable& table, const Parents& parents,
                  Findings& findings) {
  std::unordered_set<std::string> cleared;
  for (const std::vector<CsvField>& row : table.rows) {
    std::unordered_set<std::string> path;
    std::string code = row[kCode].text;
    while (!code.empty() && !cleared.contains(code)) {
      if (!path.insert(code).second) {
        findings.error(file, row[kParent].offset, code::kAreaCycle,
                       "the area `" + code + "` lies within itself");
        break;
      }
      const auto parent = parents.find(code);
      if (parent == parents.end()) break;
      code = parent->second;
    }
    cleared.insert(path.begin(), path.end());
  }
}

}  // namespace

std::shared_ptr<const cel::AreaTable> read_areas(const SourceFile& file, Findings& findings) {
  const size_t errors = findings.errors();
  const CsvTable table = read_csv(file, findings);
  if (!has_area_columns(file, table, findings)) return nullptr;
  Parents parents;
  for (const std::vector<CsvField>& row : table.rows) {
    parents.emplace(row[kCode].text, row[kParent].text);
    check_coordinates(file, row, findings);
  }
  for (const std::vector<CsvField>& row : table.rows) {
    if (!row[kParent].text.empty() && !parents.contains(row[kParent].text)) {
      findings.error(file, row[kParent].offset, code::kUnknownParent,
                     "the parent `" + row[kParent].text + "` is no area of this file",
                     "leave the parent empty where there is none");
    }
  }
  check_cycles(file, table, parents, findings);
  if (findings.errors() != errors) return nullptr;
  return std::make_shared<const cel::AreaTable>(std::move(parents));
}

}  // namespace fengsui::rules
