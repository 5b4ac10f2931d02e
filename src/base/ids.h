// Numbers that must not be swapped are types of their own. Conversion is explicit.
#pragma once

#include <cstdint>
#include <type_traits>

namespace fengsui {

// A place in the shard's log; 0 is before the first frame.
enum class LogPosition : uint64_t {};
// Numbers admitted events in arrival order, from 1, over all sources, without gaps.
enum class Arrival : uint64_t {};
// A source partition: dense, given out when the partition is first heard of, stored with its name.
enum class PartitionId : uint32_t {};
// The place of a rule in its RuleSet, in rule id order.
enum class RuleIndex : uint32_t {};

template <class Id>
constexpr auto value_of(Id id) {
  return static_cast<std::underlying_type_t<Id>>(id);
}

}  // namespace fengsui
