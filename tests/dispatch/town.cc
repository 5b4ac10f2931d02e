#include "town.h"

#include <doctest/doctest.h>

#include "dispatch/dispatch_file.h"
#include "state/memory_key_value.h"

namespace fengsui::dispatch {

Plan plan_of(const std::string& text) {
  LoadedDispatchFile loaded = read_dispatch_file("d", text, DispatchUse::Routing);
  REQUIRE_MESSAGE(loaded.file, rules::as_text(loaded.issues));
  return std::move(loaded.file->plan);
}

Silence silence_of(const std::string& matchers, EventTime starts, EventTime ends) {
  Silence silence;
  silence.matchers = *parse_matchers(matchers);
  silence.starts = starts;
  silence.ends = ends;
  silence.author = "li";
  silence.reason = "works";
  return silence;
}

Labels labels(const std::string& rule, const std::string& grade, const std::string& area) {
  return {{"rule", rule}, {"grade", grade}, {"area", area}};
}

Town::Town(const std::string& text, EventTime start)
    : text_(text),
      start_(start),
      now_(start),
      tables_(state::make_memory_key_value(std::make_shared<state::MemoryTables>())) {
  restart();
}

void Town::restart() {
  auto opened = Dispatcher::open(plan_of(text_), *tables_, now_);
  REQUIRE(opened);
  dispatcher_ = std::move(*opened);
}

void Town::reload(const std::string& text) {
  text_ = text;
  dispatcher_->set_plan(plan_of(text), now_);
  commit();
}

void Town::at(int64_t seconds) {
  const EventTime end = start_ + std::chrono::seconds{seconds};
  for (auto due = dispatcher_->due(); due && *due <= end; due = dispatcher_->due()) {
    now_ = std::max(now_, *due);
    Outcome out;
    dispatcher_->advance(now_, 1000, out);
    note(out);
  }
  now_ = end;
}

void Town::alert(const std::string& name, const Labels& labels) {
  alerts_[name].push_back(labels);
  offer(name, false);
}

void Town::close(const std::string& name) {
  dispatcher_->close(name, now_);
  commit();
}

std::string Town::silence(const std::string& matchers, int64_t from, int64_t to,
                          const std::string& id) {
  Silence one =
      silence_of(matchers, start_ + std::chrono::seconds{from}, start_ + std::chrono::seconds{to});
  one.id = id;
  const Expected<std::string> set =
      dispatcher_->set_silence(one, "s" + std::to_string(++silences_), now_);
  REQUIRE(set);
  commit();
  tick();
  return *set;
}

void Town::end_silence(const std::string& id) {
  REQUIRE(dispatcher_->end_silence(id, now_) == true);
  commit();
  tick();
}

size_t Town::kept() {
  size_t rows = 0;
  REQUIRE(tables_->scan(state::Table::Board, "d", [&](std::string_view, std::string_view) {
    ++rows;
    return true;
  }));
  return rows;
}

void Town::tick() { at(std::chrono::duration_cast<std::chrono::seconds>(now_ - start_).count()); }
void Town::quiet_alert(const std::string& name, const Labels& labels) {
  alerts_[name].push_back(labels);
  offer(name, false, true);
}

void Town::offer(const std::string& name, bool is_end, bool is_quiet) {
  const uint64_t number = ++numbers_[name];
  Outcome out;
  const std::vector<Labels>& told = alerts_[name];
  const size_t had = told.size() - (is_end ? 0 : 1);
  dispatcher_->offer({name, told, had, told.back(), number == 1, is_end, is_quiet, number}, now_,
                     out);
  note(out);
  tick();
}

void Town::commit() { REQUIRE(tables_->write(dispatcher_->take_writes(), state::Sync::Now)); }
void Town::note(const Outcome& out) {
  const std::string when =
      std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now_ - start_).count()) +
      "s ";
  for (const auto& [name, held] : out.held) {
    said_.push_back(when + name + (held.inhibited ? " inhibited by " : " held by ") +
                    (held.by.empty() ? "nothing" : held.by.substr(0, held.by.find(" until"))));
  }
  for (const Notice& notice : out.notices) {
    said_.push_back(when + notice.queue + " " + notice.alert + "#" + std::to_string(notice.record) +
                    (notice.repeat ? " again" : ""));
  }
  commit();
}

}  // namespace fengsui::dispatch
