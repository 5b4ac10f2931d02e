#include "pipeline/warm_up.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace fengsui::pipeline {
namespace {

// The same rules at the same places, so that matches and groups mean the same in both.
std::shared_ptr<const rules::RuleSet> only_fresh(const rules::RuleSet& rules,
                                                 const RuleChanges& changes) {
  auto set = std::make_shared<rules::RuleSet>(rules);
  for (auto& rule : set->rules) {
    auto copy = std::make_shared<rules::Rule>(*rule);
    const bool fresh = std::binary_search(changes.fresh.begin(), changes.fresh.end(), copy->id);
    const bool warms = fresh && copy->mode != rules::Mode::Disabled && !copy->over_alerts;
    copy->mode = warms ? rules::Mode::Shadow : rules::Mode::Disabled;
    rule = std::move(copy);
  }
  return set;
}

}  // namespace

WarmUp::WarmUp(const std::shared_ptr<const rules::RuleSet>& rules, const RuleChanges& changes,
               ShardOptions options)
    : rules_(only_fresh(*rules, changes)),
      matcher_(match::make_indexed_matcher(rules_)),
      mapper_(rules_->types),
      shard_(rules_, options) {}

Expected<void> WarmUp::feed(std::vector<archive::Segment> segments) {
  archive::Reader reader(std::move(segments));
  const Expected<void> done = reader.batches(fed_, [this](archive::Batch& batch) {
    feed(batch);
    return true;
  });
  for (const std::string& damage : reader.damage()) spdlog::warn("warming up: {}", damage);
  return done;
}

void WarmUp::feed(archive::Batch& batch) {
  state::Frame frame;
  event::Event event;
  for (const archive::StoredEvent& stored : batch.events) {
    ++events_;
    if (!mapper_.map(stored, event)) continue;
    const size_t first = frame.matches.size();
    matcher_->match(event, frame.matches);
    for (size_t i = first; i < frame.matches.size(); ++i) {
      match::Match& match = frame.matches[i];
      match.partition = stored.partition;
      match.arrival = stored.arrival;
      match.late = stored.late;
      match.watermark = stored.watermark;
    }
  }
  frame.marks = std::move(batch.marks);
  fed_ = batch.position;
  apply(std::move(frame));
}

void WarmUp::apply(state::Frame frame) {
  frame.position = LogPosition{value_of(shard_.position()) + 1};
  std::vector<alert::Record> none;  // the rules are in shadow
  shard_.apply(std::move(frame), none);
}

WarmUp::Warmed WarmUp::finish(const std::vector<state::PartitionMark>& marks) {
  state::Frame frame;
  frame.marks = marks;
  apply(std::move(frame));
  Warmed warmed;
  shard_.dirty(
      [&](const Shard::DirtyGroup& group) {
        if (!group.value.empty()) warmed.groups.push_back({group.key, group.value});
      },
      false);
  warmed.held = shard_.held_matches();
  return warmed;
}

}  // namespace fengsui::pipeline
