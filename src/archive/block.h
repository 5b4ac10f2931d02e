// A segment is a file of blocks, each of batches compressed together, with what can be told of them
// in front. Layout in DESIGN.md. A block is whole or it is not there: its header and its payload
// have a CRC each.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "archive/batch.h"
#include "base/result.h"

namespace fengsui::archive {

// zstd, one frame; it stands until this thread's next call.
std::string_view compress(std::string_view raw);
// nullopt: not such a frame, or not of so many bytes.
std::optional<std::string> decompress(std::string_view bytes, uint64_t raw_bytes);

// `payload` is compressed already.
std::string encode_block(const BatchSpan& span, std::string_view payload);

// Reads a segment's blocks one after the other. One thread.
class BlockReader {
 public:
  // A file that cannot be opened is an error. `length`: no more of it is read; absent: all of it.
  static Expected<BlockReader> open(const std::string& path, std::optional<uint64_t> length = {});
  BlockReader(BlockReader&& other) noexcept;
  BlockReader& operator=(BlockReader&& other) noexcept;
  ~BlockReader();

  struct Block {
    BatchSpan span;
    uint64_t payload_offset = 0;
    uint64_t payload_bytes = 0;
    uint32_t payload_crc = 0;
  };
  // Goes to the next block; false: the end, or what follows is no whole block (a torn tail).
  Expected<bool> next();
  const Block& block() const { return block_; }
  // The batches of the current block, uncompressed; an error: it is damaged, the next may be whole.
  Expected<std::string> payload() const;
  // Where the blocks read so far end. At the end: what stands behind it is a torn tail.
  uint64_t offset() const { return offset_; }
  uint64_t length() const { return length_; }

 private:
  BlockReader(int file, std::string path, uint64_t length)
      : file_(file), path_(std::move(path)), length_(length) {}
  Expected<std::string> read(uint64_t offset, uint64_t bytes) const;

  int file_ = -1;
  std::string path_;
  uint64_t length_ = 0;
  uint64_t offset_ = 0;
  Block block_;
};

}  // namespace fengsui::archive
