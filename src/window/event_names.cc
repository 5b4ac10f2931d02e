#include "window/event_names.h"

#include <charconv>
#include <cstring>

#include "base/hash_table.h"

namespace fengsui::window {
namespace {

// Layout: varint number of the source (0: what follows is the whole name); u8 head; [varint number
// of the digits at the end]; [varint length of the rest beyond kRestInHead]; the rest of the id.
// The head: how many digits, and the length of the rest, up to kRestInHead.
constexpr size_t kDigitsMin = 4, kDigitsMax = 18;
constexpr size_t kDigitKinds = kDigitsMax + 1;
constexpr size_t kRestInHead = 12;
static_assert(kDigitsMax + kDigitKinds * kRestInHead <= UINT8_MAX);

constexpr size_t kPlacesMin = 64;
constexpr uint64_t kNumberMask = 0xffffffff;

size_t digits_at_end(std::string_view id) {
  size_t digits = 0;
  while (digits < id.size() && digits < kDigitsMax) {
    const char c = id[id.size() - 1 - digits];
    if (c < '0' || c > '9') break;
    ++digits;
  }
  return digits < kDigitsMin ? 0 : digits;
}

uint64_t hash_of(std::string_view text) {
  uint64_t hash = 0x9e3779b97f4a7c15 ^ text.size();
  while (!text.empty()) {
    uint64_t word = 0;
    const size_t size = text.size() < sizeof word ? text.size() : sizeof word;
    std::memcpy(&word, text.data(), size);
    hash = fold_multiply(hash ^ word, 0xa0761d6478bd642f);
    text.remove_prefix(size);
  }
  return hash;
}

uint64_t varint_at(const char*& at) {
  uint64_t v = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<uint8_t>(*at++);
    v |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return v;
  }
}

// What a name's pieces are.
struct Pieces {
  uint64_t source = 0;
  size_t digits = 0;
  uint64_t number = 0;
  std::string_view rest;

  explicit Pieces(const char* at) {
    source = varint_at(at);
    const auto head = static_cast<uint8_t>(*at++);
    digits = head % kDigitKinds;
    if (digits > 0) number = varint_at(at);
    size_t size = head / kDigitKinds;
    if (size == kRestInHead) size += varint_at(at);
    rest = {at, size};
  }
};

}  // namespace

EventNames::EventNames() : places_(kPlacesMin, 0) {}

uint64_t EventNames::number_of(std::string_view source) {
  const uint64_t hash = hash_of(source);
  const size_t mask = places_.size() - 1;
  size_t at = hash & mask;
  for (; places_[at] != 0; at = (at + 1) & mask) {
    if ((places_[at] ^ hash) & ~kNumberMask) continue;
    const uint64_t number = places_[at] & kNumberMask;
    if (sources_[number - 1] == source) return number;
  }
  if (sources_.size() == kSourcesMax || source.size() > kSourceBytesMax) return 0;
  sources_.emplace_back(source);
  places_[at] = (hash & ~kNumberMask) | sources_.size();
  if (sources_.size() * 2 > places_.size()) rebuild();
  return sources_.size();
}

void EventNames::rebuild() {
  places_.assign(places_.size() * 2, 0);
  const size_t mask = places_.size() - 1;
  for (size_t i = 0; i < sources_.size(); ++i) {
    const uint64_t hash = hash_of(sources_[i]);
    size_t at = hash & mask;
    while (places_[at] != 0) at = (at + 1) & mask;
    places_[at] = (hash & ~kNumberMask) | (i + 1);
  }
}

void EventNames::put(std::string_view event, RoomWriter& out) {
  const size_t sign = event.find('#');
  const uint64_t source = sign == event.npos ? 0 : number_of(event.substr(0, sign));
  out.varint(source);
  std::string_view id = source == 0 ? event : event.substr(sign + 1);
  const size_t digits = digits_at_end(id);
  const std::string_view rest = id.substr(0, id.size() - digits);
  const size_t in_head = rest.size() < kRestInHead ? rest.size() : kRestInHead;
  out.u8(static_cast<uint8_t>(digits + kDigitKinds * in_head));
  if (digits > 0) {
    uint64_t number = 0;
    for (const char c : id.substr(rest.size()))
      number = number * 10 + static_cast<uint64_t>(c - '0');
    out.varint(number);
  }
  if (in_head == kRestInHead) out.varint(rest.size() - kRestInHead);
  out.bytes(rest);
}

void EventNames::append(const char* at, std::string& out) const {
  const Pieces pieces(at);
  if (pieces.source != 0) {
    out += sources_[pieces.source - 1];
    out += '#';
  }
  out += pieces.rest;
  if (pieces.digits == 0) return;
  char digits[kDigitsMax];
  const char* const end = std::to_chars(digits, digits + sizeof digits, pieces.number).ptr;
  out.append(pieces.digits - static_cast<size_t>(end - digits), '0');
  out.append(digits, static_cast<size_t>(end - digits));
}

const char* EventNames::end_of(const char* at) {
  const Pieces pieces(at);
  return pieces.rest.data() + pieces.rest.size();
}

}  // namespace fengsui::window
