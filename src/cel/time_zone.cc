#include "cel/time_zone.h"

#include <unicode/timezone.h>

#include <map>
#include <memory>
#include <string_view>

namespace fengsui::cel {
namespace {

// "+08:00", "-8:00", "08:00": seconds east of UTC.
std::optional<int64_t> fixed_offset(std::string_view text) {
  const bool west = text.starts_with('-');
  if (west || text.starts_with('+')) text.remove_prefix(1);
  const size_t colon = text.find(':');
  if (colon == text.npos || colon == 0 || colon > 2 || text.size() != colon + 3) {
    return std::nullopt;
  }
  int64_t parts[2] = {0, 0};
  for (size_t i = 0; i < text.size(); ++i) {
    if (i == colon) continue;
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    int64_t& part = parts[i > colon];
    part = part * 10 + (text[i] - '0');
  }
  if (parts[0] > 23 || parts[1] > 59) return std::nullopt;
  return (west ? -1 : 1) * (parts[0] * 3600 + parts[1] * 60);
}

// ICU's zone of this name, or null. The last ones asked for are kept, each thread its own.
const icu::TimeZone* zone_of(const std::string& name) {
  constexpr size_t kZonesKeptMax = 64;
  constexpr size_t kNameBytesMax = 64;
  if (name.size() > kNameBytesMax) return nullptr;
  thread_local std::map<std::string, std::unique_ptr<const icu::TimeZone>> kept;
  if (const auto found = kept.find(name); found != kept.end()) return found->second.get();
  if (kept.size() >= kZonesKeptMax) kept.clear();
  std::unique_ptr<const icu::TimeZone> zone(
      icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(name)));
  if (!zone || *zone == icu::TimeZone::getUnknown()) zone.reset();
  return kept.emplace(name, std::move(zone)).first->second.get();
}

}  // namespace

std::optional<int64_t> utc_offset_seconds(const std::string& zone, Instant at) {
  if (zone == "UTC") return 0;
  if (const std::optional<int64_t> fixed = fixed_offset(zone)) return fixed;
  const icu::TimeZone* known = zone_of(zone);
  if (!known) return std::nullopt;
  int32_t raw = 0;
  int32_t saving = 0;
  UErrorCode status = U_ZERO_ERROR;
  known->getOffset(static_cast<double>(at.seconds) * 1000.0, false, raw, saving, status);
  if (U_FAILURE(status)) return std::nullopt;
  return (raw + saving) / 1000;
}

}  // namespace fengsui::cel
