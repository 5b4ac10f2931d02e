// Steps, a JSON object a line, in the order of their times. "at" is a time, or a duration from the
// start; without one a step is at the time of the one before.
//
//   {"at": "5m", "alert": "a1", "labels": {"rule": "gas", "grade": "orange"}}   it opens, or is
//   raised
//   {"at": "9m", "clear": "a1"}                    the engine sees its end
//   {"at": "9m", "close": "a1"}                    people close it
//   {"at": "1m", "silence": {"id", "matchers", "startsAt", "endsAt", "createdBy", "comment"}}
//   {"at": "2m", "expire": "id"}                   the silence ends
//   {"at": "3m", "reload": "dispatch.yaml"}
//   {"at": "3m", "sink": "gas", "fails": true}     its queue keeps what it gets until it does not
//   {"at": "4h"}                                   time passes
#include "cli/dispatch_simulate.h"

#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "cli/exit_status.h"
#include "cli/input_file.h"
#include "dispatch/dispatch_file.h"
#include "dispatch/dispatcher.h"
#include "server/silence_json.h"

namespace fengsui::cli {
namespace {

using Json = nlohmann::ordered_json;
using dispatch::Dispatcher;
using dispatch::Labels;

constexpr size_t kStepsBytesMax = 256 << 20;
constexpr size_t kNoticesAtOnce = 1000;

Error bad(std::string what) { return Error::bad_input(std::move(what)); }

Expected<dispatch::Plan> load_plan(const std::string& path) {
  dispatch::LoadedDispatchFile loaded =
      dispatch::load_dispatch_file(path, dispatch::DispatchUse::Routing);
  if (!loaded.issues.empty()) {
    std::fprintf(stderr, "%s\n", rules::as_text(loaded.issues).c_str());
  }
  if (!loaded.file) return fail(bad(path + " has errors"));
  return std::move(loaded.file->plan);
}

void print(const Json& line) {
  std::printf("%s\n", line.dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
}

class Simulation {
 public:
  Simulation(dispatch::Plan plan, EventTime start)
      : dispatcher_(std::move(plan)), start_(start), now_(start) {}

  // Everything up to the step's time, and then the step.
  Expected<void> take(const Json& step) {
    if (!step.is_object()) return fail(bad("a step is an object"));
    EventTime at = now_;
    if (step.contains("at")) {
      const std::optional<EventTime> time = time_of(step["at"]);
      if (!time) return fail(bad("`at` is a time, or a duration from the start"));
      at = *time;
    }
    if (at < now_) return fail(bad("the step is before the one above it"));
    run_to(at);
    Expected<void> done = act(step);
    run_to(at);  // what the step made due at once
    return done;
  }

 private:
  struct Alert {
    std::vector<Labels> told;
    std::map<uint64_t, const char*> kinds;  // of its records
    bool ended = false;
  };

  std::optional<EventTime> time_of(const Json& value) const {
    if (!value.is_string()) return std::nullopt;
    const std::string text = value.get<std::string>();
    if (const std::optional<Instant> instant = parse_rfc3339(text)) return to_event_time(*instant);
    if (const std::optional<Duration> from_start = parse_duration(text))
      return start_ + *from_start;
    return std::nullopt;
  }

  void run_to(EventTime end) {
    for (auto due = dispatcher_.due(); due && *due <= end; due = dispatcher_.due()) {
      now_ = std::max(now_, *due);
      dispatch::Outcome out;
      dispatcher_.advance(now_, kNoticesAtOnce, out);
      say(out);
    }
    now_ = end;
  }

  Expected<void> act(const Json& step) {
    static const std::set<std::string> known = {"at",      "alert",  "labels", "clear", "close",
                                                "silence", "expire", "reload", "sink",  "fails"};
    for (const auto& [key, value] : step.items()) {
      if (!known.contains(key)) return fail(bad("a step has no `" + key + "`"));
    }
    const auto text = [&](const char* key) -> std::optional<std::string> {
      const auto at = step.find(key);
      if (at == step.end() || !at->is_string()) return std::nullopt;
      return at->get<std::string>();
    };
    if (step.contains("silence")) return silence(step["silence"]);
    if (const auto alert = text("alert"))
      return raise(*alert, step.value("labels", Json::object()));
    if (const auto alert = text("clear")) return clear(*alert);
    if (const auto alert = text("close")) {
      dispatcher_.close(*alert, now_);
      return {};
    }
    if (const auto id = text("expire")) {
      if (dispatcher_.end_silence(*id, now_) != true) return fail(bad("there is no such silence"));
      return {};
    }
    if (const auto path = text("reload")) {
      Expected<dispatch::Plan> plan = load_plan(*path);
      if (!plan) return fail(plan.error());
      dispatcher_.set_plan(std::move(*plan), now_);
      return {};
    }
    if (const auto queue = text("sink")) return sink(*queue, step.value("fails", Json(true)));
    if (step.size() == step.count("at")) return {};
    return fail(
        bad("a step has a text: alert, clear, close, expire, reload or sink, or a silence"));
  }

  Expected<void> raise(const std::string& name, const Json& object) {
    Labels labels;
    if (!object.is_object()) return fail(bad("`labels` is an object of texts"));
    for (const auto& [key, value] : object.items()) {
      if (!value.is_string()) return fail(bad("`labels` is an object of texts"));
      labels[key] = value.get<std::string>();
    }
    Alert& alert = alerts_[name];
    if (alert.ended) return fail(bad("the alert has ended: another one has another name"));
    alert.told.push_back(std::move(labels));
    offer(name, alert, alert.told.size() == 1 ? "open" : "raise");
    return {};
  }

  Expected<void> clear(const std::string& name) {
    const auto at = alerts_.find(name);
    if (at == alerts_.end() || at->second.ended) return fail(bad("no such alert is open"));
    at->second.ended = true;
    offer(name, at->second, "clear");
    return {};
  }

  void offer(const std::string& name, Alert& alert, const char* kind) {
    const uint64_t record = alert.kinds.size() + 1;
    alert.kinds[record] = kind;
    dispatch::Outcome out;
    dispatcher_.offer({.alert = name,
                       .told = alert.told,
                       .had = alert.told.size() - (alert.ended ? 0 : 1),
                       .labels = alert.told.back(),
                       .is_first = alert.kinds.size() == 1,
                       .is_end = alert.ended,
                       .record = record},
                      now_, out);
    say(out);
  }

  Expected<void> silence(Json object) {
    for (const char* key : {"startsAt", "endsAt"}) {
      if (!object.is_object() || !object.contains(key)) continue;
      if (const auto time = time_of(object[key])) object[key] = format_event_time(*time);
    }
    Expected<dispatch::Silence> read = server::silence_of(object);
    if (!read) return fail(read.error());
    // Here it may have an id before it is there.
    std::string id = read->id.empty() ? "silence-" + std::to_string(++silences_) : read->id;
    if (dispatcher_.silences().find(read->id) == nullptr) read->id.clear();
    const Expected<std::string> set =
        dispatcher_.set_silence(std::move(*read), std::move(id), now_);
    if (!set) return fail(set.error());
    print({{"at", format_event_time(now_)}, {"silence", *set}});
    return {};
  }

  Expected<void> sink(const std::string& queue, const Json& fails) {
    if (!fails.is_boolean()) return fail(bad("`fails` is true or false"));
    if (fails.get<bool>()) {
      kept_.try_emplace(queue);
      return {};
    }
    const auto at = kept_.find(queue);
    if (at == kept_.end()) return {};
    for (Json& line : at->second) {
      line["at"] = format_event_time(now_);
      print(line);
    }
    kept_.erase(at);
    return {};
  }

  void say(const dispatch::Outcome& out) {
    for (const auto& [alert, held] : out.held) {
      print({{"at", format_event_time(now_)},
             {"alert", alert},
             {"held_by", held.by.empty() ? Json(nullptr) : Json(held.by)}});
    }
    for (const dispatch::Notice& notice : out.notices) {
      const Alert& alert = alerts_.at(notice.alert);
      Json line = {
          {"at", format_event_time(now_)}, {"queue", notice.queue}, {"alert", notice.alert}};
      line["record"] = notice.record;
      line["kind"] = alert.kinds.at(notice.record);
      line["labels"] = alert.told.back();
      if (!notice.group.empty()) line["group"] = notice.group;
      if (notice.repeat) line["repeat"] = true;
      const auto kept = kept_.find(notice.queue);
      kept == kept_.end() ? print(line) : kept->second.push_back(std::move(line));
    }
  }

  Dispatcher dispatcher_;
  const EventTime start_;
  EventTime now_;
  std::map<std::string, Alert> alerts_;
  std::map<std::string, std::vector<Json>> kept_;  // of queues whose sink fails
  uint64_t silences_ = 0;
};

}  // namespace

int dispatch_simulate(const DispatchSimulateOptions& options) {
  Expected<dispatch::Plan> plan = load_plan(options.configuration);
  if (!plan) return report(plan.error());
  const Expected<InputFile> input = InputFile::open(options.steps);
  if (!input) return report(input.error());
  const Expected<std::string> text = input->whole(kStepsBytesMax);
  if (!text) return report(text.error());
  Simulation simulation(std::move(*plan), options.start);
  size_t number = 0;
  for (size_t begin = 0; begin < text->size();) {
    const size_t end = std::min(text->find('\n', begin), text->size());
    const std::string_view line = std::string_view(*text).substr(begin, end - begin);
    begin = end + 1;
    ++number;
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    const Json step = Json::parse(line, nullptr, false);
    Expected<void> taken = step.is_discarded() ? fail(bad("no JSON")) : simulation.take(step);
    if (!taken) {
      return report(
          bad(options.steps + ":" + std::to_string(number) + ": " + taken.error().message));
    }
  }
  return kDone;
}

}  // namespace fengsui::cli
