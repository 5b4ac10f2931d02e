#include "rules/pack_head.h"

#include <unicode/strenum.h>
#include <unicode/timezone.h>

#include <memory>
#include <optional>

#include "rules/codes.h"
#include "rules/yaml_shape.h"

namespace fengsui::rules {
namespace {

// Of PackHead's default timezone, for an ICU without data.
constexpr Duration kDefaultOffset = std::chrono::hours(8);

std::vector<std::string> timezone_names() {
  std::vector<std::string> names;
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::StringEnumeration> all(icu::TimeZone::createTimeZoneIDEnumeration(
      UCAL_ZONE_TYPE_CANONICAL, nullptr, nullptr, status));
  if (!all) return names;
  while (const icu::UnicodeString* name = all->snext(status))
    name->toUTF8String(names.emplace_back());
  return names;
}

}  // namespace

std::optional<EventTime> midnight_in(const std::string& timezone, std::chrono::sys_days date) {
  const icu::UnicodeString id = icu::UnicodeString::fromUTF8(timezone);
  icu::UnicodeString canonical;
  UBool is_system_id = false;
  UErrorCode status = U_ZERO_ERROR;
  icu::TimeZone::getCanonicalID(id, canonical, is_system_id, status);
  if (U_FAILURE(status) || !is_system_id) return std::nullopt;
  const std::unique_ptr<icu::TimeZone> zone(icu::TimeZone::createTimeZone(id));
  const EventTime local = date;
  int32_t standard = 0, summer = 0;
  zone->getOffset(static_cast<double>(local.time_since_epoch().count()), true, standard, summer,
                  status);
  if (U_FAILURE(status)) return std::nullopt;
  return local - Duration{static_cast<int64_t>(standard) + summer};
}

PackHead read_pack_head(const SourceFile* file, Findings& findings) {
  PackHead head;
  constexpr std::chrono::sys_days kEpoch{};
  head.window_origin = midnight_in(head.timezone, kEpoch).value_or(EventTime{-kDefaultOffset});
  if (file == nullptr) return head;
  const std::vector<YamlNode> documents = read_yaml(*file, findings);
  if (documents.empty() || (documents.size() == 1 && documents[0].is_null())) return head;
  const YamlNode& document = documents.front();
  if (documents.size() > 1) {
    error_at(documents[1], code::kDocuments, "a second document in this file", {}, findings);
  }
  if (!expect_map(document, "pack.yaml", findings)) return head;
  refuse_unknown_keys(document, "pack.yaml", {"name", "version", "timezone"}, code::kUnknownKey,
                      findings);
  const auto text = [&](const char* key) {
    const YamlNode* node = document.find(key);
    return node != nullptr ? expect_text(*node, std::string("`") + key + "`", findings)
                           : std::nullopt;
  };
  head.name = text("name").value_or("");
  head.version = text("version").value_or("");
  const std::optional<std::string> timezone = text("timezone");
  if (!timezone) return head;
  if (const std::optional<EventTime> origin = midnight_in(*timezone, kEpoch)) {
    head.timezone = *timezone;
    head.window_origin = *origin;
  } else {
    error_at(*document.find("timezone"), code::kUnknownTimezone,
             "`" + *timezone + "` is no name of the tz database",
             nearest_hint(*timezone, timezone_names(), "as in Asia/Shanghai"), findings);
  }
  return head;
}

}  // namespace fengsui::rules
