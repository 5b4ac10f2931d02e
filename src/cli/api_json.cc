#include "cli/api_json.h"

#include <nlohmann/json.hpp>

namespace fengsui::cli {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Expected<Json> body_of(const Expected<ApiAnswer>& answer) {
  if (!answer) return fail(answer.error());
  Json body = Json::parse(answer->body, nullptr, false);
  if (answer->status == 200 && (body.is_object() || body.is_array())) return body;
  const std::string detail = body.is_object() ? body.value("detail", "") : "";
  const std::string said = std::to_string(answer->status) + " " + detail;
  if (answer->status == 503) return fail(Error::outside("the service: " + said, true));
  if (answer->status == 400) return fail(Error::usage("the service: " + said));
  return fail(Error::bad_input("the service: " + said));
}

std::string field(const Json& alert, const char* key) {
  const auto at = alert.find(key);
  return at != alert.end() && at->is_string() ? at->get<std::string>() : "-";
}

std::string short_time(const Json& alert, const char* key) {
  const std::string text = field(alert, key);
  return text.size() < 20 ? text : text.substr(0, 10) + " " + text.substr(11, 8);
}

}  // namespace fengsui::cli
