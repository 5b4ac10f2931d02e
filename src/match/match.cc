#include "match/match.h"

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

// Only tables in memory depend on it.
uint64_t MatchBytes::hash_of(std::string_view group) { return hash_text(group); }

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
