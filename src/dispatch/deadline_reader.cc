#include "dispatch/deadline_reader.h"

#include <filesystem>
#include <utility>
#include <vector>

#include "base/file_text.h"
#include "dispatch/plan_reader.h"
#include "dispatch/route_reader.h"
#include "rules/codes.h"
#include "rules/csv.h"

namespace fengsui::dispatch {
namespace {

using rules::error_at;
using rules::Findings;
using rules::YamlNode;

template <size_t N>
std::vector<std::string> names(const char* const (&all)[N], size_t from = 0) {
  return {all + from, all + N};
}

struct Length {
  std::optional<Duration> duration;  // absent: `none`
};

std::optional<Length> read_length(const YamlNode& node, Findings& findings) {
  const std::optional<std::string> text = expect_text(node, "a deadline", findings);
  if (!text) return std::nullopt;
  if (*text == "none") return Length{};
  const std::optional<Duration> duration = parse_duration(*text);
  constexpr Duration kLongest = std::chrono::hours{24 * 366};
  if (!duration || *duration < Duration{1000} || *duration > kLongest) {
    error_at(node, kBadDeadline, "`" + *text + "` is no deadline",
             "`5m`, `2h`, `3d`: a second to a year; or `none`", findings);
    return std::nullopt;
  }
  return Length{*duration};
}

// For all grades, or by grade.
void read_phase(const YamlNode& node, board::Phase phase, Deadlines& deadlines,
                Findings& findings) {
  constexpr size_t kFirst = 1;  // of kGradeNames: 0 is none
  if (!node.is_map()) {
    const std::optional<Length> length = read_length(node, findings);
    if (!length) return;
    for (size_t grade = kFirst; grade < std::size(rules::kGradeNames); ++grade) {
      deadlines.of(static_cast<rules::Grade>(grade), phase) = length->duration;
    }
    return;
  }
  check_keys(node, "a deadline by grade", names(rules::kGradeNames, kFirst), findings);
  for (size_t grade = kFirst; grade < std::size(rules::kGradeNames); ++grade) {
    const YamlNode* one = node.find(rules::kGradeNames[grade]);
    if (one == nullptr) continue;
    const std::optional<Length> length = read_length(*one, findings);
    if (length) deadlines.of(static_cast<rules::Grade>(grade), phase) = length->duration;
  }
}

// "2026-10-01"
std::optional<std::chrono::sys_days> parse_day(std::string_view text) {
  const std::optional<Instant> instant = parse_rfc3339(std::string(text) + "T00:00:00Z");
  if (!instant) return std::nullopt;
  return std::chrono::floor<std::chrono::days>(to_event_time(*instant));
}

// A table of two columns: date, kind (off or work).
void read_holidays(const YamlNode& node, const std::string& folder, WorkingTime& working_time,
                   Findings& findings) {
  const std::optional<std::string> name = expect_text(node, "`holidays`", findings);
  if (!name) return;
  const std::string path = (std::filesystem::path(folder) / *name).string();
  std::optional<std::string> text = read_file_text(path);
  if (!text) {
    error_at(node, rules::code::kUnreadable, "the file " + path + " cannot be read", {}, findings);
    return;
  }
  const rules::SourceFile file(path, std::move(*text));
  const rules::CsvTable table = read_csv(file, findings);
  if (table.header.size() != 2 || table.header[0].text != "date" ||
      table.header[1].text != "kind") {
    findings.error(file, 0, kBadWorkingTime, "the holidays have other columns than their own",
                   "the header row is date,kind");
    return;
  }
  for (const std::vector<rules::CsvField>& row : table.rows) {
    const std::optional<std::chrono::sys_days> day = parse_day(row[0].text);
    if (!day) {
      findings.error(file, row[0].offset, kBadWorkingTime, "`" + row[0].text + "` is no date",
                     "2026-10-01");
    } else if (row[1].text == "off") {
      working_time.holidays.insert(*day);
    } else if (row[1].text == "work") {
      working_time.workdays.insert(*day);
    } else {
      findings.error(file, row[1].offset, kBadWorkingTime,
                     "`" + row[1].text + "` is no kind of day", "off, work");
    }
  }
}

}  // namespace

std::shared_ptr<const Deadlines> read_deadlines(const YamlNode& node,
                                                const std::shared_ptr<const Deadlines>& above,
                                                Findings& findings) {
  auto deadlines = std::make_shared<Deadlines>(above ? *above : Deadlines::usual());
  if (!expect_map(node, "`deadlines`", findings)) return deadlines;
  check_keys(node, "`deadlines`", names(board::kPhaseNames), findings);
  for (size_t phase = 0; phase < board::kPhases; ++phase) {
    const YamlNode* one = node.find(board::kPhaseNames[phase]);
    if (one != nullptr) read_phase(*one, static_cast<board::Phase>(phase), *deadlines, findings);
  }
  return deadlines;
}

WorkingTime read_working_time(const YamlNode& node, const std::string& folder, Findings& findings) {
  WorkingTime working_time;
  if (!expect_map(node, "`working_time`", findings)) return working_time;
  check_keys(node, "`working_time`", {"start_time", "end_time", "location", "holidays"}, findings);
  const auto read = [&](const char* key, int& minute) {
    const YamlNode* value = node.find(key);
    if (value == nullptr) return true;
    const std::optional<int> is = read_minute(*value, key, kBadWorkingTime, findings);
    minute = is.value_or(minute);
    return is.has_value();
  };
  const bool has_begin = read("start_time", working_time.begin);
  const bool has_end = read("end_time", working_time.end);
  if (has_begin && has_end && working_time.begin >= working_time.end) {
    error_at(node, kBadWorkingTime, "the working day does not end after its begin", {}, findings);
  }
  if (const YamlNode* location = node.find("location")) {
    read_time_zone(*location, kBadWorkingTime, working_time.location, findings);
  }
  if (const YamlNode* holidays = node.find("holidays")) {
    read_holidays(*holidays, folder, working_time, findings);
  }
  return working_time;
}

}  // namespace fengsui::dispatch
