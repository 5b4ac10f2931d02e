// libFuzzer entry for the bet on shapes: the input's lines are records, decoded one after the other
// by decoders that bet and by ones that do not. They must say the same, byte for byte. Each line
// comes twice, so that the second time its own shape is known.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>

#include "../event/decoded_text.h"
#include "../event/sample_types.h"
#include "event/decoder.h"

namespace {

using fengsui::event::decoded_text;
using fengsui::event::DecodeOptions;
using fengsui::event::Decoder;
using fengsui::event::Event;
using fengsui::event::EventTypes;
using fengsui::event::Need;

class Pair {
 public:
  Pair(const EventTypes& types, DecodeOptions options)
      : betting_(types, nullptr, options),
        sure_(types, nullptr,
              {.tripwire = options.tripwire, .keep_all = options.keep_all, .bet = false}) {}

  void decode(std::string_view text) {
    const auto got = betting_.decode_into(text, used_again_);
    const auto expected = sure_.decode_into(text, fresh_);
    const std::string said = decoded_text(got, used_again_);
    const std::string should = decoded_text(expected, fresh_);
    if (said == should) return;
    std::cerr << "the bet changed a result: " << said << " / " << should << '\n';
    std::abort();
  }

 private:
  Decoder betting_;
  Decoder sure_;
  Event used_again_;
  Event fresh_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const EventTypes needed = sample_types(Need::All);
  static const EventTypes unneeded = sample_types(Need::Nothing);
  // New ones for each input, so that an input alone decides what happens.
  Pair all(needed, {});
  Pair nothing(unneeded, {.tripwire = true});
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    // A copy of just this size, so that a read beyond the end is seen.
    const std::unique_ptr<char[]> exact(new char[end - at]);
    std::memcpy(exact.get(), data + at, end - at);
    for (int time = 0; time < 2; ++time) {
      all.decode({exact.get(), end - at});
      nothing.decode({exact.get(), end - at});
    }
    at = end + 1;
  }
  return 0;
}
