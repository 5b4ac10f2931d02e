// An event: one decoded fact from a source system, in typed slots (schema.h). And a record: the
// bytes before decoding. Plain values; owned by one thread at a time.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "cel/value.h"
#include "event/schema.h"

namespace fengsui::event {

struct RawRecord {
  std::string bytes;
  PartitionId partition{};
  // Of the record's first byte in a file, the offset in Kafka, the number of a POST's event: what
  // the source needs to find it again.
  uint64_t position = 0;
};

struct Event {
  const EventType* type = nullptr;
  EventTime time{};
  std::vector<cel::Value> slots;  // type->slots() of them; id, source, type, time first

  const std::string& id() const { return slots[kSlotId].as_string(); }
  const std::string& source() const { return slots[kSlotSource].as_string(); }
};

// What a record ended as. Exactly one of these per record read.
enum class Outcome : uint8_t { Processed, Duplicate, Late, DeadLetter };
inline constexpr const char* kOutcomeNames[] = {"processed", "duplicate", "late", "dead_letter"};

// Why a record became a dead letter. `Late` stands here because late records are kept with them.
enum class Rejection : uint8_t { Parse, Schema, UnknownType, Future, Late, Identity };
inline constexpr const char* kRejectionNames[] = {"parse",  "schema", "unknown_type",
                                                  "future", "late",   "identity"};

struct Rejected {
  Rejection reason;
  std::string message;  // what and where in words; no value of the event that could name a person
};

}  // namespace fengsui::event
