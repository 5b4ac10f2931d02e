#include "match/match.h"

#include <cstring>

#include "base/byte_codec.h"
#include "base/hash_table.h"
#include "match/match_writer.h"

namespace fengsui::match {

MatchBytes MatchBytes::make(std::string_view group, std::string_view captures,
                            std::initializer_list<std::string_view> event,
                            const MatchBytes* beside) {
  MatchWriter& writer = MatchWriter::of_thread();
  size_t event_size = 0;
  for (const std::string_view piece : event) event_size += piece.size();
  writer.make_room(group.size() + captures.size() + event_size);
  const bool is_known = beside != nullptr && writer.is_chunk_of(*beside);
  const Piece name = is_known ? beside->event_ : writer.put(event);
  return writer.bytes_of(name, writer.put(group), hash_of(group), writer.put(captures));
}

void MatchBytes::drop() {
  MatchWriter::leave(chunk_, 1);
  chunk_ = nullptr;
}

// Multiply and fold, eight bytes at a time. Stored groups' keys hold it: it must not change.
uint64_t MatchBytes::hash_of(std::string_view group) {
  uint64_t hash = 0x9e3779b97f4a7c15 ^ group.size();
  const char* at = group.data();
  size_t left = group.size();
  for (; left >= 8; left -= 8, at += 8) {
    uint64_t word = 0;
    std::memcpy(&word, at, 8);
    hash = fold_multiply(hash ^ word, 0xa0761d6478bd642f);
  }
  uint64_t word = 0;
  if (left > 0) std::memcpy(&word, at, left);
  return fold_multiply(hash ^ word, 0xe7037ed1a0b428db);
}

std::string bytes_of(const std::vector<cel::Value>& values) {
  std::string bytes;
  ByteWriter out(bytes);
  for (const cel::Value& value : values) cel::encode_value(out, value);
  return bytes;
}

std::vector<cel::Value> values_of(std::string_view bytes) {
  std::vector<cel::Value> values;
  ByteReader in(bytes);
  while (in.ok() && !in.at_end()) values.push_back(cel::decode_value(in));
  return values;
}

}  // namespace fengsui::match
