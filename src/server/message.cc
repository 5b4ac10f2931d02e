#include "server/message.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "server/problem_json.h"

namespace fengsui::server {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

struct Phrase {
  int status;
  const char* text;
};
constexpr Phrase kPhrases[] = {
    {200, "OK"},
    {202, "Accepted"},
    {400, "Bad Request"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {503, "Service Unavailable"},
};

}  // namespace

std::string_view Request::header(std::string_view name) const {
  for (const Header& header : headers) {
    if (std::equal(name.begin(), name.end(), header.name.begin(), header.name.end(),
                   [](char a, char b) { return lower(a) == lower(b); })) {
      return header.value;
    }
  }
  return {};
}

std::string Request::last_segment() const { return path.substr(path.rfind('/') + 1); }

Response problem(int status, std::string_view slug, std::string_view detail) {
  return problem(status, slug, detail, nlohmann::ordered_json::object());
}

Response problem(int status, std::string_view slug, std::string_view detail,
                 const nlohmann::ordered_json& members) {
  nlohmann::ordered_json body = {
      {"type", "urn:fengsui:problem:" + std::string(slug)},
      {"title", status_phrase(status)},
      {"status", status},
      {"detail", detail},
  };
  body.update(members);
  return {status, "application/problem+json", json_text(body), {}};
}

Response ok(const nlohmann::ordered_json& body, std::vector<Header> headers) {
  headers.push_back({"Cache-Control", "no-store"});
  return {200, "application/json", json_text(body), std::move(headers)};
}

std::optional<Response> refuse_foreign(const Request& request) {
  if (request.header("Origin").empty()) return std::nullopt;
  return problem(403, "foreign-origin", "Not for pages in a browser.");
}

std::string json_text(const nlohmann::ordered_json& value) {
  // Details may quote what others said: never fail on their bytes.
  return value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

const char* status_phrase(int status) {
  for (const Phrase& phrase : kPhrases) {
    if (phrase.status == status) return phrase.text;
  }
  return "Status";
}

std::string http_date(EventTime time) {
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - day)};
  char text[40];
  std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d GMT",
                kDays[std::chrono::weekday{day}.c_encoding()], static_cast<unsigned>(date.day()),
                kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

struct Responder::Once {
  explicit Once(std::function<void(Make)> to) : deliver(std::move(to)) {}
  ~Once() {
    settle([] {
      Response response =
          problem(503, "unanswered", "The request was dropped; its events may be sent again.");
      response.headers.push_back({"Retry-After", "1"});
      return response;
    });
  }
  void settle(Make make) {
    if (!answered.exchange(true)) deliver(std::move(make));
  }

  std::atomic<bool> answered = false;
  const std::function<void(Make)> deliver;
};

Responder::Responder(std::function<void(Make)> deliver)
    : once_(std::make_shared<Once>(std::move(deliver))) {}

void Responder::answer(Response response) const {
  once_->settle([response = std::move(response)]() mutable { return std::move(response); });
}

void Responder::answer_with(Make make) const { once_->settle(std::move(make)); }

}  // namespace fengsui::server
