#include "board/board.h"

#include <algorithm>
#include <string_view>

#include "base/byte_codec.h"

namespace fengsui::board {
namespace {

using state::Table;

// Keys (DESIGN.md): the first byte says which of the two it is.
constexpr char kEntries = 'e', kCases = 'c';

// Alerts' ids are of one length, so the version begins at the same place in all keys.
std::string entry_key(std::string_view alert, uint64_t version) {
  std::string key = kEntries + std::string(alert);
  ByteWriter(key).key_u64(version);
  return key;
}

// By place, the newest first.
std::string case_key(uint64_t place) {
  std::string key(1, kCases);
  ByteWriter(key).key_u64(~place);
  return key;
}

uint64_t place_in(std::string_view key) {
  uint64_t inverted = 0;
  for (const char c : key.substr(1)) inverted = inverted << 8 | static_cast<uint8_t>(c);
  return ~inverted;
}

std::string_view alert_of_entry(std::string_view key) { return key.substr(1, key.size() - 9); }

void put_entry(const std::string& alert, const Entry& entry, uint64_t version,
               state::WriteList& list) {
  encode(entry, list.begin_put(Table::Board, entry_key(alert, version)));
  list.end_put();
}

void put_case(const std::string& alert, const Case& one, state::WriteList& list) {
  std::string& out = list.begin_put(Table::Board, case_key(one.place));
  ByteWriter(out).text(alert);
  encode(one, out);
  list.end_put();
}

struct StoredCase {
  std::string alert;
  Case now;
};

Expected<StoredCase> decode_stored(std::string_view value) {
  ByteReader in(value);
  StoredCase stored{.alert = std::string(in.text()), .now = {}};
  if (!in.ok()) return fail(Error::outside("the board holds an alert that cannot be read"));
  Expected<Case> one = decode_case(in.rest());
  if (!one) return fail(one.error());
  stored.now = std::move(*one);
  return stored;
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
  const Expected<void> scanned = tables.scan(Table::Board, std::string(1, kCases),
                                             [&](std::string_view key, std::string_view) {
                                               if (key.starts_with(kCases))
                                                 board.last_place_ = place_in(key);
                                               return false;
                                             });
  if (!scanned) return fail(scanned.error());
  return board;
}

// Its first entry says where it stands.
Expected<std::optional<Case>> Board::find(const std::string& alert) const {
  const auto changed = changed_.find(alert);
  if (changed != changed_.end()) return changed->second;
  const Expected<std::optional<std::string>> first =
      tables_->get(Table::Board, entry_key(alert, 1));
  if (!first) return fail(first.error());
  if (!*first) return std::nullopt;
  const Expected<Entry> opened = decode_entry(**first);
  if (!opened) return fail(opened.error());
  const Expected<std::optional<std::string>> stored =
      tables_->get(Table::Board, case_key(opened->place));
  if (!stored) return fail(stored.error());
  if (!*stored) return fail(differs(alert));
  Expected<StoredCase> found = decode_stored(**stored);
  if (!found) return fail(found.error());
  if (found->alert != alert) return fail(differs(alert));
  return std::move(found->now);
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
  Page page;
  if (before && *before <= 1) return page;
  size_t looked_at = 0;
  std::optional<Error> error;
  const Expected<void> scanned =
      tables_->scan(Table::Board, before ? case_key(*before - 1) : std::string(1, kCases),
                    [&](std::string_view key, std::string_view value) {
                      if (!key.starts_with(kCases)) return false;
                      if (page.alerts.size() == most || looked_at == kLookedAtMax) {
                        page.next = place_in(key) + 1;
                        return false;
                      }
                      ++looked_at;
                      Expected<StoredCase> stored = decode_stored(value);
                      if (!stored) {
                        error = stored.error();
                        return false;
                      }
                      if (fits(filter, stored->alert, stored->now)) {
                        page.alerts.emplace_back(std::move(stored->alert), std::move(stored->now));
                      }
                      return true;
                    });
  if (!scanned) return fail(scanned.error());
  if (error) return fail(*error);
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
                            const Expected<StoredCase> stored = decode_stored(value);
                            if (!stored) {
                              error = stored.error();
                              return false;
                            }
                            const auto is = folded.find(stored->alert);
                            if (is == folded.end() || !(stored->now == is->second) ||
                                place_in(key) != is->second.place) {
                              error = differs(stored->alert);
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
