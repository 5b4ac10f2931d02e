// Bytes -> Event, or the reason why not. Parses with simdjson just the fields that are needed,
// checks the whole text for being RFC 8259 JSON in UTF-8, the envelope, the schema, duplicate
// names, and leaves identity fields only as tokens (identity.h). In front of that sure way stands a
// bet on the shapes of earlier records (DESIGN.md). One Decoder a thread.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "event/event.h"
#include "event/identity.h"

namespace fengsui::event {

struct DecodeOptions {
  size_t record_bytes_max = 1 << 20;
  // Brackets open at once.
  int depth_max = 512;
  // Strings with a citizen number or a mobile number make the event a dead letter (privacy.md 4).
  bool tripwire = false;
  // Every field with a slot is kept, whether a rule needs it or not: for the archive.
  bool keep_all = false;
  // Try the shapes of earlier records first (shape.h). Changes no result, only its cost.
  bool bet = true;
};

class Decoder {
 public:
  // `keys` may be null: then a string in an identity field is refused. Requires: both outlive it.
  Decoder(const EventTypes& types, const KeyRing* keys, DecodeOptions options);
  ~Decoder();

  // Takes any bytes. The message of a rejection names the place ("data.weight_kg"), never a value.
  Expected<Event, Rejected> decode(std::string_view bytes);
  // The same, into an event whose room is used again; its old content does not matter. nullopt:
  // decoded. Else the event is worth nothing until the next call.
  std::optional<Rejected> decode_into(std::string_view bytes, Event& event);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fengsui::event
