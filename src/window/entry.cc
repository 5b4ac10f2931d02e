#include "window/entry.h"

#include <utility>

#include "base/byte_codec.h"

namespace fengsui::window {

void move_captures(std::vector<cel::Value>& captures, const CaptureMap& map) {
  std::vector<cel::Value> moved;
  moved.reserve(map.size());
  for (const int from : map) {
    moved.push_back(from < 0 ? cel::Value::missing() : captures[static_cast<size_t>(from)]);
  }
  captures = std::move(moved);
}

cel::Value Entry::capture(size_t i) const {
  ByteReader in(captures_);
  for (; i > 0; --i) cel::skip_value(in);
  return cel::decode_value(in);
}

size_t EntrySpan::lower_bound(EventTime time) const {
  size_t from = 0, to = size_;
  while (from < to) {
    const size_t middle = from + (to - from) / 2;
    if (this->time(middle) < time) {
      from = middle + 1;
    } else {
      to = middle;
    }
  }
  return from;
}

}  // namespace fengsui::window
