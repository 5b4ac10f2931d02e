#include "window/entry.h"

#include <utility>

#include "cel/stored_value.h"

namespace fengsui::window {

void move_captures(std::vector<cel::Value>& captures, const CaptureMap& map) {
  std::vector<cel::Value> moved;
  moved.reserve(map.size());
  for (const int from : map) {
    moved.push_back(from < 0 ? cel::Value::missing() : captures[static_cast<size_t>(from)]);
  }
  captures = std::move(moved);
}

ByteReader Entry::at_capture(size_t i) const {
  ByteReader in(captures_);
  for (; i > 0; --i) cel::skip_value(in);
  return in;
}

cel::Value Entry::capture(size_t i) const {
  ByteReader in = at_capture(i);
  return cel::decode_value(in);
}

std::optional<std::string_view> Entry::capture_text(size_t i) const {
  return cel::stored_text(at_capture(i));
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
