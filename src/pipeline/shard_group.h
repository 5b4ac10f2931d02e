// One group of a rule, as a shard keeps it.
//
// A table of a million groups is all cache misses, so what every group has is small, and what few
// have (an episode, timers, a baseline) lies apart.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "alert/episode.h"
#include "base/hash.h"
#include "base/ids.h"
#include "base/time.h"
#include "cel/value.h"
#include "match/match.h"
#include "pipeline/group_name.h"
#include "window/baseline.h"
#include "window/closing_contents.h"
#include "window/contents.h"
#include "window/count_window.h"
#include "window/sequence.h"
#include "window/session_window.h"
#include "window/timers.h"

namespace fengsui::pipeline {

// What a group keeps of events; Contents, and empty, for a rule over single events. The groups of
// most rules' groups have no more, so the others lie apart.
class Kept {
 public:
  Kept() = default;
  template <class Kind>
  explicit Kept(Kind kind) {
    if constexpr (std::is_same_v<Kind, window::Contents>) {
      of_ = std::move(kind);
    } else {
      of_ = std::make_unique<Kind>(std::move(kind));
    }
  }
  // Requires: it is of this kind.
  template <class Kind>
  Kind& as() {
    return const_cast<Kind&>(std::as_const(*this).as<Kind>());
  }
  template <class Kind>
  const Kind& as() const {
    if constexpr (std::is_same_v<Kind, window::Contents>) {
      return std::get<window::Contents>(of_);
    } else {
      return *std::get<std::unique_ptr<Kind>>(of_);
    }
  }
  void follow_rule(const window::CaptureMap* captures);
  bool owns_heap() const;       // something of it lies outside the room
  const void* address() const;  // to be fetched ahead of its use; may be null

 private:
  template <class... Kinds>
  using OneOf = std::variant<window::Contents, std::unique_ptr<Kinds>...>;
  OneOf<window::ClosingContents, window::Sessions, window::CountContents, window::PartialMatches>
      of_;
};

// All that there is of one (rule, group).
class ShardGroup {
 public:
  ShardGroup(RuleIndex of, std::string_view values) : rule(of), name_(values) {}
  ~ShardGroup();
  ShardGroup(const ShardGroup&) = delete;
  ShardGroup& operator=(const ShardGroup&) = delete;

  // The values in their stored form.
  std::string_view bytes() const { return name_.bytes(); }
  std::vector<cel::Value> values() const { return match::values_of(bytes()); }
  std::string_view order();  // window::group_order(values()); stays as long as the group

  // Null, unless it has one.
  const alert::Episode* episode() const {
    return more_ && more_->episode ? &*more_->episode : nullptr;
  }
  const window::Timer* clear() const { return more_ && more_->clear ? &*more_->clear : nullptr; }
  window::BaselineHistory* baseline() const { return more_ ? more_->baseline.get() : nullptr; }

  struct More {
    std::string order;
    std::unique_ptr<window::BaselineHistory> baseline;  // of a rule that has one
    std::optional<alert::Episode> episode;
    // Set while an episode is open; other timers: `kept`.
    std::optional<window::Timer> clear;
  };
  More& more();
  bool expires() const { return expires_; }  // it is to be looked at for it (ShardGroups)
  // Something of it lies outside the room, so that it has to be destroyed.
  bool owns_heap() const { return more_ || !name_.is_in_place() || kept.owns_heap(); }

  Kept kept;  // of the rule's kind (RuleKeeping)
  // Of a restored group: the log up to here is in it already.
  LogPosition includes{};
  RuleIndex rule{};

 private:
  friend class ShardGroups;
  friend class ChangedGroups;
  static constexpr uint32_t kClean = UINT32_MAX;
  // Of the value of it that the store may hold; zeros: there is none. It lies in the room.
  struct Stored {
    Hash128 hash;
    uint32_t bytes = 0;
  };
  Stored stored() const { return stored_ != nullptr ? *stored_ : Stored{}; }
  Stored& make_stored();  // requires: a pool's
  bool is_stored() const { return stored_ != nullptr && stored_->hash != Hash128{}; }
  EventTime expiry() const { return EventTime{Duration{expiry_}}; }
  void set_expiry(EventTime at) {
    expires_ = true;
    expiry_ = at.time_since_epoch().count();
  }
  bool take_used() {
    const bool used = used_;
    used_ = false;
    return used;
  }
  uint32_t dirty_at_ = kClean;  // its place among the dirty ones, and in the lowest bit their list
  int64_t expiry_ : 62 = 0;     // all times have so many bits
  bool expires_ : 1 = false;    // it stands in a queue of expiries, at `expiry_`
  bool used_ : 1 = true;        // since it was last asked whether it is
  Stored* stored_ = nullptr;
  GroupName name_;
  std::unique_ptr<More> more_;
};

}  // namespace fengsui::pipeline
