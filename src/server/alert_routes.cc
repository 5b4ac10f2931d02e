// The board: GET /v1/alerts, GET /v1/alerts/{id}, POST /v1/alerts/{id}/actions.
#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>

#include "server/alert_json.h"
#include "server/problem_json.h"
#include "server/query.h"
#include "server/server.h"

namespace fengsui::server {
namespace {

using Json = nlohmann::ordered_json;
using board::Board;

constexpr size_t kPageDefault = 50, kPageMax = 500;

Response ok(const Json& body, std::vector<Header> headers = {}) {
  headers.push_back({"Cache-Control", "no-store"});
  return {200, "application/json", json_text(body), std::move(headers)};
}

Header etag(const board::Case& one) { return {"ETag", "\"" + std::to_string(one.version) + "\""}; }

Response unavailable(const Error& error) { return problem(503, "board-unreadable", error.message); }

struct Wanted {
  board::Filter filter;
  std::optional<uint64_t> after;
  size_t most = kPageDefault;
};

std::optional<uint64_t> number_of(const std::string& text) {
  uint64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// What is wrong with it, or nothing.
std::optional<std::string> read_parameter(const std::string& name, const std::string& value,
                                          Wanted& wanted) {
  if (name == "grade") {
    for (const std::string& piece : split_list(value)) {
      const auto* at =
          std::find(std::begin(rules::kGradeNames) + 1, std::end(rules::kGradeNames), piece);
      if (at == std::end(rules::kGradeNames)) {
        return "There is no grade `" + piece + "`: blue, yellow, orange, red.";
      }
      wanted.filter.grades.insert(static_cast<rules::Grade>(at - rules::kGradeNames));
    }
  } else if (name == "state") {
    for (const std::string& piece : split_list(value)) {
      const auto state = board::state_named(piece);
      if (!state) return "There is no state `" + piece + "`.";
      wanted.filter.states.insert(*state);
    }
  } else if (name == "area") {
    wanted.filter.area = value;
  } else if (name == "queue") {
    wanted.filter.queue = value;
  } else if (name == "rule") {
    wanted.filter.rule = value;
  } else if (name == "q") {
    wanted.filter.text = value;
  } else if (name == "after") {
    wanted.after = number_of(value);
    if (!wanted.after || *wanted.after == 0) return "`after` is the `next` of a page before.";
  } else if (name == "limit") {
    const std::optional<uint64_t> most = number_of(value);
    if (!most || *most == 0 || *most > kPageMax) {
      return "`limit` is a number from 1 to " + std::to_string(kPageMax) + ".";
    }
    wanted.most = *most;
  } else {
    return "There is no parameter `" + name +
           "`: grade, state, area, queue, rule, q, after, limit.";
  }
  return std::nullopt;
}

Response list_alerts(const Board& board, const Request& request) {
  const auto parameters = parse_query(request.query);
  if (!parameters) {
    return problem(400, "bad-query", "The query is no name=value pairs, each name once, in UTF-8.");
  }
  Wanted wanted;
  for (const auto& [name, value] : *parameters) {
    if (const auto wrong = read_parameter(name, value, wanted)) {
      return problem(400, "bad-query", *wrong);
    }
  }
  const Expected<board::Page> page = board.list(wanted.filter, wanted.after, wanted.most);
  if (!page) return unavailable(page.error());
  Json alerts = Json::array();
  for (const auto& [alert, one] : page->alerts) alerts.push_back(alert_json(alert, one));
  Json body = {{"alerts", std::move(alerts)}};
  if (page->next) body["next"] = std::to_string(*page->next);
  return ok(body);
}

Response show_alert(const Board& board, const std::string& alert) {
  const Expected<std::optional<board::Shown>> shown = board.show(alert);
  if (!shown) return unavailable(shown.error());
  if (!*shown) return problem(404, "no-such-alert", "There is no alert of this number.");
  return ok(shown_json(**shown), {etag((*shown)->now)});
}

Response refused(const std::string& alert, const board::Refusal& refusal) {
  using Why = board::Refusal::Why;
  const auto with_case = [&](int status, const char* slug) {
    return problem(status, slug, refusal.message,
                   {{"current", alert_json(alert, refusal.current)},
                    {"actions", possible_json(refusal.current)}});
  };
  switch (refusal.why) {
    case Why::NoSuchAlert:
      return problem(404, "no-such-alert", refusal.message);
    case Why::Stale:
      return with_case(409, "stale-version");
    case Why::NotPossible:
      return with_case(409, "not-possible");
    case Why::NotAllowed:
      return with_case(403, "not-allowed");
    case Why::Incomplete:
      break;
  }
  return with_case(422, "incomplete");
}

void act(const Dependencies::Act& act, const Request& request, const Responder& responder) {
  // As with a reload: a page from elsewhere cannot hide where it is from.
  if (!request.header("Origin").empty()) {
    return responder.answer(problem(403, "foreign-origin", "Not for pages in a browser."));
  }
  Expected<board::ActionRequest> asked = action_request(request.body);
  if (!asked) return responder.answer(problem(400, "bad-body", asked.error().message));
  constexpr std::string_view kBefore = "/v1/alerts/";
  const std::string rest = request.path.substr(kBefore.size());
  const std::string alert = rest.substr(0, rest.find('/'));
  act(alert, std::move(*asked), [responder, alert](Expected<Board::Acted> acted) {
    responder.answer_with([alert, acted = std::move(acted)] {
      if (!acted) return unavailable(acted.error());
      if (!*acted) return refused(alert, acted->error());
      return ok(alert_json(alert, **acted), {etag(**acted)});
    });
  });
}

}  // namespace

void add_alert_routes(Router& router, const Dependencies& dependencies) {
  if (dependencies.board == nullptr) return;
  const Board& board = *dependencies.board;
  router.add("GET", "/v1/alerts", [&board](const Request& request, const Responder& responder) {
    responder.answer(list_alerts(board, request));
  });
  router.add("GET", "/v1/alerts/{id}",
             [&board](const Request& request, const Responder& responder) {
               const std::string& path = request.path;
               responder.answer(show_alert(board, path.substr(path.rfind('/') + 1)));
             });
  router.add("POST", "/v1/alerts/{id}/actions",
             [run = dependencies.act](const Request& request, const Responder& responder) {
               act(run, request, responder);
             });
}

}  // namespace fengsui::server
