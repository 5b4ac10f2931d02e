// Content-Type (RFC 9110 8.3). Pure; safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fengsui::server {

struct MediaType {
  std::string name;     // "application/json", lower case
  std::string charset;  // lower case, without quotes; empty: not given
};

// nullopt: not a media type.
std::optional<MediaType> parse_media_type(std::string_view text);

}  // namespace fengsui::server
