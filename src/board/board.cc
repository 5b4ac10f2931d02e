#include "board/board.h"

#include <algorithm>
#include <functional>
#include <string_view>

#include "base/byte_codec.h"
#include "base/invariant.h"

namespace fengsui::board {
namespace {

using state::Table;

// Keys (DESIGN.md): the first byte says what it is.
constexpr char kCases = 'c', kEntries = 'e', kLog = 'l', kTimers = 't';
constexpr const char* kLastNumber = "n";

std::string numbered_key(char kind, std::string_view alert, uint64_t number) {
  std::string key(1, kind);
  key += alert;
  ByteWriter(key).key_u64(number);
  return key;
}

uint64_t number_in(std::string_view key) {
  uint64_t number = 0;
  for (const char c : key.substr(key.size() - 8)) number = number << 8 | static_cast<uint8_t>(c);
  return number;
}

// Inverted, so that the newest is first.
std::string case_key(uint64_t place) { return numbered_key(kCases, {}, ~place); }
uint64_t place_in(std::string_view key) { return ~number_in(key); }

// Alerts' ids are of one length, so the version begins at the same place in all keys.
std::string entry_key(std::string_view alert, uint64_t version) {
  return numbered_key(kEntries, alert, version);
}
std::string_view alert_in(std::string_view key) { return key.substr(1, key.size() - 9); }

std::string timer_key(EventTime due, std::string_view alert) {
  std::string key(1, kTimers);
  ByteWriter(key).key_u64(static_cast<uint64_t>(due.time_since_epoch().count()));
  key += alert;
  return key;
}

std::string log_key(uint64_t number) { return numbered_key(kLog, {}, number); }

void put_case(const std::string& alert, const Case& one, state::WriteList& list) {
  std::string& out = list.begin_put(Table::Board, case_key(one.place));
  ByteWriter(out).text(alert);
  encode(one, out);
  list.end_put();
}

void put_last(uint64_t number, state::WriteList& list) {
  ByteWriter(list.begin_put(Table::Board, kLastNumber)).u64(number);
  list.end_put();
}

Error damaged(const std::string& what) { return Error::outside("the board " + what); }

Error differs(std::string_view alert) {
  return damaged("has the alert " + std::string(alert) + " otherwise than its entries say");
}

struct StoredCase {
  std::string alert;
  Case now;
};

Expected<StoredCase> decode_stored(std::string_view value) {
  ByteReader in(value);
  StoredCase stored{.alert = std::string(in.text()), .now = {}};
  if (!in.ok()) return fail(damaged("holds an alert that cannot be read"));
  Expected<Case> one = decode_case(in.rest());
  if (!one) return fail(one.error());
  stored.now = std::move(*one);
  return stored;
}

// Visits the keys of the kind of `from`, from there on, as long as `visit` says so.
Expected<void> scan(
    state::KeyValue& tables, const std::string& from,
    const std::function<Expected<bool>(std::string_view key, std::string_view value)>& visit) {
  std::optional<Error> error;
  const Expected<void> scanned =
      tables.scan(Table::Board, from, [&](std::string_view key, std::string_view value) {
        if (key.front() != from.front()) return false;
        const Expected<bool> more = visit(key, value);
        if (!more) error = more.error();
        return more && *more;
      });
  if (!scanned) return scanned;
  if (error) return fail(*error);
  return {};
}

ActionRequest by_system(Action action, const Case& one, std::string reason) {
  return {action, one.version, "fengsui", Role::System, std::move(reason), ""};
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool mentions(std::string_view text, std::string_view wanted) {
  return std::search(text.begin(), text.end(), wanted.begin(), wanted.end(),
                     [](char a, char b) { return lower(a) == lower(b); }) != text.end();
}

}  // namespace

bool fits(const Filter& filter, const std::string& alert, const Case& one) {
  if (!filter.grades.empty() && !filter.grades.contains(one.grade)) return false;
  if (!filter.states.empty() && !filter.states.contains(one.state)) return false;
  if (!filter.rule.empty() && filter.rule != one.rule) return false;
  if (!filter.area.empty() && !(one.area && one.area->starts_with(filter.area))) return false;
  if (!filter.queue.empty() &&
      std::find(one.queues.begin(), one.queues.end(), filter.queue) == one.queues.end()) {
    return false;
  }
  if (filter.text.empty()) return true;
  return mentions(one.rule, filter.text) || mentions(one.title, filter.text) ||
         mentions(one.message, filter.text) || mentions(alert, filter.text);
}

Expected<Board> Board::open(state::KeyValue& tables) {
  Board board(tables);
  const Expected<void> scanned =
      scan(tables, std::string(1, kCases), [&](std::string_view key, std::string_view) {
        board.last_place_ = place_in(key);
        return false;
      });
  if (!scanned) return fail(scanned.error());
  const Expected<std::optional<std::string>> last = tables.get(Table::Board, kLastNumber);
  if (!last) return fail(last.error());
  if (*last) {
    ByteReader in(**last);
    board.last_number_ = in.u64();
    if (!in.ok()) return fail(damaged("does not say how far its log goes"));
  }
  Expected<void> timers =
      scan(tables, std::string(1, kTimers), [&](std::string_view key, std::string_view) {
        ByteReader in(key.substr(1));
        const EventTime due{Duration{static_cast<int64_t>(in.key_u64())}};
        board.timers_.emplace(due, in.rest());
        return in.ok();
      });
  if (!timers) return fail(timers.error());
  board.committed();
  return board;
}

// --- The engine's thread

Expected<uint64_t> Board::say(const Said& said, EventTime now) {
  using Kind = alert::RecordKind;
  const alert::Record& record = said.record;
  // An alert that opens is hardly ever there; yet a pack that comes back may say the same again.
  const Expected<std::optional<Case>> found = find(record.alert);
  if (!found) return fail(found.error());
  Case one = found->value_or(Case{});
  Entry entry;
  entry.at = now;
  entry.grade = record.grade;
  entry.queues = said.queues;
  entry.record = said.message;
  entry.area = record.area;
  entry.message = record.message.value_or("");
  entry.kind = record.kind == Kind::Clear ? Entry::Kind::Clear : Entry::Kind::Raise;
  if (one.version == 0) {
    // Also of an alert that was open before there was a board.
    entry.kind = Entry::Kind::Open;
    entry.place = ++last_place_;
    entry.rule = said.rule.id;
    entry.title = said.rule.title;
    entry.opened = record.kind == Kind::Clear ? record.opened : record.time;
  }
  add(record.alert, std::move(entry), one, entries_);
  const uint64_t version = one.version;
  changed_[record.alert] = std::move(one);
  return version;
}

// By itself, as the table has it.
void Board::step(const std::string& alert, Case& one, const ActionRequest& request, EventTime now) {
  Expected<Entry, Refusal> entry = check(one, request, now);
  INVARIANT(entry.has_value());
  add(alert, std::move(*entry), one, entries_);
}

Expected<void> Board::hold(const std::string& alert, bool inhibited, const std::string& by,
                           EventTime now) {
  const Expected<Case> found = current(alert);
  if (!found) return fail(found.error());
  Case one = *found;
  const auto act = [&](Action action, const std::string& reason) {
    step(alert, one, by_system(action, one, reason), now);
  };
  if (one.state == State::Inhibited && !inhibited) act(Action::Uninhibit, "");
  if (!by.empty()) {
    const bool is_new = one.state == State::New && inhibited;
    act(is_new ? Action::Inhibit : Action::Hold, by);
  } else if (!one.held_by.empty()) {
    act(Action::Release, "");
  }
  changed_[alert] = std::move(one);
  return {};
}

state::WriteList Board::take_writes() {
  state::WriteList list = std::exchange(entries_, {});
  for (const auto& [alert, one] : changed_) put_case(alert, one, list);
  if (!changed_.empty()) put_last(last_number_, list);
  changed_.clear();
  return list;
}

// The entry, with the deadline of what it begins, and the case as it makes it.
void Board::add(const std::string& alert, Entry entry, Case& one, state::WriteList& list) {
  const std::optional<EventTime> was_due = next_stage(one);
  const std::optional<Phase> phase = one.version == 0 ? std::nullopt : phase_of(one.state);
  const rules::Grade grade = one.grade;
  apply(entry, one);
  const bool begins = begins_phase(entry, phase, one) || one.grade != grade;
  if (deadlines_ && begins && phase_of(one.state)) {
    entry.stages = deadlines_(one);
    if (entry.stages) one.stages = entry.stages;
  }
  retime(alert, was_due, next_stage(one), list);
  const std::string key = entry_key(alert, one.version);
  encode(entry, list.begin_put(Table::Board, key));
  list.end_put();
  list.put(Table::Board, log_key(++last_number_), key);
}

void Board::retime(const std::string& alert, std::optional<EventTime> before,
                   std::optional<EventTime> after, state::WriteList& list) {
  if (before == after) return;
  if (before) {
    timers_.erase({*before, alert});
    list.remove(Table::Board, timer_key(*before, alert));
  }
  if (after) {
    timers_.emplace(*after, alert);
    list.put(Table::Board, timer_key(*after, alert), {});
  }
}

std::optional<EventTime> Board::due() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.begin()->first;
}

Expected<std::vector<Board::Stage>> Board::advance(EventTime now, size_t most,
                                                   const Parent& parent) {
  std::vector<Stage> stages;
  while (!timers_.empty() && timers_.begin()->first <= now && stages.size() < most) {
    const std::string alert = timers_.begin()->second;
    const Expected<Case> found = current(alert);
    if (!found) return fail(found.error());
    if (!next_stage(*found)) return fail(differs(alert));
    Case one = *found;
    const Action action = kStages[one.stage];
    const char* waits_for = kPhaseNames[static_cast<size_t>(*phase_of(one.state))];
    ActionRequest request = by_system(action, one, waits_for);
    if (action == Action::Escalate) {
      const std::string owner =
          one.escalated.empty() ? one.area.value_or("") : one.escalated.back();
      request.note = parent(owner);
    }
    step(alert, one, request, now);
    stages.push_back({alert, action, one});
    changed_[alert] = std::move(one);
  }
  return stages;
}

Expected<Board::Acted> Board::act(const std::string& alert, const ActionRequest& request,
                                  EventTime now, const Also& also) {
  const Expected<std::optional<Case>> found = find(alert);
  if (!found) return fail(found.error());
  if (!*found) {
    return Acted(fail(Refusal{Refusal::Why::NoSuchAlert, "There is no alert of this number.", {}}));
  }
  Case one = **found;
  Expected<Entry, Refusal> entry = check(one, request, now);
  if (!entry) {
    entry.error().current = std::move(one);
    return Acted(fail(std::move(entry.error())));
  }
  state::WriteList list;
  add(alert, std::move(*entry), one, list);
  put_case(alert, one, list);
  put_last(last_number_, list);
  if (also) also(one, list);
  const Expected<void> written = tables_->write(list, state::Sync::Now);
  if (!written) return fail(written.error());
  committed();
  return Acted(std::move(one));
}

Expected<std::optional<Case>> Board::find(const std::string& alert) const {
  const auto changed = changed_.find(alert);
  if (changed != changed_.end()) return changed->second;
  return stored(alert);
}

// --- Any thread

Expected<Entry> Board::entry_of(const std::string& alert, uint64_t version) const {
  const Expected<std::optional<std::string>> value =
      tables_->get(Table::Board, entry_key(alert, version));
  if (!value) return fail(value.error());
  if (!*value) return fail(differs(alert));
  return decode_entry(**value);
}

Expected<Case> Board::current(const std::string& alert) const {
  Expected<std::optional<Case>> found = find(alert);
  if (!found) return fail(found.error());
  if (!*found) return fail(differs(alert));
  return std::move(**found);
}

Expected<std::string> Board::record_of(const std::string& alert, uint64_t version) const {
  for (; version > 0; --version) {
    const Expected<std::optional<std::string>> value =
        tables_->get(Table::Board, entry_key(alert, version));
    if (!value) return fail(value.error());
    if (!*value) continue;
    Expected<Entry> entry = decode_entry(**value);
    if (!entry) return fail(entry.error());
    if (entry->kind != Entry::Kind::Action) return std::move(entry->record);
  }
  return fail(differs(alert));
}

// Its first entry says where it stands.
Expected<std::optional<Case>> Board::stored(const std::string& alert) const {
  const Expected<std::optional<std::string>> first =
      tables_->get(Table::Board, entry_key(alert, 1));
  if (!first) return fail(first.error());
  if (!*first) return std::nullopt;
  const Expected<Entry> opened = decode_entry(**first);
  if (!opened) return fail(opened.error());
  const Expected<std::optional<std::string>> value =
      tables_->get(Table::Board, case_key(opened->place));
  if (!value) return fail(value.error());
  if (!*value) return fail(differs(alert));
  Expected<StoredCase> found = decode_stored(**value);
  if (!found) return fail(found.error());
  if (found->alert != alert) return fail(differs(alert));
  return std::move(found->now);
}

Expected<std::optional<Shown>> Board::show(const std::string& alert) const {
  Shown shown{.alert = alert, .now = {}, .history = {}};
  const Expected<void> scanned =
      scan(*tables_, entry_key(alert, 0),
           [&](std::string_view key, std::string_view value) -> Expected<bool> {
             if (alert_in(key) != alert) return false;
             Expected<Entry> entry = decode_entry(value);
             if (!entry) return fail(entry.error());
             apply(*entry, shown.now);
             shown.history.push_back(std::move(*entry));
             return true;
           });
  if (!scanned) return fail(scanned.error());
  if (shown.history.empty()) return std::nullopt;
  return shown;
}

Expected<Page> Board::list(const Filter& filter, std::optional<uint64_t> before,
                           size_t most) const {
  Page page;
  if (before && *before <= 1) return page;
  size_t looked_at = 0;
  const Expected<void> scanned =
      scan(*tables_, before ? case_key(*before - 1) : std::string(1, kCases),
           [&](std::string_view key, std::string_view value) -> Expected<bool> {
             if (page.alerts.size() == most || looked_at == kLookedAtMax) {
               page.next = place_in(key) + 1;
               return false;
             }
             ++looked_at;
             Expected<StoredCase> stored = decode_stored(value);
             if (!stored) return fail(stored.error());
             if (fits(filter, stored->alert, stored->now)) {
               page.alerts.emplace_back(std::move(stored->alert), std::move(stored->now));
             }
             return true;
           });
  if (!scanned) return fail(scanned.error());
  return page;
}

Expected<std::vector<LogEntry>> Board::log(uint64_t after, size_t most) const {
  const uint64_t end = last_entry();
  std::vector<std::pair<uint64_t, std::string>> places;  // number, key of the entry
  const Expected<void> scanned =
      scan(*tables_, log_key(after + 1), [&](std::string_view key, std::string_view value) {
        if (places.size() == most || number_in(key) > end) return false;
        places.emplace_back(number_in(key), value);
        return true;
      });
  if (!scanned) return fail(scanned.error());
  std::vector<LogEntry> entries;
  for (const auto& [number, key] : places) {
    const std::string alert(alert_in(key));
    const Expected<std::optional<std::string>> value = tables_->get(Table::Board, key);
    if (!value) return fail(value.error());
    if (!*value) return fail(differs(alert));
    Expected<Entry> entry = decode_entry(**value);
    if (!entry) return fail(entry.error());
    Expected<std::optional<Case>> now = stored(alert);
    if (!now) return fail(now.error());
    if (!*now) return fail(differs(alert));
    entries.push_back({number, alert, std::move(*entry), std::move(**now)});
  }
  return entries;
}

// Numbers without gaps, as many as there are entries, each of which is there.
Expected<void> Board::verify_log(uint64_t entries) const {
  if (last_entry() != entries) return fail(damaged("has another number of entries than its log"));
  for (uint64_t after = 0; after < entries;) {
    constexpr size_t kAtOnce = 1000;
    const Expected<std::vector<LogEntry>> some = log(after, kAtOnce);
    if (!some) return fail(some.error());
    if (some->empty() || some->back().number != after + some->size()) {
      return fail(damaged("has a gap in its log after " + std::to_string(after)));
    }
    after = some->back().number;
  }
  return {};
}

// One for each alert that has a stage to come, at its time.
Expected<void> Board::verify_timers(const std::map<std::string, Case>& cases) const {
  size_t timers = 0;
  for (const auto& [alert, one] : cases) {
    const std::optional<EventTime> due = next_stage(one);
    if (!due) continue;
    ++timers;
    const Expected<std::optional<std::string>> row =
        tables_->get(Table::Board, timer_key(*due, alert));
    if (!row) return fail(row.error());
    if (!*row) return fail(damaged("has lost the deadline of the alert " + alert));
  }
  size_t rows = 0;
  Expected<void> scanned =
      scan(*tables_, std::string(1, kTimers), [&](std::string_view, std::string_view) {
        ++rows;
        return true;
      });
  if (scanned && rows != timers) return fail(damaged("has deadlines of no alert"));
  return scanned;
}

Expected<uint64_t> Board::verify() const {
  std::map<std::string, Case> folded;
  uint64_t entries = 0;
  Expected<void> scanned =
      scan(*tables_, std::string(1, kEntries),
           [&](std::string_view key, std::string_view value) -> Expected<bool> {
             const Expected<Entry> entry = decode_entry(value);
             if (!entry) return fail(entry.error());
             apply(*entry, folded[std::string(alert_in(key))]);
             ++entries;
             return true;
           });
  if (scanned) scanned = verify_log(entries);
  if (!scanned) return fail(scanned.error());
  uint64_t cases = 0;
  scanned = scan(*tables_, std::string(1, kCases),
                 [&](std::string_view key, std::string_view value) -> Expected<bool> {
                   const Expected<StoredCase> stored = decode_stored(value);
                   if (!stored) return fail(stored.error());
                   const auto is = folded.find(stored->alert);
                   if (is == folded.end() || !(stored->now == is->second) ||
                       place_in(key) != is->second.place) {
                     return fail(differs(stored->alert));
                   }
                   ++cases;
                   return true;
                 });
  if (!scanned) return fail(scanned.error());
  if (cases != folded.size()) return fail(damaged("has entries without an alert"));
  scanned = verify_timers(folded);
  if (!scanned) return fail(scanned.error());
  return cases;
}

}  // namespace fengsui::board
