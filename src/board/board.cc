#include "board/board.h"

#include <algorithm>
#include <string_view>

#include "base/byte_codec.h"

namespace fengsui::board {
namespace {

using state::Table;

// Keys (DESIGN.md): the first byte says which of the three it is.
constexpr char kCases = 'c', kEntries = 'e', kPlaces = 'p';

std::string case_key(std::string_view alert) { return kCases + std::string(alert); }

// Alerts' ids are of one length, so the version begins at the same place in all keys.
std::string entry_key(std::string_view alert, uint64_t version) {
  std::string key = kEntries + std::string(alert);
  ByteWriter(key).key_u64(version);
  return key;
}

// The newest first.
std::string place_key(uint64_t place) {
  std::string key(1, kPlaces);
  ByteWriter(key).key_u64(~place);
  return key;
}

std::string_view alert_of_entry(std::string_view key) { return key.substr(1, key.size() - 9); }

void put_entry(const std::string& alert, const Entry& entry, uint64_t version,
               state::WriteList& list) {
  encode(entry, list.begin_put(Table::Board, entry_key(alert, version)));
  list.end_put();
}

void put_case(const std::string& alert, const Case& one, state::WriteList& list) {
  encode(one, list.begin_put(Table::Board, case_key(alert)));
  list.end_put();
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool mentions(std::string_view text, std::string_view wanted) {
  return std::search(text.begin(), text.end(), wanted.begin(), wanted.end(),
                     [](char a, char b) { return lower(a) == lower(b); }) != text.end();
}

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

Error differs(std::string_view alert) {
  return Error::outside("the board's alert " + std::string(alert) + " is not what its entries say");
}

}  // namespace

Expected<Board> Board::open(state::KeyValue& tables) {
  Board board(tables);
  Expected<void> scanned = tables.scan(Table::Board, std::string(1, kPlaces),
                                       [&](std::string_view key, std::string_view) {
                                         if (!key.starts_with(kPlaces)) return false;
                                         uint64_t inverted = 0;
                                         for (const char c : key.substr(1))
                                           inverted = inverted << 8 | static_cast<uint8_t>(c);
                                         board.last_place_ = ~inverted;
                                         return false;
                                       });
  if (!scanned) return fail(scanned.error());
  return board;
}

Expected<std::optional<Case>> Board::find(const std::string& alert) const {
  const auto changed = changed_.find(alert);
  if (changed != changed_.end()) return changed->second;
  const Expected<std::optional<std::string>> stored = tables_->get(Table::Board, case_key(alert));
  if (!stored) return fail(stored.error());
  if (!*stored) return std::nullopt;
  Expected<Case> one = decode_case(**stored);
  if (!one) return fail(one.error());
  return std::move(*one);
}

Expected<void> Board::say(const Said& said, EventTime now) {
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
    entries_.put(Table::Board, place_key(entry.place), record.alert);
  }
  apply(entry, one);
  put_entry(record.alert, entry, one.version, entries_);
  changed_[record.alert] = std::move(one);
  return {};
}

state::WriteList Board::take_writes() {
  state::WriteList list = std::exchange(entries_, {});
  for (const auto& [alert, one] : changed_) put_case(alert, one, list);
  changed_.clear();
  return list;
}

Expected<Board::Acted> Board::act(const std::string& alert, const ActionRequest& request,
                                  EventTime now) {
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
  apply(*entry, one);
  state::WriteList list;
  put_entry(alert, *entry, one.version, list);
  put_case(alert, one, list);
  const Expected<void> written = tables_->write(list, state::Sync::Now);
  if (!written) return fail(written.error());
  return Acted(std::move(one));
}

Expected<std::optional<Shown>> Board::show(const std::string& alert) const {
  Shown shown{.alert = alert, .now = {}, .history = {}};
  std::optional<Error> error;
  const std::string first = entry_key(alert, 0);
  const std::string_view prefix(first.data(), first.size() - 8);
  const Expected<void> scanned =
      tables_->scan(Table::Board, first, [&](std::string_view key, std::string_view value) {
        if (key.size() != first.size() || !key.starts_with(prefix)) return false;
        Expected<Entry> entry = decode_entry(value);
        if (!entry) {
          error = entry.error();
          return false;
        }
        apply(*entry, shown.now);
        shown.history.push_back(std::move(*entry));
        return true;
      });
  if (!scanned) return fail(scanned.error());
  if (error) return fail(*error);
  if (shown.history.empty()) return std::nullopt;
  return shown;
}

Expected<Page> Board::list(const Filter& filter, std::optional<uint64_t> before,
                           size_t most) const {
  constexpr size_t kAtOnce = 256;
  Page page;
  size_t looked_at = 0;
  uint64_t last = before.value_or(0);  // 0: none yet
  for (bool more = true; more;) {
    std::vector<std::string> alerts, keys;
    std::vector<uint64_t> places;
    const std::string from = last == 0 ? std::string(1, kPlaces) : place_key(last - 1);
    if (last == 1) break;
    const Expected<void> scanned =
        tables_->scan(Table::Board, from, [&](std::string_view key, std::string_view value) {
          if (!key.starts_with(kPlaces) || alerts.size() == kAtOnce) return false;
          alerts.emplace_back(value);
          keys.push_back(case_key(value));
          uint64_t inverted = 0;
          for (const char c : key.substr(1)) inverted = inverted << 8 | static_cast<uint8_t>(c);
          places.push_back(~inverted);
          return true;
        });
    if (!scanned) return fail(scanned.error());
    more = alerts.size() == kAtOnce;
    const Expected<state::KeyValue::Values> values = tables_->multi_get(Table::Board, keys);
    if (!values) return fail(values.error());
    for (size_t i = 0; i < alerts.size(); ++i) {
      last = places[i];
      ++looked_at;
      if (!(*values)[i]) return fail(differs(alerts[i]));
      Expected<Case> one = decode_case(*(*values)[i]);
      if (!one) return fail(one.error());
      if (fits(filter, alerts[i], *one)) page.alerts.emplace_back(alerts[i], std::move(*one));
      if (page.alerts.size() == most || looked_at == kLookedAtMax) {
        if (last > 1) page.next = last;
        return page;
      }
    }
  }
  return page;
}

Expected<uint64_t> Board::verify() const {
  std::map<std::string, Case> folded;
  std::optional<Error> error;
  Expected<void> scanned = tables_->scan(Table::Board, std::string(1, kEntries),
                                         [&](std::string_view key, std::string_view value) {
                                           if (!key.starts_with(kEntries)) return false;
                                           const Expected<Entry> entry = decode_entry(value);
                                           if (!entry) {
                                             error = entry.error();
                                             return false;
                                           }
                                           apply(*entry, folded[std::string(alert_of_entry(key))]);
                                           return true;
                                         });
  if (!scanned) return fail(scanned.error());
  if (error) return fail(*error);
  uint64_t cases = 0;
  scanned = tables_->scan(Table::Board, std::string(1, kCases),
                          [&](std::string_view key, std::string_view value) {
                            if (!key.starts_with(kCases)) return false;
                            const auto is = folded.find(std::string(key.substr(1)));
                            const Expected<Case> one = decode_case(value);
                            if (!one || is == folded.end() || !(*one == is->second)) {
                              error = one ? differs(key.substr(1)) : one.error();
                              return false;
                            }
                            ++cases;
                            return true;
                          });
  if (!scanned) return fail(scanned.error());
  if (error) return fail(*error);
  if (cases != folded.size()) return fail(Error::outside("the board has entries without an alert"));
  return cases;
}

}  // namespace fengsui::board
