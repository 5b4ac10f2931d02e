#include "match/asking.h"

#include <algorithm>
#include <utility>

#include "base/byte_codec.h"
#include "cel/stored_value.h"

namespace fengsui::match {
namespace {

bool names_a_group(const cel::Value& value) {
  const cel::Kind kind = value.kind();
  return kind == cel::Kind::String || kind == cel::Kind::Int || kind == cel::Kind::Bool;
}

EventBytes& bytes_of_thread() {
  thread_local EventBytes bytes(MatchWriter::of_thread());
  return bytes;
}

}  // namespace

void EventBytes::begin(size_t recipes) {
  ++turn_;
  if (recipes_.size() < recipes) recipes_.resize(recipes);
}

void EventBytes::keep_up() {
  if (chunk_ == writer_.chunks()) return;
  chunk_ = writer_.chunks();
  ++turn_;
}

Asking::Asking(const RulesOfType& rules, const cel::Tables& tables, const event::Event& event,
               std::vector<Match>& out, MatchListener* listener)
    : rules_(rules),
      tables_(tables),
      event_(event),
      out_(out),
      listener_(listener),
      bytes_(bytes_of_thread()) {
  bytes_.begin(rules_.recipes().size());
}

void Asking::ask(const AskedRule& asked, bool holds) {
  if (listener_ == nullptr) {
    answer(asked, holds);
    return;
  }
  listener_->asking(*asked.rule);
  error_.reset();
  exception_ = 0;
  const Answer answer = this->answer(asked, holds);
  static const cel::Value kNone;
  listener_->asked(
      {*asked.rule, asked.place, event_, answer, error_ ? *error_ : kNone, exception_});
}

Asking::Answer Asking::answer(const AskedRule& asked, bool holds) {
  if (const cel::Program* when = holds ? nullptr : asked.when()) {
    std::optional<cel::Value> made;
    const cel::Value& value = when->evaluate_in_place(tables_, event_.slots, made);
    if (!value.is_true()) {
      if (value.kind() == cel::Kind::Bool) return Answer::WhenFalse;
      error_ = value.is_error() ? value : cel::Value::error(cel::ErrorCode::NoMatchingOverload);
      return Answer::WhenError;
    }
  }
  if (!asked.is_simple) {
    if (const std::optional<size_t> exception = exception_of(*asked.source)) {
      exception_ = *exception;
      return Answer::Excepted;
    }
  }
  if (!write(asked)) return Answer::GroupMissing;
  if (!asked.is_simple && !asked.source->seen_by.empty()) show_to_others(*asked.source);
  return Answer::Matched;
}

// The first exception that is in force and holds.
std::optional<size_t> Asking::exception_of(const rules::RuleSource& source) const {
  for (size_t i = 0; i < source.exceptions.size(); ++i) {
    const rules::Exception& exception = source.exceptions[i];
    if (exception.until && event_.time >= *exception.until) continue;
    std::optional<cel::Value> made;
    if (exception.when.evaluate_in_place(tables_, event_.slots, made).is_true()) return i;
  }
  return std::nullopt;
}

// Appends the match. False: a value of the group is missing.
bool Asking::write(const AskedRule& asked) {
  const bool is_written = bytes_.chunk_ == bytes_.writer_.chunks() &&
                          bytes_.name_.turn == bytes_.turn_ && bytes_.has(asked.group) &&
                          bytes_.has(asked.captures);
  if (!is_written && !write_bytes(asked)) return false;
  const EventBytes::Kept& group = bytes_.recipes_[asked.group];
  Match& match = out_.emplace_back();
  match.rule = asked.index;
  match.step = asked.step;
  match.time = event_.time;
  match.bytes = bytes_.writer_.bytes_of(bytes_.name_.piece, group.piece, group.hash,
                                        bytes_.recipes_[asked.captures].piece);
  return true;
}

// What of the match's bytes is not there yet. False: a value of the group is missing.
bool Asking::write_bytes(const AskedRule& asked) {
  const Recipe& of_group = rules_.recipes()[asked.group];
  const Recipe& of_captures = rules_.recipes()[asked.captures];
  EventBytes::Kept& name = bytes_.name_;
  EventBytes::Kept& group = bytes_.recipes_[asked.group];
  EventBytes::Kept& captures = bytes_.recipes_[asked.captures];
  MatchWriter& writer = bytes_.writer_;
  size_t room = 0;
  do {  // again if the chunk was full: pieces that stand in it are of no use then
    bytes_.keep_up();
    room = name.turn == bytes_.turn_ ? 0 : event_.source().size() + 1 + event_.id().size();
    if (!bytes_.has(asked.group) && !measure(of_group, bytes_.group_, room)) return false;
    if (!bytes_.has(asked.captures)) measure(of_captures, bytes_.captures_, room);
  } while (!writer.make_room(room));
  if (name.turn != bytes_.turn_) {
    name = {bytes_.turn_, writer.put({event_.source(), "#", event_.id()})};
  }
  if (!bytes_.has(asked.group)) {
    const MatchWriter::Piece piece = put(of_group, bytes_.group_);
    group = {bytes_.turn_, piece, MatchBytes::hash_of(writer.text_of(piece))};
  }
  if (!bytes_.has(asked.captures)) captures = {bytes_.turn_, put(of_captures, bytes_.captures_)};
  return true;
}

// Adds the room that the stored forms of the values need. Where programs give some, all are written
// at once, into `made`. False: one of them cannot name a group.
bool Asking::measure(const Recipe& recipe, std::string& made, size_t& room) {
  made.clear();
  ByteWriter out(made);
  for (const Recipe::Part& part : recipe.parts) {
    std::optional<cel::Value> given;
    const cel::Value& value = part.slot >= 0
                                  ? event_.slots[static_cast<size_t>(part.slot)]
                                  : part.program->evaluate_in_place(tables_, event_.slots, given);
    if (recipe.is_group && !names_a_group(value)) {
      if (value.is_error()) error_ = value;
      return false;
    }
    if (recipe.has_programs) {
      cel::encode_value(out, value);
    } else {
      room += cel::encoded_size_max(value);
    }
  }
  room += made.size();
  return true;
}

MatchWriter::Piece Asking::put(const Recipe& recipe, const std::string& made) {
  MatchWriter& writer = bytes_.writer_;
  if (recipe.has_programs) return writer.put(made);
  RoomWriter out{RoomOut(writer.begin_piece())};
  for (const Recipe::Part& part : recipe.parts) {
    cel::encode_value(out, event_.slots[static_cast<size_t>(part.slot)]);
  }
  return writer.end_piece(out.out().end());
}

// Copies of the event's own match, the last, for the groups that `seen_by` names: every choice of a
// value of each name's list, the first name's slowest; each group once, never the own.
void Asking::show_to_others(const rules::RuleSource& source) {
  std::vector<std::vector<cel::Value>> groups = {values_of(out_.back().group())};
  for (size_t name = 0; name < source.seen_by.size(); ++name) {
    if (!source.seen_by[name]) continue;
    const cel::Value listed = source.seen_by[name]->evaluate(tables_, event_.slots);
    if (listed.kind() != cel::Kind::List) return;
    std::vector<std::vector<cel::Value>> more;
    for (const std::vector<cel::Value>& group : groups) {
      for (const cel::Value& value : listed.as_list()) {
        if (!names_a_group(value)) continue;
        more.push_back(group);
        more.back()[name] = value;
      }
    }
    groups = std::move(more);
  }
  const size_t own = out_.size() - 1;
  for (const std::vector<cel::Value>& values : groups) {
    const std::string group = match::bytes_of(values);
    const bool is_there = std::any_of(out_.begin() + static_cast<ptrdiff_t>(own), out_.end(),
                                      [&](const Match& other) { return other.group() == group; });
    if (is_there) continue;
    Match seen = out_[own];
    seen.only_seen = true;
    seen.bytes = MatchBytes::make(group, out_[own].captures(), {event_.source(), "#", event_.id()},
                                  &out_[own].bytes);
    out_.push_back(std::move(seen));
  }
}

}  // namespace fengsui::match
