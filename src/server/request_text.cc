#include "server/request_text.h"

#include <nlohmann/json.hpp>

#include "cel/utf8.h"
#include "event/identity.h"

namespace fengsui::server {

Expected<std::string> request_text(const std::string& key, const nlohmann::ordered_json& value,
                                   int64_t most) {
  const auto bad = [&](const std::string& what) {
    return fail(Error::bad_input("`" + key + "` " + what));
  };
  if (!value.is_string()) return bad("is a text.");
  std::string text = value.get<std::string>();
  if (cel::count_code_points(text) > most) {
    return bad("is longer than " + std::to_string(most) + " characters.");
  }
  if (event::names_a_person(text)) {
    return bad("holds an identity or telephone number: name people by their token.");
  }
  return text;
}

}  // namespace fengsui::server
