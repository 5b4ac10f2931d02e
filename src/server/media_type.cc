#include "server/media_type.h"

#include <algorithm>

namespace fengsui::server {
namespace {

std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

}  // namespace

std::optional<MediaType> parse_media_type(std::string_view text) {
  size_t end = std::min(text.find(';'), text.size());
  MediaType type{lower(trim(text.substr(0, end))), {}};
  if (std::count(type.name.begin(), type.name.end(), '/') != 1 ||
      type.name.find_first_of(" \t,\"") != std::string::npos || type.name.front() == '/' ||
      type.name.back() == '/') {
    return std::nullopt;
  }
  while (end < text.size()) {
    const size_t start = end + 1;
    end = std::min(text.find(';', start), text.size());
    const std::string_view parameter = trim(text.substr(start, end - start));
    const size_t equals = parameter.find('=');
    if (parameter.empty() || lower(parameter.substr(0, equals)) != "charset") continue;
    if (equals == parameter.npos) return std::nullopt;
    std::string_view value = parameter.substr(equals + 1);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    if (value.empty()) return std::nullopt;
    type.charset = lower(value);
  }
  return type;
}

}  // namespace fengsui::server
