// What one commit adds to the archive: the events that it admitted, and the marks of the log's
// frame that it wrote, so that a reader can go the log's way again with other rules.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "archive/stored_event.h"
#include "base/result.h"
#include "state/frame.h"

namespace fengsui::archive {

// Made by BatchWriter, read by BatchReader.
struct Batch {
  LogPosition position{};
  std::vector<StoredEvent> events;          // in arrival order
  std::vector<state::PartitionMark> marks;  // as they are after them
};

// What can be told of batches without reading them.
struct BatchSpan {
  uint64_t events = 0;
  uint64_t raw_bytes = 0;
  Arrival first{UINT64_MAX}, last{0};  // empty without events
  EventTime earliest = kAfterAllTime, latest = kBeforeAllTime;
  LogPosition first_position{UINT64_MAX}, last_position{0};
  std::vector<std::string> types;  // sorted

  void add(const BatchSpan& other);
  bool has_type(std::string_view type) const;
  void encode(ByteWriter& out) const;
  static BatchSpan decode(ByteReader& in);
};

// Gathers the events of one commit. One thread.
class BatchWriter {
 public:
  struct Arrived {
    Arrival arrival{};
    PartitionId partition{};
    bool late = false;
    EventTime watermark = kBeforeAllTime;
  };
  // Requires: the event's type lives until take().
  void add(const event::Event& event, const Arrived& arrived);
  bool empty() const { return span_.events == 0; }

  // The record for the journal and for Archive::append(): its span, then the batch, compressed if
  // that is worth it. Empty: there is nothing to keep. Begins the next batch.
  std::string take(LogPosition position, const std::vector<state::PartitionMark>& marks);

 private:
  struct Known {
    size_t index = 0;
    std::vector<int> slots;  // by stored field
    std::vector<bool> is_object;
  };
  const Known& know(const event::EventType& type);
  void begin_next();

  std::map<const event::EventType*, Known> known_;
  std::string types_;
  std::string events_, raw_;
  BatchSpan span_;
  uint64_t previous_arrival_ = 0;
  int64_t previous_time_ = 0;
};

// Reads batches; equal types of all of them are one StoredType. One thread.
class BatchReader {
 public:
  // Takes the next batch off `bytes`, of which several may stand behind each other. Any bytes will
  // do: what is no batch is an error.
  Expected<Batch> next(std::string_view& bytes);

 private:
  std::shared_ptr<const StoredType> read_type(ByteReader& in);
  StoredEvent read_event(ByteReader& in,
                         const std::vector<std::shared_ptr<const StoredType>>& types,
                         uint64_t& arrival, uint64_t& time);
  std::map<std::string, std::shared_ptr<const StoredType>, std::less<>> types_;
};

// The two parts of what BatchWriter::take() gives.
struct Record {
  BatchSpan span;
  bool compressed = false;
  std::string_view payload;
};
Expected<Record> read_record(std::string_view bytes);

}  // namespace fengsui::archive
