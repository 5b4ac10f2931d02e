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
  // Forgets the last event.
  void begin(size_t atoms, size_t columns, size_t slots, size_t shapes);

 private:
  friend class WhenIndex;
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
  std::vector<Kept<Truth>> atoms_;
  std::vector<Kept<uint32_t>> columns_;
  std::vector<Kept<cel::KeywordHits>> mentions_;  // by slot
  std::vector<TextKey> keys_;                     // by column
  std::vector<Open> open_;                        // shapes that are being asked
};

}  // namespace fengsui::match
