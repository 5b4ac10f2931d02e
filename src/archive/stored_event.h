// An event as the archive keeps it: the envelope, and the fields that its schema had when it came.
// Identity fields are the tokens that decode left, protected ones are gone. What it is read into is
// an event of the schema that is there now (EventMapper). Plain values.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "event/event.h"

namespace fengsui::archive {

struct StoredField {
  enum class Kind : uint8_t { Value, Object, Identity };
  std::string name;
  int parent = -1;  // index of the object round it; -1: `data`
  Kind kind = Kind::Value;
  friend bool operator==(const StoredField&, const StoredField&) = default;
};

// The fields of a schema that have slots, objects before their parts.
struct StoredType {
  std::string name;
  std::vector<StoredField> fields;

  // "outlet.code", as event::Field::path.
  std::string path(size_t field) const;
};
StoredType stored_type(const event::EventType& type);

struct StoredEvent {
  std::shared_ptr<const StoredType> type;
  Arrival arrival{};  // its position in the archive
  LogPosition position{};
  PartitionId partition{};
  bool late = false;
  EventTime watermark = kBeforeAllTime;  // of a late one: its partition's when it came
  EventTime time{};
  std::string id, source;
  // By field; an error where the event has none. Of an object: null if it is there.
  std::vector<cel::Value> values;
};

// As one CloudEvents object in JSON, identity fields as objects of tokens: what a source may send.
std::string cloud_event(const StoredEvent& event);

// Stored events -> events of the schemas that are there now: by path, each value as its field's
// type reads it, or Missing where it cannot. Keeps what it has found out about stored types, by
// their address. One thread.
class EventMapper {
 public:
  // The types must outlive it.
  explicit EventMapper(const event::EventTypes& types) : types_(types) {}
  // False: no schema of this type any more.
  bool map(const StoredEvent& stored, event::Event& out);

 private:
  struct Mapping {
    std::shared_ptr<const StoredType> stored;  // holds the address
    std::shared_ptr<const event::EventType> type;
    std::vector<const event::Field*> fields;  // by stored field; null: gone
  };
  const Mapping& mapping_of(const std::shared_ptr<const StoredType>& stored);

  const event::EventTypes& types_;
  std::map<const StoredType*, Mapping> mappings_;
};

}  // namespace fengsui::archive
