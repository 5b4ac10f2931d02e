// Where records come from. A Source runs a thread (or lives on one) of its own and pushes batches
// into the engine's bounded queue; a full queue makes it wait, nothing is dropped.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bounded_queue.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "event/event.h"

namespace fengsui::source {

// How one record of a batch ended, told after the commit that holds it.
struct RecordResult {
  event::Outcome outcome = event::Outcome::Processed;
  std::optional<event::Rejected> rejected;  // dead letters and late ones
};

struct Batch {
  std::string source;  // the configured name: a metrics label
  // The source partition's stable name ("file:/in/a.ndjson", "kafka:events/3"). Empty: the engine
  // derives it from each event (HTTP: event type and hash of `source`).
  std::string partition;
  // A record: its bytes are so many of `text`.
  struct Item {
    size_t begin = 0, size = 0;
    uint64_t position = 0;
  };
  // The bytes of all records, so that a batch is a few allocations and not one a record.
  std::string text;
  // Empty: the batch only announces its partition, before any of that source's records, so that the
  // partition holds the watermark back until it is heard from or idle (Front::partition).
  std::vector<Item> items;
  // Where reading goes on after this batch; stored in the commit under `partition`. nullopt: the
  // source cannot be read again.
  std::optional<uint64_t> next_position;
  // When it was accepted, for the latency from there to the durable alert; left at zero, the engine
  // takes the moment at which it gets the batch.
  MonotonicTime accepted{};
  // Called on the engine's thread once the batch is durable (results in item order), or with an
  // error if it never will be. May be empty.
  std::function<void(Expected<std::vector<RecordResult>>)> committed;

  void add(std::string_view bytes, uint64_t position) {
    items.push_back({text.size(), bytes.size(), position});
    text.append(bytes);
  }
  std::string_view bytes_of(const Item& item) const {
    return std::string_view(text).substr(item.begin, item.size);
  }
  size_t bytes() const { return text.size() + items.size() * sizeof(Item); }
};

using BatchQueue = BoundedQueue<Batch>;

class Source {
 public:
  virtual ~Source() = default;
  // Starts reading. `position_of(partition)`: where the last commit left off, nullopt if never.
  using PositionOf = std::function<std::optional<uint64_t>(const std::string& partition)>;
  virtual Expected<void> start(BatchQueue& out, const PositionOf& position_of) = 0;
  // Stops reading and joins its threads; batches already pushed stay in the queue.
  virtual void stop() = 0;
  // True once a source that ends (a file read once) has pushed all it has.
  virtual bool finished() const = 0;
  // Set if the source cannot go on; the engine stops with it.
  virtual std::optional<Error> failure() const = 0;
};

}  // namespace fengsui::source
