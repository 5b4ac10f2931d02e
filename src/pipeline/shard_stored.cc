// The stored form of a shard: one value a group, and the rest. Layouts, all by base/byte_codec.h:
//
//   group value  u8 version, u64 position that it includes, then its body:
//                u8 1 if an episode is open; if so the episode and, as a varint, the place of its
//                timer in the order of setting; then the window's contents, if the rule has a
//                window
//   rest         u8 version, u64 position, counters, then its core:
//                the engine's watermark, the matches processed, and as a frame of the log the
//                matches held and the marks of all partitions
//
// A digest covers keys, bodies and core: not what depends on how the log was cut into frames, nor
// what is only counted.
#include <algorithm>
#include <array>
#include <utility>

#include "base/byte_codec.h"
#include "base/hash.h"
#include "pipeline/shard_state.h"

namespace fengsui::pipeline {
namespace {

constexpr uint8_t kGroupVersion = 1;
constexpr uint8_t kRestVersion = 1;
// A digest is taken over so many bytes at a time, so that it needs no copy of the whole state.
constexpr size_t kDigestBytes = 1 << 20;

// All counters, in their stored order.
template <class Counters>
auto counters_of(Counters& c) {
  return std::array{&c.evaluations, &c.hits,   &c.let_errors,    &c.opens,
                    &c.raises,      &c.clears, &c.shadow_records};
}

Error unreadable(const char* what) {
  return Error::outside(std::string("the stored state is damaged or of another program: ") + what);
}

}  // namespace

std::string Shard::State::encode_group(const ShardGroup& group) const {
  std::string body;
  ByteWriter out(body);
  out.u8(group.episode ? 1 : 0);
  if (group.episode) {
    alert::encode_episode(out, *group.episode);
    out.varint(group.clear->set);
  }
  const std::optional<window::Window>& window = windows[value_of(group.rule)];
  if (window) group.contents.encode(out, *window, floor_after(kAfterAllTime));
  return body;
}

Expected<void> Shard::State::restore_group(std::string_view key, std::string_view value) {
  uint64_t state_key = 0;
  std::vector<cel::Value> values;
  if (!parse_group_key(key, state_key, values) || !rule_of_key.contains(state_key) ||
      groups.find(key)) {
    return fail(unreadable("a group's key"));
  }
  const RuleIndex rule_index = rule_of_key.at(state_key);
  const rules::Rule& rule = rules->rule(rule_index);
  ByteReader in(value);
  if (in.u8() != kGroupVersion) return fail(unreadable("a group's version"));
  const LogPosition includes{in.u64()};
  std::optional<alert::Episode> episode;
  uint64_t timer_set = 0;
  if (in.u8() != 0) {
    episode = alert::decode_episode(in);
    timer_set = in.varint();
  }
  window::Contents contents;
  if (windows[value_of(rule_index)]) contents = window::Contents::decode(in, rule.captures);
  if (!in.ok() || !in.at_end() || (episode && rule.quiet <= Duration{0})) {
    return fail(unreadable("a group"));
  }

  ShardGroup& group = groups.make(std::string(key), rule_index, std::move(values));
  group.includes = includes;
  group.contents = std::move(contents);
  group.stored = true;
  if (episode) {
    group.episode = std::move(episode);
    set_clear_timer(group, timer_set);
  }
  set_expiry(group);
  return {};
}

std::string Shard::State::encode_core() const {
  std::string core;
  ByteWriter out(core);
  out.signed_varint(watermark.reached().time_since_epoch().count());
  out.varint(processed);
  state::Frame held;
  for (const match::Match* match : buffer.held()) held.matches.push_back(*match);
  for (const window::Watermark::Mark& mark : watermark.marks()) {
    held.marks.push_back({mark.partition, mark.time, mark.active});
  }
  out.text(state::encode_frame(held));
  return core;
}

Expected<void> Shard::State::restore_core(ByteReader& in) {
  const EventTime reached{Duration{in.signed_varint()}};
  processed = in.varint();
  const std::string_view frame_bytes = in.text();
  if (!in.ok() || !in.at_end()) return fail(unreadable("what is not in groups"));
  Expected<state::Frame> held = state::decode_frame(frame_bytes);
  if (!held) return fail(std::move(held.error()));
  watermark.restore(reached);
  for (const state::PartitionMark& mark : held->marks) {
    watermark.mark(mark.partition, mark.watermark, mark.active);
  }
  for (match::Match& match : held->matches) buffer.hold(std::move(match));
  earliest_held = buffer.earliest();
  return {};
}

void Shard::dirty(const std::function<void(const DirtyGroup&)>& visit, bool clear) {
  State& state = *state_;
  state.groups.for_each_dirty([&](std::string_view key, const ShardGroup* group) {
    DirtyGroup dirty{std::string(key), {}};
    if (group) {
      ByteWriter out(dirty.value);
      out.u8(kGroupVersion);
      out.u64(value_of(std::max(state.position, group->includes)));
      dirty.value += state.encode_group(*group);
    }
    visit(dirty);
  });
  if (clear) state.groups.clear_dirty();
}

std::string Shard::encode_rest() const {
  std::string rest;
  ByteWriter out(rest);
  out.u8(kRestVersion);
  out.u64(value_of(state_->position));
  for (const uint64_t* counter : counters_of(state_->counters)) out.varint(*counter);
  return rest + state_->encode_core();
}

std::string Shard::digest() const {
  std::string digest;
  std::string bytes;
  ByteWriter out(bytes);
  const auto fold = [&] {
    digest = sha256_hex(digest + bytes);
    bytes.clear();
  };
  for (const ShardGroup* group : state_->groups.sorted()) {
    out.text(group->key);
    out.text(state_->encode_group(*group));
    if (bytes.size() >= kDigestBytes) fold();
  }
  out.text(state_->encode_core());
  fold();
  return digest;
}

Expected<void> Shard::restore_group(std::string_view key, std::string_view value) {
  return state_->restore_group(key, value);
}

Expected<void> Shard::restore_rest(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.u8() != kRestVersion) return fail(unreadable("the version of what is not in groups"));
  state_->position = LogPosition{in.u64()};
  for (uint64_t* counter : counters_of(state_->counters)) *counter = in.varint();
  return state_->restore_core(in);
}

}  // namespace fengsui::pipeline
