// Asking the rules of a type about one event: the part that every Matcher shares. Not for callers
// of the folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "match/asked_rules.h"
#include "match/match_writer.h"
#include "match/matcher.h"

namespace fengsui::match {

// What has been written for the event at hand, so that matches share it; reused from event to
// event. One thread's.
class EventBytes {
 public:
  explicit EventBytes(MatchWriter& writer) : writer_(writer) {}
  void begin(size_t recipes);  // forgets the last event

 private:
  friend class Asking;
  using Piece = MatchWriter::Piece;
  struct Kept {
    uint64_t turn = 0;
    Piece piece;
    uint64_t hash = 0;  // of a group
  };
  void keep_up();  // forgets what stands in a chunk that the writer has left
  bool has(uint32_t recipe) const { return recipes_[recipe].turn == turn_; }

  MatchWriter& writer_;
  uint64_t turn_ = 0, chunk_ = 0;
  Kept name_;
  std::vector<Kept> recipes_;
  std::string group_, captures_;  // of recipes with programs: about to be written
};

class Asking {
 public:
  // `listener` may be null.
  Asking(const RulesOfType& rules, const cel::Tables& tables, const event::Event& event,
         std::vector<Match>& out, MatchListener* listener);
  // Appends the event's matches if the answer is Matched, and tells the listener. `holds`: `when`
  // is known to be true.
  void ask(const AskedRule& asked, bool holds);

 private:
  using Answer = MatchListener::Answer;
  Answer answer(const AskedRule& asked, bool holds);
  std::optional<size_t> exception_of(const rules::RuleSource& source) const;
  bool write(const AskedRule& asked);
  bool write_bytes(const AskedRule& asked);
  bool measure(const Recipe& recipe, std::string& made, size_t& room);
  MatchWriter::Piece put(const Recipe& recipe, const std::string& made);
  void show_to_others(const rules::RuleSource& source);

  const RulesOfType& rules_;
  const cel::Tables& tables_;
  const event::Event& event_;
  std::vector<Match>& out_;
  MatchListener* listener_;
  EventBytes& bytes_;
  std::optional<cel::Value> error_;  // where an expression erred
  size_t exception_ = 0;             // which one held
};

}  // namespace fengsui::match
