#include "archive/block.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "base/hash.h"
#include "base/invariant.h"

namespace fengsui::archive {
namespace {

constexpr int kLevel = 1;  // on the engine's thread: speed counts
constexpr uint8_t kBlockVersion = 1;
constexpr std::string_view kMagic = "FSAB";
constexpr size_t kPrefixBytes = 4 + sizeof(uint32_t) + sizeof(uint32_t);
constexpr uint64_t kHeaderBytesMax = 1 << 20;
// A block is a commit's batch or some smaller ones; commits are limited far below that.
constexpr uint64_t kRawBytesMax = 1 << 30;

Error system_error(const std::string& path, const char* call) {
  return Error::outside("archive " + path + ": " + call + ": " + std::strerror(errno));
}

}  // namespace

std::string_view compress(std::string_view raw) {
  struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  // Kept for its tables: a commit's batch is small against what they take to be made.
  static thread_local const std::unique_ptr<ZSTD_CCtx, Free> context(ZSTD_createCCtx());
  static thread_local std::string room;  // kept too, for its pages
  const size_t bound = ZSTD_compressBound(raw.size());
  if (room.size() < bound) room.resize(bound);
  const size_t size =
      ZSTD_compressCCtx(context.get(), room.data(), room.size(), raw.data(), raw.size(), kLevel);
  INVARIANT(!ZSTD_isError(size));
  return std::string_view(room).substr(0, size);
}

std::optional<std::string> decompress(std::string_view bytes, uint64_t raw_bytes) {
  if (raw_bytes > kRawBytesMax ||
      ZSTD_getFrameContentSize(bytes.data(), bytes.size()) != raw_bytes) {
    return std::nullopt;
  }
  std::string out(raw_bytes, '\0');
  const size_t size = ZSTD_decompress(out.data(), out.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(size) || size != raw_bytes) return std::nullopt;
  return out;
}

std::string encode_block(const BatchSpan& span, std::string_view payload) {
  std::string header;
  ByteWriter into(header);
  into.u8(kBlockVersion);
  into.varint(payload.size());
  into.u32(crc32c(payload));
  span.encode(into);
  std::string block(kMagic);
  ByteWriter out(block);
  out.u32(static_cast<uint32_t>(header.size()));
  out.u32(crc32c(header));
  block += header;
  block += payload;
  return block;
}

Expected<BlockReader> BlockReader::open(const std::string& path, std::optional<uint64_t> length) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return fail(system_error(path, "open"));
  struct stat status {};
  if (::fstat(file, &status) != 0) {
    const Error error = system_error(path, "fstat");
    ::close(file);
    return fail(error);
  }
  const uint64_t size = static_cast<uint64_t>(status.st_size);
  return BlockReader(file, path, std::min(size, length.value_or(size)));
}

BlockReader::BlockReader(BlockReader&& other) noexcept { *this = std::move(other); }
BlockReader& BlockReader::operator=(BlockReader&& other) noexcept {
  std::swap(file_, other.file_);
  path_ = std::move(other.path_);
  length_ = other.length_;
  offset_ = other.offset_;
  block_ = std::move(other.block_);
  return *this;
}
BlockReader::~BlockReader() {
  if (file_ >= 0) ::close(file_);
}

Expected<std::string> BlockReader::read(uint64_t offset, uint64_t bytes) const {
  std::string out(bytes, '\0');
  for (size_t done = 0; done < bytes;) {
    const ssize_t got =
        ::pread(file_, out.data() + done, bytes - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(system_error(path_, "read"));
    if (got == 0) return fail(Error::outside("archive " + path_ + ": it became shorter"));
    done += static_cast<size_t>(got);
  }
  return out;
}

Expected<bool> BlockReader::next() {
  const uint64_t left = length_ - offset_;
  if (left < kPrefixBytes) return false;
  const Expected<std::string> prefix = read(offset_, kPrefixBytes);
  if (!prefix) return fail(prefix.error());
  ByteReader sizes(std::string_view(*prefix).substr(kMagic.size()));
  const uint64_t header_bytes = sizes.u32();
  const uint32_t header_crc = sizes.u32();
  if (!prefix->starts_with(kMagic) || header_bytes > kHeaderBytesMax ||
      left - kPrefixBytes < header_bytes) {
    return false;
  }
  const Expected<std::string> header = read(offset_ + kPrefixBytes, header_bytes);
  if (!header) return fail(header.error());
  if (crc32c(*header) != header_crc) return false;
  ByteReader in(*header);
  if (const uint8_t version = in.u8(); version != kBlockVersion) {
    return fail(Error::outside("archive " + path_ + ": a block has version " +
                               std::to_string(version) + ", this program reads version " +
                               std::to_string(kBlockVersion)));
  }
  Block block;
  block.payload_bytes = in.varint();
  block.payload_crc = in.u32();
  block.span = BatchSpan::decode(in);
  block.payload_offset = offset_ + kPrefixBytes + header_bytes;
  if (!in.ok() || !in.at_end() || length_ - block.payload_offset < block.payload_bytes) {
    return false;
  }
  block_ = std::move(block);
  offset_ = block_.payload_offset + block_.payload_bytes;
  return true;
}

Expected<std::string> BlockReader::payload() const {
  Expected<std::string> bytes = read(block_.payload_offset, block_.payload_bytes);
  if (!bytes) return bytes;
  const auto damaged = [&] {
    return fail(Error::outside("archive " + path_ + ": the block at byte " +
                               std::to_string(block_.payload_offset) + " is damaged"));
  };
  if (crc32c(*bytes) != block_.payload_crc) return damaged();
  std::optional<std::string> raw = decompress(*bytes, block_.span.raw_bytes);
  if (!raw) return damaged();
  return std::move(*raw);
}

}  // namespace fengsui::archive
