// The names of events, "source#id", as the entries of a shard's groups keep them. Few sources name
// many events: a source is written once for the shard, and stands in an entry as its number. Of an
// id, digits at its end are a number, which takes a third of their bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_codec.h"

namespace fengsui::window {

class EventNames {
 public:
  // Sources beyond these are written out in each entry.
  static constexpr size_t kSourcesMax = 65'536;
  static constexpr size_t kSourceBytesMax = 255;

  EventNames();

  // Writes what stands for the name. Requires: room for size_max() bytes.
  void put(std::string_view event, RoomWriter& out);
  static size_t size_max(std::string_view event) { return event.size() + 3 * kVarintBytesMax + 1; }
  // Appends the name that begins at `at`. Requires: put() made it.
  void append(const char* at, std::string& out) const;
  // Where what begins at `at` ends.
  static const char* end_of(const char* at);

  size_t sources() const { return sources_.size(); }

 private:
  uint64_t number_of(std::string_view source);  // from 1; 0: it is to be written out
  void rebuild();

  std::vector<std::string> sources_;
  std::vector<uint64_t> places_;  // open addressing: a source's number, above it bits of its hash
};

}  // namespace fengsui::window
