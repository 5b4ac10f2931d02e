// The board: GET /v1/alerts, GET /v1/alerts/{id}, POST /v1/alerts/{id}/actions, GET /v1/stream.
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

constexpr size_t kEventsAtOnce = 200;  // of the stream
constexpr std::chrono::seconds kHeartbeat{15};
constexpr size_t kPageDefault = 50, kPageMax = 500;

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
    if (!wanted.after) return "`after` is a number: `next` of a page, or the id of an event.";
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

// All of the query but what `wanted` does not take; a response: what is wrong with it.
std::optional<Response> read_query(const Request& request, Wanted& wanted) {
  const auto parameters = parse_query(request.query);
  if (!parameters) {
    return problem(400, "bad-query", "The query is no name=value pairs, each name once, in UTF-8.");
  }
  for (const auto& [name, value] : *parameters) {
    if (const auto wrong = read_parameter(name, value, wanted)) {
      return problem(400, "bad-query", *wrong);
    }
  }
  return std::nullopt;
}

Response list_alerts(const Board& board, const Request& request) {
  Wanted wanted;
  if (auto wrong = read_query(request, wanted)) return *wrong;
  if (wanted.after == 0)
    return problem(400, "bad-query", "`after` is the `next` of a page before.");
  const Expected<board::Page> page = board.list(wanted.filter, wanted.after, wanted.most);
  if (!page) return unavailable(page.error());
  Json alerts = Json::array();
  for (const auto& [alert, one] : page->alerts) alerts.push_back(alert_json(alert, one));
  Json body = {{"alerts", std::move(alerts)}};
  if (page->next) body["next"] = std::to_string(*page->next);
  return ok(body);
}

// The board's log from an entry on, as Server-Sent Events: what happens to alerts that fit.
class AlertStream final : public BodyStream {
 public:
  AlertStream(const Board& board, board::Filter filter, uint64_t after)
      : board_(board), filter_(std::move(filter)), after_(after) {}

  std::optional<std::string> next(MonotonicTime now) override {
    std::string text;
    if (!told_) text = "retry: 1000\n\n";  // milliseconds, before a client comes again
    while (text.size() < kTextBytes && board_.last_entry() > after_) {
      const Expected<std::vector<board::LogEntry>> entries = board_.log(after_, kEventsAtOnce);
      if (!entries) return std::nullopt;
      for (const board::LogEntry& entry : *entries) add(entry, text);
      if (entries->empty()) break;
    }
    if (text.empty() && now - *told_ >= kHeartbeat) text = ":\n\n";
    if (!text.empty()) told_ = now;
    return text;
  }

 private:
  static constexpr size_t kTextBytes = 64 << 10;  // sent at once, and one round of entries more

  void add(const board::LogEntry& one, std::string& text) {
    after_ = one.number;
    if (!fits(filter_, one.alert, one.now)) return;
    text += "id: " + std::to_string(one.number) + "\nevent: ";
    text += board::kEntryNames[static_cast<size_t>(one.entry.kind)];
    text += "\ndata: " + json_text(log_json(one)) + "\n\n";
  }

  const Board& board_;
  const board::Filter filter_;
  uint64_t after_;
  std::optional<MonotonicTime> told_;  // when something was last sent
};

Response stream_alerts(const Board& board, const Request& request) {
  Wanted wanted;
  if (auto wrong = read_query(request, wanted)) return *wrong;
  // What a browser sends when it comes again is newer than the address that it came with.
  const std::string last(request.header("Last-Event-ID"));
  if (!last.empty()) {
    wanted.after = number_of(last);
    if (!wanted.after) return problem(400, "bad-query", "`Last-Event-ID` is no id of an event.");
  }
  Response response{200, "text/event-stream", "", {{"Cache-Control", "no-store"}}};
  // A reader may be ahead of a state that was restored: then from now on.
  const uint64_t end = board.last_entry();
  response.stream = std::make_shared<AlertStream>(board, std::move(wanted.filter),
                                                  std::min(wanted.after.value_or(end), end));
  return response;
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
  if (auto foreign = refuse_foreign(request)) return responder.answer(std::move(*foreign));
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
               responder.answer(show_alert(board, request.last_segment()));
             });
  router.add("GET", "/v1/stream", [&board](const Request& request, const Responder& responder) {
    responder.answer(stream_alerts(board, request));
  });
  router.add("POST", "/v1/alerts/{id}/actions",
             [run = dependencies.act](const Request& request, const Responder& responder) {
               act(run, request, responder);
             });
}

}  // namespace fengsui::server
