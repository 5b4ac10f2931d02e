// What of the dispatcher is kept, in the table of the board (board/DESIGN.md):
//
//   "da" alert   -> Tracked
//   "dg" group   -> u8 version(1) u8 flushed, its next time and its last notice, each i64
//   "ds" silence -> Silence
#include "base/time_codec.h"
#include "dispatch/dispatcher.h"

namespace fengsui::dispatch {
namespace {

using state::Table;

constexpr uint8_t kVersion = 1;
constexpr char kAll = 'd';

std::string key_of(char kind, const std::string& name) {
  return std::string(1, kAll) + kind + name;
}

}  // namespace

Expected<void> Dispatcher::read(std::string_view key, std::string_view value, Groups& groups) {
  const std::string name(key.substr(2));
  if (key[1] == 'a') {
    Expected<Tracked> tracked = decode_tracked(value);
    if (!tracked) return fail(tracked.error());
    tracked_[name] = std::move(*tracked);
    return {};
  }
  if (key[1] == 's') {
    Expected<Silence> silence = decode_silence(value);
    if (!silence) return fail(silence.error());
    silences_.put(std::move(*silence));
    return {};
  }
  ByteReader in(value);
  const uint8_t version = in.u8();
  Group group;
  group.flushed = in.u8() != 0;
  group.next = get_time(in);
  group.notified = get_time(in);
  if (!in.ok() || !in.at_end() || version != kVersion) {
    return fail(Error::outside("a group of alerts cannot be read"));
  }
  groups[name] = std::move(group);
  return {};
}

Expected<std::unique_ptr<Dispatcher>> Dispatcher::open(Plan plan, state::KeyValue& tables,
                                                       EventTime now) {
  auto dispatcher = std::make_unique<Dispatcher>(std::move(plan));
  Groups groups;
  Expected<void> read;
  const Expected<void> scanned = tables.scan(Table::Board, std::string(1, kAll),
                                             [&](std::string_view key, std::string_view value) {
                                               if (key.size() < 2 || key.front() != kAll)
                                                 return false;
                                               read = dispatcher->read(key, value, groups);
                                               return read.has_value();
                                             });
  if (!scanned) return fail(scanned.error());
  if (!read) return fail(read.error());
  dispatcher->now_ = now;
  dispatcher->silences_.forget_old(now);
  dispatcher->regroup(groups);
  return dispatcher;
}

state::WriteList Dispatcher::take_writes() {
  state::WriteList list;
  for (const std::string& alert : changed_alerts_) {
    const auto at = tracked_.find(alert);
    if (at == tracked_.end()) {
      list.remove(Table::Board, key_of('a', alert));
      continue;
    }
    encode(at->second, list.begin_put(Table::Board, key_of('a', alert)));
    list.end_put();
  }
  for (const std::string& id : changed_groups_) {
    const auto at = groups_.find(id);
    if (at == groups_.end()) {
      list.remove(Table::Board, key_of('g', id));
      continue;
    }
    // Of the others nothing is remembered: they look again when the service starts.
    if (!at->second.route->options.grouped || !at->second.next) continue;
    ByteWriter out(list.begin_put(Table::Board, key_of('g', id)));
    out.u8(kVersion);
    out.u8(at->second.flushed ? 1 : 0);
    put_time(out, *at->second.next);
    put_time(out, at->second.notified);
    list.end_put();
  }
  for (const std::string& id : silences_.take_changed()) {
    const Silence* silence = silences_.find(id);
    if (silence == nullptr) {
      list.remove(Table::Board, key_of('s', id));
      continue;
    }
    encode(*silence, list.begin_put(Table::Board, key_of('s', id)));
    list.end_put();
  }
  changed_alerts_.clear();
  changed_groups_.clear();
  return list;
}

}  // namespace fengsui::dispatch
