// libFuzzer entry for the decoder: any bytes. Three things must hold.
// 1. The whole-text check and simdjson's DOM parser agree on what is JSON, but where they must
// differ:
//    numbers that the DOM cannot hold, and how deep is too deep.
// 2. The on-demand parser never refuses what the check has passed.
// 3. Which slots are needed, and the tripwire of an event without such numbers, change no verdict.
#include <simdjson.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>

#include "../event/sample_types.h"
#include "event/decoder.h"
#include "event/json_check.h"

namespace {

using fengsui::Expected;
using fengsui::event::Decoder;
using fengsui::event::Event;
using fengsui::event::Need;
using fengsui::event::Rejected;
using fengsui::event::Rejection;

constexpr int kDepthMax = 512;

[[noreturn]] void found(const char* what, const std::string& detail) {
  std::cerr << what << ": " << detail << '\n';
  std::abort();
}

// A number of the text may be beyond what the DOM's tape holds.
bool may_hold_big_number(std::string_view text) {
  size_t digits = 0;
  for (const char c : text) {
    digits = c >= '0' && c <= '9' ? digits + 1 : 0;
    if (digits >= 19 || c == 'e' || c == 'E') return true;
  }
  return false;
}

void compare_with_dom(std::string_view text) {
  static simdjson::dom::parser parser;
  static const auto allocated = parser.allocate(1 << 20, 4 * kDepthMax);
  if (allocated != simdjson::SUCCESS) std::abort();
  const bool utf8 = simdjson::validate_utf8(text.data(), text.size());
  const auto fault = utf8 ? fengsui::event::check_json(text, kDepthMax) : std::nullopt;
  const bool ours = utf8 && !fault;
  if (fault && std::string_view(fault->what) == "nested too deeply") return;

  const simdjson::padded_string padded(text);
  simdjson::dom::element root;
  const simdjson::error_code theirs = parser.parse(padded).get(root);
  const bool too_big = theirs == simdjson::NUMBER_ERROR;
  if (ours && too_big && may_hold_big_number(text)) return;
  if (ours == (theirs == simdjson::SUCCESS)) return;
  found("JSON or not", ours ? simdjson::error_message(theirs) : fault ? fault->what : "not UTF-8");
}

std::string verdict(const Expected<Event, Rejected>& event) {
  if (event) return "event";
  return fengsui::event::kRejectionNames[static_cast<size_t>(event.error().reason)] +
         (": " + event.error().message);
}

void decode_three_ways(std::string_view text) {
  static const fengsui::event::EventTypes needed = sample_types(Need::All);
  static const fengsui::event::EventTypes unneeded = sample_types(Need::Nothing);
  static Decoder all(needed, nullptr, {});
  static Decoder nothing(unneeded, nullptr, {});
  static Decoder watching(needed, nullptr, {.tripwire = true});

  const Expected<Event, Rejected> event = all.decode(text);
  const std::string said = verdict(event);
  if (said.find("simdjson: ") != said.npos) found("the parser refused checked text", said);
  const std::string without = verdict(nothing.decode(text));
  if (said != without) found("a verdict by what is needed", said + " / " + without);
  const Expected<Event, Rejected> watched = watching.decode(text);
  const bool tripped = !watched && watched.error().reason == Rejection::Identity;
  if (!tripped && verdict(watched) != said) found("the tripwire", said + " / " + verdict(watched));
  if (event && event->slots.size() != static_cast<size_t>(event->type->slots())) {
    found("slots", said);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // A copy of just this size, so that a read beyond the end is seen.
  const std::unique_ptr<char[]> exact(new char[size]);
  if (size > 0) std::memcpy(exact.get(), data, size);
  const std::string_view text(exact.get(), size);
  compare_with_dom(text);
  decode_three_ways(text);
  return 0;
}
