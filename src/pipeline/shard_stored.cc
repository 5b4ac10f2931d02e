// The stored form of a shard: one value a group, and the rest. Layouts, all by base/byte_codec.h:
//
//   group value  u8 version, u64 position that it includes, then its body:
//                u8 1 if an episode is open; if so the episode and, as a varint, the place of its
//                timer in the order of setting; the history of the rule's baseline, if it has one;
//                then what the rule's kind of window or sequence keeps, with the places of its
//                timers
//   rest         u8 version, u64 position, counters, then its core:
//                the engine's watermark, the matches processed, those of rules over alerts
//                among them apart, the next alert's number; as a frame
//                of the log each: the matches held for their partitions and the marks of all
//                partitions, those that wait for the engine's watermark, those of alerts
//
// The digest of a state covers keys, bodies and core: not what depends on how the log was cut into
// frames, nor what is only counted. That of a checkpoint covers the values as they are stored.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "base/byte_codec.h"
#include "base/hash.h"
#include "pipeline/shard_state.h"
#include "pipeline/shard_stored.h"

namespace fengsui::pipeline {
namespace {

using Kind = RuleKeeping::Kind;

constexpr uint8_t kGroupVersion = 3;
constexpr uint8_t kGroupVersionUntold = 2;  // its episodes do not say what was told of them
constexpr uint8_t kRestVersion = 3;
// A digest is taken over so many bytes at a time, so that it needs no copy of the whole state.
constexpr size_t kDigestBytes = 1 << 20;

// The counters that are stored, in their order.
template <class Counters>
auto counters_of(Counters& c) {
  return std::array{&c.evaluations, &c.hits,   &c.let_errors,    &c.opens,
                    &c.raises,      &c.clears, &c.shadow_records};
}

Error unreadable(const char* what) {
  return Error::outside(std::string("the stored state is damaged or of another program: ") + what);
}

state::Frame frame_of(const std::vector<const match::Match*>& matches) {
  state::Frame frame;
  for (const match::Match* match : matches) frame.matches.push_back(*match);
  return frame;
}

}  // namespace

void Shard::Cold::encode_group(ByteWriter& out, const ShardGroup& group) const {
  out.u8(group.episode() != nullptr ? 1 : 0);
  if (group.episode() != nullptr) {
    alert::encode_episode(out, *group.episode());
    out.varint(group.clear()->set);
  }
  encode_kept(out, group);
}

void Shard::Cold::encode_kept(ByteWriter& out, const ShardGroup& group) const {
  const rules::Rule& rule = state.rules->rule(group.rule);
  const EventTime reached = state.watermark.reached(), floor = state.floor_of(rule);
  if (rule.baseline) group.baseline()->encode(out, rule, reached);
  switch (state.keeping_of(rule).kind) {
    case Kind::Nothing:
      break;
    case Kind::Contents:
      group.kept.as<window::Contents>().encode(out, *state.keeping_of(rule).window, floor);
      break;
    case Kind::Closing:
      group.kept.as<window::ClosingContents>().encode(out);
      break;
    case Kind::Sessions:
      group.kept.as<window::Sessions>().encode(out, rule, floor);
      break;
    case Kind::Count:
      group.kept.as<window::CountContents>().encode(out, rule, floor);
      break;
    case Kind::Sequence:
      group.kept.as<window::PartialMatches>().encode(out, rule, reached);
      break;
  }
}

Kept Shard::Cold::decode_kept(ByteReader& in, const rules::Rule& rule) const {
  window::Room& room = state.groups.room();
  switch (state.keeping_of(rule).kind) {
    case Kind::Nothing:
      break;
    case Kind::Contents:
      return Kept(window::Contents::decode(in, rule.captures, room));
    case Kind::Closing:
      return Kept(window::ClosingContents::decode(in, rule.captures, room));
    case Kind::Sessions:
      return Kept(window::Sessions::decode(in, rule, room));
    case Kind::Count:
      return Kept(window::CountContents::decode(in, rule, room));
    case Kind::Sequence:
      return Kept(window::PartialMatches::decode(in, rule, room));
  }
  return {};
}

void Shard::Cold::restore_timers(ShardGroup& group, const rules::Rule& rule) {
  window::GroupTimers group_timers = state.timers_of(group, state.processed);
  const RuleKeeping& keeping = state.keeping_of(rule);
  if (keeping.kind == Kind::Contents && rule.baseline) {
    group.baseline()->set_timers(*keeping.intervals, group_timers);
  } else if (keeping.kind == Kind::Closing) {
    group.kept.as<window::ClosingContents>().set_timers(*keeping.intervals, group_timers);
  } else if (keeping.kind == Kind::Sessions && rule.emit == rules::Emit::Close) {
    group.kept.as<window::Sessions>().set_timers(rule, group_timers);
  } else if (keeping.kind == Kind::Sequence) {
    group.kept.as<window::PartialMatches>().set_timers(rule, group_timers);
  }
}

Expected<StoredGroup> Shard::Cold::decode_group(const rules::Rule& rule,
                                                std::string_view value) const {
  ByteReader in(value);
  const uint8_t version = in.u8();
  if (version != kGroupVersion && version != kGroupVersionUntold) {
    return fail(unreadable("a group's version"));
  }
  StoredGroup stored;
  stored.includes = LogPosition{in.u64()};
  if (in.u8() != 0) {
    stored.episode = alert::decode_episode(in, version != kGroupVersionUntold);
    stored.timer_set = in.varint();
  }
  if (rule.baseline) {
    stored.baseline =
        std::make_unique<window::BaselineHistory>(window::BaselineHistory::decode(in));
  }
  stored.kept = decode_kept(in, rule);
  if (!in.ok() || !in.at_end() || (stored.episode && rule.quiet <= Duration{0})) {
    return fail(unreadable("a group"));
  }
  return stored;
}

void Shard::Cold::fill_group(ShardGroup& group, StoredGroup stored) {
  group.includes = stored.includes;
  if (stored.baseline) group.more().baseline = std::move(stored.baseline);
  group.kept = std::move(stored.kept);
  if (stored.episode) {
    group.more().episode = std::move(stored.episode);
    state.set_clear_timer(group, stored.timer_set);
  }
  restore_timers(group, state.rules->rule(group.rule));
}

Expected<ShardGroup*> Shard::Cold::restore_group(std::string_view key, std::string_view value) {
  uint64_t state_key = 0;
  std::string_view values;
  if (!parse_group_key(key, state_key, values) || !state.rule_of_key.contains(state_key)) {
    return fail(unreadable("a group's key"));
  }
  const RuleIndex rule = state.rule_of_key.at(state_key);
  if (state.groups.find(rule, values)) return fail(unreadable("a group that is there already"));
  Expected<StoredGroup> stored = decode_group(state.rules->rule(rule), value);
  if (!stored) return fail(stored.error());
  ShardGroup& group = state.groups.make(rule, values, match::MatchBytes::hash_of(values));
  state.groups.set_stored(group, hash_of_stored(key, value), value.size());
  fill_group(group, std::move(*stored));
  state.set_expiry(group);
  return &group;
}

std::string Shard::State::encode_core(const State& over_alerts) const {
  std::string core;
  ByteWriter out(core);
  out.signed_varint(watermark.reached().time_since_epoch().count());
  out.varint(processed);
  out.varint(over_alerts.processed_over_alerts);
  out.varint(value_of(over_alerts.next_alert));
  state::Frame held = frame_of(buffer.held());
  for (const window::Watermark::Mark& mark : watermark.marks()) {
    held.marks.push_back({mark.partition, mark.time, mark.active});
  }
  out.text(state::encode_frame(held));
  out.text(state::encode_frame(frame_of(waiting.held())));
  out.text(state::encode_frame(frame_of(over_alerts.alerts.held())));
  return core;
}

Expected<void> Shard::State::restore_core(ByteReader& in) {
  const EventTime reached{Duration{in.signed_varint()}};
  processed = in.varint();
  processed_over_alerts = in.varint();
  next_alert = Arrival{in.varint()};
  std::string_view frames[3];
  for (std::string_view& frame : frames) frame = in.text();
  if (!in.ok() || !in.at_end()) return fail(unreadable("what is not in groups"));
  Expected<state::Frame> held = state::decode_frame(frames[0]);
  if (!held) return fail(std::move(held.error()));
  Expected<state::Frame> by_time = state::decode_frame(frames[1]);
  if (!by_time) return fail(std::move(by_time.error()));
  Expected<state::Frame> of_alerts = state::decode_frame(frames[2]);
  if (!of_alerts) return fail(std::move(of_alerts.error()));
  watermark.restore(reached);
  for (const state::PartitionMark& mark : held->marks) {
    watermark.mark(mark.partition, mark.watermark, mark.active);
  }
  for (match::Match& match : held->matches) buffer.hold(std::move(match));
  for (match::Match& match : by_time->matches) waiting.hold(std::move(match));
  for (match::Match& match : of_alerts->matches) alerts.hold(std::move(match));
  earliest_held = buffer.earliest();
  return {};
}

std::string Shard::Cold::encode_value(const ShardGroup& group) const {
  std::string value;
  ByteWriter out(value);
  out.u8(kGroupVersion);
  out.u64(value_of(std::max(state.position, group.includes)));
  encode_group(out, group);
  return value;
}

void Shard::dirty(const std::function<void(const DirtyGroup&)>& visit, bool clear) {
  State& state = *state_;
  if (clear) state.cold.read_expired();
  state.groups.for_each_dirty([&](std::string_view key, ShardGroup* group) {
    DirtyGroup dirty{std::string(key), {}};
    if (group) {
      dirty.value = state.cold.encode_value(*group);
      if (clear) {
        state.groups.set_stored(*group, hash_of_stored(key, dirty.value), dirty.value.size());
      }
    }
    visit(dirty);
  });
  if (clear) state.groups.changed().clear();
}

std::string encode_rest_head(LogPosition position, const ShardCounters& counters) {
  std::string rest;
  ByteWriter out(rest);
  out.u8(kRestVersion);
  out.u64(value_of(position));
  for (const uint64_t* counter : counters_of(counters)) out.varint(*counter);
  return rest;
}

std::string Shard::encode_rest() const {
  return encode_rest_head(state_->position, state_->counters) + state_->encode_core(*state_);
}

// An incremental hash of a set (Bellare and Micciancio, "A new paradigm for collision-free
// hashing", 1997, AdHash; Clarke et al., "Incremental multiset hash functions", 2003): the sum of
// the hashes of its members. Against damage, not against somebody who chooses values: for that the
// sum is too short.
std::string stored_digest_of(const Hash128& sum, std::string_view rest) {
  const Hash128 of_rest = hash128(rest);
  return fmt::format("sum:{:016x}{:016x}{:016x}{:016x}", sum.high, sum.low, of_rest.high,
                     of_rest.low);
}

std::string Shard::stored_digest(std::string_view rest) const {
  return stored_digest_of(state_->groups.changed().stored_sum(), rest);
}

void StateDigest::add(std::string_view key, std::string_view body) {
  ByteWriter out(bytes_);
  out.text(key);
  out.text(body);
  if (bytes_.size() < kDigestBytes) return;
  digest_ = sha256_hex(digest_ + bytes_);
  bytes_.clear();
}

std::string StateDigest::end(std::string_view core) {
  ByteWriter(bytes_).text(core);
  return sha256_hex(digest_ + bytes_);
}

std::string Shard::digest() const {
  StateDigest digest;
  state_->cold.for_each_encoded(
      [&](std::string_view key, std::string_view body) { digest.add(key, body); });
  return digest.end(state_->encode_core(*state_));
}

Expected<void> Shard::restore_group(std::string_view key, std::string_view value) {
  return state_->cold.restore_stored(key, value);
}

Expected<void> Shard::restore_rest(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.u8() != kRestVersion) return fail(unreadable("the version of what is not in groups"));
  state_->position = LogPosition{in.u64()};
  for (uint64_t* counter : counters_of(state_->counters)) *counter = in.varint();
  Expected<void> restored = state_->restore_core(in);
  state_->share.restored();
  return restored;
}

}  // namespace fengsui::pipeline
