// GET, POST /v1/silences; GET, DELETE /v1/silences/{id}. The form is that of Alertmanager's API.
#include <nlohmann/json.hpp>

#include "dispatch/matcher.h"
#include "server/problem_json.h"
#include "server/query.h"
#include "server/server.h"
#include "server/silence_json.h"

namespace fengsui::server {
namespace {

using Json = nlohmann::ordered_json;

Response unavailable(const Error& error) { return problem(503, "not-stored", error.message); }

Response no_such() { return problem(404, "no-such-silence", "There is no silence of this id."); }

// A silence is listed if it has each of these matchers' labels, with a value that matches.
struct Filter {
  dispatch::Matchers matchers;
  std::optional<dispatch::SilenceState> state;
};

std::optional<Response> read_filter(const Request& request, Filter& filter) {
  const auto parameters = parse_query(request.query);
  if (!parameters) {
    return problem(400, "bad-query", "The query is no name=value pairs, each name once, in UTF-8.");
  }
  for (const auto& [name, value] : *parameters) {
    if (name == "filter") {
      Expected<dispatch::Matchers> read = dispatch::parse_matchers(value);
      if (!read) return problem(400, "bad-query", "`filter`: " + read.error().message);
      filter.matchers = std::move(*read);
    } else if (name == "state") {
      for (size_t i = 0; i < std::size(dispatch::kSilenceStateNames); ++i) {
        if (value != dispatch::kSilenceStateNames[i]) continue;
        filter.state = static_cast<dispatch::SilenceState>(i);
      }
      if (!filter.state) return problem(400, "bad-query", "`state` is pending, active or expired.");
    } else {
      return problem(400, "bad-query", "There is no parameter `" + name + "`: filter, state.");
    }
  }
  return std::nullopt;
}

bool fits(const dispatch::Silence& silence, const Filter& filter, EventTime now) {
  if (filter.state && silence.state(now) != *filter.state) return false;
  dispatch::Labels labels;
  for (const dispatch::Matcher& matcher : silence.matchers) {
    labels[matcher.name()] = matcher.value();
  }
  return all_match(filter.matchers, labels);
}

Response list(const SilenceBook& book, const Request& request, EventTime now) {
  Filter filter;
  if (auto wrong = read_filter(request, filter)) return *wrong;
  Json out = Json::array();
  for (const dispatch::Silence& silence : *book.all()) {
    if (fits(silence, filter, now)) out.push_back(silence_json(silence, now));
  }
  return ok(out);
}

Response show(const SilenceBook& book, const std::string& id, EventTime now) {
  for (const dispatch::Silence& silence : *book.all()) {
    if (silence.id == id) return ok(silence_json(silence, now));
  }
  return no_such();
}

void set(const SilenceBook& book, const Request& request, const Responder& responder) {
  if (auto foreign = refuse_foreign(request)) return responder.answer(std::move(*foreign));
  const Json body = Json::parse(request.body, nullptr, false);
  Expected<dispatch::Silence> silence = silence_of(body);
  if (!silence) return responder.answer(problem(400, "bad-body", silence.error().message));
  book.set(std::move(*silence), [responder](Expected<std::string> id) {
    responder.answer_with([id = std::move(id)] {
      if (id) return ok({{"silenceID", *id}});
      if (id.error().kind == Error::Kind::Usage) return no_such();
      if (id.error().kind == Error::Kind::BadInput) {
        return problem(400, "bad-body", id.error().message);
      }
      return unavailable(id.error());
    });
  });
}

void end(const SilenceBook& book, const Request& request, const Responder& responder) {
  if (auto foreign = refuse_foreign(request)) return responder.answer(std::move(*foreign));
  book.end(request.last_segment(), [responder](Expected<std::optional<bool>> ended) {
    responder.answer_with([ended = std::move(ended)] {
      if (!ended) return unavailable(ended.error());
      if (!*ended) return no_such();
      if (!**ended) return problem(409, "expired", "The silence has ended already.");
      return ok(Json::object());
    });
  });
}

}  // namespace

void add_silence_routes(Router& router, const Dependencies& dependencies) {
  if (!dependencies.silences.all) return;
  const auto book = std::make_shared<const SilenceBook>(dependencies.silences);
  const Clock& clock = dependencies.clock;
  router.add("GET", "/v1/silences",
             [book, &clock](const Request& request, const Responder& responder) {
               responder.answer(list(*book, request, clock.wall()));
             });
  router.add("POST", "/v1/silences", [book](const Request& request, const Responder& responder) {
    set(*book, request, responder);
  });
  router.add("GET", "/v1/silences/{id}",
             [book, &clock](const Request& request, const Responder& responder) {
               responder.answer(show(*book, request.last_segment(), clock.wall()));
             });
  router.add("DELETE", "/v1/silences/{id}",
             [book](const Request& request, const Responder& responder) {
               end(*book, request, responder);
             });
}

}  // namespace fengsui::server
