// The bet in front of the decoder: that a record has a shape which is known (shape.h). Reads it in
// one pass, checks all that the sure way would, and says yes only if that would take it too, with
// the same event. Anything else, and any doubt, is a no, which decides nothing. One a thread.
#pragma once

#include <string_view>
#include <unordered_map>
#include <vector>

#include "event/event.h"
#include "event/identity.h"
#include "event/shape.h"

namespace fengsui::event {

class ShapeReader {
 public:
  // `keys` may be null.
  ShapeReader(const KeyRing* keys, bool tripwire) : keys_(keys), tripwire_(tripwire) {}

  // Bytes that must be readable, and zero, beyond a record's end.
  static constexpr size_t kPadding = 64;

  // True: `event` is the record's, whatever it was before. False: it is as it was. Requires: `text`
  // is UTF-8 with the padding behind it.
  bool read(std::string_view text, Event& event);
  // The sure way took the record.
  void learn(std::string_view text, const TypePlan& plan) { shapes_.learn(text, plan); }

 private:
  // A value that a slot wants.
  struct Taken {
    const ShapeStep* step;
    std::string_view text;
    double real;
    int64_t integer;
  };

  ShapeStep* find_step(std::vector<uint32_t>& next, const char* at);
  bool take(const ShapeStep& step, const char*& at);
  bool take_text(const ShapeStep& step, const char*& at);
  bool take_time(std::string_view text);
  void fill(const ShapeStep& end, Event& event);
  void take_room(Event& event, const TypePlan& plan);
  cel::Value tokens(const TypePlan& plan, const Taken& taken) const;

  const KeyRing* keys_;
  const bool tripwire_;
  Shapes shapes_;

  // Of the record being read.
  std::string_view id_, source_;
  EventTime time_{};
  std::vector<Taken> taken_;
  // Slots that events had before they became of another type.
  std::unordered_map<const EventType*, std::vector<std::vector<cel::Value>>> rooms_;

  // The last day, "2026-03-01T", and its first second.
  char day_text_[11] = {};
  int64_t day_ = 0;
};

}  // namespace fengsui::event
