// Where alert records go. Each queue has one Sink and one thread that takes the queue's outbox
// entries in order; a sink is told where it left off and never sees a number twice unless the
// process ended between its sending and the mark.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace fengsui::dispatch {

struct OutboxEntry {
  uint64_t sequence = 0;  // of the queue, from 1, without gaps
  std::string key;        // the alert's id: Kafka's message key
  std::string message;    // one JSON object
};

// How far a queue has been delivered, and whatever the sink needs to be cut back to it (a file's
// length). Stored in the outbox; opaque to all but the sink.
struct DeliveryMark {
  uint64_t sequence = 0;  // the last delivered
  std::string sink_state;
};

class Sink {
 public:
  virtual ~Sink() = default;
  // Once, at start, with the stored mark. Returns the last sequence that is surely delivered: the
  // mark's, or a later one that the sink itself knows of (Kafka's committed number).
  virtual Expected<uint64_t> open(const DeliveryMark& mark) = 0;
  // Delivers the entries, in order: all, or the first of them; returns the new mark. A retryable
  // error: none was, and the same entries come again, after a pause.
  virtual Expected<DeliveryMark> deliver(std::span<const OutboxEntry> entries) = 0;
  // After such an error: how long the receiver wants to be left alone, at least.
  virtual Duration asked_to_wait() const { return Duration{0}; }
  virtual void close() = 0;
};

}  // namespace fengsui::dispatch
