#include "state/store_keys.h"

#include "base/byte_codec.h"

namespace fengsui::state {

std::string journal_key(LogPosition position) {
  std::string key;
  ByteWriter(key).key_u64(value_of(position));
  return key;
}

std::string outbox_key(std::string_view queue, uint64_t last_sequence) {
  std::string key(queue);
  key.push_back('\0');
  ByteWriter(key).key_u64(last_sequence);
  return key;
}

std::string pack_key(std::string_view hash) {
  return std::string(kPacksPrefix) + std::string(hash);
}

std::string seen_key(PartitionId partition, LogPosition checkpoint, uint32_t chunk) {
  std::string key;
  ByteWriter out(key);
  out.key_u32(value_of(partition));
  out.key_u64(value_of(checkpoint));
  out.key_u32(chunk);
  return key;
}

Error damaged(const std::string& what) { return Error::outside("the state is damaged: " + what); }

}  // namespace fengsui::state
