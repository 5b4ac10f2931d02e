// The rules in force, and another pack in their place: GET /v1/rules, GET /v1/rules/{id},
// POST /v1/rules/reload.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/problem_json.h"
#include "server/server.h"

namespace fengsui::server {
namespace {

using Json = nlohmann::ordered_json;
using pipeline::PackStatus;
using pipeline::ReloadAnswer;

constexpr const char* kModeNames[] = {"live", "shadow", "disabled"};

Json rule_json(const rules::RuleSet& rules, const rules::Rule& rule,
               const PackStatus::OfRule& counts) {
  Json grades = Json::array();  // lowest first
  for (auto grade = rule.grades.rbegin(); grade != rule.grades.rend(); ++grade) {
    grades.push_back(rules::kGradeNames[static_cast<size_t>(grade->first)]);
  }
  Json hits = Json::object();
  for (size_t grade = 1; grade < counts.hits.size(); ++grade) {
    if (counts.hits[grade] > 0) hits[rules::kGradeNames[grade]] = counts.hits[grade];
  }
  Json purpose = {{"use", rule.purpose.use},
                  {"basis", rule.purpose.basis},
                  {"retain", format_duration(rule.purpose.retain)}};
  if (!rule.purpose.id.empty()) purpose["id"] = rule.purpose.id;
  return {{"id", rule.id},
          {"title", rule.title},
          {"mode", kModeNames[static_cast<size_t>(rule.mode)]},
          {"version", rule.version},
          {"grades", grades},
          {"purpose", purpose},
          {"labels", rule.labels},
          {"pack", rules.hash},
          {"matches", counts.counted.matches},
          {"errors", counts.counted.errors},
          {"hits", hits},
          {"groups", counts.groups}};
}

Response unavailable(const Error& error) { return problem(503, "engine-ends", error.message); }

void list_rules(const Dependencies::AskPackStatus& ask, const Responder& responder) {
  ask([responder](Expected<PackStatus> got) {
    if (!got) return responder.answer(unavailable(got.error()));
    responder.answer_with([status = std::move(*got)] {
      const rules::RuleSet& rules = *status.rules;
      Json list = Json::array();
      for (size_t i = 0; i < rules.rules.size(); ++i) {
        list.push_back(rule_json(rules, *rules.rules[i], status.by_rule[i]));
      }
      return ok({{"pack", {{"name", rules.name}, {"version", rules.version}, {"hash", rules.hash}}},
                 {"rules", list}});
    });
  });
}

void show_rule(const Dependencies::AskPackStatus& ask, const std::string& id,
               const Responder& responder) {
  ask([responder, id](Expected<PackStatus> got) {
    if (!got) return responder.answer(unavailable(got.error()));
    responder.answer_with([status = std::move(*got), id] {
      const auto& rules = status.rules->rules;
      const auto at = std::lower_bound(
          rules.begin(), rules.end(), id,
          [](const auto& rule, const std::string& wanted) { return rule->id < wanted; });
      if (at == rules.end() || (*at)->id != id) {
        return problem(404, "no-such-rule", "The pack in force has no rule of this id.");
      }
      return ok(
          rule_json(*status.rules, **at, status.by_rule[static_cast<size_t>(at - rules.begin())]));
    });
  });
}

Json findings_json(const std::vector<rules::Issue>& issues) {
  return Json::parse(rules::as_json(issues));
}

Response reload_response(const ReloadAnswer& answer) {
  using Outcome = ReloadAnswer::Outcome;
  const pipeline::SwapOutcome& swap = answer.swap;
  switch (answer.outcome) {
    case Outcome::Refused:
      return problem(422, "pack-refused", "The pack has errors; the one in force goes on.",
                     {{"findings", findings_json(answer.issues)}, {"pack", swap.old_hash}});
    case Outcome::Busy:
      return problem(409, "reload-busy", "Another reload is not done yet.");
    case Outcome::Failed:
      return problem(409, "reload-failed", answer.message);
    case Outcome::Swapped:
    case Outcome::Unchanged:
      break;
  }
  return ok({{"outcome", pipeline::kReloadOutcomeNames[static_cast<size_t>(answer.outcome)]},
             {"old", swap.old_hash},
             {"new", swap.new_hash},
             {"kept", swap.kept},
             {"fresh", swap.fresh},
             {"removed", swap.removed},
             {"events_warmed", swap.events_warmed},
             {"pause_seconds", std::chrono::duration<double>(swap.pause).count()},
             {"findings", findings_json(answer.issues)}});
}

// The body may be absent. False: it is not what it should be.
bool wants_warm(const std::string& body, bool& warm) {
  if (body.empty()) return true;
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return false;
  for (const auto& [key, value] : json.items()) {
    if (key != "warm" || !value.is_boolean()) return false;
    warm = value.get<bool>();
  }
  return true;
}

void reload(const Dependencies::Reload& reload, const Request& request,
            const Responder& responder) {
  if (auto foreign = refuse_foreign(request)) return responder.answer(std::move(*foreign));
  bool warm = false;
  if (!wants_warm(request.body, warm)) {
    return responder.answer(
        problem(400, "bad-body", R"(The body is empty or {"warm": true} or {"warm": false}.)"));
  }
  reload(warm, [responder](const ReloadAnswer& answer) {
    responder.answer_with([answer] { return reload_response(answer); });
  });
}

}  // namespace

void add_rules_routes(Router& router, const Dependencies& dependencies) {
  if (dependencies.pack_status) {
    router.add("GET", "/v1/rules",
               [ask = dependencies.pack_status](const Request&, const Responder& responder) {
                 list_rules(ask, responder);
               });
    router.add(
        "GET", "/v1/rules/{id}",
        [ask = dependencies.pack_status](const Request& request, const Responder& responder) {
          show_rule(ask, request.last_segment(), responder);
        });
  }
  if (dependencies.reload) {
    router.add("POST", "/v1/rules/reload",
               [run = dependencies.reload](const Request& request, const Responder& responder) {
                 reload(run, request, responder);
               });
  }
}

}  // namespace fengsui::server
