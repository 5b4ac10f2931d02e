#include "server/alert_json.h"

#include <nlohmann/json.hpp>

#include "server/request_text.h"

namespace fengsui::server {
namespace {

using Json = nlohmann::ordered_json;
using board::ActionRequest;
using board::Case;
using board::Entry;

constexpr int64_t kActorMax = 100, kReasonMax = 200, kNoteMax = 4000;  // characters

template <class Enum, size_t N>
const char* name_of(const char* const (&names)[N], Enum value) {
  return names[static_cast<size_t>(value)];
}

Json record_json(const std::string& record) {
  Json json = Json::parse(record, nullptr, false);
  return json.is_discarded() ? Json(record) : json;
}

Json entry_json(const Entry& entry) {
  Json out = {{"kind", name_of(board::kEntryNames, entry.kind)},
              {"at", format_event_time(entry.at)}};
  if (entry.kind != Entry::Kind::Action) {
    out["grade"] = name_of(rules::kGradeNames, entry.grade);
    out["queues"] = entry.queues;
    out["record"] = record_json(entry.record);
    return out;
  }
  out["action"] = name_of(board::kActionNames, entry.action);
  out["actor"] = entry.actor;
  out["role"] = name_of(board::kRoleNames, entry.role);
  if (!entry.reason.empty()) out["reason"] = entry.reason;
  if (!entry.note.empty()) out["note"] = entry.note;
  out["state"] = name_of(board::kStateNames, entry.to);
  return out;
}

Error bad(const std::string& what) { return Error::bad_input(what); }

// A text of `object`, or an error; absent: empty.
Expected<std::string> text_of(const Json& object, const char* key, int64_t most, bool must) {
  const auto at = object.find(key);
  const std::string name = std::string("`") + key + "`";
  if (at == object.end()) {
    if (must) return fail(bad(name + " is missing."));
    return std::string();
  }
  Expected<std::string> text = request_text(key, *at, most);
  if (text && must && text->empty()) return fail(bad(name + " is empty."));
  return text;
}

Expected<void> known_keys(const Json& object) {
  for (const auto& [key, value] : object.items()) {
    if (key != "action" && key != "version" && key != "actor" && key != "role" && key != "reason" &&
        key != "note") {
      return fail(bad("`" + key +
                      "` is no key of an action: action, version, actor, role, "
                      "reason, note."));
    }
  }
  return {};
}

Expected<void> read_names(const Json& object, ActionRequest& request) {
  const Expected<std::string> action = text_of(object, "action", kActorMax, true);
  if (!action) return fail(action.error());
  const auto known = board::action_named(*action);
  if (!known) return fail(bad("There is no action `" + *action + "`."));
  request.action = *known;
  const Expected<std::string> role = text_of(object, "role", kActorMax, true);
  if (!role) return fail(role.error());
  const auto named = board::role_named(*role);
  if (!named) {
    return fail(bad("There is no role `" + *role +
                    "`: duty, lead, handler, grid_worker, supervisor, revisit."));
  }
  request.role = *named;
  return {};
}

}  // namespace

Json alert_json(const std::string& alert, const Case& one) {
  Json out = {{"alert", alert},
              {"version", one.version},
              {"state", name_of(board::kStateNames, one.state)},
              {"grade", name_of(rules::kGradeNames, one.grade)},
              {"rule", one.rule},
              {"title", one.title},
              {"message", one.message},
              {"area", one.area ? Json(*one.area) : Json(nullptr)},
              {"queues", one.queues},
              {"opened", format_event_time(one.opened)},
              {"arrived", format_event_time(one.arrived)},
              {"changed", format_event_time(one.changed)},
              {"cleared", one.cleared},
              {"outcome", name_of(board::kOutcomeNames, one.outcome)},
              {"supervised", one.supervised}};
  if (!one.handler.empty()) out["handler"] = one.handler;
  if (!one.held_by.empty()) out["held_by"] = one.held_by;
  if (!one.escalated.empty()) out["escalated"] = one.escalated;
  if (const auto phase = phase_of(one.state); phase && one.stages) {
    const bool has_passed = one.stage > 0;
    out["deadline"] = {
        {"phase", name_of(board::kPhaseNames, *phase)},
        {"since", format_event_time(one.since)},
        {"due", format_event_time((*one.stages)[2])},
        {"stage", has_passed ? Json(name_of(board::kActionNames, board::kStages[one.stage - 1]))
                             : Json(nullptr)}};
  }
  return out;
}

Json possible_json(const Case& one) {
  Json out = Json::array();
  for (const board::Transition* transition : possible(one)) {
    Json roles = Json::array();
    for (size_t i = 0; i < std::size(board::kRoleNames); ++i) {
      const auto role = static_cast<board::Role>(i);
      if ((transition->roles & board::set_of(role)) != 0) roles.push_back(board::kRoleNames[i]);
    }
    Json needs = Json::array();
    if ((transition->conditions & board::kReason) != 0) needs.push_back("reason");
    if ((transition->conditions & board::kNote) != 0) needs.push_back("note");
    out.push_back({{"action", name_of(board::kActionNames, transition->action)},
                   {"roles", std::move(roles)},
                   {"needs", std::move(needs)}});
  }
  return out;
}

Json log_json(const board::LogEntry& one) {
  return {{"alert", alert_json(one.alert, one.now)}, {"entry", entry_json(one.entry)}};
}

Json shown_json(const board::Shown& shown) {
  Json out = alert_json(shown.alert, shown.now);
  Json history = Json::array();
  for (const Entry& entry : shown.history) {
    if (entry.kind == Entry::Kind::Open || entry.kind == Entry::Kind::Raise) {
      out["record"] = record_json(entry.record);
    }
    history.push_back(entry_json(entry));
  }
  out["history"] = std::move(history);
  out["actions"] = possible_json(shown.now);
  return out;
}

Expected<ActionRequest> action_request(std::string_view body) {
  const Json object = Json::parse(body, nullptr, false);
  if (!object.is_object()) {
    return fail(bad(R"(The body is {"action", "version", "actor", "role", "reason", "note"}.)"));
  }
  if (Expected<void> known = known_keys(object); !known) return fail(known.error());
  ActionRequest request;
  if (Expected<void> read = read_names(object, request); !read) return fail(read.error());
  const auto version = object.find("version");
  if (version == object.end() || !version->is_number_unsigned()) {
    return fail(bad("`version` is the version of the alert that you saw, a number."));
  }
  request.version = version->get<uint64_t>();
  struct Text {
    const char* key;
    int64_t most;
    bool must;
    std::string& out;
  };
  for (const Text& text : {Text{"actor", kActorMax, true, request.actor},
                           Text{"reason", kReasonMax, false, request.reason},
                           Text{"note", kNoteMax, false, request.note}}) {
    Expected<std::string> read = text_of(object, text.key, text.most, text.must);
    if (!read) return fail(read.error());
    text.out = std::move(*read);
  }
  return request;
}

}  // namespace fengsui::server
