// What one event has already been asked. Not for callers of the folder, but to keep one.
#pragma once

#include <cstdint>
#include <vector>

#include "cel/keywords.h"
#include "match/when_index_parts.h"

namespace fengsui::match {

// Reused from event to event. One thread's.
class Scratch {
 public:
  // Forgets the last event. `room`: for so many of each.
  void begin(size_t room) {
    if (++event_ == 0) restart();
    if (room_ < room) grow(room);
  }

 private:
  friend class WhenIndex;
  void restart();
  void grow(size_t room);
  template <class T>
  struct Kept {
    uint32_t event = 0;
    T value{};
  };
  struct Open {
    const Shape* shape = nullptr;
    uint64_t word = 0;
    WordTable::Cell bucket;
  };
  uint32_t event_ = 0;
  size_t room_ = 0;
  std::vector<Kept<Truth>> atoms_;
  std::vector<Kept<uint32_t>> columns_;
  std::vector<Kept<cel::KeywordHits>> mentions_;  // by slot
  std::vector<TextKey> keys_;                     // by column
  std::vector<Open> open_;                        // shapes that are being asked
};

}  // namespace fengsui::match
